// knex_body.js, as it stands in this folder.
#pragma once

namespace godwit::schema {

extern const char* const knex_body;

}  // namespace godwit::schema
