// A locale pack: dictionaries of one language or country in one file (docs/FORMATS.md, "Locale packs").
#pragma once

#include "base/result.h"

#include <string>
#include <string_view>
#include <vector>

namespace godwit::mask {

struct PackEntry {
  std::string_view text;
  int line = 0;
};
struct PackSection {
  std::string_view name;  // first_name, last_name, place, …
  int line = 0;
  std::vector<PackEntry> entries;
};

// Borrows `text`. ErrorKind::config with file:line:column: not UTF-8, another format, a section that no mask
// knows, a word that stands twice, too few words.
[[nodiscard]] Result<std::vector<PackSection>> parse_locale_pack(std::string_view text,
                                                                 const std::string& file);

}  // namespace godwit::mask
