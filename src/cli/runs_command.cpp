#include "base/text.h"
#include "base/time.h"
#include "cli/commands.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace godwit::cli {

namespace {

nlohmann::ordered_json run_json(const ledger::RunRecord& record) {
  return {{"run", record.run},
          {"kind", record.kind},
          {"pipeline", record.pipeline},
          {"scope", record.scope},
          {"status", to_string(record.state)},
          {"strategy", record.strategy},
          {"plan_hash", record.plan_hash},
          {"of_run", record.of_run},
          {"requester", record.requester},
          {"host", record.host},
          {"started_at", iso_utc(record.started_us)},
          {"finished_at", record.finished_us == 0 ? nlohmann::ordered_json(nullptr)
                                                  : nlohmann::ordered_json(iso_utc(record.finished_us))},
          {"exit_code", record.exit_code},
          {"error", record.error}};
}

std::string run_line(const ledger::RunRecord& record) {
  const std::string took =
      record.finished_us == 0 ? "" : human_duration(record.finished_us - record.started_us);
  return fmt::format("{:<28} {:<16} {:<14} {:<16} {} {:>10}  {}\n", record.run, to_string(record.state),
                     record.pipeline, record.scope, iso_utc(record.started_us), took, record.requester);
}

void print_list(const Application& app, const nlohmann::ordered_json& runs) {
  app.print_json(nlohmann::ordered_json{{"version", 1}, {"runs", runs}}.dump(1) + "\n");
}

void print_runs(const Application& app, const std::vector<ledger::RunRecord>& records) {
  if (app.arguments().json) {
    nlohmann::ordered_json list = nlohmann::ordered_json::array();
    for (const auto& record : records)
      list.push_back(run_json(record));
    print_list(app, list);
    return;
  }
  std::string text;
  for (const auto& record : records)
    text += run_line(record);
  app.print(records.empty() ? "no runs\n" : text);
}

// Runs and how far each of their stores came: a run says nothing of a store that is only prepared.
Status print_states(const Application& app, ledger::Ledger& ledger,
                    const std::vector<ledger::RunRecord>& records) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  std::string text;
  for (const auto& record : records) {
    ASSIGN_OR_RETURN(const auto known, ledger.stores(record.run));
    nlohmann::ordered_json stores = nlohmann::ordered_json::array();
    text += run_line(record);
    for (const ledger::StoreRecord& store : known) {
      stores.push_back({{"store", store.store},
                        {"state", to_string(store.state)},
                        {"transaction_id", store.transaction_id}});
      text += fmt::format("  {:<26} {}{}\n", store.store, to_string(store.state),
                          store.transaction_id.empty() ? "" : "  transaction " + store.transaction_id);
    }
    nlohmann::ordered_json entry = run_json(record);
    entry["stores"] = std::move(stores);
    list.push_back(std::move(entry));
  }
  if (app.arguments().json) {
    print_list(app, list);
  } else {
    app.print(records.empty() ? "no runs\n" : text);
  }
  return {};
}

}  // namespace

Status runs_command(Application& app) {
  ASSIGN_OR_RETURN(ledger::Ledger * ledger, app.open_ledger());
  ASSIGN_OR_RETURN(const auto records,
                   ledger->runs(app.arguments().pipeline, app.arguments().scope, app.arguments().limit));
  print_runs(app, records);
  return {};
}

// Runs that are not final are settled first: the targets are asked what really happened.
Status status_command(Application& app) {
  ASSIGN_OR_RETURN(ledger::Ledger * ledger, app.open_ledger());
  std::vector<ledger::RunRecord> wanted;
  if (!app.arguments().run.empty()) {
    ASSIGN_OR_RETURN(const auto record, ledger->run(app.arguments().run));
    if (!record)
      return make_error(ErrorKind::usage, fmt::format("the ledger knows no run {}", app.arguments().run),
                        "list them with: godwit runs");
    wanted.push_back(*record);
  } else {
    ASSIGN_OR_RETURN(const auto recent, ledger->runs("", "", 1000));
    for (const auto& record : recent) {
      if (!is_final(record.state)) wanted.push_back(record);
    }
  }
  Status worst;
  for (ledger::RunRecord& record : wanted) {
    if (is_final(record.state) || record.kind != "mig") continue;
    ASSIGN_OR_RETURN(const pipeline::Job job, app.job_of_run(record.run));
    ASSIGN_OR_RETURN(const auto engine, app.engine());
    const auto settled = engine->settle(job, record.run);
    if (settled.ok()) {
      record.state = *settled;
    } else {
      record.error = settled.error().text();
      worst = settled.error();
    }
  }
  RETURN_IF_ERROR(print_states(app, *ledger, wanted));
  return worst;
}

}  // namespace godwit::cli
