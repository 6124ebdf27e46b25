#include "cli/commands.h"
#include "report/report.h"

namespace godwit::cli {

Status verify_command(Application& app) {
  ASSIGN_OR_RETURN(const pipeline::Job job, app.job_of_run(app.arguments().run));
  ASSIGN_OR_RETURN(const auto engine, app.engine());
  RunReport report;
  const Status status = engine->verify(job, app.arguments().run, report);
  if (report.run.empty()) return status;
  const Status ended = app.end(report);
  const Status written = report::write_all(app.runs_folder() + "/" + app.arguments().run, report);
  print_outcome(app, report);
  if (!status.ok()) return status;
  return written.ok() ? ended : written;
}

}  // namespace godwit::cli
