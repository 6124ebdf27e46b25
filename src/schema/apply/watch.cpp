#include "schema/apply/watch.h"

#include "base/text.h"
#include "sql/classify.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>

namespace godwit::schema {

namespace {

constexpr int64_t looks_per_limit = 4;
constexpr int64_t shortest_pause_ms = 10;
constexpr int64_t longest_pause_ms = 500;

int64_t number(const std::optional<std::string>& text) {
  int64_t value = 0;
  if (text) std::from_chars(text->data(), text->data() + text->size(), value);
  return value;
}

// Several looks within the shorter of the two limits.
int64_t pause_between_looks(const WatchOptions& options) {
  int64_t limit_ms = longest_pause_ms * looks_per_limit;
  if (options.lock_timeout_ms > 0) limit_ms = std::min(limit_ms, options.lock_timeout_ms);
  if (options.budget_ms > 0) limit_ms = std::min(limit_ms, options.budget_ms);
  return std::clamp(limit_ms / looks_per_limit, shortest_pause_ms, longest_pause_ms);
}

// What kind of statement it is. Its text holds values, and the server cuts it off: nothing else of it is
// kept.
std::string command_of(const std::string& query) {
  const auto facts = sql::classify(query, sql::Dialect::postgres);
  if (facts.ok()) return facts->command;
  const std::string_view text = trim(query);
  const std::string_view word = text.substr(0, text.find_first_of(" \t\r\n;("));
  const bool plain = word.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz") ==
                     std::string_view::npos;
  return plain ? std::string(word.substr(0, 20)) : "";
}

}  // namespace

Watch::Watch(WatchOptions options)
    : options_(std::move(options)),
      look_every_ms_(pause_between_looks(options_)),
      thread_([this] { look_until_the_end(); }) {}

Watch::~Watch() {
  {
    const std::lock_guard lock(mutex_);
    end_ = true;
  }
  ended_.notify_all();
  thread_.join();
}

void Watch::begin() {
  const std::lock_guard lock(mutex_);
  seen_ = {};
  watching_ = true;
  fresh_ = true;
}

Watched Watch::end() {
  const std::lock_guard lock(mutex_);
  watching_ = false;
  return std::move(seen_);
}

void Watch::look_until_the_end() {
  std::unique_lock lock(mutex_);
  while (!ended_.wait_for(lock, std::chrono::milliseconds(look_every_ms_), [this] { return end_; })) {
    if (!watching_) continue;
    // What began since the last look is given until the next one.
    if (fresh_) {
      fresh_ = false;
      continue;
    }
    if (connection_ == nullptr || !connection_->alive()) {
      // Opening takes its time, and whoever calls end() shall not wait for that.
      lock.unlock();
      auto opened = options_.open_another();
      lock.lock();
      connection_ = opened.ok() ? std::move(*opened) : nullptr;
      if (end_) return;
      if (!watching_ || connection_ == nullptr) continue;
    }
    look();
  }
}

void Watch::look() {
  auto holders = blockers();
  if (!holders.empty()) seen_.blockers = std::move(holders);
  if (options_.budget_ms == 0) return;
  const int64_t waiting = waiting_too_long();
  if (waiting == 0) return;
  const auto cancelled =
      connection_->rows(fmt::format("SELECT pg_catalog.pg_cancel_backend({})", options_.backend_pid));
  if (cancelled.ok()) seen_.waiting = waiting;
}

std::vector<SchemaBlocker> Watch::blockers() {
  const auto rows = connection_->rows(
      fmt::format("SELECT a.pid, a.application_name, a.usename, a.state, pg_catalog.left(a.query, 1000), "
                  "extract(epoch FROM "
                  "pg_catalog.clock_timestamp() - a.xact_start)::bigint, (SELECT "
                  "pg_catalog.string_agg(DISTINCT h.mode, ', ') "
                  "FROM pg_catalog.pg_locks h WHERE h.pid = a.pid AND h.granted AND h.relation = w.relation "
                  "AND h.database = "
                  "w.database), w.relation::pg_catalog.regclass::text FROM pg_catalog.pg_locks w JOIN "
                  "pg_catalog.pg_stat_activity a ON a.pid = ANY(pg_catalog.pg_blocking_pids({0})) WHERE "
                  "w.pid = {0} AND NOT "
                  "w.granted ORDER BY a.xact_start LIMIT 20",
                  options_.backend_pid));
  std::vector<SchemaBlocker> found;
  if (!rows.ok()) return found;
  for (const Row& row : *rows) {
    SchemaBlocker blocker;
    blocker.pid = number(row[0]);
    blocker.application = row[1].value_or("");
    blocker.user = row[2].value_or("");
    blocker.state = row[3].value_or("");
    blocker.command = command_of(row[4].value_or(""));
    blocker.transaction_s = number(row[5]);
    blocker.lock = row[6].value_or("");
    blocker.relation = row[7].value_or("");
    found.push_back(std::move(blocker));
  }
  return found;
}

// Those in whose way we are, or stand in the queue before.
int64_t Watch::waiting_too_long() {
  const bool knows_since = connection_->server_version_number() >= 140000;
  const auto rows = connection_->rows(fmt::format(
      "SELECT count(DISTINCT w.pid) FROM pg_catalog.pg_locks w JOIN pg_catalog.pg_stat_activity a ON a.pid = "
      "w.pid WHERE NOT w.granted AND w.pid <> {0} AND pg_catalog.clock_timestamp() - {1} > interval '{2} "
      "milliseconds' AND {0} = ANY(pg_catalog.pg_blocking_pids(w.pid))",
      options_.backend_pid, knows_since ? "coalesce(w.waitstart, a.query_start)" : "a.query_start",
      options_.budget_ms));
  return rows.ok() && !rows->empty() ? number(rows->at(0).at(0)) : 0;
}

}  // namespace godwit::schema
