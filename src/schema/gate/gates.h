// What must hold before the structure of a database is changed in an environment. No answer of a person and
// no --yes opens a gate: only what it asks for does.
#pragma once

#include "base/result.h"
#include "config/settings.h"
#include "ledger/ledger.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace godwit::schema {

// What the gates are asked about.
struct GateQuestion {
  std::string plan_hash, database, environment;
  std::string commit;  // empty = unknown
  std::string ref;     // "refs/heads/main"; empty = unknown
  std::string actor;   // who asks for the run
  int64_t now_us = 0;
};

struct GateAnswer {
  std::string approved_by;  // empty = no approval was asked for
  std::string approval;     // of what: "this plan", or as the CI system says it
};

// What the CI system says of the run that godwit is part of.
struct CiApproval {
  std::string approver;  // empty = nobody whose word counts
  std::string text;      // what was approved, or why nothing counts
};

// Every gate that refuses is in the one ErrorKind::gate. `approvals` of the plan are asked for only when one
// is needed; `ci_approval` is set where there is a CI system to be asked who approved this very run.
[[nodiscard]] Result<GateAnswer> check_gates(
    const GateSettings& gates, const GateQuestion& question,
    const std::function<Result<std::vector<ledger::ApprovalRecord>>()>& approvals,
    const std::function<Result<CiApproval>()>& ci_approval);

// "main" is the branch, "v*" any branch or tag of that form, "refs/tags/v*" only tags. '*' stands for any
// characters.
[[nodiscard]] bool ref_matches(std::string_view pattern, std::string_view ref);

}  // namespace godwit::schema
