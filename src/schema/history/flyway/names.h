// How Flyway reads the name of a file: V1.2__description.sql, U1.2__…, B1.2__…, R__description.sql.
#pragma once

#include "config/database_care.h"

#include <optional>
#include <string>
#include <string_view>

namespace godwit::schema {

struct FlywayName {
  char prefix = 'V';        // V, U, B or R, whatever the project writes for it
  std::string version;      // "1.2"; empty for R
  std::string description;  // blanks for '_'
};

// Nothing for names that are no migration: callbacks (beforeMigrate.sql), and what Flyway would not
// understand. `path`: with folders; only the name counts.
[[nodiscard]] std::optional<FlywayName> read_flyway_name(std::string_view path,
                                                         const ScriptNames& names = {});

}  // namespace godwit::schema
