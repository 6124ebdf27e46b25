// Small random schemas with data and a closure over them, for property tests: foreign keys in any direction
// (cycles, self-references), composite keys, unique keys that are not primary, NULLs, links without a
// constraint, names that need quotes. The same seed gives the same world.
#pragma once

#include "model/catalog.h"
#include "model/closure.h"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace godwit::test {

using Cell = std::optional<std::string>;
using Row = std::vector<Cell>;  // parallel to the columns of its table

// The column that tells rows apart in results; no key of the closure uses it.
inline constexpr const char* row_tag = "row tag";

struct World {
  Catalog catalog;
  StoreClosure closure;
  std::map<TableName, std::vector<Row>> rows;
  std::map<std::string, std::vector<std::string>> link_keys;  // by foreign key, as Scan::link_keys
  std::set<TableName> without_rowid;                          // SQLite
  std::string scope = "7";
};

[[nodiscard]] World random_world(uint64_t seed, bool postgres);

// Statements that build the world, values included: they are random, not anybody's.
[[nodiscard]] std::string create_sql(const World& world, bool postgres);
// SELECT of one text column k with the keys that were handed over.
[[nodiscard]] std::string link_keys_sql(const World& world, const std::string& foreign_key);

}  // namespace godwit::test
