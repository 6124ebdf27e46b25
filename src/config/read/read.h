// From validated trees to settings. Each reader adds what keys say about each other to the problems.
#pragma once

#include "config/settings.h"
#include "config/yaml/tree.h"

#include <string>
#include <vector>

namespace godwit::config {

// Everything of godwit.yml but the masks and checks that pipelines name.
[[nodiscard]] Settings read_settings(const Node& root, Problems& problems);
[[nodiscard]] PipelineSettings read_pipeline(const Entry& entry, const Settings& settings,
                                             Problems& problems);

[[nodiscard]] DatabaseSettings read_database(const Entry& entry, Problems& problems);
// Keys of the mapping `migrations:` that mean nothing to the tool that it names.
void check_tool_keys(const Node& migrations, const std::string& database, Problems& problems);

struct MasksFile {
  MaskRules rules;
  // The older syntax names the variable of the key; it must be the one of keys.masking.
  std::string salt_variable;
  SourceLocation salt_where;
};
// `folder`: where dictionary files count from; empty = they are not looked for.
[[nodiscard]] MasksFile read_masks_file(std::string_view yaml, const std::string& file,
                                        const std::string& folder, Problems& problems);
// A rule in the syntax of version 0: field_pattern, faker, hash, tokenize, nullify, preserve.
[[nodiscard]] MaskRule read_original_mask_rule(const Node& node, Problems& problems);
[[nodiscard]] CheckRules read_checks_file(std::string_view yaml, const std::string& file, Problems& problems);

}  // namespace godwit::config
