// godwit health: a database before its structure is changed.
#include "cli/db/commands.h"
#include "report/schema_report.h"

#include <fmt/format.h>

namespace godwit::cli {

Status db_health(Application& app, const schema::Target& target) {
  SchemaHealth health;
  Status status = schema::Engine(target, db_services(app, nullptr)).health(health);
  if (app.arguments().json) {
    app.print_json(report::health_json(health, target.database, target.environment,
                                       status.ok() ? 0 : status.error().exit_code()));
    return status;
  }
  app.print(fmt::format("Pre-Migration Health Checks ({}, {})\n{}", target.database, target.environment,
                        report::health_text(health.checks)));
  return status;
}

}  // namespace godwit::cli
