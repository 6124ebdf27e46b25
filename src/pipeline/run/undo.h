// Rolling a run back: every store in reverse load order, previewed first, refused when others depend on its
// rows.
#pragma once

#include "base/result.h"
#include "connect/sink.h"
#include "pipeline/run/run_context.h"

#include <memory>
#include <string>
#include <vector>

namespace godwit::pipeline {

struct UndoRequest {
  std::string run;
  bool purge_scope = false;  // delete the whole scope by closure instead of the run's own rows
  bool execute = false;
  std::vector<connect::ForcedRow> force;  // rows that are undone although they changed since
};

// What would be undone, per store in the order of undoing; reads only.
[[nodiscard]] Status preview_undo(const Job& job, const UndoRequest& request,
                                  std::vector<std::unique_ptr<connect::Sink>>& sinks,
                                  std::vector<connect::UndoPlan>& undone);
// Idempotent: stores already undone are left alone. ErrorKind::partial when a later store failed after an
// earlier one was undone.
[[nodiscard]] Status undo_run(const RunContext& context, const UndoRequest& request,
                              std::vector<std::unique_ptr<connect::Sink>>& sinks,
                              std::vector<connect::UndoPlan>& undone);

}  // namespace godwit::pipeline
