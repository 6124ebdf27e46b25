// What differs between two snapshots, object by object, and as SQL where that can be said exactly. Pure.
#pragma once

#include "schema/catalog/snapshot.h"
#include "sql/dialect.h"

#include <optional>
#include <string>
#include <vector>

namespace godwit::schema {

struct CatalogChange {
  enum class What : uint8_t { added, removed, changed };
  What what = What::changed;
  std::string kind, name;
  std::string before, after;  // their texts; empty = it was not there, it is no more
  // Turns before into after. Starts with "--" where only words can say what differs.
  std::string sql;
  bool destructive = false;  // the SQL loses rows or values
};

// Objects that come and go with another one that was added or removed are not told by themselves. Removals
// come first, in reverse, then additions and changes, in the order in which they can be made.
[[nodiscard]] std::vector<CatalogChange> difference(const Snapshot& before, const Snapshot& after);

// The whole as one script: destructive statements are commented out and say so.
[[nodiscard]] std::string script_of(const std::vector<CatalogChange>& changes);
[[nodiscard]] std::string_view word_of(CatalogChange::What what);

}  // namespace godwit::schema
