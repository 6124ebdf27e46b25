// What became of a run, asked from the targets: the marker row decides, then prepared transactions, then the
// transaction id.
#pragma once

#include "base/result.h"
#include "connect/sink.h"
#include "ledger/ledger.h"
#include "pipeline/run/load/load.h"

#include <memory>
#include <vector>

namespace godwit::pipeline {

// One entry per store of the plan. ErrorKind::in_doubt when a target cannot say.
[[nodiscard]] Result<std::vector<StoreProgress>> ask_targets(
    const std::string& run, const std::vector<std::string>& stores,
    std::vector<std::unique_ptr<connect::Sink>>& sinks, ledger::Ledger& ledger);
// The state that follows from the outcomes, given the state the ledger has.
[[nodiscard]] RunState settled_state(RunState recorded, const std::vector<StoreProgress>& progress);

// ErrorKind::plan_refused for a run of which a target has undone something: before any work is done again.
// Writes what became of it down, and leaves the report one of a run that was not started.
[[nodiscard]] Status refuse_undone(const RunContext& context, RunState recorded,
                                   std::vector<std::unique_ptr<connect::Sink>>& sinks);
[[nodiscard]] Error rolled_back_error(const std::string& run);

}  // namespace godwit::pipeline
