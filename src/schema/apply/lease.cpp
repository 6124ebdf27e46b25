#include "schema/apply/lease.h"

#include "schema/apply/holder.h"
#include "schema/apply/tool_lock.h"
#include "schema/history/sql_text.h"

#include <fmt/format.h>

#include <chrono>

namespace godwit::schema {

namespace {

constexpr std::string_view table = "godwit.migration_lease";

std::string create_sql() {
  // The number stands in a key so that taking over conflicts with FOR KEY SHARE.
  return fmt::format(
      "CREATE SCHEMA IF NOT EXISTS godwit; CREATE TABLE IF NOT EXISTS {} (history text PRIMARY KEY, fence "
      "bigint NOT NULL, token text NOT NULL, run text NOT NULL, host text NOT NULL, pid bigint NOT NULL, "
      "acquired_at timestamptz NOT NULL, expires_at timestamptz NOT NULL, UNIQUE (history, fence))",
      table);
}

std::string name_of(const History& history) {
  return literal(history.table(), sql::Dialect::postgres);
}

struct LeaseRow {
  bool there = false;  // the table
  bool lasts = false, expired = false;
  std::string token, fence, holder;
};

Result<LeaseRow> read_row(Database& database, const std::string& history) {
  const auto rows = database.rows(fmt::format(
      "SELECT token, fence, run, host, pid, expires_at > pg_catalog.clock_timestamp(), expires_at > "
      "'-infinity', extract(epoch FROM pg_catalog.clock_timestamp() - acquired_at)::bigint, CASE WHEN "
      "expires_at > '-infinity' THEN extract(epoch FROM expires_at - pg_catalog.clock_timestamp())::bigint "
      "END "
      "FROM {} WHERE history = {}",
      table, history));
  if (!rows.ok()) {
    if (is_undefined_table(database, rows.error())) return LeaseRow{};
    return rows.error();
  }
  LeaseRow lease;
  lease.there = true;
  if (rows->empty()) return lease;
  const Row& row = rows->front();
  lease.token = row[0].value_or("");
  lease.fence = row[1].value_or("");
  lease.lasts = is_true(row[5]);
  lease.expired = !lease.lasts && is_true(row[6]);
  lease.holder = fmt::format("{} (process {} on {}) has a lease since {} s, which is renewed or ends in {} s",
                             row[2].value_or("").empty() ? "a repair" : *row[2], row[4].value_or("?"),
                             row[3].value_or("?"), row[7].value_or("?"), row[8].value_or("0"));
  return lease;
}

std::string interval(int64_t lease_ms) {
  return fmt::format("interval '{} milliseconds'", lease_ms);
}

std::string take_sql(const std::string& history, const std::string& token, const LockOptions& options) {
  const auto text = [](std::string_view value) { return literal(value, sql::Dialect::postgres); };
  return fmt::format(
      "INSERT INTO {0} AS l VALUES ({1}, 1, {2}, {3}, {4}, {5}, pg_catalog.clock_timestamp(), "
      "pg_catalog.clock_timestamp() + {6}) ON CONFLICT (history) DO UPDATE SET fence = l.fence + 1, token = "
      "excluded.token, run = excluded.run, host = excluded.host, pid = excluded.pid, acquired_at = "
      "excluded.acquired_at, expires_at = excluded.expires_at WHERE l.expires_at <= "
      "pg_catalog.clock_timestamp()",
      table, history, text(token), text(options.run), text(options.host), options.pid,
      interval(options.lease_ms));
}

}  // namespace

Result<std::unique_ptr<Lease>> Lease::try_acquire(Database& database, const History& history,
                                                  const LockOptions& options) {
  const std::string name = name_of(history);
  ASSIGN_OR_RETURN(const LeaseRow before, read_row(database, name));
  if (before.lasts) return held_by_another("another run migrates this database: " + before.holder);
  const std::string token = fmt::format("{:016x}", options.random_number());
  const int64_t key = own_lock_key(history);
  std::vector<std::string> message = {
      "BEGIN", "SET LOCAL lock_timeout = 1000",
      fmt::format("DO $godwit$ BEGIN IF NOT pg_catalog.pg_try_advisory_xact_lock({}) THEN RAISE EXCEPTION "
                  "'locked' USING ERRCODE = 'lock_not_available'; END IF; END $godwit$",
                  key)};
  if (!before.there) message.push_back(create_sql());
  message.push_back(take_sql(name, token, options));
  message.emplace_back("COMMIT");
  const Status taken = database.run(message);
  if (!taken.ok()) {
    if (taken.error().kind != ErrorKind::locked) return wrap(taken.error(), "the lease cannot be taken");
    return held_by_another(before.expired && database.refusal() && database.refusal()->statement > 2
                               ? "a transaction of a run whose lease has expired has not ended: " +
                                     before.holder
                               : "another run migrates this database: " + holder_of_key(database, key));
  }
  ASSIGN_OR_RETURN(const LeaseRow after, read_row(database, name));
  if (after.token != token) return held_by_another("another run migrates this database: " + after.holder);
  return std::unique_ptr<Lease>(new Lease(database, name, after.fence, options));
}

Lease::Lease(Database& database, std::string history, std::string fence, const LockOptions& options)
    : database_(database),
      history_(std::move(history)),
      fence_(std::move(fence)),
      open_another_(options.open_another),
      lease_ms_(options.lease_ms),
      renewing_([this] { renew_until_the_end(); }) {}

std::string Lease::mine() const {
  return fmt::format("history = {} AND fence = {}", history_, fence_);
}

std::string Lease::guard() const {
  return fmt::format(
      "DO $godwit$ BEGIN PERFORM 1 FROM {} WHERE {} FOR KEY SHARE; IF NOT FOUND THEN RAISE EXCEPTION 'the "
      "lease expired, and another run took over' USING ERRCODE = '{}'; END IF; PERFORM "
      "pg_catalog.set_config('idle_in_transaction_session_timeout', '{}', true); END $godwit$",
      table, mine(), lock_lost, lease_ms_);
}

// A short run never renews, and never opens the connection for it.
void Lease::renew_until_the_end() {
  std::unique_ptr<Database> connection;
  std::unique_lock lock(mutex_);
  while (!ended_.wait_for(lock, std::chrono::milliseconds(lease_ms_ / 3), [this] { return end_; })) {
    lock.unlock();
    if (connection == nullptr || !connection->alive()) {
      auto opened = open_another_(nullptr);
      connection = opened.ok() ? std::move(*opened) : nullptr;
    }
    // What fails is tried again; meanwhile, and when another run took over, the guard decides.
    if (connection != nullptr)
      static_cast<void>(connection->run(
          {"BEGIN", "SET LOCAL lock_timeout = 1000",
           fmt::format("UPDATE {} SET expires_at = pg_catalog.clock_timestamp() + {} WHERE {}", table,
                       interval(lease_ms_), mine()),
           "COMMIT"}));
    lock.lock();
  }
}

Lease::~Lease() {
  {
    const std::lock_guard lock(mutex_);
    end_ = true;
  }
  ended_.notify_all();
  renewing_.join();
  // What cannot be given back expires.
  if (database_.alive())
    static_cast<void>(database_.run_to_the_end(
        {fmt::format("UPDATE {} SET expires_at = '-infinity' WHERE {}", table, mine())}));
}

Result<std::optional<std::string>> lease_holder(Database& database, const History& history) {
  ASSIGN_OR_RETURN(const auto rows,
                   database.rows("SELECT pg_catalog.to_regclass('godwit.migration_lease') IS NOT NULL"));
  if (!is_true(rows.at(0).at(0))) return std::optional<std::string>();
  ASSIGN_OR_RETURN(const LeaseRow lease, read_row(database, name_of(history)));
  return lease.lasts ? std::optional<std::string>(lease.holder) : std::nullopt;
}

Status let_leases_end(Database& database, const History& history) {
  const std::string name = name_of(history);
  ASSIGN_OR_RETURN(const LeaseRow lease, read_row(database, name));
  if (lease.lasts) return held_by_another("another run migrates this database: " + lease.holder);
  if (!lease.expired) return {};
  const Status ended = database.run(
      {"BEGIN", "SET LOCAL lock_timeout = 1000",
       fmt::format(
           "UPDATE {} SET fence = fence + 1, expires_at = '-infinity' WHERE history = {} AND expires_at "
           "<= pg_catalog.clock_timestamp()",
           table, name),
       "COMMIT"});
  if (ended.ok() || ended.error().kind != ErrorKind::locked) return ended;
  return held_by_another("a transaction of a run whose lease has expired has not ended: " + lease.holder);
}

}  // namespace godwit::schema
