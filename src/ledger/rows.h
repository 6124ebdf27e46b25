// Between records and rows of text. Internal to this folder.
#pragma once

#include "ledger/ledger.h"
#include "ledger/session.h"

#include <string>

namespace godwit::ledger {

[[nodiscard]] int64_t to_number(const std::string& text);

inline constexpr size_t run_column_count = 18;
inline constexpr const char* run_columns =
    "run, kind, pipeline, scope, strategy, plan_hash, of_run, key_fingerprint, state, requester, host, pid, "
    "started_us, finished_us, heartbeat_us, exit_code, error, cancel_requested";
[[nodiscard]] RunRecord run_from(const TextRow& row);
[[nodiscard]] std::vector<Argument> arguments_of(const RunRecord& run);

[[nodiscard]] CommitState commit_state_from(std::string_view text);
[[nodiscard]] Phase phase_from(std::string_view text);

// The error of an unknown run.
[[nodiscard]] Error no_such_run(const std::string& run);

}  // namespace godwit::ledger
