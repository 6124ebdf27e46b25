// The annotations of a goose file: "-- +goose Up|Down|StatementBegin|StatementEnd|NO TRANSACTION|ENVSUB ON|
// ENVSUB OFF", letters of any case, at the very beginning of a line.
#pragma once

#include "base/result.h"
#include "schema/history/sections.h"

#include <map>
#include <string>

namespace godwit::schema {

// ErrorKind::config with file and line for what goose refuses: no Up, a second one, SQL before it, an unknown
// annotation, a statement that does not end. `variables`: what ENVSUB puts in.
[[nodiscard]] Result<Sections> read_goose_file(const MigrationFile& file,
                                               const std::map<std::string, std::string>& variables);

// "$NAME", "${NAME}", "${NAME-default}", "${NAME:-default}", "$$" and "\$" for a dollar. A name that has no
// value is an error: goose itself would put in nothing.
[[nodiscard]] Result<std::string> substitute(std::string_view line,
                                             const std::map<std::string, std::string>& variables);

}  // namespace godwit::schema
