// Loading: the commit protocol over all target stores. Data, undo and marker of a store are one transaction
// of that store; all stores are loaded and proved before the first one commits.
#pragma once

#include "base/result.h"
#include "connect/sink.h"
#include "duck/database.h"
#include "pipeline/run/load/overlap.h"
#include "pipeline/run/load/store_load.h"
#include "pipeline/run/run_context.h"
#include "pipeline/run/run_folder.h"

#include <memory>
#include <string>
#include <vector>

namespace godwit::pipeline {

// What became of a store before this call: asked from the target (settle.h). Stores that are committed are
// left alone, prepared ones are committed, absent ones are loaded.
struct StoreProgress {
  connect::RunOutcome outcome = connect::RunOutcome::absent;
  std::string transaction_id;  // that the ledger has of it
};

// `stores` and `progress` are parallel to the plan's stores. What `overlapped` has begun is finished. Errors:
// failed or findings while nothing is committed; partial when some stores are committed and others are not;
// in_doubt when a commit was not answered.
[[nodiscard]] Status load(const RunContext& context, StoreLoads& stores, OverlappedLoads& overlapped,
                          const std::vector<StoreProgress>& progress, Manifest& manifest,
                          duck::Database& staged);

}  // namespace godwit::pipeline
