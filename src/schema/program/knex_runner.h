// JavaScript and TypeScript of a Knex project, run by node with the project's own knex (knex_body.js).
#pragma once

#include "schema/program/program.h"

namespace godwit::schema {

[[nodiscard]] std::unique_ptr<ProgramRunner> make_knex_runner(const Target& target,
                                                              const StoreEndpoint& endpoint,
                                                              const Services& services);

}  // namespace godwit::schema
