// SQLite result codes as Errors. Internal to this folder.
#pragma once

#include "base/error.h"

#include <string>
#include <string_view>

struct sqlite3;

namespace godwit::sqlite {

// `doing` says what was attempted: "prepare", "step". `database` may be null.
[[nodiscard]] Error error_of(sqlite3* database, int code, std::string_view doing);

}  // namespace godwit::sqlite
