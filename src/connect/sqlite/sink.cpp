#include "connect/sqlite/sink.h"

#include "base/check.h"
#include "connect/sqlite/catalog.h"
#include "connect/sqlite/connection.h"
#include "connect/sqlite/load/load_context.h"
#include "connect/sqlite/load/replace_rows.h"
#include "connect/sqlite/load/run_tables.h"
#include "connect/sqlite/undo/undo.h"
#include "os/process.h"
#include "sqlite/file_lock.h"

#include <fmt/format.h>

#include <filesystem>
#include <optional>

namespace godwit::connect {

namespace {

// FNV-1a, 64 bits: a name for a lock file, nothing more.
uint64_t hash_of(std::string_view text) {
  uint64_t hash = 14695981039346656037ULL;
  for (const char c : text)
    hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  return hash;
}

class SqliteSink final : public Sink {
 public:
  SqliteSink(const StoreEndpoint& endpoint, const Clock& clock, std::shared_ptr<StoreConnection> connection)
      : store_(endpoint.store),
        environment_(endpoint.environment),
        path_(endpoint.path),
        clock_(clock),
        connection_(std::move(connection)) {}
  ~SqliteSink() override { SqliteSink::abandon(); }

  Result<Catalog> catalog() override {
    ASSIGN_OR_RETURN(const Catalog* catalog, connection_->catalog(store_));
    return *catalog;
  }

  Result<SinkCapabilities> capabilities() override {
    const sqlite::FileAccess access = sqlite::file_access(path_);
    SinkCapabilities capabilities;
    capabilities.read_only = database().read_only() || !access.can_write;
    capabilities.evidence = database().read_only() && access.can_write
                                ? fmt::format("the file {} could only be opened for reading", path_)
                                : access.evidence;
    return capabilities;
  }

  Result<Probe> hold_probe(int64_t nonce) override {
    ASSIGN_OR_RETURN(std::string identity, sqlite::file_identity(path_));
    return Probe{nonce, std::move(identity)};
  }

  // Beside the file, whatever path led to it. Shared rows need no second lock: SQLite has one writer at a
  // time.
  Status lock(const std::string& pipeline, const std::string& scope) override {
    std::error_code failed;
    const std::filesystem::path file = std::filesystem::canonical(path_, failed);
    if (failed) return make_error(ErrorKind::unreachable, fmt::format("cannot find {}", path_));
    const uint64_t name = hash_of(std::to_string(pipeline.size()) + ":" + pipeline + scope);
    const std::string lock_path = fmt::format("{}.godwit-lock-{:016x}", file.string(), name);
    const sqlite::LockHolder holder{os::process_id(), os::host_name(), "godwit", clock_.now_us()};
    lock_.reset();
    auto acquired = sqlite::FileLock::acquire(lock_path, holder, clock_.now_us());
    if (!acquired.ok()) {
      return wrap(acquired.error(),
                  fmt::format("store {} ({}) is locked for {} {}", store_, environment_, pipeline, scope));
    }
    lock_.emplace(std::move(acquired).value());
    return {};
  }

  Status begin(const RunMarker& marker) override {
    CHECK(!transaction_.has_value());
    Result<sqlite::Transaction> begun = sqlite::Transaction::begin(database());
    if (!begun.ok())
      return wrap(begun.error(), fmt::format("store {} ({}) cannot be written", store_, environment_));
    transaction_.emplace(std::move(begun).value());
    Status ready = prepare_run(marker);
    if (!ready.ok()) abandon();
    return ready;
  }

  Result<LoadOutcome> load(const DatasetLoad& load) override {
    CHECK(context_.has_value());
    return load_table(*context_, load);
  }

  // No column is deferred, and SQLite advances its sequences by itself.
  Status finish() override {
    CHECK(context_.has_value());
    return apply_staged(*context_);
  }

  LoadOutcome loaded(const DatasetLoad& load) const override {
    CHECK(context_.has_value());
    return context_->tables.at(load.target->name)->outcome;
  }

  Result<Proof> prove(const DatasetLoad& load) override {
    CHECK(context_.has_value());
    const auto table = context_->tables.find(load.target->name);
    CHECK(table != context_->tables.end());
    return prove_table(*context_, *table->second);
  }

  // SQLite's transactions have no name: the marker row decides.
  Result<std::string> transaction_id() override {
    CHECK(context_.has_value());
    return std::string();
  }

  Status prepare() override { return no_two_phase(); }

  Status commit_prepared(const std::string& run) override {
    ASSIGN_OR_RETURN(const RunOutcome known, outcome(run, ""));
    return known == RunOutcome::committed ? Status() : no_two_phase();
  }

  Status rollback_prepared(const std::string&) override { return {}; }

  Status commit() override {
    CHECK(transaction_.has_value());
    context_.reset();  // its statements end before the transaction
    Status committed = transaction_->commit();
    if (committed.ok()) {
      transaction_.reset();
      return {};
    }
    Error error = wrap(committed.error(), fmt::format("store {} ({}): commit", store_, environment_));
    // After an I/O error the journal decides, and only the next opening reads it.
    if (error.kind == ErrorKind::io) error.kind = ErrorKind::in_doubt;
    abandon();
    return error;
  }

  void abandon() noexcept override {
    context_.reset();
    transaction_.reset();
  }

  Result<RunOutcome> outcome(const std::string& run, const std::string&) override {
    ASSIGN_OR_RETURN(const auto marker, read_marker(database(), run, store_));
    if (!marker.has_value()) return RunOutcome::absent;
    return marker->state == "undone" ? RunOutcome::undone : RunOutcome::committed;
  }

  // Nothing is held: looking is doing it and rolling back.
  Result<UndoPlan> plan_undo(const std::string& run, const UndoOptions& options) override {
    return undo_run(*connection_, run, store_, clock_, options, false);
  }
  Result<UndoPlan> undo(const std::string& run, const UndoOptions& options) override {
    return undo_run(*connection_, run, store_, clock_, options, true);
  }
  Result<UndoPlan> purge(const StoreClosure& closure, const std::string& scope, bool execute) override {
    return purge_scope(*connection_, closure, scope, execute);
  }

  std::vector<std::string> connection_notes() const override { return {}; }

 private:
  [[nodiscard]] sqlite::Database& database() { return connection_->database(); }

  Status prepare_run(const RunMarker& marker) {
    ASSIGN_OR_RETURN(const int64_t number, write_marker(database(), marker, clock_.now_us()));
    context_.emplace(*connection_, marker, number);
    ASSIGN_OR_RETURN(context_->without_rowid, tables_without_rowid(database()));
    ASSIGN_OR_RETURN(
        auto insert,
        database().prepare("INSERT INTO godwit_undo (run_number, ordinal, seq, action, relation, key, "
                           "before_image, after_image) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"));
    context_->insert_undo.emplace(std::move(insert));
    return {};
  }

  [[nodiscard]] static Status no_two_phase() {
    return make_error(ErrorKind::failed, "an SQLite store has no two-phase commit");
  }

  std::string store_, environment_, path_;
  const Clock& clock_;
  std::shared_ptr<StoreConnection> connection_;
  std::optional<sqlite::FileLock> lock_;
  std::optional<sqlite::Transaction> transaction_;
  std::optional<LoadContext> context_;  // ends before the transaction
};

}  // namespace

Result<std::unique_ptr<Sink>> open_sqlite_sink(const StoreEndpoint& endpoint, const Clock& clock,
                                               const std::atomic<bool>* cancel) {
  const sqlite::OpenMode mode =
      endpoint.read_only ? sqlite::OpenMode::read_only : sqlite::OpenMode::read_write;
  auto connection = StoreConnection::open(endpoint.path, mode, cancel);
  if (!connection.ok()) {
    return wrap(connection.error(), fmt::format("store {} ({})", endpoint.store, endpoint.environment));
  }
  // Sets of rows may grow beyond memory; what they hold is going into this very file.
  RETURN_IF_ERROR((*connection)
                      ->database()
                      .run("PRAGMA temp_store=FILE; PRAGMA foreign_keys=OFF; PRAGMA synchronous=FULL"));
  return std::unique_ptr<Sink>(std::make_unique<SqliteSink>(endpoint, clock, std::move(connection).value()));
}

}  // namespace godwit::connect
