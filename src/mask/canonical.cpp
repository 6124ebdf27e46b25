#include "mask/canonical.h"

#include "base/text.h"
#include "base/time.h"
#include "unicode/normalize.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace godwit::mask {

namespace {

constexpr int64_t day_us = 86'400'000'000;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

Error invalid_utf8() {
  return make_error(ErrorKind::failed, "a text value is not valid UTF-8",
                    "repair it at the source, or mask the column with strategy null or constant");
}

// In place: ends trimmed, runs of blanks become one space.
void collapse_blanks(std::string& text) {
  if (std::none_of(text.begin(), text.end(), [](char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }))
    return;
  size_t write = 0;
  bool pending = false;
  for (const char c : text) {
    if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
      pending = write > 0;
      continue;
    }
    if (pending) text[write++] = ' ';
    pending = false;
    text[write++] = c;
  }
  text.resize(write);
}

Status fold(std::string_view text, std::string& out) {
  out.clear();
  if (!unicode::append_nfc_case_folded(text, out)) return invalid_utf8();
  collapse_blanks(out);
  return {};
}

// Appends the digits of `text`; of a phone only those before an extension ("x12", "ext. 12").
void append_digits_of(std::string_view text, bool phone, std::string& out) {
  for (const char c : text) {
    if (is_digit(c)) out.push_back(c);
    if (phone && is_letter(c) && out.size() >= 7) break;
  }
}

Status digits_of(std::string_view text, bool phone, std::string& out) {
  out.clear();
  append_digits_of(text, phone, out);
  if (out.empty()) return fold(text, out);
  if (!is_valid_utf8(text)) return invalid_utf8();
  if (phone && out.size() == 11 && out.front() == '1') out.erase(0, 1);
  return {};
}

Status canonicalize_text(std::string_view text, Canon canon, std::string& out) {
  switch (canon) {
    case Canon::folded:
      return fold(text, out);
    case Canon::phone:
      return digits_of(text, true, out);
    case Canon::digits:
      return digits_of(text, false, out);
    case Canon::address:
      out = to_lower_ascii(trim(text));
      return is_valid_utf8(text) ? Status() : Status(invalid_utf8());
    case Canon::text:
      break;
  }
  out.clear();
  return unicode::append_nfc(text, out) ? Status() : Status(invalid_utf8());
}

void append_padded(int64_t number, size_t width, std::string& out) {
  const std::string digits = std::to_string(number);
  if (digits.size() < width) out.append(width - digits.size(), '0');
  out.append(digits);
}

void append_date(const CivilTime& civil, std::string& out) {
  append_padded(civil.year, 4, out);
  out.push_back('-');
  append_padded(civil.month, 2, out);
  out.push_back('-');
  append_padded(civil.day, 2, out);
}

void append_timestamp(int64_t unix_us, std::string& out) {
  const CivilTime civil = to_civil(unix_us);
  append_date(civil, out);
  out.push_back('T');
  append_padded(civil.hour, 2, out);
  out.push_back(':');
  append_padded(civil.minute, 2, out);
  out.push_back(':');
  append_padded(civil.second, 2, out);
  if (civil.microsecond != 0) {
    out.push_back('.');
    append_padded(civil.microsecond, 6, out);
    while (out.back() == '0')
      out.pop_back();
  }
  out.push_back('Z');
}

void append_float(double number, std::string& out) {
  std::array<char, 32> buffer{};
  const auto [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number);
  out.append(buffer.data(), end);
}

}  // namespace

std::string canonical_decimal(std::string_view text) {
  std::string_view rest = trim(text);
  const bool negative = !rest.empty() && rest.front() == '-';
  if (!rest.empty() && (rest.front() == '-' || rest.front() == '+')) rest.remove_prefix(1);
  const bool plain =
      !rest.empty() && std::all_of(rest.begin(), rest.end(), [](char c) { return is_digit(c) || c == '.'; });
  if (!plain) return std::string(trim(text));
  const size_t point = rest.find('.');
  std::string_view whole = rest.substr(0, point);
  std::string_view fraction = point == std::string_view::npos ? std::string_view() : rest.substr(point + 1);
  while (!whole.empty() && whole.front() == '0')
    whole.remove_prefix(1);
  while (!fraction.empty() && fraction.back() == '0')
    fraction.remove_suffix(1);
  std::string result(whole.empty() ? "0" : whole);
  if (!fraction.empty()) result.append(".").append(fraction);
  if (negative && result != "0") result.insert(0, "-");
  return result;
}

Status canonicalize(const Value& value, Canon canon, std::string& out) {
  switch (value.type) {
    case ValueType::text:
    case ValueType::json_text:
    case ValueType::array_text:
      return canonicalize_text(value.text, canon, out);
    case ValueType::uuid_text:
      out = to_lower_ascii(value.text);
      return {};
    case ValueType::decimal_text:
      out = canonical_decimal(value.text);
      return {};
    default:
      break;
  }
  out.clear();
  switch (value.type) {
    case ValueType::boolean:
      out = value.integer != 0 ? "true" : "false";
      break;
    case ValueType::floating:
      append_float(value.floating, out);
      break;
    case ValueType::date_days:
      append_date(to_civil(value.integer * day_us), out);
      break;
    case ValueType::timestamp_us:
    case ValueType::timestamptz_us:
      append_timestamp(value.integer, out);
      break;
    default:
      out = std::to_string(value.integer);
      break;
  }
  return {};
}

Status canonicalize_subject(const Value& value, std::string& out) {
  RETURN_IF_ERROR(canonicalize(value, Canon::text, out));
  if (!value.textual()) return {};
  const std::string_view trimmed = trim(out);
  if (trimmed.size() != out.size()) out = std::string(trimmed);
  return {};
}

}  // namespace godwit::mask
