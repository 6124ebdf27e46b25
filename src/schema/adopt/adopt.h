// Which history a database and a project have, looked at with that tool's own eyes: `godwit db adopt`.
// Changes nothing.
#pragma once

#include "base/result.h"
#include "config/settings.h"
#include "config/store_settings.h"
#include "schema/engine.h"
#include "schema/history/detect.h"

#include <string>
#include <vector>

namespace godwit::schema {

struct Adoption {
  FoundHistory found;
  std::string default_schema;      // of what the migrations name without one; empty = the account's
  ScriptNames names;               // Flyway
  MigrationsSettings migrations;   // that continue it; the folder is relative to the project
  std::vector<std::string> notes;  // what the tool's own configuration says and godwit does not do
  Overview overview;
};

// `project`: the folder whose files are looked at, the tool's own configuration among them (flyway.conf,
// flyway.toml, liquibase.properties, devflow.yml). `tool`: only this one; empty = whichever there is.
// ErrorKind::usage when there is none, or several and none was named; the hint lists them.
[[nodiscard]] Result<Adoption> adopt(const StoreEndpoint& endpoint, const Services& services,
                                     const std::string& project, const std::string& tool);

}  // namespace godwit::schema
