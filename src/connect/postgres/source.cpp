#include "connect/postgres/source.h"

#include "base/check.h"
#include "base/text.h"
#include "connect/postgres/catalog/catalog.h"
#include "connect/postgres/catalog/wire_type.h"
#include "connect/postgres/endpoint.h"
#include "connect/postgres/read/copy_producer.h"
#include "connect/postgres/read/scan_sql.h"
#include "connect/postgres/read/snapshot_pool.h"
#include "pg/session.h"
#include "pg/transaction.h"

#include <algorithm>
#include <optional>

namespace godwit::connect::postgres {
namespace {

// Below this a second connection costs more than it brings. A selection with expressions pays them per lane.
constexpr int64_t split_bytes = int64_t{64} << 20;
constexpr int64_t split_bytes_with_expressions = int64_t{512} << 20;
// Of a part: small enough that its load begins early, large enough for a good Parquet file.
constexpr int64_t part_bytes = int64_t{48} << 20;
constexpr int64_t page_bytes = 8192;

class PostgresSource : public Source {
 public:
  PostgresSource(StoreEndpoint endpoint, std::unique_ptr<pg::Session> session)
      : endpoint_(std::move(endpoint)), session_(std::move(session)) {}

  Result<Catalog> catalog() override {
    RETURN_IF_ERROR(know_catalog());
    return *catalog_;
  }

  DatasetColumn stage(const Column& column) const override { return stage_column(column); }

  Result<SnapshotInfo> snapshot() override {
    RETURN_IF_ERROR(know_catalog());
    pool_.reset();
    ASSIGN_OR_RETURN(auto leader, open_session(endpoint_, read_only_options(endpoint_)));
    RETURN_IF_ERROR(leader->run("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY"));
    ASSIGN_OR_RETURN(
        const pg::Rows rows,
        leader->query(
            "SELECT pg_export_snapshot(), (extract(epoch FROM clock_timestamp()) * 1000000)::bigint, "
            "CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END"));
    pool_ = std::make_shared<SnapshotPool>(endpoint_, std::move(leader), rows.string(0, 0));
    return SnapshotInfo{rows.number(0, 1), rows.string(0, 2)};
  }

  Result<bool> scope_exists(const TableName& root, const std::string& column,
                            const std::string& scope) override {
    // As text: a scope that is no value of the column's type does not exist, it is not an error.
    ASSIGN_OR_RETURN(const pg::Rows rows,
                     session_->query("SELECT EXISTS (SELECT FROM " + quoted(root) + " t WHERE t." +
                                         quote_identifier(column) + "::text = $1)",
                                     {scope}));
    return rows.boolean(0, 0);
  }

  Result<std::vector<std::string>> scope_values(const TableName& root, const std::string& column,
                                                int most) override {
    ASSIGN_OR_RETURN(const pg::Rows rows, session_->query("SELECT DISTINCT t." + quote_identifier(column) +
                                                              "::text AS value FROM " + quoted(root) +
                                                              " t WHERE t." + quote_identifier(column) +
                                                              " IS NOT NULL ORDER BY value LIMIT $1::int",
                                                          {std::to_string(most)}));
    std::vector<std::string> values;
    for (size_t row = 0; row < rows.size(); ++row)
      values.push_back(rows.string(row, 0));
    return values;
  }

  Result<int64_t> count(const Scan& scan) override {
    RETURN_IF_ERROR(know_catalog());
    return number(scan, scan_sql(scan, *catalog_).select("count(*)"), "counting ");
  }

  Result<int64_t> count_disagreeing(const Scan& scan) override {
    RETURN_IF_ERROR(know_catalog());
    return number(scan,
                  count_disagreeing_sql(*scan.closure, *catalog_, scan.dataset->table.name, dialect_of(scan)),
                  "comparing the owners of ");
  }

  Result<int64_t> count_outside(const Scan& scan, const ForeignKey& foreign_key) override {
    RETURN_IF_ERROR(know_catalog());
    return number(
        scan,
        count_outside_sql(*scan.closure, *catalog_, scan.dataset->table.name, foreign_key, dialect_of(scan)),
        "looking for outside parents of ");
  }

  Result<Split> split(const Scan& scan) override {
    RETURN_IF_ERROR(know_catalog());
    ASSIGN_OR_RETURN(const Relation relation, look_at(scan.dataset->table.name));
    // Every part would pay for the expressions again.
    if (!relation.heap || !scan_sql(scan, *catalog_).selection.with.empty()) return Split{};
    const int64_t parts = std::clamp<int64_t>(relation.bytes / part_bytes, 1, 10'000);
    return Split{static_cast<int>(parts), relation.bytes / page_bytes};
  }

  Result<std::shared_ptr<duck::TableProducer>> read(const Scan& scan) override {
    CHECK(pool_ != nullptr && scan.part < scan.split.parts);
    ScanSql sql = scan_sql(scan, *catalog_);
    ASSIGN_OR_RETURN(const Relation relation, look_at(scan.dataset->table.name));
    const int64_t threshold = sql.selection.with.empty() ? split_bytes : split_bytes_with_expressions;
    const int lanes = relation.heap && relation.bytes >= threshold ? std::clamp(scan.lanes, 1, 16) : 1;
    Split split = scan.split;
    if (split.parts == 1) split.pages = relation.bytes / page_bytes;
    return std::shared_ptr<duck::TableProducer>(std::make_shared<CopyProducer>(
        pool_, scan.dataset->id, std::move(sql), page_ranges(split, scan.part, lanes), relation.check_utf8));
  }

  Result<bool> sees_probe(const Probe& probe) override;
  Result<WriteCheck> can_write() override;

  std::vector<std::string> connection_notes() const override { return notes_on(session_->facts()); }

  std::string explain(const Scan& scan) const override {
    CHECK(catalog_.has_value());
    const ScanSql sql = scan_sql(scan, *catalog_);
    return sql.select(sql.columns);
  }

 private:
  struct Relation {
    int64_t bytes = 0;
    bool heap = false;        // its rows can be asked for by page
    bool check_utf8 = false;  // the server does not know its texts' encoding
  };

  Result<Relation> look_at(const TableName& table) {
    ASSIGN_OR_RETURN(const pg::Rows rows,
                     session_->query("SELECT c.relkind, coalesce(pg_relation_size(c.oid), 0), am.amname, "
                                     "current_setting('server_encoding') FROM pg_class c "
                                     "LEFT JOIN pg_am am ON am.oid = c.relam WHERE c.oid = to_regclass($1)",
                                     {quoted(table)}));
    if (rows.empty()) return make_error(ErrorKind::failed, "table " + table.text() + " is no longer there");
    return Relation{rows.number(0, 1), rows.text(0, 0) == "r" && rows.text(0, 2) == "heap",
                    rows.text(0, 3) == "SQL_ASCII"};
  }

  Status know_catalog() {
    if (catalog_) return {};
    ASSIGN_OR_RETURN(Catalog catalog, read_catalog(*session_, endpoint_.store, endpoint_.search_path_schema));
    catalog_ = std::move(catalog);
    return {};
  }

  // One number, read on the snapshot when there is one.
  Result<int64_t> number(const Scan& scan, const std::string& sql, const std::string& doing) {
    const ScanSettings settings = settings_of(scan);
    auto result = pool_ ? number_on_snapshot(settings, sql) : number_now(settings, sql);
    if (!result.ok()) return wrap(result.error(), doing + scan.dataset->id);
    return result;
  }

  Result<int64_t> number_on_snapshot(const ScanSettings& settings, const std::string& sql) {
    ASSIGN_OR_RETURN(auto session, pool_->acquire());
    RETURN_IF_ERROR(apply_settings(*session, settings));
    ASSIGN_OR_RETURN(const pg::Rows rows, session->query(sql));
    pool_->release(std::move(session));
    return rows.number(0, 0);
  }

  Result<int64_t> number_now(const ScanSettings& settings, const std::string& sql) {
    ASSIGN_OR_RETURN(pg::Transaction transaction, pg::Transaction::begin(*session_, "READ ONLY"));
    RETURN_IF_ERROR(apply_settings(*session_, settings));
    ASSIGN_OR_RETURN(const pg::Rows rows, session_->query(sql));
    return rows.number(0, 0);
  }

  const StoreEndpoint endpoint_;
  const std::unique_ptr<pg::Session> session_;  // outside the snapshot: metadata and small questions
  std::optional<Catalog> catalog_;
  std::shared_ptr<SnapshotPool> pool_;
};

Result<bool> PostgresSource::sees_probe(const Probe& probe) {
  // A bigint advisory lock shows as its two halves with objsubid 1.
  ASSIGN_OR_RETURN(
      const pg::Rows rows,
      session_->query("SELECT EXISTS (SELECT FROM pg_locks l WHERE l.locktype = 'advisory' AND l.granted "
                      "AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()) "
                      "AND l.objsubid = 1 AND (l.classid::bigint << 32 | l.objid::bigint) = $1::bigint)",
                      {std::to_string(probe.nonce)}));
  return rows.boolean(0, 0);
}

Result<WriteCheck> PostgresSource::can_write() {
  ASSIGN_OR_RETURN(
      const pg::Rows rows,
      session_->query(
          "SELECT pg_is_in_recovery(), (SELECT rolsuper FROM pg_roles WHERE rolname = current_user), "
          "count(*), min(n.nspname || '.' || c.relname), "
          // The account's own setting: this session's is on in any case.
          "(SELECT reset_val FROM pg_settings WHERE name = 'default_transaction_read_only') "
          "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
          "WHERE c.relkind IN ('r', 'p', 'f') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' "
          "AND has_schema_privilege(n.oid, 'USAGE') "
          "AND (has_table_privilege(c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE') "
          // Granted column by column.
          "OR has_any_column_privilege(c.oid, 'INSERT, UPDATE'))"));
  if (rows.boolean(0, 0)) return WriteCheck{false, "the server is a standby"};
  if (rows.boolean(0, 1)) return WriteCheck{true, "the account is a superuser"};
  const int64_t tables = rows.number(0, 2);
  if (tables == 0) return WriteCheck{false, "the account may write no table"};
  std::string evidence =
      "the account may write " + std::to_string(tables) + " tables, " + rows.string(0, 3) + " for example";
  if (rows.text(0, 4) == "on")
    evidence += "; default_transaction_read_only is on, which a session can switch off";
  return WriteCheck{true, std::move(evidence)};
}

}  // namespace

Result<std::unique_ptr<Source>> open_source(const StoreEndpoint& endpoint) {
  ASSIGN_OR_RETURN(auto session, open_session(endpoint, read_only_options(endpoint)));
  return std::unique_ptr<Source>(std::make_unique<PostgresSource>(endpoint, std::move(session)));
}

}  // namespace godwit::connect::postgres
