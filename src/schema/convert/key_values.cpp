#include "schema/convert/key_values.h"

#include "base/text.h"

#include <algorithm>

namespace godwit::schema {

namespace {

// What stands in quotes, with the escapes of double ones; or the text up to a comment. Takes it from `rest`.
std::string take_value(std::string_view& rest, std::string_view ends) {
  rest = trim(rest);
  std::string value;
  if (!rest.starts_with('"') && !rest.starts_with('\'')) {
    const size_t end = std::min(rest.find_first_of(ends), rest.size());
    value = trim(rest.substr(0, end));
    rest.remove_prefix(end);
    return value;
  }
  const char quote = rest[0];
  size_t at = 1;
  for (; at < rest.size() && rest[at] != quote; ++at) {
    const bool escaped = quote == '"' && rest[at] == '\\' && at + 1 < rest.size();
    if (escaped) ++at;
    value += escaped && rest[at] == 'n' ? '\n' : rest[at];
  }
  rest.remove_prefix(std::min(at + 1, rest.size()));
  return value;
}

struct Line {
  std::string text;
  int number = 0;
};

// Trimmed, without blank ones and comments. `goes_on`: whether the next one belongs to it.
template <typename GoesOn>
std::vector<Line> lines_with(std::string_view text, std::string_view comments, const GoesOn& goes_on) {
  std::vector<Line> lines;
  int number = 0;
  bool open = false;
  for (const std::string& raw : split(text, '\n')) {
    ++number;
    const std::string_view line = trim(raw);
    if (line.empty() || (!open && comments.find(line[0]) != std::string_view::npos)) {
      open = false;
      continue;
    }
    if (open) {
      lines.back().text += line;
    } else {
      lines.push_back({std::string(line), number});
    }
    open = goes_on(lines.back().text);
  }
  return lines;
}

std::string without_export(std::string_view key) {
  key = trim(key);
  if (key.starts_with("export ")) key = trim(key.substr(7));
  return std::string(key);
}

}  // namespace

const KeyValue* KeyValues::find(std::string_view key) const {
  const auto found =
      std::find_if(pairs_.rbegin(), pairs_.rend(), [&](const KeyValue& pair) { return pair.key == key; });
  return found == pairs_.rend() ? nullptr : &*found;
}

std::string KeyValues::value(std::string_view key) const {
  const KeyValue* found = find(key);
  return found == nullptr ? std::string() : found->value;
}

bool KeyValues::has(std::string_view key) const {
  return find(key) != nullptr;
}

int KeyValues::line(std::string_view key) const {
  const KeyValue* found = find(key);
  return found == nullptr ? 0 : found->line;
}

KeyValues read_properties(std::string_view text) {
  std::vector<KeyValue> pairs;
  const auto lines = lines_with(text, "#!", [](std::string& line) {
    if (!line.ends_with('\\')) return false;
    line.pop_back();
    return true;
  });
  for (const Line& line : lines) {
    const size_t end = line.text.find_first_of("=:");
    if (end == std::string::npos) continue;
    pairs.push_back({std::string(trim(line.text.substr(0, end))),
                     std::string(trim(line.text.substr(end + 1))),
                     line.number,
                     {}});
  }
  return KeyValues(std::move(pairs));
}

KeyValues read_dotenv(std::string_view text) {
  std::vector<KeyValue> pairs;
  for (const Line& line : lines_with(text, "#", [](std::string&) { return false; })) {
    const size_t equals = line.text.find('=');
    if (equals == std::string::npos) continue;
    std::string_view rest = std::string_view(line.text).substr(equals + 1);
    const size_t comment =
        rest.starts_with('"') || rest.starts_with('\'') ? std::string_view::npos : rest.find(" #");
    rest = rest.substr(0, comment);
    pairs.push_back({without_export(line.text.substr(0, equals)), take_value(rest, ""), line.number, {}});
  }
  return KeyValues(std::move(pairs));
}

}  // namespace godwit::schema
