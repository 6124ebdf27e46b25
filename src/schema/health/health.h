// What a database looks like before its structure is changed: a list of checks with stable names, each with
// what was measured and the threshold it was held against. Changes nothing.
#pragma once

#include "base/result.h"
#include "model/schema_report.h"
#include "schema/engine.h"
#include "schema/history/history.h"

namespace godwit::schema {

// Makes every check that the target's kind has, in a fixed order, on connections of its own. What cannot be
// evaluated has failed; what does not apply is skipped, and says why. `reached`: ok, or the Error of the
// connection (ErrorKind::unreachable, credentials), which all further checks are skipped for.
[[nodiscard]] SchemaHealth look_at_health(const Target& target, const Services& services,
                                          const History& history, Status& reached);

// The names of those that failed with severity error: "privileges, disk_space".
[[nodiscard]] std::string failed_checks(const SchemaHealth& health);

}  // namespace godwit::schema
