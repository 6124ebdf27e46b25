// Whose SQL a script is written in.
#pragma once

#include <cstdint>
#include <string_view>

namespace godwit::sql {

enum class Dialect : uint8_t { postgres, sqlite };
[[nodiscard]] std::string_view to_string(Dialect dialect);

}  // namespace godwit::sql
