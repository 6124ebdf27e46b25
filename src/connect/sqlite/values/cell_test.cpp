#include "connect/sqlite/values/cell.h"

#include "connect/sqlite/values/text_forms.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace godwit::connect {
namespace {

using sqlite::Value;

TEST(TextForms, DatesAndTimesComeBackOrAreRefused) {
  for (const char* text : {"1970-01-01", "2024-02-29", "0001-01-01", "9999-12-31", "1582-10-10"}) {
    ASSERT_TRUE(parse_date(text).has_value()) << text;
    EXPECT_EQ(format_date(*parse_date(text)), text);
  }
  for (const char* text : {"2024-02-30", "2023-02-29", "0000-01-01", "2024-1-01", "2024-01-01 ", "-001-01-01",
                           "", "20240101", "2024-13-01", "24-01-01"}) {
    EXPECT_FALSE(parse_date(text).has_value()) << text;
  }
  for (const char* text : {"00:00:00", "23:59:59.999999", "12:00:00.500000", "01:02:03.000001"}) {
    ASSERT_TRUE(parse_time_us(text).has_value()) << text;
    EXPECT_EQ(format_time(*parse_time_us(text)), text);
  }
  for (const char* text : {"24:00:00", "12:00", "12:00:00.", "12:00:00.5", "12:00:00.000000",
                           "12:00:00.1234567", "1:00:00", "12:60:00"}) {
    EXPECT_FALSE(parse_time_us(text).has_value()) << text;
  }
  for (const char* text : {"1969-12-31 23:59:59.999999", "2026-11-21 02:52:19", "0001-01-01 00:00:00"}) {
    ASSERT_TRUE(parse_timestamp_us(text).has_value()) << text;
    EXPECT_EQ(format_timestamp(*parse_timestamp_us(text)), text);
  }
  for (const char* text :
       {"2026-11-21T02:52:19", "2026-11-21", "2026-11-21 02:52:19Z", "2026-02-30 00:00:00"}) {
    EXPECT_FALSE(parse_timestamp_us(text).has_value()) << text;
  }
}

TEST(TextForms, UuidsComeBackOrAreRefused) {
  for (const char* text : {"00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff",
                           "123e4567-e89b-12d3-a456-426614174000"}) {
    ASSERT_TRUE(parse_uuid(text).has_value());
    EXPECT_EQ(format_uuid(*parse_uuid(text)), text);
  }
  EXPECT_FALSE(parse_uuid("123E4567-e89b-12d3-a456-426614174000").has_value()) << "upper case would be lost";
  EXPECT_FALSE(parse_uuid("123e4567e89b12d3a456426614174000").has_value());
}

TEST(TextForms, NumbersComeBackExactly) {
  for (const double number : {0.1, 1.0, -0.0, 1e300, 5e-324, 0.1 + 0.2, 1e17, -2.5, HUGE_VAL, -HUGE_VAL}) {
    const auto back = parse_number(format_real(number));
    ASSERT_TRUE(back.has_value()) << number;
    EXPECT_TRUE(*back == Value::of(number)) << number;
  }
  EXPECT_TRUE(*parse_number("-9223372036854775808") == Value::of(std::numeric_limits<int64_t>::min()));
  for (const char* text :
       {"007", "+5", " 5", "5 ", "abc", "", "1.50", "0x10", "inf", "nan", "9223372036854775808"}) {
    EXPECT_FALSE(parse_number(text).has_value()) << text;
  }
}

TEST(TextForms, DecimalsHoldWhatFitsTheirScale) {
  const auto round_trip = [](double number, int precision, int scale) -> std::optional<Value> {
    const auto unscaled = decimal_of(number, precision, scale);
    if (!unscaled.has_value()) return std::nullopt;
    return value_of_decimal(*unscaled, scale);
  };
  EXPECT_TRUE(*round_trip(123.45, 5, 2) == Value::of(123.45));
  EXPECT_TRUE(*round_trip(-0.05, 5, 2) == Value::of(-0.05));
  EXPECT_FALSE(round_trip(123.456, 10, 2).has_value()) << "a digit more than the scale";
  EXPECT_FALSE(round_trip(1234.5, 5, 2).has_value()) << "more digits than the precision";
  EXPECT_FALSE(round_trip(0.1 + 0.2, 18, 4).has_value());
  EXPECT_TRUE(*round_trip(0.1 + 0.2, 38, 20) == Value::of(0.1 + 0.2));
  EXPECT_FALSE(round_trip(1e17, 38, 38).has_value());
  const auto whole = decimal_of(int64_t{12}, 10, 2);
  ASSERT_TRUE(whole.has_value());
  EXPECT_TRUE(value_of_decimal(*whole, 2) == Value::of(int64_t{12})) << "an integer stays an integer";
}

TEST(TextForms, LiteralsKeepTheStorageClass) {
  for (const Value& value : {Value::text("it's"), Value::text("12"), Value::of(int64_t{12}), Value::of(12.0),
                             Value::blob(std::string("\0\xff'", 3)), Value::text(""), Value::blob("")}) {
    EXPECT_TRUE(parse_literal(format_literal(value)) == value) << format_literal(value);
  }
  EXPECT_TRUE(parse_literal("masked") == Value::text("masked"));
  EXPECT_TRUE(parse_literal("X'0g'") == Value::text("X'0g'"));
}

}  // namespace
}  // namespace godwit::connect
