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

}  // namespace

std::optional<FlywayName> read_flyway_name(std::string_view path) {
  std::string_view name = path.substr(path.rfind('/') + 1);  // npos + 1 = 0
  if (name.size() < 5 || to_lower_ascii(name.substr(name.size() - 4)) != ".sql") return std::nullopt;
  name.remove_suffix(4);
  FlywayName found;
  found.prefix = name[0];
  if (std::string_view("VUBR").find(found.prefix) == std::string_view::npos) return std::nullopt;
  name.remove_prefix(1);
  const size_t separator = name.find("__");
  const std::string_view version = name.substr(0, separator);
  if (separator != std::string_view::npos) found.description = name.substr(separator + 2);
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
