#include "schema/history/alembic/files/ini_copy.h"

#include "base/text.h"

#include <fmt/format.h>

namespace godwit::schema::alembic {

namespace {

// As a value of ConfigParser's, where a percent sign begins a reference.
std::string as_value(std::string_view text) {
  std::string out;
  for (const char c : text)
    out.append(c == '%' ? 2 : 1, c);
  return out;
}

std::string with_here(std::string line, std::string_view here) {
  constexpr std::string_view reference = "%(here)s";
  const std::string value = as_value(here);
  for (size_t at = line.find(reference); at != std::string::npos;
       at = line.find(reference, at + value.size()))
    line.replace(at, reference.size(), value);
  return line;
}

bool is_comment(std::string_view content) {
  return content.empty() || content.front() == '#' || content.front() == ';';
}

}  // namespace

std::string ini_copy(std::string_view text, std::string_view section, std::string_view here,
                     std::string_view url) {
  std::string out;
  bool inside = false, dropping = false, found = false;
  for (const std::string& line : split(text, '\n')) {
    const std::string_view content = trim(line);
    const bool indented = !line.empty() && (line.front() == ' ' || line.front() == '\t');
    // The lines of the old URL go, those that continue it among them.
    if (dropping && indented && !content.empty()) continue;
    if (content.starts_with('[') && content.find(']') != std::string_view::npos) {
      inside = content.substr(1, content.find(']') - 1) == section;
      dropping = false;
      found = found || inside;
      out += line + "\n";
      if (inside) out += fmt::format("sqlalchemy.url = {}\n", as_value(url));
      continue;
    }
    if (!is_comment(content) && !indented) {
      const std::string key = to_lower_ascii(trim(content.substr(0, content.find_first_of("=:"))));
      dropping = inside && key == "sqlalchemy.url";
      if (dropping) continue;
    }
    out += with_here(line, here) + "\n";
  }
  if (!found) out += fmt::format("[{}]\nsqlalchemy.url = {}\n", section, as_value(url));
  return out;
}

}  // namespace godwit::schema::alembic
