// Paths where DuckDB expects a glob pattern. Private to src/duck.
#pragma once

#include <string>
#include <string_view>

namespace godwit::duck {

// The pattern that matches exactly this path: *, ? and [ stand in brackets. (A backslash cannot be escaped in
// a pattern that holds one of those: DuckDB splits patterns at it.)
[[nodiscard]] std::string glob_pattern(std::string_view path);

}  // namespace godwit::duck
