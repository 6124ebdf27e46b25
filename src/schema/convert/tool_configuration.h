// What a tool's own configuration says of its history, for `godwit db adopt` and `godwit init --from`: the
// settings that godwit.yml needs besides folder and table.
#pragma once

#include "base/result.h"
#include "config/database_care.h"
#include "config/settings.h"
#include "schema/convert/key_values.h"

#include <string>
#include <vector>

namespace godwit::schema {

// flyway.toml or flyway.conf; keys as flyway.conf has them ("flyway.placeholders.NAME").
[[nodiscard]] KeyValues read_flyway_file(std::string_view text, bool toml);
// Table, schema, encoding, placeholders, names of scripts; `notes`: what godwit does not do.
void read_flyway_migrations(const KeyValues& values, const std::string& file, MigrationsSettings& migrations,
                            ScriptNames& names, std::vector<std::string>& notes);

// Of a project whose history was found: `paths` are its files, relative to `project`. What the tool's own
// configuration says is filled into `migrations`, as far as it is not there. ErrorKind::io.
[[nodiscard]] Status read_tool_configuration(const std::string& tool, const std::string& project,
                                             const std::vector<std::string>& paths,
                                             MigrationsSettings& migrations, ScriptNames& names,
                                             std::vector<std::string>& notes);

// changeLogFile of the project's liquibase.properties; empty = there is none.
[[nodiscard]] Result<std::string> changelog_of(const std::string& project,
                                               const std::vector<std::string>& paths);

}  // namespace godwit::schema
