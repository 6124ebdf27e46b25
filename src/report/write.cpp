#include "os/files.h"
#include "report/report.h"

namespace godwit::report {

namespace {

// What never started has nothing to add: the earlier report stays. When nothing was left to do, it is also
// the answer.
Status keep_earlier(const std::string& folder, RunReport& report) {
  if (report.exit_code != 0 || report.state != RunState::completed) return {};
  ASSIGN_OR_RETURN(report, read_json(folder));
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
