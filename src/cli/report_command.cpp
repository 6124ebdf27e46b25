#include "cli/commands.h"
#include "os/files.h"

#include <fmt/format.h>

namespace godwit::cli {

Status report_command(Application& app) {
  const std::string& run = app.arguments().run;
  if (!is_run_id(run))
    return make_error(ErrorKind::usage, fmt::format("'{}' is not a run id", run),
                      "list them with: godwit runs");
  ASSIGN_OR_RETURN([[maybe_unused]] const Settings* settings, app.settings());
  const std::string format = app.arguments().json ? "json" : app.arguments().format;
  const std::string name = format == "junit"   ? "checks.junit.xml"
                           : format == "sarif" ? "checks.sarif"
                                               : "report." + format;
  ASSIGN_OR_RETURN(const auto text, os::read_file_if_exists(app.runs_folder() + "/" + run + "/" + name));
  if (!text) {
    return make_error(ErrorKind::usage, fmt::format("run {} has no {} on this machine", run, name),
                      "reports lie in the run's folder where the run was made");
  }
  app.print(*text);
  return {};
}

}  // namespace godwit::cli
