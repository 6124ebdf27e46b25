#include "os/files.h"
#include "report/report.h"

namespace godwit::report {

namespace {

// What never started has nothing to add: the earlier report stays, and tells the run. What the command was
// refused for is its own.
Status keep_earlier(const std::string& folder, RunReport& report) {
  ASSIGN_OR_RETURN(RunReport earlier, read_json(folder));
  earlier.state = report.state;
  earlier.exit_code = report.exit_code;
  earlier.error = report.error;
  earlier.hint = report.hint;
  report = std::move(earlier);
  return {};
}

}  // namespace

Status write_all(const std::string& folder, RunReport& report) {
  RETURN_IF_ERROR(os::make_folder(folder));
  if (report.kind == "mig" && report.started_us == 0 && os::exists(folder + "/report.json"))
    return keep_earlier(folder, report);
  const std::string prefix = folder + "/" + (report.kind == "mig" ? "" : report.run + ".");
  const std::string checks = folder + "/checks.json";
  if (report.kind == "mig" && os::exists(checks)) report.artifacts["checks.json"] = checks;
  for (const char* name : {"report.json", "report.md", "report.html", "tables.csv", "checks.csv",
                           "checks.junit.xml", "checks.sarif"}) {
    report.artifacts[name] = prefix + name;
  }
  // What machines gate on first: a full disk must not leave an old verdict beside a new report.
  RETURN_IF_ERROR(os::write_file(prefix + "report.json", to_json(report)));
  RETURN_IF_ERROR(os::write_file(prefix + "checks.junit.xml", to_junit(report)));
  RETURN_IF_ERROR(os::write_file(prefix + "checks.sarif", to_sarif(report)));
  RETURN_IF_ERROR(os::write_file(prefix + "report.md", to_markdown(report)));
  RETURN_IF_ERROR(os::write_file(prefix + "report.html", to_html(report)));
  RETURN_IF_ERROR(os::write_file(prefix + "tables.csv", to_tables_csv(report)));
  return os::write_file(prefix + "checks.csv", to_checks_csv(report));
}

}  // namespace godwit::report
