#include "duck/parquet.h"

#include "base/check.h"
#include "base/text.h"
#include "duck/capi/glob_pattern.h"

#include <charconv>

namespace godwit::duck {
namespace {

std::string pattern_literal(const std::string& path) {
  return quote_literal(glob_pattern(path));
}

}  // namespace

bool parquet_keeps(const Type& type) {
  return type.id != TypeId::hugeint && type.id != TypeId::other;
}

std::string copy_to_parquet_sql(const std::string& query, const std::string& path,
                                const std::vector<std::pair<std::string, std::string>>& metadata) {
  std::string sql = "COPY (\n" + query + "\n) TO " + quote_literal(path) +
                    " (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, PARQUET_VERSION V2, "
                    "USE_TMP_FILE false, WRITE_BLOOM_FILTER false";
  if (!metadata.empty()) {
    std::vector<std::string> pairs;
    for (const auto& [key, value] : metadata)
      pairs.push_back(quote_literal(key) + ": " + quote_literal(value));
    sql += ", KV_METADATA {" + join(pairs, ", ") + "}";
  }
  return sql + ")";
}

std::string read_parquet_sql(const std::vector<std::string>& paths, bool row_number_column) {
  CHECK(!paths.empty());
  std::vector<std::string> literals;
  for (const std::string& path : paths)
    literals.push_back(pattern_literal(path));
  return "read_parquet([" + join(literals, ", ") + "], hive_partitioning = false, union_by_name = false" +
         (row_number_column ? ", file_row_number = true)" : ")");
}

Result<std::map<std::string, std::string>> parquet_metadata(Connection& connection, const std::string& path) {
  ASSIGN_OR_RETURN(const Rows rows,
                   connection.query("SELECT decode(key), decode(value) FROM parquet_kv_metadata(" +
                                    pattern_literal(path) + ")"));
  std::map<std::string, std::string> metadata;
  for (const auto& row : rows.rows)
    metadata[row[0].value_or("")] = row[1].value_or("");
  return metadata;
}

Result<int64_t> parquet_rows(Connection& connection, const std::string& path) {
  ASSIGN_OR_RETURN(const Rows rows, connection.query("SELECT num_rows FROM parquet_file_metadata(" +
                                                     pattern_literal(path) + ")"));
  if (rows.rows.size() != 1 || !rows.rows[0][0]) {
    return make_error(ErrorKind::failed, "duckdb: no file metadata in " + path);
  }
  const std::string& text = *rows.rows[0][0];
  int64_t count = 0;
  std::from_chars(text.data(), text.data() + text.size(), count);
  return count;
}

}  // namespace godwit::duck
