#include "connect/postgres/read/snapshot_pool.h"

#include "base/text.h"
#include "connect/postgres/endpoint.h"

namespace godwit::connect::postgres {

Status apply_settings(pg::Session& session, const ScanSettings& settings) {
  for (const auto& [name, value] : settings) {
    auto set = session.query("SELECT set_config($1, $2, true)", {name, value});
    if (!set.ok()) return set.error();
  }
  return {};
}

SnapshotPool::SnapshotPool(StoreEndpoint endpoint, pg::ConnectOptions options,
                           std::unique_ptr<pg::Session> leader, std::string snapshot)
    : endpoint_(std::move(endpoint)),
      options_(std::move(options)),
      leader_(std::move(leader)),
      snapshot_(std::move(snapshot)) {}

Result<std::unique_ptr<pg::Session>> SnapshotPool::acquire() {
  {
    const std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      auto session = std::move(idle_.back());
      idle_.pop_back();
      return session;
    }
  }
  ASSIGN_OR_RETURN(auto session, open_session(endpoint_, options_));
  RETURN_IF_ERROR(session->run("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY"));
  RETURN_IF_ERROR(session->run("SET TRANSACTION SNAPSHOT " + quote_literal(snapshot_)));
  return session;
}

void SnapshotPool::release(std::unique_ptr<pg::Session> session) {
  if (!session->alive()) return;
  const std::lock_guard lock(mutex_);
  idle_.push_back(std::move(session));
}

}  // namespace godwit::connect::postgres
