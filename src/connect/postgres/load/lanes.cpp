#include "connect/postgres/load/lanes.h"

#include "base/check.h"
#include "base/text.h"
#include "connect/postgres/errors.h"
#include "connect/postgres/load/load_rows.h"
#include "connect/postgres/load/prove.h"
#include "connect/postgres/load/target_setup.h"
#include "connect/postgres/read/scan_sql.h"
#include "connect/postgres/run_outcome.h"
#include "duck/row_digest.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <future>
#include <mutex>

namespace godwit::connect::postgres {
namespace {

constexpr auto poll_every = std::chrono::milliseconds(20);
constexpr auto look_for_waits_every = std::chrono::milliseconds(200);
// Undo records are numbered within a run and store: each connection has a range of its own.
constexpr int ordinals_per_lane = 1'000'000;

// One of the processes waits until the transaction of another one ends.
Result<bool> wait_for_each_other(pg::Session& session, const std::vector<int>& pids) {
  ASSIGN_OR_RETURN(
      const pg::Rows rows,
      session.query(fmt::format("SELECT EXISTS (SELECT FROM pg_locks w JOIN pg_locks h ON h.locktype = "
                                "'transactionid' AND h.granted AND h.transactionid = w.transactionid WHERE "
                                "w.locktype = 'transactionid' AND NOT w.granted AND w.pid IN ({0}) AND h.pid "
                                "IN ({0}))",
                                fmt::join(pids, ", "))));
  return rows.boolean(0, 0);
}

}  // namespace

Result<pg::Transaction> begin_load(pg::Session& session, const RunMarker& marker) {
  ASSIGN_OR_RETURN(pg::Transaction transaction, pg::Transaction::begin(session));
  // The target's own triggers, defaults and checks expect the search path that its applications have.
  RETURN_IF_ERROR(session.run("SET LOCAL search_path TO DEFAULT; SET CONSTRAINTS ALL DEFERRED"));
  if (auto scope = session.query("SELECT set_config('godwit.scope', $1, true)", {marker.scope}); !scope.ok())
    return scope.error();
  return transaction;
}

struct Lanes::Lane {
  int number;
  std::unique_ptr<pg::Session> session;
  std::optional<pg::Transaction> transaction;
  LoadContext context;
};

Lanes::Lanes(Options options, Spread spread) : options_(std::move(options)), spread_(std::move(spread)) {}
Lanes::~Lanes() = default;

Result<std::unique_ptr<Lanes>> Lanes::begin(Options options, const Spread& spread) {
  std::unique_ptr<Lanes> lanes(new Lanes(std::move(options), spread));
  for (const int number : spread.open) {
    if (number > 0) RETURN_IF_ERROR(lanes->open(number));
  }
  return lanes;
}

Status Lanes::open(int number) {
  const LoadContext& main = *options_.main;
  ASSIGN_OR_RETURN(auto session, options_.open());
  RETURN_IF_ERROR(session->run(fmt::format("SELECT pg_advisory_lock_shared({})", options_.lock_key)));
  ASSIGN_OR_RETURN(pg::Transaction transaction, begin_load(*session, main.marker));
  RETURN_IF_ERROR(
      write_lane_marker(*session, main.marker, {number, spread_.connections, spread_.tables, {}}));
  pg::Session& used = *session;
  lanes_.push_back(std::unique_ptr<Lane>(
      new Lane{number, std::move(session), std::nullopt, LoadContext{used, main.clock, main.marker}}));
  Lane& lane = *lanes_.back();
  lane.transaction.emplace(std::move(transaction));
  lane.context.catalog = main.catalog;
  lane.context.next_ordinal = number * ordinals_per_lane + 1;
  return {};
}

bool Lanes::divides(const TableName& table) const {
  return std::find(spread_.tables.begin(), spread_.tables.end(), table) != spread_.tables.end();
}

Result<int> Lanes::group_of(const TableName& table) {
  LoadContext& main = *options_.main;
  if (options_.main_loads) return main.next_group++;
  ASSIGN_OR_RETURN(
      const pg::Rows rows,
      main.session.query(
          "SELECT coalesce(max(load_group) FILTER (WHERE table_schema = $3 AND table_name = $4), "
          "max(load_group) + 1, 1) FROM godwit.undo_table WHERE run = $1 AND store = $2",
          {main.marker.run, main.marker.store, table.schema, table.name}));
  return static_cast<int>(rows.number(0, 0));
}

void Lanes::reached(const char* step, int lane) const {
  if (spread_.reached) spread_.reached(step, lane);
}

// One table, copied by all connections at once.
class Lanes::Copying {
 public:
  Copying(Lanes& lanes, LoadedTable& table, const DatasetLoad& load)
      : lanes_(lanes), main_(table), load_(load) {}

  Status run() {
    lanes_.stop_ = false;
    if (lanes_.options_.main_loads) add(0, *lanes_.options_.main, main_);
    for (const auto& lane : lanes_.lanes_) {
      auto& table = lane->context.tables[main_.target.name];
      table = std::make_unique<LoadedTable>(main_);
      add(lane->number, lane->context, *table);
    }
    for (const auto& part : parts_)
      start(*part);
    watch();
    for (const auto& part : parts_)
      part->context.session.set_cancel_flag(lanes_.options_.cancel);
    RETURN_IF_ERROR(failure());
    add_up();
    return {};
  }

 private:
  struct Part {
    int lane;
    LoadContext& context;
    LoadedTable& table;
    DatasetLoad load = {};
    std::future<Status> copied = {};
    std::optional<Status> ended = {};
  };

  void add(int lane, LoadContext& context, LoadedTable& table) {
    parts_.push_back(std::unique_ptr<Part>(new Part{lane, context, table}));
  }

  void start(Part& part) {
    part.load = load_;
    LaneRows rows = load_.lane_rows(part.lane);
    part.load.connection = rows.connection;
    part.load.queries = std::move(rows.queries);
    part.load.lane_rows = nullptr;
    part.load.may_be_empty = true;
    part.load.progress = [this, &part](int64_t done) { progress(part.lane, done); };
    part.context.session.set_cancel_flag(&lanes_.stop_);
    part.copied = std::async(std::launch::async,
                             [&part] { return copy_to_target(part.context, part.table, part.load); });
  }

  void progress(int lane, int64_t done) {
    const std::lock_guard lock(mutex_);
    done_[lane] = done;
    int64_t sum = 0;
    for (const auto& [number, rows] : done_)
      sum += rows;
    if (load_.progress) load_.progress(sum);
  }

  // Until all have ended. One that fails, or a cancel, stops the others.
  void watch() {
    auto looked = std::chrono::steady_clock::now();
    for (;;) {
      Part* idle = nullptr;
      bool all = true;
      for (const auto& part : parts_) {
        if (!part->ended && part->copied.wait_for(poll_every) == std::future_status::ready)
          part->ended = part->copied.get();
        all = all && part->ended;
        if (part->ended && part->ended->ok()) idle = part.get();
        if (part->ended && !part->ended->ok()) lanes_.stop_ = true;
      }
      if (all) return;
      const std::atomic<bool>* cancel = lanes_.options_.cancel;
      if (cancel != nullptr && cancel->load()) lanes_.stop_ = true;
      const auto now = std::chrono::steady_clock::now();
      if (idle == nullptr || lanes_.stop_ || now - looked < look_for_waits_every) continue;
      looked = now;
      look_for_waits(*idle);
    }
  }

  // By the session of one that has ended.
  void look_for_waits(Part& idle) {
    std::vector<int> pids;
    for (const auto& part : parts_)
      pids.push_back(part->context.session.backend_pid());
    auto waits = wait_for_each_other(idle.context.session, pids);
    if (!waits.ok()) {
      idle.ended = waits.error();
    } else if (*waits) {
      collided_ = true;
    } else {
      return;
    }
    lanes_.stop_ = true;
  }

  // What went wrong first, not what was stopped because of it.
  [[nodiscard]] Status failure() const {
    Status stopped;
    for (const auto& part : parts_) {
      if (part->ended->ok()) continue;
      const Error& error = part->ended->error();
      if (error.sqlstate == "40P01") return collision();
      if (error.kind != ErrorKind::interrupted) return error;
      stopped = error;
    }
    return collided_ ? collision() : stopped;
  }

  [[nodiscard]] Error collision() const {
    return make_error(ErrorKind::failed,
                      fmt::format("rows of {} that go over different connections have the same unique key",
                                  main_.target.name.text()),
                      "load with atomic: store to be told which constraint it is");
  }

  void add_up() {
    LoadOutcome sum;
    duck::RowDigest digest;
    for (const auto& part : parts_) {
      sum.inserted += part->table.rows;
      digest.combine(part->table.outcome.digest);
    }
    sum.digest = digest.hex();
    main_.outcome = sum;
  }

  Lanes& lanes_;
  LoadedTable& main_;
  const DatasetLoad& load_;
  std::vector<std::unique_ptr<Part>> parts_;
  std::mutex mutex_;
  std::map<int, int64_t> done_;
  bool collided_ = false;
};

Status Lanes::copy(LoadedTable& table, const DatasetLoad& load) {
  CHECK(load.lane_rows != nullptr);
  return Copying(*this, table, load).run();
}

Status Lanes::finish() {
  for (const auto& lane : lanes_) {
    if (const Status checked = lane->session->run("SET CONSTRAINTS ALL IMMEDIATE"); !checked.ok())
      return at("checking deferred constraints", checked.error());
    RETURN_IF_ERROR(advance_sequences(lane->context));
  }
  return {};
}

Result<Proof> Lanes::prove(const LoadedTable& table) {
  std::vector<std::future<Result<Proof>>> proofs;
  const auto prove_in = [](LoadContext& context, const LoadedTable& copied) {
    return std::async(std::launch::async, [&] { return prove_table(context, copied); });
  };
  if (options_.main_loads) proofs.push_back(prove_in(*options_.main, table));
  for (const auto& lane : lanes_)
    proofs.push_back(prove_in(lane->context, *lane->context.tables.at(table.target.name)));
  Result<Proof> sum = Proof{};
  for (auto& proof : proofs) {
    const Result<Proof> part = proof.get();
    if (!part.ok()) sum = part.error();
    if (!sum.ok()) continue;
    sum->rows += part->rows;
    sum->foreign_rows += part->foreign_rows;
    sum->orphans += part->orphans;
    sum->duplicate_keys += part->duplicate_keys;
  }
  return sum;
}

Result<std::string> Lanes::transaction_ids(const std::string& own) {
  std::vector<std::string> ids(static_cast<size_t>(spread_.connections));
  const RunMarker& marker = options_.main->marker;
  const pg::CancelPause main_pause(options_.main->session);
  ASSIGN_OR_RETURN(const auto known, lane_markers(options_.main->session, marker.run, marker.store));
  for (const LaneMarker& lane : known)
    ids[static_cast<size_t>(lane.lane)] = lane.transaction_id;
  if (!own.empty()) ids[0] = own;
  for (const auto& lane : lanes_) {
    const pg::CancelPause pause(*lane->session);
    ASSIGN_OR_RETURN(const pg::Rows rows, lane->session->query("SELECT pg_current_xact_id()"));
    ids[static_cast<size_t>(lane->number)] = rows.string(0, 0);
  }
  return join(ids, ",");
}

Status Lanes::prepare() {
  const RunMarker& marker = options_.main->marker;
  for (const auto& lane : lanes_) {
    const pg::CancelPause pause(*lane->session);
    ASSIGN_OR_RETURN(const std::string name,
                     prepared_name(marker.run, marker.store, lane->number, spread_.connections));
    RETURN_IF_ERROR(lane->transaction->prepare(name));
    reached("lane-prepared", lane->number);
  }
  return {};
}

Status Lanes::commit(bool visible) {
  for (const auto& lane : lanes_) {
    const pg::CancelPause pause(*lane->session);
    if (const Status done = lane->transaction->commit(); !done.ok()) {
      Error error =
          at(fmt::format("connection {} of {}", lane->number + 1, spread_.connections), done.error());
      if (visible && error.kind != ErrorKind::in_doubt) error.kind = ErrorKind::partial;
      return error;
    }
    visible = true;
    reached("lane-committed", lane->number);
  }
  return {};
}

Result<std::optional<std::string>> why_one_connection(pg::Session& session, const Spread& spread) {
  for (const TableName& table : spread.empty) {
    ASSIGN_OR_RETURN(const pg::Rows rows,
                     session.query(fmt::format("SELECT EXISTS (SELECT FROM {})", quoted(table))));
    if (rows.boolean(0, 0))
      return std::optional<std::string>("rows are in " + table.text() + " of the target already");
  }
  ASSIGN_OR_RETURN(const pg::Rows room,
                   session.query("SELECT current_setting('max_prepared_transactions')::int, "
                                 "current_setting('max_prepared_transactions')::int - (SELECT count(*) FROM "
                                 "pg_prepared_xacts)"));
  if (room.number(0, 0) > 0 && room.number(0, 1) < spread.connections) {
    return std::optional<std::string>(
        fmt::format("max_prepared_transactions leaves room for {}", room.number(0, 1)));
  }
  return std::optional<std::string>();
}

}  // namespace godwit::connect::postgres
