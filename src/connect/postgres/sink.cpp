#include "connect/postgres/sink.h"

#include "base/check.h"
#include "base/text.h"
#include "connect/postgres/advisory_lock.h"
#include "connect/postgres/catalog/catalog.h"
#include "connect/postgres/endpoint.h"
#include "connect/postgres/errors.h"
#include "connect/postgres/load/apply_staged.h"
#include "connect/postgres/load/cycles.h"
#include "connect/postgres/load/lanes.h"
#include "connect/postgres/load/load_rows.h"
#include "connect/postgres/load/load_staged.h"
#include "connect/postgres/load/prove.h"
#include "connect/postgres/load/replaced_rows.h"
#include "connect/postgres/load/run_schema.h"
#include "connect/postgres/load/target_setup.h"
#include "connect/postgres/run_outcome.h"
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
  PostgresSink(StoreEndpoint endpoint, const Clock& clock, pg::ConnectOptions options,
               std::unique_ptr<pg::Session> session)
      : endpoint_(std::move(endpoint)),
        clock_(clock),
        options_(std::move(options)),
        session_(std::move(session)) {}
  ~PostgresSink() override { abandon(); }

  Result<Catalog> catalog() override {
    RETURN_IF_ERROR(know_catalog());
    return *catalog_;
  }
  Result<SinkCapabilities> capabilities() override;
  Result<Probe> hold_probe(int64_t nonce) override;
  Status lock(const std::string& pipeline, const std::string& scope) override;

  Status begin(const RunMarker& marker) override;
  Result<std::optional<std::string>> spread(const Spread& spread) override;
  Result<Spread> begin_rest(const RunMarker& marker) override;
  Result<LoadOutcome> load(const DatasetLoad& load) override;
  Status finish() override;
  LoadOutcome loaded(const DatasetLoad& load) const override {
    CHECK(context_ != nullptr);
    return context_->tables.at(load.target->name)->outcome;
  }
  Result<Proof> prove(const DatasetLoad& load) override;

  Result<std::string> transaction_id() override;
  Status prepare() override;
  Status commit_prepared(const std::string& run) override;
  Status rollback_prepared(const std::string& run) override {
    const pg::CancelPause pause(*session_);
    return rollback_waiting(*session_, run, endpoint_.store);
  }
  Status commit() override;
  void abandon() noexcept override {
    undo_.reset();
    lanes_.reset();
    transaction_.reset();
    context_.reset();
    pending_.clear();
    silenced_.clear();
  }

  Result<RunOutcome> outcome(const std::string& run, const std::string& transaction_id) override {
    return run_outcome(*session_, run, endpoint_.store, transaction_id);
  }
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
  Result<LoadOutcome> load_divided(LoadedTable& table, const DatasetLoad& load);
  Status open_lanes(const Spread& spread);
  Status commit_own();

  const StoreEndpoint endpoint_;
  const Clock& clock_;
  const pg::ConnectOptions options_;  // of every session
  const std::unique_ptr<pg::Session> session_;
  std::optional<Catalog> catalog_;
  std::map<TableName, std::set<TableName>> cycles_;
  std::optional<pg::Transaction> transaction_;
  std::unique_ptr<LoadContext> context_;
  std::unique_ptr<Lanes> lanes_;  // null: one connection
  Spread spread_;                 // of lanes_, also when they are gone
  int64_t lanes_lock_key_ = 0;
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

// What a process that died had sent to its further connections is done before anybody else begins.
Status PostgresSink::lock(const std::string& pipeline, const std::string& scope) {
  const std::string what = "pipeline " + pipeline + ", scope " + scope + " of store " + endpoint_.store;
  const int64_t key = run_lock_key(pipeline, scope);
  RETURN_IF_ERROR(lock_session(*session_, clock_, key, run_lock_wait_ms, what));
  lanes_lock_key_ = lock_key("godwit connections " + std::to_string(key));
  RETURN_IF_ERROR(lock_session(*session_, clock_, lanes_lock_key_, run_lock_wait_ms, what));
  return session_->run("SELECT pg_advisory_unlock(" + std::to_string(lanes_lock_key_) + ")");
}

Status PostgresSink::begin(const RunMarker& marker) {
  CHECK(!transaction_);
  RETURN_IF_ERROR(know_catalog());
  RETURN_IF_ERROR(ensure_run_schema(*session_));
  ASSIGN_OR_RETURN(pg::Transaction transaction, begin_load(*session_, marker));
  transaction_.emplace(std::move(transaction));
  context_.reset(new LoadContext{*session_, clock_, marker, &*catalog_});
  return write_marker(*session_, marker);
}

Status PostgresSink::open_lanes(const Spread& spread) {
  Lanes::Options options;
  options.open = [this] { return open_session(endpoint_, options_); };
  options.lock_key = lanes_lock_key_;
  options.cancel = options_.cancel;
  options.main = context_.get();
  options.main_loads = transaction_.has_value();
  ASSIGN_OR_RETURN(lanes_, Lanes::begin(std::move(options), spread));
  spread_ = spread;
  return {};
}

Result<std::optional<std::string>> PostgresSink::spread(const Spread& spread) {
  CHECK(transaction_.has_value() && spread.connections > 1 && context_->tables.empty());
  ASSIGN_OR_RETURN(auto reason, why_one_connection(*session_, spread));
  if (reason) return reason;
  RETURN_IF_ERROR(write_lane_marker(*session_, context_->marker, {0, spread.connections, spread.tables, {}}));
  RETURN_IF_ERROR(open_lanes(spread));
  return reason;
}

Result<Spread> PostgresSink::begin_rest(const RunMarker& marker) {
  CHECK(!transaction_);
  RETURN_IF_ERROR(know_catalog());
  ASSIGN_OR_RETURN(Spread rest, missing_part(*session_, marker.run, marker.store));
  context_.reset(new LoadContext{*session_, clock_, marker, &*catalog_});
  RETURN_IF_ERROR(open_lanes(rest));
  return rest;
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
  ASSIGN_OR_RETURN(auto table, loaded_table(load));
  context_->replaced_in = load.replaced_in;
  LoadedTable& loaded = *table;
  context_->tables[loaded.target.name] = std::move(table);
  if (load.lane_rows != nullptr) return load_divided(loaded, load);

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
  Status staged = stage_table(*context_, loaded, load);
  if (staged.ok()) staged = meet_target(*context_, loaded);
  if (!staged.ok()) return at("loading " + loaded.dataset_id, staged.error());
  pending_.push_back(&loaded);
  if (cycle == cycles_.end()) RETURN_IF_ERROR(apply_pending());
  return loaded.outcome;
}

// The target's table is empty: whatever the strategy, the rows are inserted.
Result<LoadOutcome> PostgresSink::load_divided(LoadedTable& table, const DatasetLoad& load) {
  CHECK(lanes_ != nullptr && lanes_->divides(table.target.name));
  table.strategy = LoadStrategy::insert;
  CHECK(goes_directly(table));
  RETURN_IF_ERROR(apply_pending());
  ASSIGN_OR_RETURN(table.group, lanes_->group_of(table.target.name));
  if (const Status copied = lanes_->copy(table, load); !copied.ok())
    return at("loading " + table.dataset_id, copied.error());
  if (load.strategy == LoadStrategy::automatic) table.outcome.brought = table.outcome.inserted;
  return table.outcome;
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
  if (!transaction_) return lanes_->finish();  // only what was missing
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
  RETURN_IF_ERROR(advance_sequences(*context_));
  return lanes_ == nullptr ? Status() : lanes_->finish();
}

Result<Proof> PostgresSink::prove(const DatasetLoad& load) {
  CHECK(context_ != nullptr);
  const auto table = context_->tables.find(load.target->name);
  CHECK(table != context_->tables.end());
  const bool divided = lanes_ != nullptr && lanes_->divides(load.target->name);
  auto proof = divided ? lanes_->prove(*table->second) : prove_table(*context_, *table->second);
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

Result<std::string> PostgresSink::transaction_id() {
  std::string own;
  if (transaction_) {
    const pg::CancelPause pause(*session_);
    ASSIGN_OR_RETURN(const pg::Rows rows, session_->query("SELECT pg_current_xact_id()"));
    own = rows.string(0, 0);
  }
  return lanes_ == nullptr ? own : lanes_->transaction_ids(own);
}

Status PostgresSink::prepare() {
  CHECK(transaction_.has_value());
  const pg::CancelPause pause(*session_);
  const int lanes = lanes_ == nullptr ? 1 : lanes_->connections();
  ASSIGN_OR_RETURN(const std::string name,
                   prepared_name(context_->marker.run, context_->marker.store, 0, lanes));
  RETURN_IF_ERROR(drop_stages());
  RETURN_IF_ERROR(transaction_->prepare(name));
  if (lanes_ != nullptr) {
    lanes_->reached("lane-prepared", 0);
    RETURN_IF_ERROR(lanes_->prepare());
  }
  abandon();
  return {};
}

// The first connection's transaction; of a run that is half there, whatever of it waits prepared.
Status PostgresSink::commit_own() {
  const pg::CancelPause pause(*session_);
  if (transaction_) {
    RETURN_IF_ERROR(drop_stages());
    RETURN_IF_ERROR(transaction_->commit());
    if (lanes_ != nullptr) lanes_->reached("lane-committed", 0);
    return {};
  }
  return commit_waiting(*session_, context_->marker.run, context_->marker.store, nullptr);
}

Status PostgresSink::commit() {
  CHECK(transaction_.has_value() || lanes_ != nullptr);
  RETURN_IF_ERROR(commit_own());
  const Status others = lanes_ == nullptr ? Status() : lanes_->commit(true);
  abandon();
  return others;
}

Status PostgresSink::commit_prepared(const std::string& run) {
  const pg::CancelPause pause(*session_);
  return commit_waiting(*session_, run, endpoint_.store, spread_.reached);
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
  return std::unique_ptr<Sink>(std::make_unique<PostgresSink>(endpoint, clock, options, std::move(session)));
}

}  // namespace godwit::connect::postgres
