#include "connect/sqlite/source.h"

#include "base/check.h"
#include "base/text.h"
#include "connect/selection_sql.h"
#include "connect/sqlite/connection.h"
#include "connect/sqlite/producer.h"
#include "connect/sqlite/values/types.h"
#include "sqlite/file_lock.h"

#include <fmt/format.h>

namespace godwit::connect {

namespace {

using sqlite::Value;

class SqliteSource final : public Source {
 public:
  SqliteSource(const StoreEndpoint& endpoint, const Clock& clock, std::shared_ptr<StoreConnection> connection)
      : store_(endpoint.store), path_(endpoint.path), clock_(clock), connection_(std::move(connection)) {}

  Result<Catalog> catalog() override {
    ASSIGN_OR_RETURN(const Catalog* catalog, connection_->catalog(store_));
    return *catalog;
  }

  DatasetColumn stage(const Column& column) const override { return stage_sqlite_column(column); }

  Result<SnapshotInfo> snapshot() override {
    snapshot_.reset();
    ASSIGN_OR_RETURN(sqlite::Transaction begun,
                     sqlite::Transaction::begin(database(), sqlite::Transaction::Kind::deferred));
    snapshot_.emplace(std::move(begun));
    // BEGIN takes no snapshot by itself: the first read does.
    ASSIGN_OR_RETURN([[maybe_unused]] const int64_t tables,
                     database().number("SELECT count(*) FROM sqlite_schema"));
    return SnapshotInfo{clock_.now_us(), ""};
  }

  Result<bool> scope_exists(const TableName& root, const std::string& column,
                            const std::string& scope) override {
    connection_->set_scope(scope);
    ASSIGN_OR_RETURN(const int64_t found,
                     database().number(fmt::format("SELECT EXISTS (SELECT 1 FROM {} WHERE {})",
                                                   table_sql(root), equals_scope(root, column))));
    return found != 0;
  }

  Result<std::vector<std::string>> scope_values(const TableName& root, const std::string& column,
                                                int most) override {
    const std::string name = quote_identifier(column);
    ASSIGN_OR_RETURN(
        const auto rows,
        database().rows(fmt::format("SELECT DISTINCT CAST({0} AS TEXT) FROM {1} WHERE {0} IS NOT NULL "
                                    "ORDER BY 1 LIMIT ?1",
                                    name, table_sql(root)),
                        {Value::of(int64_t{most})}));
    std::vector<std::string> values;
    for (const auto& row : rows)
      values.push_back(row[0].bytes);
    return values;
  }

  Result<int64_t> count(const Scan& scan) override {
    ASSIGN_OR_RETURN(const SelectionSql selection, select(scan));
    return database().number(
        fmt::format("{} SELECT count(*) FROM {} WHERE {}", selection.with, selection.from, selection.where));
  }

  Result<int64_t> count_disagreeing(const Scan& scan) override {
    ASSIGN_OR_RETURN(const SqlDialect dialect, prepare(scan));
    ASSIGN_OR_RETURN(const Catalog* catalog, connection_->catalog(store_));
    return database().number(
        count_disagreeing_sql(*scan.closure, *catalog, scan.dataset->table.name, dialect));
  }

  Result<int64_t> count_outside(const Scan& scan, const ForeignKey& foreign_key) override {
    ASSIGN_OR_RETURN(const SqlDialect dialect, prepare(scan));
    ASSIGN_OR_RETURN(const Catalog* catalog, connection_->catalog(store_));
    return database().number(
        count_outside_sql(*scan.closure, *catalog, scan.dataset->table.name, foreign_key, dialect));
  }

  Result<Split> split(const Scan& /*scan*/) override { return Split{}; }

  Result<std::shared_ptr<duck::TableProducer>> read(const Scan& scan) override {
    CHECK(snapshot_.has_value());
    ASSIGN_OR_RETURN(const SelectionSql selection, select(scan));
    return std::shared_ptr<duck::TableProducer>(std::make_shared<SqliteProducer>(
        connection_, read_sql(selection, *scan.dataset), scan.scope, *scan.dataset));
  }

  Result<bool> sees_probe(const Probe& probe) override {
    if (probe.file_identity.empty()) return false;
    ASSIGN_OR_RETURN(const std::string identity, sqlite::file_identity(path_));
    return identity == probe.file_identity;
  }

  Result<WriteCheck> can_write() override {
    const sqlite::FileAccess access = sqlite::file_access(path_);
    return WriteCheck{access.can_write, access.evidence};
  }

  std::vector<std::string> connection_notes() const override {
    std::vector<std::string> notes;
    const auto mode = connection_->database().rows("PRAGMA journal_mode");
    if (mode.ok() && mode->at(0)[0].bytes != "wal") {
      notes.emplace_back("rollback journal: writers of the file wait while it is read");
    }
    return notes;
  }

  std::string explain(const Scan& scan) const override {
    const auto catalog = connection_->catalog(store_);
    if (!catalog.ok()) return catalog.error().text();
    SqlDialect dialect = sqlite_dialect();
    dialect.link_keys = [](const std::string& foreign_key) {
      return "SELECT key FROM temp." + quote_identifier("keys of " + foreign_key);
    };
    return read_sql(select_rows(*scan.closure, **catalog, scan.dataset->table.name, dialect), *scan.dataset);
  }

 private:
  [[nodiscard]] sqlite::Database& database() { return connection_->database(); }
  [[nodiscard]] static std::string table_sql(const TableName& table) {
    return "main." + quote_identifier(table.name);
  }

  // Without a type the column keeps numbers as numbers, and the scope is a text.
  [[nodiscard]] std::string equals_scope(const TableName& table, const std::string& column) {
    const std::string name = quote_identifier(column);
    const auto catalog = connection_->catalog(store_);
    const Table* described = catalog.ok() ? (*catalog)->table(table) : nullptr;
    const Column* declared = described != nullptr ? described->column(column) : nullptr;
    const bool plain = declared != nullptr && affinity_of(declared->type_name) == Affinity::blob;
    return plain ? fmt::format("CAST({} AS TEXT) = godwit_scope()", name) : name + " = godwit_scope()";
  }

  [[nodiscard]] Result<SqlDialect> prepare(const Scan& scan) {
    connection_->set_scope(scan.scope);
    return connection_->dialect(scan.link_keys);
  }

  [[nodiscard]] Result<SelectionSql> select(const Scan& scan) {
    ASSIGN_OR_RETURN(const SqlDialect dialect, prepare(scan));
    ASSIGN_OR_RETURN(const Catalog* catalog, connection_->catalog(store_));
    return select_rows(*scan.closure, *catalog, scan.dataset->table.name, dialect);
  }

  static std::string read_sql(const SelectionSql& selection, const Dataset& dataset) {
    std::vector<std::string> columns;
    for (const DatasetColumn& column : dataset.columns) {
      const auto instead = selection.column_expressions.find(column.name);
      columns.push_back(instead != selection.column_expressions.end() ? instead->second
                                                                      : "t." + quote_identifier(column.name));
    }
    if (dataset.has_owned_column) columns.push_back(selection.owned);
    return fmt::format("{} SELECT {} FROM {} WHERE {}", selection.with, join(columns, ", "), selection.from,
                       selection.where);
  }

  std::string store_, path_;
  const Clock& clock_;
  std::shared_ptr<StoreConnection> connection_;
  std::optional<sqlite::Transaction> snapshot_;  // before the connection goes
};

}  // namespace

Result<std::unique_ptr<Source>> open_sqlite_source(const StoreEndpoint& endpoint, const Clock& clock) {
  auto connection = StoreConnection::open(endpoint.path, sqlite::OpenMode::read_only);
  if (!connection.ok()) {
    return wrap(connection.error(), fmt::format("store {} ({})", endpoint.store, endpoint.environment));
  }
  return std::unique_ptr<Source>(
      std::make_unique<SqliteSource>(endpoint, clock, std::move(connection).value()));
}

}  // namespace godwit::connect
