#include "base/text.h"
#include "cli/commands.h"
#include "fixture/fixture.h"
#include "os/files.h"
#include "report/report.h"

#include <fmt/format.h>

namespace godwit::cli {

// A complete migration of a made-up district, in embedded stores: the same engine, the same commit protocol,
// no server.
Status demo_command(Application& app) {
  const Arguments& arguments = app.arguments();
  std::string folder = arguments.directory;
  if (folder.empty()) {
    folder = fmt::format("{}/godwit-demo-{:08x}", app.world().temporary_folder,
                         static_cast<uint32_t>(app.world().services.random_number()));
  }
  folder = os::absolute_path(folder);
  if (os::exists(folder + "/godwit.yml")) {
    return make_error(
        ErrorKind::usage, folder + " holds a demo already",
        "name another folder with --directory, or run there: godwit run district " + arguments.scope);
  }
  RETURN_IF_ERROR(os::make_folder(folder));
  app.tell(fmt::format("writing a made-up school world into {}", folder));
  fixture::Options options;
  options.seed = arguments.seed;
  options.scale = arguments.scale;
  options.violate = arguments.violate;
  options.cert_districts = {2, 3};
  RETURN_IF_ERROR(fixture::write_sqlite(options, folder));
  RETURN_IF_ERROR(fixture::write_example(folder, fixture::Dialect::sqlite));
  app.use_settings_file(folder + "/godwit.yml");

  ASSIGN_OR_RETURN(const pipeline::Job job,
                   app.job("district", arguments.scope.empty() ? "district-001" : arguments.scope));
  ASSIGN_OR_RETURN(const auto engine, app.engine());
  RunReport report;
  const Status status = engine->run(job, {}, report);
  if (report.run.empty()) return status;
  const Status ended = app.end(report);
  const Status written = report::write_all(app.runs_folder() + "/" + report.run, report);
  print_outcome(app, report);
  app.tell(
      fmt::format("\ntry next, from {}:\n  godwit runs\n  godwit verify {}\n  godwit inspect {} --table "
                  "ids.students\n  godwit rollback {} --dry-run",
                  folder, report.run, report.run, report.run));
  if (!status.ok()) return status;
  return written.ok() ? ended : written;
}

}  // namespace godwit::cli
