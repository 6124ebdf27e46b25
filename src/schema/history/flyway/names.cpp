#include "schema/history/flyway/names.h"

#include "base/text.h"

#include <algorithm>

namespace godwit::schema {

namespace {

// "1_2" -> "1.2"; nothing where a part is no number.
std::optional<std::string> read_version(std::string_view text) {
  std::string version(text);
  std::replace(version.begin(), version.end(), '_', '.');
  for (const std::string& part : split(version, '.')) {
    if (part.empty() || part.find_first_not_of("0123456789") != std::string::npos) return std::nullopt;
  }
  return version;
}

// Takes the suffix off; false when it has none of them.
bool take_suffix(std::string_view& name, const ScriptNames& names) {
  const std::string lower = to_lower_ascii(name);
  for (const std::string& suffix : names.suffixes) {
    if (name.size() <= suffix.size() || !lower.ends_with(to_lower_ascii(suffix))) continue;
    name.remove_suffix(suffix.size());
    return true;
  }
  return false;
}

// Takes the prefix off, the longest of those that fit; '\0' when none does.
char take_prefix(std::string_view& name, const ScriptNames& names) {
  const std::pair<std::string_view, char> prefixes[] = {
      {names.versioned, 'V'}, {names.undo, 'U'}, {"B", 'B'}, {names.repeatable, 'R'}};
  const std::pair<std::string_view, char>* best = nullptr;
  for (const auto& one : prefixes) {
    if (name.starts_with(one.first) && (best == nullptr || one.first.size() > best->first.size()))
      best = &one;
  }
  if (best == nullptr) return '\0';
  name.remove_prefix(best->first.size());
  return best->second;
}

}  // namespace

std::optional<FlywayName> read_flyway_name(std::string_view path, const ScriptNames& names) {
  std::string_view name = path.substr(path.rfind('/') + 1);  // npos + 1 = 0
  if (!take_suffix(name, names)) return std::nullopt;
  FlywayName found;
  found.prefix = take_prefix(name, names);
  if (found.prefix == '\0') return std::nullopt;
  const size_t separator = name.find(names.separator);
  const std::string_view version = name.substr(0, separator);
  if (separator != std::string_view::npos)
    found.description = name.substr(separator + names.separator.size());
  std::replace(found.description.begin(), found.description.end(), '_', ' ');
  if (found.prefix == 'R') {
    if (!version.empty() || separator == std::string_view::npos) return std::nullopt;
    return found;
  }
  auto read = read_version(version);
  if (!read) return std::nullopt;
  found.version = std::move(*read);
  return found;
}

}  // namespace godwit::schema
