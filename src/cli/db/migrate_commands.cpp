// Commands that change a database: upgrade, downgrade.
#include "base/text.h"
#include "base/time.h"
#include "cli/db/commands.h"
#include "report/schema_report.h"

#include <fmt/format.h>

namespace godwit::cli {

namespace {

// A line per migration, as it happens, to standard error.
class Progress final : public schema::Observer {
 public:
  explicit Progress(const Application& app) : app_(app) {}

  void on_wait(std::string_view text) override { app_.tell("waiting: " + std::string(text)); }
  void on_step(const schema::Migration& migration, schema::Direction direction, size_t number,
               size_t of) override {
    app_.tell(fmt::format("[{}/{}] {} {}", number, of,
                          direction == schema::Direction::up ? "applying" : "undoing", migration.file));
  }
  void on_step_done(const schema::Migration& migration, schema::Direction /*direction*/,
                    int64_t duration_us) override {
    if (app_.arguments().verbose)
      app_.tell(fmt::format("  {} {}", migration.revision, human_duration(duration_us)));
  }
  void on_retry(const schema::Migration& migration, std::string_view why, int64_t pause_ms) override {
    app_.tell(fmt::format("  {}: {}; rolled back, again in {}", migration.revision, why,
                          human_duration(pause_ms * 1000)));
  }

 private:
  const Application& app_;
};

bool ask_person(const Application& app, const schema::Plan& plan, const schema::State& state) {
  std::string question;
  for (const schema::Step& step : plan.steps) {
    question += fmt::format("  {} {}\n", step.direction == schema::Direction::up ? "apply" : "undo",
                            state.folder.migrations[step.migration].file);
  }
  const bool down = plan.steps.front().direction == schema::Direction::down;
  question +=
      down ? "WARNING: this will ROLL BACK migrations. Data may be LOST.\nProceed with rollback? [y/N]:"
           : "Proceed with upgrade? [y/N]:";
  const auto answer = app.ask(question);
  return answer && (*answer == "y" || *answer == "Y" || *answer == "yes");
}

Status migrate(Application& app, const schema::Target& target, schema::MigrateOptions options) {
  const Arguments& arguments = app.arguments();
  options.dry_run = arguments.db.dry_run;
  options.skip_health = arguments.db.skip_health_checks;
  options.skip_validation = arguments.db.skip_validation;
  options.plan_hash = arguments.db.plan_hash;
  if (app.world().input_is_terminal && !arguments.yes && !arguments.db.ci) {
    options.confirm = [&app](const schema::Plan& plan, const schema::State& state) {
      return ask_person(app, plan, state);
    };
  }
  Progress progress(app);
  SchemaRunReport report;
  Status status = schema::Engine(target, db_services(app, &progress)).migrate(options, report);
  if (!report.run.empty()) {
    const Status written = report::write_all(app.runs_folder() + "/" + report.run, report);
    if (status.ok()) status = written;
  }
  if (app.arguments().json) {
    app.print_json(report::to_json(report));
  } else if (status.ok() || !report.run.empty()) {
    app.print(report::to_text(report));
  }
  return status;
}

}  // namespace

Status db_upgrade(Application& app, const schema::Target& target) {
  schema::MigrateOptions options;
  options.direction = schema::Direction::up;
  options.target = app.arguments().db.revision;
  return migrate(app, target, std::move(options));
}

Status db_downgrade(Application& app, const schema::Target& target) {
  schema::MigrateOptions options;
  options.direction = schema::Direction::down;
  options.downgrade = {app.arguments().db.revision, app.arguments().db.steps, app.arguments().db.run};
  return migrate(app, target, std::move(options));
}

}  // namespace godwit::cli
