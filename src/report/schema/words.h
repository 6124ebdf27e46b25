// What every form of a schema run's report says alike. Inside src/report only.
#pragma once

#include "model/schema_report.h"

#include <string>

namespace godwit::report {

// "Applied 3 migration(s).": what became of it, for scripts and people.
[[nodiscard]] std::string schema_headline(const SchemaRunReport& report);
// What of the migration that failed stays in the database.
[[nodiscard]] std::string what_remains(const SchemaFailure& failure);

}  // namespace godwit::report
