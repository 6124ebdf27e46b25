#include "connect/sqlite/values/text_forms.h"

#include "base/text.h"
#include "base/time.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

namespace godwit::connect {

namespace {

__extension__ using Wide = unsigned __int128;

constexpr int64_t day_us = 86'400'000'000;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// Exactly `count` digits at `at`; -1 otherwise.
int digits(std::string_view text, size_t at, size_t count) {
  if (at + count > text.size()) return -1;
  int number = 0;
  for (size_t i = at; i < at + count; ++i) {
    if (!is_digit(text[i])) return -1;
    number = number * 10 + (text[i] - '0');
  }
  return number;
}

std::string fraction(int64_t us) {
  return us == 0 ? std::string() : fmt::format(".{:06}", us);
}

duck::HugeInt to_huge(Wide magnitude, bool negative) {
  const Wide bits = negative ? Wide{0} - magnitude : magnitude;
  return {static_cast<uint64_t>(bits), static_cast<int64_t>(static_cast<uint64_t>(bits >> 64))};
}

// digits without a point, and how many of them stand behind it.
std::optional<duck::HugeInt> scaled(std::string_view text, bool negative, int behind, int precision,
                                    int scale) {
  if (behind > scale) return std::nullopt;
  Wide magnitude = 0;
  Wide limit = 1;
  for (int i = 0; i < precision; ++i)
    limit *= 10;
  const auto append = [&](int digit) {
    const auto wide = static_cast<Wide>(digit);
    if (magnitude > (limit - 1 - wide) / 10) return false;  // before multiplying: 10^39 does not fit
    magnitude = magnitude * 10 + wide;
    return true;
  };
  for (const char c : text) {
    if (!append(c - '0')) return std::nullopt;
  }
  for (int i = behind; i < scale; ++i) {
    if (!append(0)) return std::nullopt;
  }
  return to_huge(magnitude, negative);
}

}  // namespace

std::optional<int32_t> parse_date(std::string_view text) {
  const std::optional<int64_t> days = parse_iso_date_days(text);
  if (!days.has_value() || !is_digit(text[0]) || text.substr(0, 4) == "0000") return std::nullopt;
  return static_cast<int32_t>(*days);
}

std::optional<int64_t> parse_time_us(std::string_view text) {
  if (text.size() < 8 || text[2] != ':' || text[5] != ':') return std::nullopt;
  const int hour = digits(text, 0, 2);
  const int minute = digits(text, 3, 2);
  const int second = digits(text, 6, 2);
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59) return std::nullopt;
  int64_t us = ((hour * 60 + minute) * 60 + second) * int64_t{1'000'000};
  if (text.size() == 8) return us;
  // Six digits or none, as most programs write it: another number of digits, or six zeros, would not come
  // back.
  if (text.size() != 15 || text[8] != '.') return std::nullopt;
  const int part = digits(text, 9, 6);
  if (part <= 0) return std::nullopt;
  return us + part;
}

std::optional<int64_t> parse_timestamp_us(std::string_view text) {
  if (text.size() < 19 || text[10] != ' ') return std::nullopt;
  const auto days = parse_date(text.substr(0, 10));
  const auto us = parse_time_us(text.substr(11));
  if (!days.has_value() || !us.has_value()) return std::nullopt;
  return *days * day_us + *us;
}

std::optional<duck::HugeInt> parse_uuid(std::string_view text) {
  if (text.size() != 36) return std::nullopt;
  Wide bits = 0;
  for (size_t i = 0; i < 36; ++i) {
    const char c = text[i];
    if (i == 8 || i == 13 || i == 18 || i == 23) {
      if (c != '-') return std::nullopt;
      continue;
    }
    const bool letter = c >= 'a' && c <= 'f';  // upper case would not come back
    if (!is_digit(c) && !letter) return std::nullopt;
    bits = bits << 4 | static_cast<Wide>(letter ? c - 'a' + 10 : c - '0');
  }
  // DuckDB keeps uuids with the top bit flipped, so that they sort.
  return duck::HugeInt{static_cast<uint64_t>(bits),
                       static_cast<int64_t>(static_cast<uint64_t>(bits >> 64) ^ (uint64_t{1} << 63))};
}

std::string format_date(int32_t days) {
  const CivilTime civil = to_civil(days * day_us);
  return fmt::format("{:04}-{:02}-{:02}", civil.year, civil.month, civil.day);
}

std::string format_time(int64_t us) {
  const int64_t seconds = us / 1'000'000;
  return fmt::format("{:02}:{:02}:{:02}{}", seconds / 3600, seconds / 60 % 60, seconds % 60,
                     fraction(us % 1'000'000));
}

std::string format_timestamp(int64_t us) {
  const int64_t rest = ((us % day_us) + day_us) % day_us;
  return format_date(static_cast<int32_t>((us - rest) / day_us)) + " " + format_time(rest);
}

std::string format_uuid(duck::HugeInt uuid) {
  const uint64_t high = static_cast<uint64_t>(uuid.upper) ^ (uint64_t{1} << 63);
  return fmt::format("{:08x}-{:04x}-{:04x}-{:04x}-{:012x}", high >> 32, high >> 16 & 0xFFFF, high & 0xFFFF,
                     uuid.lower >> 48, uuid.lower & 0xFFFF'FFFF'FFFF);
}

std::string format_real(double number) {
  if (std::isinf(number)) return number < 0 ? "-9e999" : "9e999";
  std::string text = fmt::format("{}", number);
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return text;
}

std::optional<sqlite::Value> parse_number(std::string_view text) {
  if (text.empty()) return std::nullopt;
  const char* end = text.data() + text.size();
  int64_t whole = 0;
  if (const auto [stop, code] = std::from_chars(text.data(), end, whole);
      code == std::errc() && stop == end) {
    if (std::to_string(whole) == text) return sqlite::Value::of(whole);
    return std::nullopt;
  }
  if (text == "9e999" || text == "-9e999") {
    return sqlite::Value::of(text[0] == '-' ? -HUGE_VAL : HUGE_VAL);
  }
  double real = 0;
  const auto [stop, code] = std::from_chars(text.data(), end, real);
  if (code != std::errc() || stop != end || !std::isfinite(real) || format_real(real) != text) {
    return std::nullopt;
  }
  return sqlite::Value::of(real);
}

std::optional<duck::HugeInt> decimal_of(int64_t number, int precision, int scale) {
  const std::string text = std::to_string(number);
  const bool negative = number < 0;
  return scaled(std::string_view(text).substr(negative ? 1 : 0), negative, 0, precision, scale);
}

std::optional<duck::HugeInt> decimal_of(double number, int precision, int scale) {
  if (!std::isfinite(number) || std::fabs(number) >= 1e18) return std::nullopt;
  char buffer[400];
  const auto [end, code] = std::to_chars(buffer, buffer + sizeof buffer, number, std::chars_format::fixed);
  if (code != std::errc()) return std::nullopt;
  std::string text(buffer, end);
  const bool negative = text[0] == '-';
  if (negative) text.erase(0, 1);
  const size_t point = text.find('.');
  int behind = 0;
  if (point != std::string::npos) {
    behind = static_cast<int>(text.size() - point - 1);
    text.erase(point, 1);
  }
  return scaled(text, negative, behind, precision, scale);
}

sqlite::Value value_of_decimal(duck::HugeInt unscaled, int scale) {
  Wide bits = static_cast<Wide>(static_cast<uint64_t>(unscaled.upper)) << 64 | unscaled.lower;
  const bool negative = unscaled.upper < 0;
  if (negative) bits = Wide{0} - bits;
  std::string text;
  for (; bits > 0 || text.empty(); bits /= 10)
    text.insert(text.begin(), static_cast<char>('0' + static_cast<int>(bits % 10)));
  if (scale > 0) {
    const auto behind = static_cast<size_t>(scale);
    if (text.size() <= behind) text.insert(0, behind + 1 - text.size(), '0');
    text.insert(text.size() - behind, 1, '.');
    while (text.back() == '0')
      text.pop_back();
    if (text.back() == '.') text.pop_back();
  }
  if (negative) text.insert(0, 1, '-');
  const char* end = text.data() + text.size();
  int64_t whole = 0;
  if (const auto [stop, code] = std::from_chars(text.data(), end, whole);
      code == std::errc() && stop == end) {
    return sqlite::Value::of(whole);
  }
  double real = 0;
  std::from_chars(text.data(), end, real);
  return sqlite::Value::of(real);
}

std::string format_literal(const sqlite::Value& value) {
  switch (value.type) {
    case sqlite::ValueType::null:
      return "NULL";
    case sqlite::ValueType::integer:
      return std::to_string(value.integer);
    case sqlite::ValueType::real:
      return format_real(value.real);
    case sqlite::ValueType::text:
      return quote_literal(value.bytes);
    case sqlite::ValueType::blob:
      return "X'" + to_hex(value.bytes) + "'";
  }
  return "NULL";
}

sqlite::Value parse_literal(std::string_view text) {
  if (const auto number = parse_number(text); number.has_value()) return *number;
  if (text.size() < 2 || text.back() != '\'') return sqlite::Value::text(text);
  if (text.front() == '\'') {
    std::string bytes;
    for (size_t i = 1; i + 1 < text.size(); ++i) {
      if (text[i] == '\'') ++i;  // doubled
      if (i + 1 < text.size()) bytes += text[i];
    }
    return sqlite::Value::text(bytes);
  }
  if (text.substr(0, 2) != "X'" || text.size() % 2 == 0) return sqlite::Value::text(text);
  std::string bytes;
  for (size_t i = 2; i + 1 < text.size(); i += 2) {
    unsigned byte = 0;
    const auto [stop, code] = std::from_chars(text.data() + i, text.data() + i + 2, byte, 16);
    if (code != std::errc() || stop != text.data() + i + 2) return sqlite::Value::text(text);
    bytes += static_cast<char>(byte);
  }
  return sqlite::Value::blob(bytes);
}

}  // namespace godwit::connect
