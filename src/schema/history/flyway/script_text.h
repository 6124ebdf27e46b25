// The text of a Flyway script: its encoding, its placeholders, its checksum, and the settings beside it.
#pragma once

#include "base/result.h"
#include "schema/migration.h"

#include <map>
#include <string>
#include <string_view>

namespace godwit::schema {

// As UTF-8, without a byte order mark. `encoding`: "UTF-8" or "ISO-8859-1". ErrorKind::config for others, and
// for bytes that are not in it.
[[nodiscard]] Result<std::string> decode(const MigrationFile& file, std::string_view encoding);

// CRC-32 over the bytes of each line without its end (\n, \r, \r\n), as a signed number.
[[nodiscard]] int32_t flyway_checksum(std::string_view text);

// "${name}" by its value, everywhere, in comments too. ErrorKind::config with file and line for a name
// without a value.
[[nodiscard]] Result<std::string> replace_placeholders(const MigrationFile& file, std::string_view text,
                                                       const std::map<std::string, std::string>& values);

// The settings of SCRIPT.sql.conf.
struct ScriptSettings {
  TransactionMode transaction = TransactionMode::automatic;
  bool placeholders = true;
  std::string encoding;  // empty = the project's
};
// ErrorKind::config with file and line for a setting that is not known here: it would change what happens.
[[nodiscard]] Result<ScriptSettings> read_script_settings(const MigrationFile& file);

}  // namespace godwit::schema
