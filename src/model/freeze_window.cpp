#include "model/freeze_window.h"

#include "base/text.h"
#include "base/time.h"

#include <array>
#include <charconv>

namespace godwit {

namespace {

constexpr int64_t day_us = 86'400'000'000;
constexpr int64_t minutes_per_day = 1440;
constexpr int64_t minutes_per_week = 7 * minutes_per_day;

std::optional<int64_t> read_minutes(std::string_view text) {
  if (text.size() != 5 || text[2] != ':') return std::nullopt;
  int hour = 0;
  int minute = 0;
  const auto hour_end = std::from_chars(text.data(), text.data() + 2, hour);
  const auto minute_end = std::from_chars(text.data() + 3, text.data() + 5, minute);
  if (hour_end.ptr != text.data() + 2 || minute_end.ptr != text.data() + 5) return std::nullopt;
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59) return std::nullopt;
  return hour * 60 + minute;
}

// "2026-12-20T00:00", with or without a Z behind it.
std::optional<int64_t> read_moment(std::string_view text) {
  if (text.ends_with('Z')) text.remove_suffix(1);
  if (text.size() != 16 || text[10] != 'T') return std::nullopt;
  const auto days = parse_iso_date_days(text.substr(0, 10));
  const auto minutes = read_minutes(text.substr(11));
  if (!days || !minutes) return std::nullopt;
  return *days * day_us + *minutes * 60'000'000;
}

// "Fri 16:00"
std::optional<int64_t> read_weekly(std::string_view text) {
  constexpr std::array<std::string_view, 7> days = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
  if (text.size() != 9 || text[3] != ' ') return std::nullopt;
  const auto minutes = read_minutes(text.substr(4));
  const std::string day = to_lower_ascii(text.substr(0, 3));
  for (size_t i = 0; i < days.size(); ++i) {
    if (day == days[i] && minutes) return static_cast<int64_t>(i) * minutes_per_day + *minutes;
  }
  return std::nullopt;
}

int64_t minute_of_week(int64_t now_us) {
  // 1970-01-01 was a Thursday.
  const int64_t minutes = now_us / 60'000'000 + 3 * minutes_per_day;
  return ((minutes % minutes_per_week) + minutes_per_week) % minutes_per_week;
}

}  // namespace

bool FreezeWindow::contains(int64_t now_us) const {
  if (!weekly) return now_us >= from && now_us < to;
  const int64_t now = minute_of_week(now_us);
  return from < to ? now >= from && now < to : now >= from || now < to;
}

std::optional<FreezeWindow> parse_freeze_window(std::string_view text) {
  const size_t slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const std::string_view begin = trim(text.substr(0, slash));
  const std::string_view end = trim(text.substr(slash + 1));
  if (const auto from = read_moment(begin)) {
    const auto to = read_moment(end);
    if (!to || *to <= *from) return std::nullopt;
    return FreezeWindow{false, *from, *to};
  }
  const auto from = read_weekly(begin);
  const auto to = read_weekly(end);
  if (!from || !to || *from == *to) return std::nullopt;
  return FreezeWindow{true, *from, *to};
}

}  // namespace godwit
