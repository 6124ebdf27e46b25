// A time in which an environment is not to be changed, in UTC: once ("2026-12-20T00:00/2027-01-03T00:00") or
// every week
// ("Fri 16:00/Mon 06:00", also across Sunday).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace godwit {

struct FreezeWindow {
  bool weekly = false;
  // Microseconds since 1970 UTC; weekly: minutes since Monday 00:00. The end is not part of the window.
  int64_t from = 0, to = 0;

  [[nodiscard]] bool contains(int64_t now_us) const;
};

// Nothing for a text that is neither form.
[[nodiscard]] std::optional<FreezeWindow> parse_freeze_window(std::string_view text);

}  // namespace godwit
