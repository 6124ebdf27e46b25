#include "base/text.h"
#include "cli/commands.h"
#include "report/report.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace godwit::cli {

namespace {

std::string plan_text(const std::vector<connect::UndoPlan>& plans, bool executed) {
  std::string text;
  int64_t total = 0;
  for (const connect::UndoPlan& plan : plans) {
    if (plan.already_undone) text += fmt::format("  {}: already undone\n", plan.run);
    for (const connect::UndoTable& table : plan.tables) {
      total += table.to_delete + table.to_restore;
      text += fmt::format("  {:<40} {:>10} deleted {:>8} restored {:>8} shared kept", table.dataset,
                          with_thousands(table.to_delete), with_thousands(table.to_restore),
                          with_thousands(table.kept_shared));
      if (table.blocked > 0)
        text += fmt::format("  BLOCKED {}: {}", with_thousands(table.blocked), table.blocked_by);
      if (table.lacking > 0)
        text +=
            fmt::format("  WITHOUT THEIR PARENTS {}: {}", with_thousands(table.lacking), table.lacking_of);
      if (table.changed > 0) {
        text += fmt::format("  CHANGED SINCE {}: {}{}", with_thousands(table.changed),
                            join(table.changed_keys, ", "),
                            table.changed > static_cast<int64_t>(table.changed_keys.size()) ? ", …" : "");
      }
      if (table.forced > 0) text += fmt::format("  forced {}", with_thousands(table.forced));
      text += "\n";
    }
  }
  return fmt::format("{} {} rows\n{}", executed ? "undone:" : "would undo", with_thousands(total), text);
}

std::string plan_json(const std::string& run, const std::vector<connect::UndoPlan>& plans, bool executed) {
  nlohmann::ordered_json tables = nlohmann::ordered_json::array();
  for (const connect::UndoPlan& plan : plans) {
    for (const connect::UndoTable& table : plan.tables) {
      tables.push_back({{"table", table.dataset},
                        {"deleted", table.to_delete},
                        {"restored", table.to_restore},
                        {"kept_shared", table.kept_shared},
                        {"blocked", table.blocked},
                        {"blocked_by", table.blocked_by},
                        {"changed", table.changed},
                        {"changed_keys", table.changed_keys},
                        {"forced", table.forced},
                        {"lacking", table.lacking},
                        {"lacking_of", table.lacking_of}});
    }
  }
  const nlohmann::ordered_json document = {
      {"version", 1}, {"run", run}, {"executed", executed}, {"tables", tables}};
  return document.dump(1) + "\n";
}

// The run's id is the confirmation: --yes does not stand in for it.
Status confirm(const Application& app, const std::string& run) {
  std::string given = app.arguments().confirm;
  if (given.empty())
    given = app.ask(fmt::format("This undoes {}. Type the run's id to confirm:", run)).value_or("");
  if (given == run) return {};
  return make_error(
      ErrorKind::gate, fmt::format("rolling back {} is not confirmed", run),
      fmt::format("look first: godwit rollback {0} --dry-run; then: godwit rollback {0} --confirm {0}", run));
}

}  // namespace

Status rollback_command(Application& app) {
  const Arguments& arguments = app.arguments();
  if (arguments.purge_scope && !arguments.force_rows.empty()) {
    return make_error(ErrorKind::usage,
                      "--purge-scope deletes rows whoever wrote them: --force-row says nothing",
                      "leave one of the two out");
  }
  ASSIGN_OR_RETURN(const pipeline::Job job, app.job_of_run(arguments.run));
  if (!arguments.dry_run) RETURN_IF_ERROR(confirm(app, arguments.run));
  ASSIGN_OR_RETURN(const auto engine, app.engine());
  std::vector<connect::UndoPlan> plans;
  RunReport report;
  pipeline::RollbackOptions options{arguments.dry_run, arguments.purge_scope, {}};
  for (const auto& [table, key] : arguments.force_rows)
    options.force.push_back({table, key});
  const Status status = engine->rollback(job, arguments.run, options, plans, report);
  if (status.ok() || !plans.empty()) {
    if (arguments.json) {
      app.print_json(plan_json(arguments.run, plans, !arguments.dry_run));
    } else {
      app.print(plan_text(plans, !arguments.dry_run));
    }
  }
  if (report.run.empty()) return status;
  const Status ended = app.end(report);
  const Status written = report::write_all(app.runs_folder() + "/" + arguments.run, report);
  if (!status.ok()) return status;
  return written.ok() ? ended : written;
}

}  // namespace godwit::cli
