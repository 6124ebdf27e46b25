// Time as the program sees it: a Clock is passed in, nothing below main.cpp asks the machine.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace godwit {

// Safe to call from any thread.
class Clock {
 public:
  virtual ~Clock() = default;
  // Microseconds since 1970-01-01 UTC.
  [[nodiscard]] virtual int64_t now_us() const = 0;
  // A clock that never goes back, for durations.
  [[nodiscard]] virtual int64_t monotonic_us() const = 0;
  virtual void sleep_ms(int64_t duration_ms) const = 0;
};

struct CivilTime {
  int64_t year = 1970;
  int month = 1, day = 1, hour = 0, minute = 0, second = 0, microsecond = 0;
};
// Proleptic Gregorian calendar, UTC (algorithm: Howard Hinnant, "chrono-compatible low-level date
// algorithms").
[[nodiscard]] CivilTime to_civil(int64_t unix_us);
[[nodiscard]] int64_t days_from_civil(int64_t year, int month, int day);
[[nodiscard]] int64_t from_civil(const CivilTime& civil);

// "2026-11-21T02:52:19Z"
[[nodiscard]] std::string iso_utc(int64_t unix_us);
// "20261121-025219", as run ids use it.
[[nodiscard]] std::string compact_utc(int64_t unix_us);
// "YYYY-MM-DD", nothing else.
[[nodiscard]] std::optional<int64_t> parse_iso_date_days(std::string_view text);
// "850 ms", "12.3 s", "4 min 10 s"
[[nodiscard]] std::string human_duration(int64_t duration_us);

}  // namespace godwit
