#include "cli/commands.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace godwit::cli {

namespace {

Status refuse_ended(const ledger::RunRecord& record) {
  return make_error(
      ErrorKind::usage,
      fmt::format("run {} is {}: there is nothing to stop", record.run, to_string(record.state)),
      fmt::format("see what became of it: godwit status {}", record.run));
}

Status refuse_dead(const ledger::RunRecord& record) {
  return make_error(
      ErrorKind::usage,
      fmt::format("nobody works on run {} any more (pid {} on {})", record.run, record.pid, record.host),
      fmt::format("ask the targets what became of it: godwit status {}", record.run));
}

}  // namespace

// The run itself stops: whoever asks may sit at another machine. Its heart looks several times a second.
Status cancel_command(Application& app) {
  const std::string& run = app.arguments().run;
  if (!is_run_id(run))
    return make_error(ErrorKind::usage, fmt::format("'{}' is not a run id", run),
                      "list them with: godwit runs");
  ASSIGN_OR_RETURN(ledger::Ledger * ledger, app.open_ledger());
  ASSIGN_OR_RETURN(const auto record, ledger->run(run));
  if (!record)
    return make_error(ErrorKind::usage, fmt::format("the ledger knows no run {}", run),
                      "list them with: godwit runs");
  const bool cancelled = record->state == RunState::cancelled;
  if (!cancelled) {
    if (is_final(record->state) || record->finished_us != 0) return refuse_ended(*record);
    const pipeline::Services& services = app.world().services;
    if (!ledger::is_under_way(*record, services.host, services.clock->now_us(), ledger::run_stale_after_ms))
      return refuse_dead(*record);
    RETURN_IF_ERROR(ledger->request_cancel(run));
  }
  if (app.arguments().json) {
    const nlohmann::ordered_json document = {
        {"version", 1}, {"run", run}, {"status", to_string(record->state)}, {"asked_to_stop", !cancelled}};
    app.print_json(document.dump(1) + "\n");
  } else if (cancelled) {
    app.print(fmt::format("{} is cancelled already\n", run));
  } else {
    app.print(fmt::format("{} is asked to stop; look with: godwit status {}\n", run, run));
  }
  return {};
}

}  // namespace godwit::cli
