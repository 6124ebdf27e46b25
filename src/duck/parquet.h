// Parquet as godwit writes and reads it: the SQL texts, and what a file says about itself.
//
// zstd level 1, format V2, default row groups: measured as the best of size and speed (docs/FORMATS.md).
// Paths may hold any byte that a POSIX path may: they are quoted as SQL literals, and where DuckDB would see
// a glob pattern the letters *, ? and [ are escaped.
#pragma once

#include "base/result.h"
#include "duck/database.h"

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace godwit::duck {

// False for types that come back from Parquet as another value (hugeint becomes double): cast them first.
[[nodiscard]] bool parquet_keeps(const Type& type);

// "COPY (query) TO 'path' (FORMAT parquet, …)" for Connection::run, which returns the number of rows written.
// Keys of `metadata` are distinct without regard to case; keys and values are UTF-8. The file is written in
// place and not synced: the caller chose a temporary name and renames it.
[[nodiscard]] std::string copy_to_parquet_sql(
    const std::string& query, const std::string& path,
    const std::vector<std::pair<std::string, std::string>>& metadata);

// "read_parquet([…], …)", to stand after FROM. At least one path; all files have the same columns. Directory
// names like a=b never become columns. `row_number_column` adds file_row_number (0-based in each file).
[[nodiscard]] std::string read_parquet_sql(const std::vector<std::string>& paths,
                                           bool row_number_column = false);

// The key-value metadata of a file.
[[nodiscard]] Result<std::map<std::string, std::string>> parquet_metadata(Connection& connection,
                                                                          const std::string& path);
// The number of rows, from the file's footer.
[[nodiscard]] Result<int64_t> parquet_rows(Connection& connection, const std::string& path);

}  // namespace godwit::duck
