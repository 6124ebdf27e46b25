#include "base/time.h"
#include "mask/test_masks.h"

#include <cmath>
#include <set>

namespace godwit::mask {
namespace {

using S = MaskStrategy;
constexpr int64_t day_us = 86'400'000'000;

ColumnShape of_type(ValueType type) {
  ColumnShape shape;
  shape.type = type;
  return shape;
}

int64_t number(const Mask& mask, std::vector<Value> inputs) {
  return std::stoll(run(mask, std::move(inputs)));
}

TEST(DateShift, MovesByWholeDaysWithinTheRangeAndNeverByNone) {
  MaskSpec spec = spec_of(S::date_shift);
  spec.range_days = 3;
  const auto mask = must_make(spec, of_type(ValueType::date_days));
  std::set<int64_t> offsets;
  for (int64_t day = 0; day < 500; ++day)
    offsets.insert(number(*mask, {Value::of_integer(day, ValueType::date_days)}) - day);
  EXPECT_EQ(offsets, (std::set<int64_t>{-3, -2, -1, 1, 2, 3}));
}

TEST(DateShift, OneSubjectsDatesMoveTogether) {
  const MaskSpec spec = spec_of(S::date_shift, "", "student");
  const auto dates = must_make(spec, of_type(ValueType::date_days));
  const auto times = must_make(spec, of_type(ValueType::timestamp_us));
  const auto texts = must_make(spec);
  for (int64_t id = 1; id < 100; ++id) {
    const int64_t offset =
        number(*dates, {Value::of_integer(15000, ValueType::date_days), Value::of_integer(id)}) - 15000;
    EXPECT_EQ(number(*dates, {Value::of_integer(15400, ValueType::date_days), Value::of_integer(id)}) - 15400,
              offset);
    const int64_t moment = 15000 * day_us + 12345;
    EXPECT_EQ(number(*times, {Value::of_integer(moment, ValueType::timestamp_us), Value::of_integer(id)}),
              moment + offset * day_us);
    EXPECT_EQ(run(*texts, "2011-01-26 10:00", id).substr(10), " 10:00");
    EXPECT_EQ(parse_iso_date_days(run(*texts, "2011-01-26", id)), 15000 + offset);
  }
}

TEST(DateShift, AgesStayInTheirBand) {
  MaskSpec spec = spec_of(S::date_shift);
  spec.range_days = 4000;
  spec.age_years_min = 5;
  spec.age_years_max = 22;
  const auto mask = must_make(spec, of_type(ValueType::date_days));
  // At 2024-09-01: from the day after 2001-09-01 to 2019-09-01.
  const int64_t first = days_from_civil(2001, 9, 2), last = days_from_civil(2019, 9, 1);
  for (int64_t day = first; day <= last; day += 7) {
    const int64_t moved = number(*mask, {Value::of_integer(day, ValueType::date_days)});
    EXPECT_GE(moved, first);
    EXPECT_LE(moved, last);
    EXPECT_NE(moved, day);
  }
  EXPECT_NE(number(*mask, {Value::of_integer(first - 1, ValueType::date_days)}), first - 1);
}

TEST(DateShift, InfinitiesStayAndTextsThatAreNoDatesDoNot) {
  const auto mask = must_make(spec_of(S::date_shift), of_type(ValueType::timestamp_us));
  for (const int64_t infinity : {INT64_MAX, -INT64_MAX}) {
    EXPECT_EQ(number(*mask, {Value::of_integer(infinity, ValueType::timestamp_us)}), infinity);
  }
  const auto text = must_make(spec_of(S::date_shift));
  for (const char* bad : {"in May", "2011-02-30", "13/45/2011", "Maria"})
    EXPECT_EQ(run(*text, bad), "1900-01-01") << bad;
  EXPECT_NE(run(*text, "1900-01-01"), "1900-01-01");
  EXPECT_NE(run(*text, "02/28/2011"), "02/28/2011");
  MaskSpec spec = spec_of(S::date_shift);
  spec.range_days = 0;
  EXPECT_EQ(refusal(spec, of_type(ValueType::date_days)), "config");
  spec.range_days = 10;
  spec.age_years_min = 30;
  spec.age_years_max = 20;
  EXPECT_EQ(refusal(spec, of_type(ValueType::date_days)), "config");
}

TEST(Noise, IntegersMoveWithinTheirShareTypeAndSign) {
  ColumnShape shape = of_type(ValueType::integer);
  shape.integer_minimum = -32768;
  shape.integer_maximum = 32767;
  const auto mask = must_make(spec_of(S::noise), shape);
  for (int64_t value = -32768; value <= 32767; value += 13) {
    const int64_t moved = number(*mask, {Value::of_integer(value)});
    EXPECT_NE(moved, value);
    EXPECT_LE(std::abs(moved - value), std::max<int64_t>(1, std::abs(value) / 10));
    EXPECT_TRUE(moved >= -32768 && moved <= 32767 && (value < 0 || moved >= 0));
  }
  for (const int64_t edge : {int64_t{-32768}, int64_t{0}, int64_t{32767}})
    EXPECT_NE(number(*mask, {Value::of_integer(edge)}), edge);
}

TEST(Noise, BoundsHold) {
  MaskSpec spec = spec_of(S::noise);
  spec.percent = 100;
  spec.minimum = 10;
  spec.maximum = 20;
  const auto mask = must_make(spec, of_type(ValueType::integer));
  for (int64_t value = 10; value <= 20; ++value) {
    const int64_t moved = number(*mask, {Value::of_integer(value)});
    EXPECT_TRUE(moved >= 10 && moved <= 20 && moved != value) << value << " -> " << moved;
  }
}

TEST(Noise, DecimalsKeepScaleAndPrecision) {
  ColumnShape shape = of_type(ValueType::decimal_text);
  shape.precision = 5;
  shape.scale = 2;
  const auto mask = must_make(spec_of(S::noise), shape);
  for (const char* text : {"999.99", "0.01", "0.00", "12.50", "-999.99", "100.00", "5.00"}) {
    Value value = Value::of(text);
    value.type = ValueType::decimal_text;
    const std::string moved = run(*mask, {value});
    EXPECT_NE(moved, text);
    const size_t point = moved.find('.');
    EXPECT_EQ(moved.size() - point, 3U) << moved;
    EXPECT_LE(std::abs(std::stod(moved)), 999.99) << text;
    EXPECT_LE(std::abs(std::stod(moved) - std::stod(text)),
              std::max(0.0101, std::abs(std::stod(text)) * 0.1001))
        << moved;
  }
  const auto wide = must_make(spec_of(S::noise), of_type(ValueType::decimal_text));
  Value value = Value::of("123456789012345678901234567890.123456789");
  value.type = ValueType::decimal_text;
  const std::string moved = run(*wide, {value});
  EXPECT_EQ(moved.size() - moved.find('.'), 10U);
  EXPECT_NEAR(std::stod(moved) / 1.23456789012345678e29, 1, 0.1001);
}

TEST(Noise, FloatsMoveAndOddOnesStay) {
  const auto mask = must_make(spec_of(S::noise), of_type(ValueType::floating));
  Scratch scratch;
  for (const double number : {41.878, -87.63, 0.0, 1e-300, 1e300}) {
    Value value;
    value.type = ValueType::floating;
    value.floating = number;
    Value out;
    ASSERT_TRUE(mask->apply({&value, 1}, out, scratch).ok());
    EXPECT_NE(out.floating, number);
    EXPECT_LE(std::abs(out.floating - number), std::max(std::abs(number) * 0.1001, number == 0 ? 0.1 : 0.0));
  }
  Value nan;
  nan.type = ValueType::floating;
  nan.floating = std::nan("");
  Value out;
  ASSERT_TRUE(mask->apply({&nan, 1}, out, scratch).ok());
  EXPECT_TRUE(std::isnan(out.floating));
}

}  // namespace
}  // namespace godwit::mask
