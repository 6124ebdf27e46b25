// noise: a number moved by a bounded amount that its key decides; never averaged away by a second run.
#include "mask/strategies/strategies.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>

namespace godwit::mask {

namespace {

// 15 decimal digits are exact in a double and in the arithmetic below; what stands behind them is drawn.
constexpr size_t exact_digits = 15;

struct Bounds {
  bool clamped = false;
  double minimum = 0;
  double maximum = 0;
  [[nodiscard]] double clamp(double number) const {
    return clamped ? std::clamp(number, minimum, maximum) : number;
  }
};

// In [-1, 1], never 0.
double signed_fraction(const Draw& draw) {
  const double fraction = (static_cast<double>(draw.word(0)) + 1) / 4294967296.0;
  return draw.coin() ? fraction : -fraction;
}

class NoiseMask final : public Mask {
 public:
  NoiseMask(const MaskSpec& spec, const ColumnShape& shape, const Context& context, Traits traits)
      : Mask(std::move(traits)),
        origin_(spec, "noise", Canon::text, shape, context),
        share_(spec.percent / 100) {
    bounds_ = {spec.maximum > spec.minimum, spec.minimum, spec.maximum};
    integer_minimum_ = shape.integer_minimum;
    integer_maximum_ = shape.integer_maximum;
    precision_ = shape.precision;
    scale_ = shape.scale;
  }

 private:
  Status compute(std::span<const Value> inputs, Value& out, Scratch& scratch) const override {
    RETURN_IF_ERROR(origin_.prepare(inputs, scratch));
    const double fraction = signed_fraction(origin_.draw(scratch)) * share_;
    out = inputs[0];
    switch (inputs[0].type) {
      case ValueType::integer:
        out.integer = integer_noise(inputs[0].integer, fraction);
        break;
      case ValueType::floating:
        out.floating = floating_noise(inputs[0].floating, fraction);
        break;
      default:
        decimal_noise(inputs[0].text, fraction, scratch);
        out.text = scratch.out;
        break;
    }
    return {};
  }

  [[nodiscard]] double floating_noise(double number, double fraction) const {
    if (!std::isfinite(number)) return number;
    if (number == 0) return bounds_.clamp(std::abs(fraction));
    const double moved = bounds_.clamp(number * (1 + fraction));
    if (moved != number && std::isfinite(moved)) return moved;
    return bounds_.clamp(number * (1 - fraction));
  }

  // Moves by at least one, away from the type's ends and from the other sign.
  [[nodiscard]] int64_t integer_noise(int64_t number, double fraction) const {
    constexpr double limit = 9e18;
    const double step = std::clamp(std::trunc(static_cast<double>(number) * fraction), -limit, limit);
    auto delta = static_cast<int64_t>(step);
    if (delta == 0) delta = fraction < 0 && number > 0 ? -1 : 1;
    for (const int64_t candidate_delta : {delta, -delta, int64_t{1}, int64_t{-1}}) {
      int64_t candidate = 0;
      if (__builtin_add_overflow(number, candidate_delta, &candidate)) continue;
      if (bounds_.clamped) {
        candidate = std::clamp(candidate, static_cast<int64_t>(std::ceil(bounds_.minimum)),
                               static_cast<int64_t>(std::floor(bounds_.maximum)));
      }
      const bool in_type = candidate >= integer_minimum_ && candidate <= integer_maximum_;
      if (in_type && candidate != number && (number < 0 || candidate >= 0)) return candidate;
    }
    return number;  // the bounds leave no other value
  }

  // On the digits without their point: the first 15 are moved, the rest drawn, scale and sign kept.
  void decimal_noise(std::string_view text, double fraction, Scratch& scratch) const {
    std::string& digits = scratch.spare;
    digits.clear();
    size_t scale = 0;
    bool point = false;
    const bool negative = !text.empty() && text.front() == '-';
    for (const char c : text.substr(negative ? 1 : 0)) {
      if (c == '.' && !point) {
        point = true;
      } else if (c >= '0' && c <= '9') {
        digits.push_back(c);
        scale += point ? 1 : 0;
      } else {
        scratch.out = text;  // NaN, Infinity
        return;
      }
    }
    digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size() - 1));
    const size_t whole_max =
        precision_ > 0 ? static_cast<size_t>(std::max(0, precision_ - scale_)) + scale : 0;
    int64_t head = 0;
    const size_t head_digits = std::min(digits.size(), exact_digits);
    std::from_chars(digits.data(), digits.data() + head_digits, head);
    int64_t moved = move_head(head, fraction, digits.size() == head_digits ? scale : 0, negative);
    std::string head_text = std::to_string(moved);
    if (whole_max > 0 && head_text.size() + digits.size() - head_digits > whole_max) {
      moved = move_head(head, -std::abs(fraction), scale, negative);
      head_text = std::to_string(moved);
    }
    if (digits.size() > head_digits)
      origin_.draw(scratch).append_digits(digits.size() - head_digits, head_text);
    if (head_text.size() <= scale) head_text.insert(0, scale + 1 - head_text.size(), '0');
    if (scale > 0) head_text.insert(head_text.size() - scale, 1, '.');
    scratch.out.assign(negative ? "-" : "").append(head_text);
  }

  [[nodiscard]] int64_t move_head(int64_t head, double fraction, size_t scale, bool negative) const {
    auto delta = static_cast<int64_t>(static_cast<double>(head) * fraction);
    if (delta == 0) delta = fraction < 0 && head > 1 ? -1 : 1;
    int64_t moved = head + delta;
    if (bounds_.clamped) {
      const double unit = std::pow(10.0, static_cast<double>(scale)) * (negative ? -1 : 1);
      const double low = std::min(bounds_.minimum * unit, bounds_.maximum * unit);
      const double high = std::max(bounds_.minimum * unit, bounds_.maximum * unit);
      auto clamped = static_cast<int64_t>(std::clamp(
          static_cast<double>(moved), std::max(0.0, std::ceil(low)), std::max(0.0, std::floor(high))));
      if (clamped == head) clamped = head - delta >= 0 ? head - delta : head;
      moved = clamped;
    }
    return std::max<int64_t>(moved, 0);
  }

  Origin origin_;
  double share_;
  Bounds bounds_;
  int64_t integer_minimum_ = 0;
  int64_t integer_maximum_ = 0;
  int precision_ = 0;
  int scale_ = 0;
};

}  // namespace

MaskResult make_noise(const MaskSpec& spec, const ColumnShape& shape, const Context& context) {
  if (shape.type != ValueType::integer && shape.type != ValueType::floating &&
      shape.type != ValueType::decimal_text) {
    return wrong_type(spec, shape);
  }
  if (!(spec.percent > 0) || spec.percent > 100) {
    return make_error(ErrorKind::config, "percent must lie between 0 and 100");
  }
  Traits traits;
  traits.uses_subject = !spec.subject.empty();
  traits.reserved = false;
  traits.always_changes = true;
  traits.capacity = 4294967296.0;
  std::string percent = std::to_string(spec.percent);
  percent.erase(percent.find_last_not_of('0') + 1);
  if (percent.back() == '.') percent.pop_back();
  traits.text = "noise of up to " + percent + " percent" + by_subject(spec);
  return std::unique_ptr<Mask>(std::make_unique<NoiseMask>(spec, shape, context, traits));
}

}  // namespace godwit::mask
