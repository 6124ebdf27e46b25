// Revisions that Alembic cannot print as SQL, run by Alembic itself, one at a time; it records them.
#pragma once

#include "schema/program/program.h"

namespace godwit::schema {

[[nodiscard]] std::unique_ptr<ProgramRunner> make_alembic_runner(const Target& target,
                                                                 const StoreEndpoint& endpoint,
                                                                 const Services& services);

}  // namespace godwit::schema
