// Who approved the workflow run that godwit is part of, in an environment of GitHub Actions.
//
// GitHub starts a job that names a protected environment only after a reviewer approved it; its REST API
// ("Get the review history for a workflow run": GET /repos/{owner}/{repo}/actions/runs/{run_id}/approvals)
// says who. The run itself is asked for too ("Get a workflow run"): it must be under way, and who started it
// is GitHub's word and not a variable's. The token needs the permission actions: read.
#pragma once

#include "base/result.h"
#include "base/secret.h"

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace godwit::ci {

// As the variables of GitHub Actions name it.
struct WorkflowRun {
  std::string api_url;     // GITHUB_API_URL
  std::string repository;  // GITHUB_REPOSITORY: "owner/name"
  std::string run_id;      // GITHUB_RUN_ID
  std::string actor;       // GITHUB_ACTOR
  Secret token;            // GITHUB_TOKEN
  int64_t timeout_ms = 10'000;
};

// nullopt when this process is no job of GitHub Actions.
[[nodiscard]] std::optional<WorkflowRun> workflow_run(
    const std::function<std::optional<std::string>(const std::string&)>& variable);

struct RunApproval {
  std::string approver;  // a login; empty = nobody whose word counts
  std::string text;      // what was approved where; or why nothing counts
};

// A rejection outweighs approvals; nobody approves a run that he started. ErrorKind::gate when GitHub cannot
// be asked: no token, no connection, an answer that is not 200 or not what its documentation says. The token
// is sent over https only, and over http to this machine itself.
[[nodiscard]] Result<RunApproval> approval_of(const WorkflowRun& run, const std::string& environment,
                                              const std::atomic<bool>* cancel);

}  // namespace godwit::ci
