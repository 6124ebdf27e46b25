#include "connect/postgres/advisory_lock.h"

#include "pg/session.h"

namespace godwit::connect::postgres {
namespace {

constexpr int64_t poll_every_ms = 100;

Result<std::string> holder_of(pg::Session& session, int64_t key) {
  ASSIGN_OR_RETURN(
      const pg::Rows rows,
      session.query("SELECT l.pid, coalesce(nullif(a.application_name, ''), 'unnamed'), "
                    "extract(epoch FROM clock_timestamp() - a.backend_start)::bigint "
                    "FROM pg_locks l LEFT JOIN pg_stat_activity a ON a.pid = l.pid "
                    "WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1 "
                    "AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()) "
                    "AND (l.classid::bigint << 32 | l.objid::bigint) = $1::bigint",
                    {std::to_string(key)}));
  if (rows.empty()) return std::string("nobody any more");
  if (rows.is_null(0, 0)) return std::string("a prepared transaction");
  return "pid " + rows.string(0, 0) + ", application " + rows.string(0, 1) + ", connected for " +
         rows.string(0, 2) + " s";
}

Status poll(pg::Session& session, const Clock& clock, const std::string& function, int64_t key,
            int64_t wait_ms, const std::string& what) {
  const int64_t deadline_us = clock.monotonic_us() + wait_ms * 1000;
  for (;;) {
    ASSIGN_OR_RETURN(const pg::Rows rows,
                     session.query("SELECT " + function + "($1::bigint)", {std::to_string(key)}));
    if (rows.boolean(0, 0)) return {};
    if (clock.monotonic_us() >= deadline_us) break;
    clock.sleep_ms(poll_every_ms);
  }
  ASSIGN_OR_RETURN(const std::string holder, holder_of(session, key));
  return make_error(ErrorKind::locked, what + " is locked by " + holder,
                    "wait for the other run, or see godwit status");
}

}  // namespace

int64_t lock_key(std::string_view text) {
  uint64_t hash = 0xcbf29ce484222325ULL;
  for (const char c : text)
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  hash = (hash ^ (hash >> 30)) * 0xbf58476d1ce4e5b9ULL;
  hash = (hash ^ (hash >> 27)) * 0x94d049bb133111ebULL;
  return static_cast<int64_t>(hash ^ (hash >> 31));
}

int64_t run_lock_key(std::string_view pipeline, std::string_view scope) {
  return lock_key("godwit run " + std::to_string(pipeline.size()) + ":" + std::string(pipeline) +
                  std::string(scope));
}

Status lock_session(pg::Session& session, const Clock& clock, int64_t key, int64_t wait_ms,
                    const std::string& what) {
  return poll(session, clock, "pg_try_advisory_lock", key, wait_ms, what);
}

Status lock_transaction(pg::Session& session, const Clock& clock, int64_t key, int64_t wait_ms,
                        const std::string& what) {
  return poll(session, clock, "pg_try_advisory_xact_lock", key, wait_ms, what);
}

}  // namespace godwit::connect::postgres
