// PostgreSQL's types as the model speaks of them: their class and what a type modifier says.
#pragma once

#include "model/catalog.h"

#include <string_view>

namespace godwit::connect::postgres {

// Sets max_length, fixed_length, precision and scale from atttypmod (encoding:
// src/backend/utils/adt/varchar.c, numeric.c, varbit.c). -1 says nothing.
void apply_type_modifier(Column& column, std::string_view base_type, int modifier);

}  // namespace godwit::connect::postgres
