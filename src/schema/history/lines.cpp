#include "schema/history/lines.h"

#include "base/text.h"

#include <algorithm>

namespace godwit::schema {

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size() - 1) + 1;
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  return lines;
}

std::string_view without_terminator(std::string_view line) {
  if (line.ends_with('\n')) line.remove_suffix(1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

bool is_blank_or_comment(std::string_view line) {
  line = trim(line);
  return line.empty() || line.starts_with("--");
}

std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> words;
  constexpr std::string_view blanks = " \t\r\n\f\v";
  for (size_t begin = line.find_first_not_of(blanks); begin != std::string_view::npos;) {
    const size_t end = std::min(line.find_first_of(blanks, begin), line.size());
    words.push_back(line.substr(begin, end - begin));
    begin = line.find_first_not_of(blanks, end);
  }
  return words;
}

Error error_at(const MigrationFile& file, int line, std::string message, std::string hint) {
  Error error = make_error(ErrorKind::config, std::move(message), std::move(hint));
  error.where = {file.path, line, 1};
  return error;
}

}  // namespace godwit::schema
