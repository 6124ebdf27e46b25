#include "schema/lint/allow.h"

#include "base/text.h"

#include <algorithm>

namespace godwit::schema::lint {

namespace {

constexpr std::string_view marker = "godwit:allow";

// A line that holds nothing but an allowance.
std::optional<Allowance> read_line(std::string_view line) {
  std::string_view rest = trim(line);
  if (!rest.starts_with("--")) return std::nullopt;
  rest = trim(rest.substr(2));
  if (!rest.starts_with(marker)) return std::nullopt;
  rest.remove_prefix(marker.size());
  Allowance allowance;
  const bool file = rest.starts_with("-file");
  if (file) rest.remove_prefix(5);
  if (!rest.empty() && rest.front() != ' ' && rest.front() != '\t') return std::nullopt;
  rest = trim(rest);
  const size_t end = std::min(rest.find(':'), rest.size());
  allowance.rule = trim(rest.substr(0, end));
  if (end < rest.size()) allowance.reason = trim(rest.substr(end + 1));
  if (!file) allowance.statement = 0;
  allowance.column = static_cast<int>(line.find("--")) + 1;
  return allowance;
}

bool is_comment(std::string_view line) {
  return trim(line).starts_with("--");
}

}  // namespace

std::vector<Allowance> read_allowances(std::string_view head, std::string_view script,
                                       const std::vector<sql::Statement>& statements) {
  std::vector<Allowance> all;
  if (head.find(marker) != std::string_view::npos) {
    const auto lines = split(head, '\n');
    const int count = static_cast<int>(lines.size()) - (head.ends_with('\n') ? 1 : 0);
    for (int i = 0; i < count; ++i) {
      auto allowance = read_line(lines[static_cast<size_t>(i)]);
      if (!allowance) continue;
      allowance->line = i + 1 - count;
      allowance->misplaced = allowance->statement.has_value();
      all.push_back(std::move(*allowance));
    }
  }
  if (script.find(marker) == std::string_view::npos) return all;
  // Line by line; inside a statement a comment is none of ours.
  size_t begin = 0;
  size_t next = 0;
  int line = 0;
  std::vector<size_t> open;  // above the statement that comes next, without a blank line between
  while (begin < script.size()) {
    const size_t end = std::min(script.find('\n', begin), script.size());
    const std::string_view text = script.substr(begin, end - begin);
    ++line;
    while (next < statements.size() && statements[next].offset < end) {
      for (const size_t one : open) {
        all[one].statement = next;
        all[one].misplaced = false;
      }
      open.clear();
      ++next;
    }
    const bool inside = next > 0 && begin < statements[next - 1].offset + statements[next - 1].text.size();
    if (!inside && !is_comment(text)) open.clear();
    auto allowance = inside ? std::nullopt : read_line(text);
    if (allowance) {
      allowance->line = line;
      allowance->misplaced = allowance->statement.has_value() || next > 0;
      if (allowance->statement) open.push_back(all.size());
      all.push_back(std::move(*allowance));
    }
    begin = end + 1;
  }
  return all;
}

}  // namespace godwit::schema::lint
