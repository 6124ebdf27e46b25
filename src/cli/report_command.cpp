#include "cli/commands.h"
#include "os/files.h"

#include <fmt/format.h>

namespace godwit::cli {

namespace {

std::string file_name(const std::string& format) {
  if (format == "junit") return "checks.junit.xml";
  if (format == "sarif") return "checks.sarif";
  if (format == "csv") return "tables.csv";
  if (format == "checks-csv") return "checks.csv";
  return "report." + format;
}

// Where report::write_all put it: a run about another one reports in that one's folder, under its own name.
Result<std::string> path_of(Application& app, const std::string& run, const std::string& name) {
  if (!run.starts_with("ver-") && !run.starts_with("rb-")) return app.runs_folder() + "/" + run + "/" + name;
  ASSIGN_OR_RETURN(ledger::Ledger * ledger, app.open_ledger());
  ASSIGN_OR_RETURN(const auto record, ledger->run(run));
  if (!record)
    return make_error(ErrorKind::usage, fmt::format("the ledger knows no run {}", run),
                      "list them with: godwit runs");
  return fmt::format("{}/{}/{}.{}", app.runs_folder(), record->of_run, run, name);
}

}  // namespace

Status report_command(Application& app) {
  const std::string& run = app.arguments().run;
  if (!is_run_id(run))
    return make_error(ErrorKind::usage, fmt::format("'{}' is not a run id", run),
                      "list them with: godwit runs");
  ASSIGN_OR_RETURN([[maybe_unused]] const Settings* settings, app.settings());
  const std::string name = file_name(app.arguments().json ? "json" : app.arguments().format);
  ASSIGN_OR_RETURN(const std::string path, path_of(app, run, name));
  ASSIGN_OR_RETURN(const auto text, os::read_file_if_exists(path));
  if (!text) {
    return make_error(ErrorKind::usage, fmt::format("run {} has no {} on this machine", run, name),
                      "reports lie in the run's folder where the run was made");
  }
  app.print(*text);
  return {};
}

}  // namespace godwit::cli
