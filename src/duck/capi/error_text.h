// DuckDB's error texts made fit to be shown: they quote values, ours must not. Private to src/duck.
#pragma once

#include <string>
#include <string_view>

namespace godwit::duck {

// The first line of `message`, without data. Errors about the statement itself (parser, binder, catalog,
// permission, files, memory) keep their words and lose what stands in single quotes; an error of any other
// class can speak about rows, so only words of a fixed vocabulary and SQL type names survive in it.
[[nodiscard]] std::string safe_error_text(std::string_view message);

}  // namespace godwit::duck
