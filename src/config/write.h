// Settings as lines of godwit.yml: what `godwit db adopt` and `godwit init --from` write. Pure.
#pragma once

#include "config/database_care.h"
#include "config/settings.h"

#include <string>
#include <string_view>

namespace godwit {

// A text as a YAML scalar: plain where that says the same, else in double quotes.
[[nodiscard]] std::string yaml_text(std::string_view text);

// The section `databases:` with this one database. What is not said is left out; read again, it is the same.
[[nodiscard]] std::string database_lines(const DatabaseSettings& database, const ScriptNames& names = {});

// A whole file: `version`, `project` and that section.
[[nodiscard]] std::string settings_lines(std::string_view project, const DatabaseSettings& database,
                                         const ScriptNames& names = {});

}  // namespace godwit
