#include "connect/sqlite/connection.h"

#include "base/check.h"
#include "connect/sqlite/catalog.h"

#include <fmt/format.h>

namespace godwit::connect {

namespace {
constexpr int busy_timeout_ms = 30'000;
}

Result<std::shared_ptr<StoreConnection>> StoreConnection::open(const std::string& path, sqlite::OpenMode mode,
                                                               const std::atomic<bool>* cancel) {
  std::shared_ptr<StoreConnection> connection(new StoreConnection);
  ASSIGN_OR_RETURN(connection->database_, sqlite::Database::open(path, {mode, busy_timeout_ms, cancel}));
  // Sorting and temporary tables stay in memory: plaintext does not go to temporary files.
  RETURN_IF_ERROR(connection->database_->run("PRAGMA temp_store=MEMORY; PRAGMA cache_size=-32768"));
  RETURN_IF_ERROR(connection->database_->register_text_function(
      "godwit_scope", [scope = connection->scope_]() -> std::optional<std::string> { return *scope; }));
  return connection;
}

Result<const Catalog*> StoreConnection::catalog(const std::string& store) {
  if (!catalog_.has_value()) {
    ASSIGN_OR_RETURN(catalog_, read_sqlite_catalog(*database_, store));
  }
  return &*catalog_;
}

Result<SqlDialect> StoreConnection::dialect(
    const std::vector<std::pair<std::string, std::vector<std::string>>>& link_keys) {
  SqlDialect dialect = sqlite_dialect();
  ASSIGN_OR_RETURN(dialect.without_rowid, tables_without_rowid(*database_));
  for (const auto& [foreign_key, keys] : link_keys) {
    const auto known = link_tables_.find(foreign_key);
    if (known != link_tables_.end() && known->second.second == keys.size()) continue;
    const std::string table = fmt::format("godwit_link_{}", link_tables_.size());
    RETURN_IF_ERROR(database_->run(fmt::format(
        "DROP TABLE IF EXISTS temp.{0}; CREATE TEMP TABLE {0} (key TEXT PRIMARY KEY) WITHOUT ROWID", table)));
    ASSIGN_OR_RETURN(auto insert,
                     database_->prepare(fmt::format("INSERT OR IGNORE INTO temp.{} VALUES (?1)", table)));
    for (const std::string& key : keys) {
      ASSIGN_OR_RETURN([[maybe_unused]] const int64_t added, insert.bind_text(1, key).run());
    }
    link_tables_[foreign_key] = {table, keys.size()};
  }
  std::map<std::string, std::string> tables;
  for (const auto& [foreign_key, table] : link_tables_)
    tables[foreign_key] = table.first;
  dialect.link_keys = [tables](const std::string& foreign_key) -> std::string {
    const auto found = tables.find(foreign_key);
    CHECK(found != tables.end());  // the engine hands over the keys of every link it plans
    return "SELECT key FROM temp." + found->second;
  };
  return dialect;
}

}  // namespace godwit::connect
