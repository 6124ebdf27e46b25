#include "schema/health/health.h"

#include "base/text.h"
#include "schema/health/checks.h"

namespace godwit::schema {

SchemaHealth look_at_health(const Target& target, const Services& services, const History& history,
                            Status& reached) {
  SchemaHealth health;
  CheckList checks(target.health, *services.clock, health);
  if (target.endpoint.kind == "sqlite") {
    look_at_sqlite(target, services, history, checks, reached);
  } else {
    look_at_postgres(target, services, history, checks, reached);
  }
  return health;
}

std::string failed_checks(const SchemaHealth& health) {
  std::vector<std::string> failed;
  for (const SchemaHealthCheck& check : health.checks) {
    if (check.state == "failed" && check.severity == "error") failed.push_back(check.name);
  }
  return join(failed, ", ");
}

}  // namespace godwit::schema
