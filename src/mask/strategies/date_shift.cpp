// date_shift: dates and timestamps moved by whole days, the same number for all of a subject's dates, never
// 0.
#include "base/time.h"
#include "mask/strategies/strategies.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>

namespace godwit::mask {

namespace {

constexpr int64_t day_us = 86'400'000'000;
// Beyond these a value is an infinity or no calendar date; it stays.
constexpr int64_t day_limit = 100'000'000;
constexpr std::string_view no_date = "1900-01-01";

int64_t floor_day(int64_t unix_us) {
  return unix_us / day_us - (unix_us % day_us < 0 ? 1 : 0);
}

// A date at the start of a text: "2011-04-30..." or "4/30/2011...", the rest kept.
struct TextDate {
  int64_t day = 0;
  size_t length = 0;
  bool slashes = false;
};

bool read_number(std::string_view text, size_t& at, size_t digits_max, int& number) {
  const size_t start = at;
  number = 0;
  while (at < text.size() && at - start < digits_max && text[at] >= '0' && text[at] <= '9') {
    number = number * 10 + (text[at++] - '0');
  }
  return at > start;
}

bool read_char(std::string_view text, size_t& at, char wanted) {
  if (at >= text.size() || text[at] != wanted) return false;
  ++at;
  return true;
}

bool is_calendar_date(int year, int month, int day) {
  if (month < 1 || month > 12 || day < 1 || day > 31 || year < 1) return false;
  const CivilTime civil = to_civil(days_from_civil(year, month, day) * day_us);
  return civil.month == month && civil.day == day;
}

std::optional<TextDate> parse_text_date(std::string_view text) {
  int a = 0, b = 0, c = 0;
  size_t at = 0;
  if (read_number(text, at, 4, a) && at == 4 && read_char(text, at, '-') && read_number(text, at, 2, b) &&
      read_char(text, at, '-') && read_number(text, at, 2, c) && is_calendar_date(a, b, c)) {
    return TextDate{days_from_civil(a, b, c), at, false};
  }
  at = 0;
  if (read_number(text, at, 2, a) && read_char(text, at, '/') && read_number(text, at, 2, b) &&
      read_char(text, at, '/') && read_number(text, at, 4, c) && c >= 1000 && is_calendar_date(c, a, b)) {
    return TextDate{days_from_civil(c, a, b), at, true};
  }
  return std::nullopt;
}

void append_two(int number, std::string& out) {
  out.push_back(static_cast<char>('0' + number / 10));
  out.push_back(static_cast<char>('0' + number % 10));
}

void append_text_date(int64_t day, bool slashes, std::string& out) {
  const CivilTime civil = to_civil(day * day_us);
  if (slashes) {
    append_two(civil.month, out);
    out.push_back('/');
    append_two(civil.day, out);
    out.push_back('/');
    out.append(std::to_string(civil.year));
    return;
  }
  const std::string year = std::to_string(civil.year);
  out.append(year.size() < 4 ? 4 - year.size() : 0, '0').append(year).push_back('-');
  append_two(civil.month, out);
  out.push_back('-');
  append_two(civil.day, out);
}

// The day on which somebody is `years` old who has birthday on `day_of_reference`: years back in the
// calendar.
int64_t years_before(int64_t reference_day, int64_t years) {
  const CivilTime civil = to_civil(reference_day * day_us);
  const int day = civil.month == 2 && civil.day == 29 ? 28 : civil.day;
  return days_from_civil(civil.year - years, civil.month, day);
}

class DateShiftMask final : public Mask {
 public:
  DateShiftMask(const MaskSpec& spec, const ColumnShape& shape, const Context& context, Traits traits)
      : Mask(std::move(traits)),
        origin_(spec, "date_shift", Canon::text, shape, context),
        range_(spec.range_days) {
    if (spec.age_years_min < 0 || spec.age_years_max < 0) return;
    banded_ = true;
    // Ages from min to max at the reference day: born after the day of max + 1 years, at the latest min years
    // before.
    band_first_ = years_before(context.reference_day, spec.age_years_max + 1) + 1;
    band_last_ = years_before(context.reference_day, spec.age_years_min);
  }

 private:
  Status compute(std::span<const Value> inputs, Value& out, Scratch& scratch) const override {
    const Value& value = inputs[0];
    out = value;
    if (value.type == ValueType::text) return shift_text(inputs, out, scratch);
    const bool date = value.type == ValueType::date_days;
    const int64_t day = date ? value.integer : floor_day(value.integer);
    if (day > day_limit || day < -day_limit) return {};
    RETURN_IF_ERROR(origin_.prepare(inputs, scratch));
    const int64_t shifted = shift(day, scratch);
    out.integer = date ? shifted : value.integer + (shifted - day) * day_us;
    return {};
  }

  // A text that is no date cannot be shifted and must not pass: it becomes a day that stands for "no date".
  Status shift_text(std::span<const Value> inputs, Value& out, Scratch& scratch) const {
    const auto date = parse_text_date(inputs[0].text);
    if (!date) {
      out = Value::of(inputs[0].text == no_date ? "1900-01-02" : no_date);
      return {};
    }
    RETURN_IF_ERROR(origin_.prepare(inputs, scratch));
    // Keyed by the day, so that a date and its text agree where no subject links them.
    if (!scratch.linked) {
      scratch.canonical.clear();
      append_text_date(date->day, false, scratch.canonical);
    }
    const int64_t shifted = shift(date->day, scratch);
    scratch.out.clear();
    append_text_date(shifted, date->slashes, scratch.out);
    scratch.out.append(inputs[0].text.substr(date->length));
    out.text = scratch.out;
    return {};
  }

  // Draws from -range..-1 and 1..range; a birth date in the age band is moved around inside the band.
  [[nodiscard]] int64_t shift(int64_t day, const Scratch& scratch) const {
    const auto choices = static_cast<size_t>(2 * range_);
    const auto choice = static_cast<int64_t>(origin_.draw(scratch).pick(0, choices));
    const int64_t offset = choice < range_ ? choice - range_ : choice - range_ + 1;
    const int64_t shifted = day + offset;
    if (!banded_ || day < band_first_ || day > band_last_) return shifted;
    if (shifted >= band_first_ && shifted <= band_last_) return shifted;
    if (day - offset >= band_first_ && day - offset <= band_last_) return day - offset;
    const int64_t width = band_last_ - band_first_ + 1;
    const int64_t position = ((shifted - band_first_) % width + width) % width;
    const int64_t wrapped = band_first_ + position;
    return wrapped != day ? wrapped : wrapped == band_last_ ? band_first_ : wrapped + 1;
  }

  Origin origin_;
  int64_t range_;
  bool banded_ = false;
  int64_t band_first_ = 0;
  int64_t band_last_ = 0;
};

bool is_temporal(const ColumnShape& shape) {
  return shape.type == ValueType::date_days || shape.type == ValueType::timestamp_us ||
         shape.type == ValueType::timestamptz_us || shape.type == ValueType::text;
}

}  // namespace

MaskResult make_date_shift(const MaskSpec& spec, const ColumnShape& shape, const Context& context) {
  if (!is_temporal(shape) || !shape.labels.empty()) return wrong_type(spec, shape);
  constexpr int64_t range_max = 36'500;
  if (spec.range_days < 1 || spec.range_days > range_max) {
    return make_error(ErrorKind::config, "range_days must lie between 1 and 36500");
  }
  const bool half_band = (spec.age_years_min < 0) != (spec.age_years_max < 0);
  if (half_band || (spec.age_years_min >= 0 && spec.age_years_max < spec.age_years_min) ||
      spec.age_years_max > 150) {
    return make_error(ErrorKind::config, "age_years needs a smallest and a largest age, at most 150",
                      "write age_years: [5, 22]");
  }
  if (shape.type == ValueType::text && shape.max_length > 0 && shape.max_length < 10)
    return wrong_type(spec, shape);
  Traits traits;
  traits.uses_subject = !spec.subject.empty();
  traits.reserved = false;
  traits.always_changes = true;
  traits.capacity = static_cast<double>(2 * spec.range_days);
  traits.text = "shifted by up to " + std::to_string(spec.range_days) + " days" + by_subject(spec);
  if (spec.age_years_min >= 0) {
    traits.text +=
        ", age kept in " + std::to_string(spec.age_years_min) + ".." + std::to_string(spec.age_years_max);
  }
  return std::unique_ptr<Mask>(std::make_unique<DateShiftMask>(spec, shape, context, traits));
}

}  // namespace godwit::mask
