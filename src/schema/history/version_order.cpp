#include "schema/history/version_order.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>

namespace godwit::schema {

namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// Takes the first part of a dotted version away.
std::string_view take_part(std::string_view& version) {
  const size_t end = std::min(version.find_first_of("._"), version.size());
  const std::string_view part = version.substr(0, end);
  version.remove_prefix(std::min(end + 1, version.size()));
  return part.empty() ? "0" : part;
}

}  // namespace

std::string_view leading_digits(std::string_view text) {
  return text.substr(
      0, static_cast<size_t>(std::find_if_not(text.begin(), text.end(), is_digit) - text.begin()));
}

std::string without_zeros(std::string_view digits) {
  const size_t first = digits.find_first_not_of('0');
  if (first != std::string_view::npos) return std::string(digits.substr(first));
  return digits.empty() ? "" : "0";
}

int compare_digits(std::string_view left, std::string_view right) {
  const std::string a = without_zeros(left);
  const std::string b = without_zeros(right);
  if (a.size() != b.size()) return a.size() < b.size() ? -1 : 1;
  return a.compare(b);
}

int compare_dotted(std::string_view left, std::string_view right) {
  while (!left.empty() || !right.empty()) {
    const int order = compare_digits(take_part(left), take_part(right));
    if (order != 0) return order;
  }
  return 0;
}

void sort_by_number(std::vector<Migration>& migrations) {
  std::stable_sort(migrations.begin(), migrations.end(), [](const Migration& left, const Migration& right) {
    return compare_digits(left.revision, right.revision) < 0;
  });
}

std::string next_prefix(const MigrationFolder& folder, std::string_view timestamp) {
  std::string_view last;
  for (const Migration& migration : folder.migrations) {
    const std::string_view digits = leading_digits(migration.file);
    if (!digits.empty() && compare_digits(digits, last) >= 0) last = digits;
  }
  if (last.empty() || last.size() >= 10) return std::string(timestamp);
  return fmt::format("{:0>{}}", std::stoll(std::string(last)) + 1, last.size());
}

}  // namespace godwit::schema
