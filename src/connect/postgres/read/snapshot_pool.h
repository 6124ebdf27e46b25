// The sessions of one store that share one snapshot: a leader that exported it, and workers that joined it.
#pragma once

#include "base/result.h"
#include "config/store_settings.h"
#include "pg/session.h"

#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace godwit::connect::postgres {

// The custom settings that a scan's SQL reads: the scope and the keys that links hand over. (name, value)
using ScanSettings = std::vector<std::pair<std::string, std::string>>;

// Sets them for the current transaction only.
[[nodiscard]] Status apply_settings(pg::Session& session, const ScanSettings& settings);

// Thread-safe. Lives as long as anyone reads from the snapshot.
class SnapshotPool {
 public:
  // `options`: how workers connect; they must be read-only.
  SnapshotPool(StoreEndpoint endpoint, pg::ConnectOptions options, std::unique_ptr<pg::Session> leader,
               std::string snapshot);

  // A session inside a read-only transaction on the snapshot.
  [[nodiscard]] Result<std::unique_ptr<pg::Session>> acquire();
  // Only sessions whose last statement succeeded come back; others are dropped.
  void release(std::unique_ptr<pg::Session> session);

 private:
  const StoreEndpoint endpoint_;
  const pg::ConnectOptions options_;
  const std::unique_ptr<pg::Session> leader_;  // its open transaction keeps the snapshot importable
  const std::string snapshot_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<pg::Session>> idle_;
};

}  // namespace godwit::connect::postgres
