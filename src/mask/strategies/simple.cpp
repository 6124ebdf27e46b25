// keep, null, constant, and the choice among the labels of an enumeration.
#include "base/text.h"
#include "base/time.h"
#include "mask/strategies/strategies.h"

#include <charconv>

namespace godwit::mask {

namespace {

constexpr int64_t day_us = 86'400'000'000;

Traits traits_of(bool injective, double capacity, bool reserved, std::string text) {
  Traits traits;
  traits.injective = injective;
  traits.capacity = capacity;
  traits.reserved = reserved;
  traits.text = std::move(text);
  return traits;
}

class KeepMask final : public Mask {
 public:
  KeepMask() : Mask(traits_of(true, 1e300, false, "kept")) {}

 private:
  Status compute(std::span<const Value> inputs, Value& out, Scratch&) const override {
    out = inputs[0];
    return {};
  }
};

class NullMask final : public Mask {
 public:
  NullMask() : Mask(traits_of(true, 1e300, true, "NULL")) {}

 private:
  Status compute(std::span<const Value> inputs, Value& out, Scratch&) const override {
    out = Value::of_null(inputs[0].type);
    return {};
  }
};

class ConstantMask final : public Mask {
 public:
  ConstantMask(Value value, std::string text)
      : Mask(traits_of(false, 1, true, "constant")), value_(value), text_(std::move(text)) {}

 private:
  Status compute(std::span<const Value>, Value& out, Scratch&) const override {
    out = value_;
    out.text = text_;
    return {};
  }
  Value value_;
  std::string text_;
};

// The label that a draw chooses. Too few for "never itself" to be kept.
class LabelMask final : public Mask {
 public:
  LabelMask(Origin origin, std::vector<std::string> labels, Traits traits)
      : Mask(std::move(traits)), origin_(std::move(origin)), labels_(std::move(labels)) {}

 private:
  Status compute(std::span<const Value> inputs, Value& out, Scratch& scratch) const override {
    RETURN_IF_ERROR(origin_.prepare(inputs, scratch));
    out = Value::of(labels_[origin_.draw(scratch).pick(0, labels_.size())]);
    return {};
  }
  Origin origin_;
  std::vector<std::string> labels_;
};

Error bad_constant(const ColumnShape& shape) {
  return make_error(ErrorKind::config,
                    "the constant is not a value of type " + std::string(to_string(shape.type)));
}

template <typename Number>
bool parse_number(std::string_view text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

Result<Value> parse_constant(const std::string& text, const ColumnShape& shape) {
  Value value;
  value.type = shape.type;
  bool good = true;
  switch (shape.type) {
    case ValueType::integer:
      good = parse_number(text, value.integer);
      break;
    case ValueType::floating:
      good = parse_number(text, value.floating);
      break;
    case ValueType::boolean:
      good = text == "true" || text == "false";
      value.integer = text == "true" ? 1 : 0;
      break;
    case ValueType::date_days:
    case ValueType::timestamp_us:
    case ValueType::timestamptz_us: {
      const auto days = parse_iso_date_days(text);
      good = days.has_value();
      value.integer = days.value_or(0) * (shape.type == ValueType::date_days ? 1 : day_us);
      break;
    }
    case ValueType::decimal_text:
      good = !text.empty() && canonical_decimal(text).find_first_not_of("-.0123456789") == std::string::npos;
      break;
    default:
      break;
  }
  if (!good) return bad_constant(shape);
  return value;
}

}  // namespace

MaskResult make_keep(const MaskSpec&, const ColumnShape&, const Context&) {
  return std::unique_ptr<Mask>(std::make_unique<KeepMask>());
}

MaskResult make_null(const MaskSpec&, const ColumnShape& shape, const Context&) {
  if (!shape.nullable) {
    return refused("mask null on a column that is NOT NULL", "use constant or token");
  }
  return std::unique_ptr<Mask>(std::make_unique<NullMask>());
}

MaskResult make_constant(const MaskSpec& spec, const ColumnShape& shape, const Context&) {
  if (!fits(spec.argument, shape.max_length)) {
    return refused("the constant is longer than the column",
                   "shorten it to " + std::to_string(shape.max_length));
  }
  if (!is_valid_utf8(spec.argument)) return bad_constant(shape);
  ASSIGN_OR_RETURN(const Value value, parse_constant(spec.argument, shape));
  return std::unique_ptr<Mask>(std::make_unique<ConstantMask>(value, spec.argument));
}

MaskResult make_label(const MaskSpec& spec, const ColumnShape& shape, const Context& context) {
  Traits traits;
  traits.capacity = static_cast<double>(shape.labels.size());
  traits.uses_subject = !spec.subject.empty();
  traits.text = "one of " + std::to_string(shape.labels.size()) + " labels" + by_subject(spec);
  const std::string domain = spec.argument.empty() ? "label" : spec.argument;
  return std::unique_ptr<Mask>(
      std::make_unique<LabelMask>(Origin(spec, domain, Canon::folded, shape, context), shape.labels, traits));
}

}  // namespace godwit::mask
