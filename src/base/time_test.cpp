#include "base/time.h"

#include <gtest/gtest.h>

namespace godwit {
namespace {

TEST(Time, CivilRoundTrip) {
  for (const int64_t days : {-800'000LL, -719'468LL, -1LL, 0LL, 11'016LL, 20'000LL, 2'932'896LL}) {
    const int64_t us = days * 86'400'000'000LL + 12'345'678LL;
    EXPECT_EQ(from_civil(to_civil(us)), us);
  }
}

TEST(Time, Texts) {
  EXPECT_EQ(iso_utc(0), "1970-01-01T00:00:00Z");
  EXPECT_EQ(iso_utc(-1), "1969-12-31T23:59:59Z");
  EXPECT_EQ(compact_utc(1'795'229'539'000'000), "20261121-025219");
  EXPECT_EQ(human_duration(850'000), "850 ms");
  EXPECT_EQ(human_duration(250'000'000), "4 min 10 s");
}

TEST(Time, IsoDates) {
  EXPECT_EQ(parse_iso_date_days("1970-01-02"), 1);
  EXPECT_EQ(parse_iso_date_days("2024-02-29"), 19'782);
  EXPECT_FALSE(parse_iso_date_days("2023-02-29"));
  EXPECT_FALSE(parse_iso_date_days("2023-13-01"));
  EXPECT_FALSE(parse_iso_date_days("2023-1-01"));
}

}  // namespace
}  // namespace godwit
