// A connection to an SQLite store as the connector uses it: the scope function, handed-over keys, the
// dialect.
#pragma once

#include "base/result.h"
#include "connect/selection_sql.h"
#include "connect/source.h"
#include "model/catalog.h"
#include "sqlite/database.h"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace godwit::connect {

// Shared by a source and its producers: a producer may outlive the call that made it.
class StoreConnection {
 public:
  // Errors carry store and environment by the caller.
  [[nodiscard]] static Result<std::shared_ptr<StoreConnection>> open(const std::string& path,
                                                                     sqlite::OpenMode mode,
                                                                     const std::atomic<bool>* cancel);

  [[nodiscard]] sqlite::Database& database() { return *database_; }
  // What godwit_scope() returns from now on.
  void set_scope(const std::string& scope) { *scope_ = scope; }
  // Read once, then kept: tables do not change while a run lasts.
  [[nodiscard]] Result<const Catalog*> catalog(const std::string& store);
  // Puts the keys of links where the dialect finds them: temporary tables in memory.
  [[nodiscard]] Result<SqlDialect> dialect(
      const std::vector<std::pair<std::string, std::vector<std::string>>>& link_keys);

 private:
  StoreConnection() : scope_(std::make_shared<std::string>()) {}
  std::unique_ptr<sqlite::Database> database_;
  std::shared_ptr<std::string> scope_;
  std::optional<Catalog> catalog_;
  std::map<std::string, std::pair<std::string, size_t>> link_tables_;  // by foreign key: table, keys in it
};

}  // namespace godwit::connect
