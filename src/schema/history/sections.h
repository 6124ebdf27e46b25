// One file with both directions, divided by comments of the tool's own: "-- TOOL:up", "-- TOOL:down". Also
// the options that stand on those lines ("transaction:false").
#pragma once

#include "base/result.h"
#include "schema/migration.h"

#include <string>
#include <string_view>

namespace godwit::schema {

struct Sections {
  Script up, down;
};

// "-- godwit:up [transaction:false]". Text before the first section must be comments and blank lines. A file
// without a section is its up direction as a whole; "-- godwit:no-transaction" alone on a line of it says
// that it cannot run in one. ErrorKind::config with file and line.
[[nodiscard]] Result<Sections> read_sections(const MigrationFile& file, std::string_view tool);

// "Add the e-mail" -> "add_the_e_mail": lower case, everything but letters, digits and '_' becomes '_', runs
// of it one. Never empty.
[[nodiscard]] std::string slug(std::string_view title);

}  // namespace godwit::schema
