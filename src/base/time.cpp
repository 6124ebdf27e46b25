#include "base/time.h"

#include <fmt/format.h>

#include <charconv>

namespace godwit {

namespace {
constexpr int64_t second_us = 1'000'000;
constexpr int64_t day_us = 86'400 * second_us;

int64_t floor_div(int64_t a, int64_t b) {
  return a / b - (a % b < 0 ? 1 : 0);
}
}  // namespace

int64_t days_from_civil(int64_t year, int month, int day) {
  year -= month <= 2 ? 1 : 0;
  const int64_t era = floor_div(year, 400);
  const int64_t year_of_era = year - era * 400;
  const int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  const int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146'097 + day_of_era - 719'468;
}

CivilTime to_civil(int64_t unix_us) {
  const int64_t days = floor_div(unix_us, day_us);
  int64_t rest = unix_us - days * day_us;
  const int64_t shifted = days + 719'468;
  const int64_t era = floor_div(shifted, 146'097);
  const int64_t day_of_era = shifted - era * 146'097;
  const int64_t year_of_era =
      (day_of_era - day_of_era / 1'460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const int64_t month_index = (5 * day_of_year + 2) / 153;
  CivilTime civil;
  civil.day = static_cast<int>(day_of_year - (153 * month_index + 2) / 5 + 1);
  civil.month = static_cast<int>(month_index < 10 ? month_index + 3 : month_index - 9);
  civil.year = year_of_era + era * 400 + (civil.month <= 2 ? 1 : 0);
  civil.microsecond = static_cast<int>(rest % second_us);
  rest /= second_us;
  civil.second = static_cast<int>(rest % 60);
  civil.minute = static_cast<int>(rest / 60 % 60);
  civil.hour = static_cast<int>(rest / 3600);
  return civil;
}

int64_t from_civil(const CivilTime& civil) {
  return days_from_civil(civil.year, civil.month, civil.day) * day_us +
         ((civil.hour * 60LL + civil.minute) * 60LL + civil.second) * second_us + civil.microsecond;
}

std::string iso_utc(int64_t unix_us) {
  const CivilTime t = to_civil(unix_us);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", t.year, t.month, t.day, t.hour, t.minute,
                     t.second);
}

std::string compact_utc(int64_t unix_us) {
  const CivilTime t = to_civil(unix_us);
  return fmt::format("{:04}{:02}{:02}-{:02}{:02}{:02}", t.year, t.month, t.day, t.hour, t.minute, t.second);
}

std::optional<int64_t> parse_iso_date_days(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  const auto number = [&](size_t at, size_t length) -> std::optional<int> {
    int out = 0;
    const char* end = text.data() + at + length;
    const auto parsed = std::from_chars(text.data() + at, end, out);
    if (parsed.ec != std::errc() || parsed.ptr != end) return std::nullopt;
    return out;
  };
  const auto year = number(0, 4);
  const auto month = number(5, 2);
  const auto day = number(8, 2);
  if (!year || !month || !day || *month < 1 || *month > 12 || *day < 1) return std::nullopt;
  const int64_t days = days_from_civil(*year, *month, *day);
  const CivilTime back = to_civil(days * day_us);
  if (back.month != *month || back.day != *day) return std::nullopt;
  return days;
}

std::string human_duration(int64_t duration_us) {
  if (duration_us < second_us) return fmt::format("{} ms", duration_us / 1000);
  if (duration_us < 60 * second_us) {
    return fmt::format("{:.1f} s", static_cast<double>(duration_us) / static_cast<double>(second_us));
  }
  const int64_t seconds = duration_us / second_us;
  if (seconds < 3600) return fmt::format("{} min {} s", seconds / 60, seconds % 60);
  return fmt::format("{} h {} min", seconds / 3600, seconds / 60 % 60);
}

}  // namespace godwit
