// What identifies the rows of a table, and sets of rows in temporary tables.
#pragma once

#include "base/result.h"
#include "model/catalog.h"
#include "sqlite/database.h"

#include <string>
#include <vector>

namespace godwit::connect {

struct RowIdentity {
  std::vector<std::string> columns;
  std::vector<bool> nullable;  // parallel
  bool whole_rows = false;     // no key: all loaded columns

  // "t.k = ?1 AND …": IS where a column may be NULL. `parameters` are the numbers of the parameters.
  [[nodiscard]] std::string match(const std::string& alias, const std::vector<int>& parameters) const;
};
// The primary key, else a full unique key of columns that are never NULL, among `loaded`; else whole rows.
[[nodiscard]] RowIdentity identity_of(const Table& table, const std::vector<std::string>& loaded);

// How a statement names a row once it is found: the rowid, or the primary key of a table without one.
struct RowAddress {
  std::vector<std::string> columns;  // quoted: "_rowid_", or the key's columns
  bool rowid = true;

  // "t._rowid_, …"
  [[nodiscard]] std::string list(const std::string& alias) const;
};
[[nodiscard]] RowAddress address_of(const Table& table, bool without_rowid);

// "main"."name"
[[nodiscard]] std::string table_sql(const TableName& table);

// Rows of one table in a temporary table (SQLite moves it to a file when it grows). Columns a0, a1, … hold
// the address; `owned` and `written` are for the loader.
class RowSet {
 public:
  [[nodiscard]] static Result<RowSet> create(sqlite::Database& database, const std::string& name,
                                             const RowAddress& address);
  // False when the row was in the set already.
  [[nodiscard]] Result<bool> add(const std::vector<sqlite::Value>& address, bool owned, bool written);
  [[nodiscard]] int64_t size() const { return size_; }
  // "temp.name AS r JOIN main.t AS t ON …"
  [[nodiscard]] std::string join(const TableName& table) const;
  // "(t._rowid_) IN (SELECT a0 FROM temp.name)"; `owned`: only of rows that were added as such.
  [[nodiscard]] std::string contains(const std::string& alias, bool owned = false) const;
  [[nodiscard]] const std::string& name() const { return name_; }
  // "r.a0, r.a1": the address columns behind a prefix.
  [[nodiscard]] std::string list(const std::string& prefix) const;

 private:
  RowSet(std::string name, RowAddress address, sqlite::Statement insert)
      : name_(std::move(name)), address_(std::move(address)), insert_(std::move(insert)) {}
  std::string name_;  // with "temp."
  RowAddress address_;
  sqlite::Statement insert_;
  int64_t size_ = 0;
};

}  // namespace godwit::connect
