// Reading godwit.yml, masks.yml and checks.yml.
#pragma once

#include "base/result.h"
#include "config/settings.h"

#include <string>
#include <string_view>
#include <vector>

namespace godwit {

// The nearest godwit.yml from `directory` upward.
[[nodiscard]] Result<std::string> find_settings_file(const std::string& directory);
// Reads the file and the masks and checks files it names; or a devflow.yml (devflow.h). Errors are
// ErrorKind::config with file:line:column and, for unknown keys, the nearest known one; all problems of a
// file are reported at once, one per line.
[[nodiscard]] Result<Settings> load_settings(const std::string& file);
// The same from text; `file` names it in errors, and the rule files it names are looked for beside it.
[[nodiscard]] Result<Settings> parse_settings(std::string_view yaml, const std::string& file);
// For tests and tools: from text, `file` names it in errors.
[[nodiscard]] Result<MaskRules> parse_mask_rules(std::string_view yaml, const std::string& file);
[[nodiscard]] Result<CheckRules> parse_check_rules(std::string_view yaml, const std::string& file);

}  // namespace godwit
