#include "connect/postgres/sink.h"

#include "base/check.h"
#include "base/text.h"
#include "connect/postgres/advisory_lock.h"
#include "connect/postgres/catalog/catalog.h"
#include "connect/postgres/endpoint.h"
#include "connect/postgres/errors.h"
#include "connect/postgres/load/apply_staged.h"
#include "connect/postgres/load/cycles.h"
#include "connect/postgres/load/load_rows.h"
#include "connect/postgres/load/load_staged.h"
#include "connect/postgres/load/prove.h"
#include "connect/postgres/load/replaced_rows.h"
#include "connect/postgres/load/run_schema.h"
#include "connect/postgres/load/target_setup.h"
#include "connect/postgres/undo/purge.h"
#include "connect/postgres/undo/undo.h"
#include "pg/session.h"
#include "pg/transaction.h"

#include <algorithm>
#include <optional>

namespace godwit::connect::postgres {
namespace {

// A backend of a process that died needs a moment to notice.
constexpr int64_t run_lock_wait_ms = 3'000;

class PostgresSink : public Sink {
 public:
  PostgresSink(StoreEndpoint endpoint, const Clock& clock, std::unique_ptr<pg::Session> session)
      : endpoint_(std::move(endpoint)), clock_(clock), session_(std::move(session)) {}
  ~PostgresSink() override { abandon(); }

  Result<Catalog> catalog() override {
    RETURN_IF_ERROR(know_catalog());
    return *catalog_;
  }
  Result<SinkCapabilities> capabilities() override;
  Result<Probe> hold_probe(int64_t nonce) override;
  Status lock(const std::string& pipeline, const std::string& scope) override {
    return lock_session(*session_, clock_, run_lock_key(pipeline, scope), run_lock_wait_ms,
                        "pipeline " + pipeline + ", scope " + scope + " of store " + endpoint_.store);
  }

  Status begin(const RunMarker& marker) override;
  Result<LoadOutcome> load(const DatasetLoad& load) override;
  Status finish() override;
  LoadOutcome loaded(const DatasetLoad& load) const override {
    CHECK(context_ != nullptr);
    return context_->tables.at(load.target->name)->outcome;
  }
  Result<Proof> prove(const DatasetLoad& load) override;

  Result<std::string> transaction_id() override {
    const pg::CancelPause pause(*session_);
    ASSIGN_OR_RETURN(const pg::Rows rows, session_->query("SELECT pg_current_xact_id()"));
    return rows.string(0, 0);
  }
  Status prepare() override;
  Status commit_prepared(const std::string& run) override;
  Status rollback_prepared(const std::string& run) override;
  Status commit() override;
  void abandon() noexcept override {
    undo_.reset();
    transaction_.reset();
    context_.reset();
    pending_.clear();
    silenced_.clear();
  }

  Result<RunOutcome> outcome(const std::string& run, const std::string& transaction_id) override;
  Result<UndoPlan> plan_undo(const std::string& run, const UndoOptions& options) override;
  Result<UndoPlan> undo(const std::string& run, const UndoOptions& options) override;
  Result<UndoPlan> purge(const StoreClosure& closure, const std::string& scope, bool execute) override {
    undo_.reset();
    RETURN_IF_ERROR(know_catalog());
    return purge_scope(*session_, closure, *catalog_, scope, execute);
  }
  std::vector<std::string> connection_notes() const override { return notes_on(session_->facts()); }

 private:
  Status know_catalog() {
    if (catalog_) return {};
    ASSIGN_OR_RETURN(Catalog catalog, read_catalog(*session_, endpoint_.store, endpoint_.search_path_schema));
    cycles_ = immediate_cycles(catalog);
    catalog_ = std::move(catalog);
    return {};
  }
  Status apply_pending();
  Status drop_stages();
  bool goes_directly(const LoadedTable& table) const;
  Result<bool> is_prepared(const std::string& name);

  const StoreEndpoint endpoint_;
  const Clock& clock_;
  const std::unique_ptr<pg::Session> session_;
  std::optional<Catalog> catalog_;
  std::map<TableName, std::set<TableName>> cycles_;
  std::optional<pg::Transaction> transaction_;
  std::unique_ptr<LoadContext> context_;
  std::vector<LoadedTable*> pending_;  // staged tables of one cycle, waiting for the rest of it
  std::vector<SilencedTrigger> silenced_;
  std::optional<UndoAttempt> undo_;  // held by plan_undo
};

Result<SinkCapabilities> PostgresSink::capabilities() {
  ASSIGN_OR_RETURN(
      const pg::Rows rows,
      session_->query("SELECT current_setting('max_prepared_transactions')::int > 0, "
                      "pg_is_in_recovery(), current_setting('default_transaction_read_only') = 'on'"));
  SinkCapabilities capabilities;
  capabilities.two_phase = rows.boolean(0, 0);
  capabilities.overlaps = true;
  capabilities.read_only = rows.boolean(0, 1) || rows.boolean(0, 2) || endpoint_.read_only;
  ASSIGN_OR_RETURN(capabilities.can_keep_undo, may_have_run_schema(*session_));
  capabilities.evidence = rows.boolean(0, 1)       ? "the server is a standby"
                          : endpoint_.read_only    ? "the environment is configured read_only"
                          : rows.boolean(0, 2)     ? "default_transaction_read_only is on"
                          : capabilities.two_phase ? "max_prepared_transactions is above 0"
                                                   : "max_prepared_transactions is 0";
  return capabilities;
}

Result<Probe> PostgresSink::hold_probe(int64_t nonce) {
  ASSIGN_OR_RETURN(const pg::Rows rows,
                   session_->query("SELECT pg_try_advisory_lock($1::bigint)", {std::to_string(nonce)}));
  if (!rows.boolean(0, 0)) return make_error(ErrorKind::failed, "the probe's number is taken", "try again");
  return Probe{nonce, ""};
}

Status PostgresSink::begin(const RunMarker& marker) {
  CHECK(!transaction_);
  RETURN_IF_ERROR(know_catalog());
  RETURN_IF_ERROR(ensure_run_schema(*session_));
  ASSIGN_OR_RETURN(pg::Transaction transaction, pg::Transaction::begin(*session_));
  transaction_.emplace(std::move(transaction));
  context_.reset(new LoadContext{*session_, clock_, marker, &*catalog_});
  // The target's own triggers, defaults and checks expect the search path that its applications have.
  RETURN_IF_ERROR(session_->run("SET LOCAL search_path TO DEFAULT; SET CONSTRAINTS ALL DEFERRED"));
  if (auto scope = session_->query("SELECT set_config('godwit.scope', $1, true)", {marker.scope});
      !scope.ok()) {
    return scope.error();
  }
  return write_marker(*session_, marker);
}

// Straight into the target: new rows of the scope, with a key, checked row by row against what is there
// already.
bool PostgresSink::goes_directly(const LoadedTable& table) const {
  return table.strategy == LoadStrategy::insert && context_->replaced_in == nullptr &&
         table.closure.membership == Membership::owned && !table.dataset.has_owned_column &&
         !table.identity.whole_rows && table.deferred.empty() && cycles_.count(table.target.name) == 0 &&
         !refers_to_itself(table.target);
}

Result<LoadOutcome> PostgresSink::load(const DatasetLoad& load) {
  CHECK(context_ != nullptr && load.dataset != nullptr && load.target != nullptr &&
        load.connection != nullptr);
  auto table = std::make_unique<LoadedTable>();
  table->dataset_id = load.dataset->id;
  table->dataset = *load.dataset;
  table->target = *load.target;
  table->closure = load.dataset->closure;
  table->strategy = load.strategy;
  table->triggers = load.triggers;
  table->scope = load.scope;
  table->deferred = load.deferred_columns;
  table->resolve = load.resolve;
  context_->replaced_in = load.replaced_in;
  for (const DatasetColumn& column : load.dataset->columns) {
    if (load.target->column(column.name) == nullptr) {
      return make_error(ErrorKind::plan_refused,
                        "the target's table " + load.target->name.text() + " has no column " + column.name);
    }
    table->columns.push_back(column.name);
  }
  table->identity = identity_of(*load.target, table->columns);
  LoadedTable& loaded = *table;
  context_->tables[loaded.target.name] = std::move(table);

  if (load.replaced_in != nullptr) {
    RETURN_IF_ERROR(apply_trigger_policy(*session_, loaded.target, loaded.triggers, silenced_));
    if (const Status staged = stage_table(*context_, loaded, load); !staged.ok()) {
      return at("staging " + loaded.dataset_id, staged.error());
    }
    pending_.push_back(&loaded);
    return loaded.outcome;
  }
  const auto cycle = cycles_.find(loaded.target.name);
  const bool same_cycle =
      !pending_.empty() && cycle != cycles_.end() && cycle->second.count(pending_[0]->target.name) > 0;
  if (!same_cycle) RETURN_IF_ERROR(apply_pending());
  RETURN_IF_ERROR(apply_trigger_policy(*session_, loaded.target, loaded.triggers, silenced_));
  if (goes_directly(loaded)) {
    loaded.group = context_->next_group++;
    if (const Status copied = copy_to_target(*context_, loaded, load); !copied.ok()) {
      return at("loading " + loaded.dataset_id, copied.error());
    }
    return loaded.outcome;
  }
  if (const Status staged = stage_table(*context_, loaded, load); !staged.ok()) {
    return at("loading " + loaded.dataset_id, staged.error());
  }
  if (const Status met = meet_target(*context_, loaded); !met.ok()) {
    return at("loading " + loaded.dataset_id, met.error());
  }
  pending_.push_back(&loaded);
  if (cycle == cycles_.end()) RETURN_IF_ERROR(apply_pending());
  return loaded.outcome;
}

Status PostgresSink::apply_pending() {
  const std::vector<LoadedTable*> tables = std::exchange(pending_, {});
  if (context_->replaced_in != nullptr) {
    for (LoadedTable* table : tables) {
      if (const Status met = meet_target(*context_, *table); !met.ok()) {
        return at("loading " + table->dataset_id, met.error());
      }
    }
    RETURN_IF_ERROR(find_doomed(*context_, tables));
  }
  return apply_staged(*context_, tables);
}

Status PostgresSink::finish() {
  CHECK(context_ != nullptr);
  RETURN_IF_ERROR(apply_pending());
  for (const auto& [name, table] : context_->tables) {
    if (const Status filled = fill_deferred(*context_, *table); !filled.ok()) {
      return at("filling in deferred columns of " + table->dataset_id, filled.error());
    }
  }
  if (const Status checked = session_->run("SET CONSTRAINTS ALL IMMEDIATE"); !checked.ok()) {
    return at("checking deferred constraints", checked.error());
  }
  RETURN_IF_ERROR(wake_triggers(*session_, std::exchange(silenced_, {})));
  for (const auto& [name, table] : context_->tables) {
    if (const Status advanced = advance_sequences(*session_, table->target); !advanced.ok()) {
      return at("advancing the sequences of " + table->dataset_id, advanced.error());
    }
  }
  return {};
}

Result<Proof> PostgresSink::prove(const DatasetLoad& load) {
  CHECK(context_ != nullptr);
  const auto table = context_->tables.find(load.target->name);
  CHECK(table != context_->tables.end());
  auto proof = prove_table(*context_, *table->second);
  if (!proof.ok()) return at("proving " + load.dataset->id, proof.error());
  return proof;
}

// Staging tables never outlive their transaction.
Status PostgresSink::drop_stages() {
  for (const auto& [name, table] : context_->tables) {
    if (!table->stage.empty()) RETURN_IF_ERROR(session_->run("DROP TABLE " + table->stage));
  }
  for (const std::string& set : context_->sets)
    RETURN_IF_ERROR(session_->run("DROP TABLE " + set));
  return {};
}

Status PostgresSink::prepare() {
  CHECK(transaction_.has_value());
  const pg::CancelPause pause(*session_);
  ASSIGN_OR_RETURN(const std::string name, prepared_name(context_->marker.run, context_->marker.store));
  RETURN_IF_ERROR(drop_stages());
  RETURN_IF_ERROR(transaction_->prepare(name));
  abandon();
  return {};
}

Status PostgresSink::commit() {
  CHECK(transaction_.has_value());
  const pg::CancelPause pause(*session_);
  RETURN_IF_ERROR(drop_stages());
  RETURN_IF_ERROR(transaction_->commit());
  abandon();
  return {};
}

Result<bool> PostgresSink::is_prepared(const std::string& name) {
  ASSIGN_OR_RETURN(const pg::Rows rows,
                   session_->query("SELECT EXISTS (SELECT FROM pg_prepared_xacts WHERE gid = $1 AND "
                                   "database = current_database())",
                                   {name}));
  return rows.boolean(0, 0);
}

Status PostgresSink::commit_prepared(const std::string& run) {
  const pg::CancelPause pause(*session_);
  ASSIGN_OR_RETURN(const std::string name, prepared_name(run, endpoint_.store));
  ASSIGN_OR_RETURN(const bool waits, is_prepared(name));
  if (waits) return pg::run_decisive(*session_, "COMMIT PREPARED " + quote_literal(name));
  ASSIGN_OR_RETURN(const auto state, marker_state(*session_, run, endpoint_.store));
  if (state) return {};
  return make_error(ErrorKind::failed, "run " + run + " is not prepared in store " + endpoint_.store,
                    "it was rolled back: load again");
}

Status PostgresSink::rollback_prepared(const std::string& run) {
  const pg::CancelPause pause(*session_);
  ASSIGN_OR_RETURN(const std::string name, prepared_name(run, endpoint_.store));
  ASSIGN_OR_RETURN(const bool waits, is_prepared(name));
  if (!waits) return {};
  return pg::run_decisive(*session_, "ROLLBACK PREPARED " + quote_literal(name));
}

Result<RunOutcome> PostgresSink::outcome(const std::string& run, const std::string& transaction_id) {
  // In this order: what is prepared may be committed by another process between two questions.
  ASSIGN_OR_RETURN(const std::string name, prepared_name(run, endpoint_.store));
  ASSIGN_OR_RETURN(const bool waits, is_prepared(name));
  ASSIGN_OR_RETURN(const auto state, marker_state(*session_, run, endpoint_.store));
  if (state) return *state == "undone" ? RunOutcome::undone : RunOutcome::committed;
  if (waits) return RunOutcome::prepared;
  if (transaction_id.empty()) return RunOutcome::absent;
  auto asked = session_->query("SELECT pg_xact_status($1::xid8)", {transaction_id});
  // An id from the future: another server, or one restored from a backup.
  if (!asked.ok()) {
    if (asked.error().kind != ErrorKind::failed) return asked.error();
    return RunOutcome::unknown;
  }
  const std::string_view status = asked->text(0, 0);
  if (status == "in progress") return RunOutcome::in_progress;
  if (status == "aborted") return RunOutcome::absent;
  // Committed without a marker, or too old to know.
  return RunOutcome::unknown;
}

Result<UndoPlan> PostgresSink::plan_undo(const std::string& run, const UndoOptions& options) {
  undo_.reset();
  const CatalogReader catalog = [this]() -> Result<const Catalog*> {
    RETURN_IF_ERROR(know_catalog());
    return &*catalog_;
  };
  ASSIGN_OR_RETURN(UndoAttempt attempt, UndoAttempt::look(*session_, catalog, run, endpoint_.store, options));
  UndoPlan plan = attempt.plan();
  if (options.hold) undo_.emplace(std::move(attempt));
  return plan;
}

Result<UndoPlan> PostgresSink::undo(const std::string& run, const UndoOptions& options) {
  if (!undo_ || undo_->plan().run != run) {
    UndoOptions held = options;
    held.hold = true;
    ASSIGN_OR_RETURN([[maybe_unused]] const UndoPlan looked, plan_undo(run, held));
  }
  UndoPlan plan = undo_->plan();
  const Status undone = undo_->execute();
  undo_.reset();
  if (!undone.ok()) return undone.error();
  return plan;
}

}  // namespace

Result<std::unique_ptr<Sink>> open_sink(const StoreEndpoint& endpoint, const Clock& clock,
                                        const std::atomic<bool>* cancel, StreamTimes* streams) {
  pg::ConnectOptions options = connect_options(endpoint, cancel);
  options.streams = streams;
  ASSIGN_OR_RETURN(auto session, open_session(endpoint, options));
  return std::unique_ptr<Sink>(std::make_unique<PostgresSink>(endpoint, clock, std::move(session)));
}

}  // namespace godwit::connect::postgres
