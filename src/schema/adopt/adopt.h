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
  bool table_is_default = true;  // the tool would look there by itself
  Overview overview;
};

// `project`: the folder whose files are looked at. `tool`: only this one; empty = whichever there is.
// ErrorKind::usage when there is none, or several and none was named; the hint lists them.
[[nodiscard]] Result<Adoption> adopt(const StoreEndpoint& endpoint, const Services& services,
                                     const std::string& project, const std::string& tool);

// The section `databases:` that continues it, as lines of godwit.yml. `address`: what stands in the
// environment's braces: `url: "${env:DATABASE_URL}"`.
[[nodiscard]] std::string settings_lines(const Adoption& adoption, const std::string& database,
                                         const std::string& environment, const std::string& address);

}  // namespace godwit::schema
