// What `godwit init` writes: a commented godwit.yml with the masks.yml and checks.yml it names. It loads
// without errors as it is; a person fills in names.
#pragma once

#include <string_view>
#include <vector>

namespace godwit {

struct StarterFile {
  std::string_view name;  // relative: "godwit.yml"
  std::string_view text;
};

// godwit.yml first. Constant; safe from any thread.
[[nodiscard]] const std::vector<StarterFile>& starter_settings();

}  // namespace godwit
