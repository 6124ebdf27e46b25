#include "model/freeze_window.h"

#include "base/time.h"

#include <gtest/gtest.h>

namespace godwit {
namespace {

int64_t at(int64_t year, int month, int day, int hour, int minute) {
  return from_civil({year, month, day, hour, minute, 0, 0});
}

TEST(FreezeWindow, OnceWithItsBeginningAndWithoutItsEnd) {
  const auto window = parse_freeze_window("2026-12-20T00:00/2027-01-03T06:30Z");
  ASSERT_TRUE(window);
  EXPECT_FALSE(window->contains(at(2026, 12, 19, 23, 59)));
  EXPECT_TRUE(window->contains(at(2026, 12, 20, 0, 0)));
  EXPECT_TRUE(window->contains(at(2027, 1, 3, 6, 29)));
  EXPECT_FALSE(window->contains(at(2027, 1, 3, 6, 30)));
}

TEST(FreezeWindow, EveryWeekAlsoAcrossSunday) {
  const auto window = parse_freeze_window("Fri 16:00 / Mon 06:00");
  ASSERT_TRUE(window);
  // 2026-11-20 is a Friday.
  EXPECT_FALSE(window->contains(at(2026, 11, 20, 15, 59)));
  EXPECT_TRUE(window->contains(at(2026, 11, 20, 16, 0)));
  EXPECT_TRUE(window->contains(at(2026, 11, 22, 12, 0)));
  EXPECT_TRUE(window->contains(at(2026, 11, 23, 5, 59)));
  EXPECT_FALSE(window->contains(at(2026, 11, 23, 6, 0)));
  const auto day = parse_freeze_window("tue 09:00/Tue 10:00");
  ASSERT_TRUE(day);
  EXPECT_TRUE(day->contains(at(2026, 11, 24, 9, 30)));
  EXPECT_FALSE(day->contains(at(2026, 11, 25, 9, 30)));
}

TEST(FreezeWindow, NeitherForm) {
  for (const char* text :
       {"", "Fri 16:00", "Fri 16:00/Fri 16:00", "Fri 24:00/Mon 06:00", "Fry 16:00/Mon 06:00",
        "2026-12-20T00:00/2026-12-19T00:00", "2026-13-20T00:00/2027-01-01T00:00", "a/b"}) {
    EXPECT_FALSE(parse_freeze_window(text)) << text;
  }
}

}  // namespace
}  // namespace godwit
