#include "base/text.h"
#include "cli/commands.h"
#include "report/report.h"

#include <fmt/format.h>

namespace godwit::cli {

namespace {

Status dry_run(Application& app, const pipeline::Job& job) {
  ASSIGN_OR_RETURN(const auto engine, app.engine());
  ASSIGN_OR_RETURN(pipeline::MigrationPlan plan, engine->plan(job));
  if (app.arguments().json) {
    app.print_json(pipeline::plan_to_json(plan));
  } else {
    app.print(pipeline::plan_to_text(plan, app.arguments().show_masks));
  }
  return {};
}

// How much of the time that rows streamed was spent waiting for the servers: at an infinite speed of our own
// the streams would still have taken that long. docs/ARCHITECTURE.md, "How fast".
std::string share_text(const StreamReport& streams, std::string_view doing) {
  if (streams.total_us <= 0) return "";
  return fmt::format("{} % {} ({} of {} waited for them)", 100 * streams.waited_us / streams.total_us, doing,
                     human_duration(streams.waited_us), human_duration(streams.total_us));
}

std::string speed_text(const RunReport& report) {
  const std::string reading = share_text(report.reading, "while reading");
  const std::string writing = share_text(report.writing, "while writing");
  if (reading.empty() && writing.empty()) return "";
  return fmt::format("  speed, of what the servers can do: {}{}{}\n", reading,
                     reading.empty() || writing.empty() ? "" : ", ", writing);
}

}  // namespace

void print_outcome(const Application& app, const RunReport& report) {
  const std::string problem = app.metrics_problem();
  if (app.arguments().json) {
    if (!problem.empty()) app.tell("the last metrics were not pushed: " + problem);
    app.print_json(report::to_json(report));
    return;
  }
  int64_t rows = 0;
  int64_t verified = 0;
  for (const TableReport& table : report.tables) {
    rows += table.rows;
    verified += table.verified_rows;
  }
  std::string text =
      fmt::format("{}  {} {}  {}\n", report.run, report.scope_name, report.scope, to_string(report.state));
  if (!report.tables.empty()) {
    text +=
        fmt::format("  {} rows of {} tables in {} stores, {} verified in the target\n", with_thousands(rows),
                    report.tables.size(), report.stores.size(), with_thousands(verified));
  }
  if (report.check_summary.evaluated > 0) {
    text +=
        fmt::format("  {} checks evaluated: {} passed, {} failed, {} warned, {} skipped: {}\n",
                    with_thousands(report.check_summary.evaluated),
                    with_thousands(report.check_summary.passed), report.check_summary.failed,
                    report.check_summary.warned, report.check_summary.skipped, report.check_summary.verdict);
  }
  text += speed_text(report);
  if (!problem.empty()) text += fmt::format("  the last metrics were not pushed: {}\n", problem);
  const auto html = report.artifacts.find("report.html");
  if (html != report.artifacts.end()) text += fmt::format("  report: {}\n", html->second);
  app.print(text);
}

Status run_command(Application& app) {
  const Arguments& arguments = app.arguments();
  ASSIGN_OR_RETURN(const pipeline::Job job, app.job(arguments.pipeline, arguments.scope));
  if (arguments.dry_run) return dry_run(app, job);
  RETURN_IF_ERROR(app.use_metrics(job));
  ASSIGN_OR_RETURN(const auto engine, app.engine());
  RunReport report;
  const Status status = arguments.resume.empty()
                            ? engine->run(job, {false, arguments.skip_load, arguments.from_run}, report)
                            : engine->resume(job, arguments.resume, report);
  if (report.run.empty()) return status;  // refused before there was a run
  const Status ended = app.end(report);
  const Status written = report::write_all(app.runs_folder() + "/" + report.run, report);
  print_outcome(app, report);
  if (!status.ok()) return status;
  return written.ok() ? ended : written;
}

}  // namespace godwit::cli
