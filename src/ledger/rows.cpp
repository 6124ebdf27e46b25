#include "ledger/rows.h"

#include <charconv>

namespace godwit::ledger {

int64_t to_number(const std::string& text) {
  int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

RunRecord run_from(const TextRow& row) {
  RunRecord run;
  run.run = row[0];
  run.kind = row[1];
  run.pipeline = row[2];
  run.scope = row[3];
  run.strategy = row[4];
  run.plan_hash = row[5];
  run.of_run = row[6];
  run.key_fingerprint = row[7];
  run.state = run_state_from(row[8]).value_or(RunState::in_doubt);
  run.requester = row[9];
  run.host = row[10];
  run.pid = to_number(row[11]);
  run.started_us = to_number(row[12]);
  run.finished_us = to_number(row[13]);
  run.heartbeat_us = to_number(row[14]);
  run.exit_code = static_cast<int>(to_number(row[15]));
  run.error = row[16];
  run.cancel_requested = to_number(row[17]) != 0;
  return run;
}

std::vector<Argument> arguments_of(const RunRecord& run) {
  return {run.run,
          run.kind,
          run.pipeline,
          run.scope,
          run.strategy,
          run.plan_hash,
          run.of_run,
          run.key_fingerprint,
          to_string(run.state),
          run.requester,
          run.host,
          run.pid,
          run.started_us,
          run.finished_us,
          run.heartbeat_us,
          int64_t{run.exit_code},
          run.error,
          int64_t{run.cancel_requested ? 1 : 0}};
}

std::string_view to_string(CommitState state) {
  switch (state) {
    case CommitState::none:
      return "none";
    case CommitState::intent:
      return "intent";
    case CommitState::prepared:
      return "prepared";
    case CommitState::committing:
      return "committing";
    case CommitState::committed:
      return "committed";
    case CommitState::abandoned:
      return "abandoned";
    case CommitState::in_doubt:
      return "in_doubt";
    case CommitState::undone:
      return "undone";
  }
  return "none";
}

CommitState commit_state_from(std::string_view text) {
  for (const CommitState state :
       {CommitState::none, CommitState::intent, CommitState::prepared, CommitState::committing,
        CommitState::committed, CommitState::abandoned, CommitState::undone}) {
    if (to_string(state) == text) return state;
  }
  return CommitState::in_doubt;  // a word of a later version must not read as "nothing happened"
}

Phase phase_from(std::string_view text) {
  for (const Phase phase : {Phase::plan, Phase::extract, Phase::check, Phase::load, Phase::commit,
                            Phase::verify, Phase::report, Phase::undo}) {
    if (to_string(phase) == text) return phase;
  }
  return Phase::plan;
}

Error no_such_run(const std::string& run) {
  return make_error(ErrorKind::usage, "the ledger has no run " + run, "list the runs with: godwit runs");
}

}  // namespace godwit::ledger
