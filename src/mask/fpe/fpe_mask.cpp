// fpe and permutation: the bijections for unique columns.
#include "base/text.h"
#include "mask/fpe/format_permutation.h"
#include "mask/strategies/strategies.h"

#include <algorithm>
#include <cmath>
#include <optional>

namespace godwit::mask {

namespace {

thread_local FormatPermutation::Buffers thread_buffers;

bool is_reserved_domain(std::string_view domain) {
  return domain == "phone" || domain == "ssn" || domain == "card";
}

Error outside_alphabet() {
  return make_error(ErrorKind::failed, "a value has no character of the mask's alphabet",
                    "choose a wider alphabet (alnum), or strategy token");
}

class FormatMask final : public Mask {
 public:
  FormatMask(FormatPermutation permutation, Alphabet alphabet, std::optional<Alphabet> others, Traits traits)
      : Mask(std::move(traits)),
        permutation_(std::move(permutation)),
        alphabet_(std::move(alphabet)),
        others_(std::move(others)) {}

 private:
  Status compute(std::span<const Value> inputs, Value& out, Scratch& scratch) const override {
    const std::string_view text = inputs[0].text;
    if (!is_valid_utf8(text)) {
      return make_error(ErrorKind::failed, "a text value is not valid UTF-8", "repair it at the source");
    }
    // What has no place in the alphabet would pass as it is: its other characters move instead.
    if (!permutation_.text(text, alphabet_, thread_buffers, scratch.out) &&
        (!others_ || !permutation_.text(text, *others_, thread_buffers, scratch.out))) {
      return outside_alphabet();
    }
    out = inputs[0];
    out.text = scratch.out;
    return {};
  }

  FormatPermutation permutation_;
  Alphabet alphabet_;
  std::optional<Alphabet> others_;
};

constexpr uint64_t power_of_ten(size_t exponent) {
  uint64_t result = 1;
  for (size_t i = 0; i < exponent; ++i)
    result *= 10;
  return result;
}

// Integers: the numbers of one length and sign among themselves, or those of a declared range.
class IntegerPermutationMask final : public Mask {
 public:
  IntegerPermutationMask(FormatPermutation permutation, const MaskSpec& spec, const ColumnShape& shape,
                         Traits traits)
      : Mask(std::move(traits)),
        permutation_(std::move(permutation)),
        maximum_(static_cast<uint64_t>(shape.integer_maximum)),
        ranged_(spec.maximum > spec.minimum),
        low_(static_cast<int64_t>(spec.minimum)),
        high_(static_cast<int64_t>(spec.maximum)) {}

 private:
  Status compute(std::span<const Value> inputs, Value& out, Scratch&) const override {
    out = inputs[0];
    const int64_t value = inputs[0].integer;
    if (ranged_) {
      if (value < low_ || value > high_) {
        return make_error(ErrorKind::failed,
                          "a value lies outside the minimum and maximum of its permutation",
                          "widen minimum and maximum in the mask");
      }
      const auto size = static_cast<uint64_t>(high_ - low_);
      out.integer =
          low_ + static_cast<int64_t>(permutation_.integer(static_cast<uint64_t>(value - low_), 0, size));
      return {};
    }
    const bool negative = value < 0;
    const uint64_t magnitude = negative ? ~static_cast<uint64_t>(value) + 1 : static_cast<uint64_t>(value);
    const uint64_t limit = negative ? maximum_ + 1 : maximum_;
    size_t digits = 1;
    while (digits < 19 && magnitude >= power_of_ten(digits))
      ++digits;
    // -0 is 0, so negative numbers of one digit begin at 1.
    const uint64_t low = digits == 1 ? (negative ? 1 : 0) : power_of_ten(digits - 1);
    const uint64_t high = std::min(limit, power_of_ten(digits) - 1);
    const uint64_t image = permutation_.integer(magnitude, low, high);
    out.integer = static_cast<int64_t>(negative ? ~image + 1 : image);
    return {};
  }

  FormatPermutation permutation_;
  uint64_t maximum_;
  bool ranged_;
  int64_t low_;
  int64_t high_;
};

// The labels of an enumeration among themselves.
class LabelPermutationMask final : public Mask {
 public:
  LabelPermutationMask(FormatPermutation permutation, std::vector<std::string> labels, Traits traits)
      : Mask(std::move(traits)), permutation_(std::move(permutation)), labels_(std::move(labels)) {}

 private:
  Status compute(std::span<const Value> inputs, Value& out, Scratch&) const override {
    const auto found = std::find(labels_.begin(), labels_.end(), inputs[0].text);
    if (found == labels_.end())
      return make_error(ErrorKind::failed, "a value is none of the column's labels");
    const auto index = static_cast<uint64_t>(found - labels_.begin());
    out = Value::of(labels_[permutation_.integer(index, 0, labels_.size() - 1)]);
    return {};
  }

  FormatPermutation permutation_;
  std::vector<std::string> labels_;
};

Traits traits_of(const MaskSpec& spec, const ColumnShape& shape, bool ff1) {
  Traits traits;
  traits.injective = true;
  traits.reserved = false;
  traits.capacity = shape.labels.empty() ? 1e18 : static_cast<double>(shape.labels.size());
  traits.text = ff1 ? "FF1 on the full domain" : "keyed permutation";
  if (ff1 && shape.type != ValueType::integer) {
    traits.text += ", alphabet " + (spec.alphabet.empty() ? std::string("digits") : spec.alphabet);
  }
  return traits;
}

}  // namespace

MaskResult make_fpe(const MaskSpec& spec, const ColumnShape& shape, const Context& context) {
  const bool ff1 = spec.strategy == MaskStrategy::fpe;
  const std::string domain = spec.domain.empty() ? (ff1 ? "fpe" : "permutation") : spec.domain;
  if (!spec.subject.empty()) {
    return make_error(ErrorKind::config, "fpe and permutation follow the value, not a subject",
                      "remove subject");
  }
  if (spec.reserved && is_reserved_domain(domain)) {
    return refused("fpe over domain " + domain + " makes numbers that may belong to somebody",
                   "write reserved: false to accept it; the plan lists it");
  }
  FormatPermutation permutation(context.keyring.key(domain, spec.version, "fpe").reveal(), ff1);
  Traits traits = traits_of(spec, shape, ff1);
  if (!shape.labels.empty()) {
    return std::unique_ptr<Mask>(
        std::make_unique<LabelPermutationMask>(std::move(permutation), shape.labels, traits));
  }
  if (shape.type == ValueType::integer) {
    if (spec.maximum > spec.minimum) {
      traits.capacity = spec.maximum - spec.minimum + 1;
      const bool in_type = spec.minimum >= static_cast<double>(shape.integer_minimum) &&
                           spec.maximum <= static_cast<double>(shape.integer_maximum) &&
                           traits.capacity < 9e15;
      if (!in_type) return make_error(ErrorKind::config, "minimum and maximum do not fit the column's type");
    }
    return std::unique_ptr<Mask>(
        std::make_unique<IntegerPermutationMask>(std::move(permutation), spec, shape, traits));
  }
  if (shape.type != ValueType::text && shape.type != ValueType::uuid_text) return wrong_type(spec, shape);
  const std::string name = shape.type == ValueType::uuid_text ? "hex" : spec.alphabet;
  ASSIGN_OR_RETURN(Alphabet alphabet, Alphabet::parse(name));
  // Digits and letters complement each other: a value without digits has none afterwards, so that the whole
  // stays injective. Other alphabets have no such complement.
  std::optional<Alphabet> others;
  if (name.empty() || name == "digits" || name == "alpha") {
    ASSIGN_OR_RETURN(others, Alphabet::parse("alnum"));
  }
  return std::unique_ptr<Mask>(
      std::make_unique<FormatMask>(std::move(permutation), std::move(alphabet), std::move(others), traits));
}

}  // namespace godwit::mask
