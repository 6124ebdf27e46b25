// token: what a domain's key makes of the value, as hexadecimal, as a UUID, or as an integer. digits: every
// digit replaced, the rest kept.
#include "base/text.h"
#include "mask/strategies/strategies.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace godwit::mask {

namespace {

constexpr int token_length_default = 32;
constexpr int token_length_max = 64;
constexpr int token_length_min = 4;
constexpr int unique_bits_min = 80;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

class TokenMask final : public Mask {
 public:
  TokenMask(const MaskSpec& spec, const ColumnShape& shape, const Context& context, int length, Traits traits)
      : Mask(std::move(traits)),
        origin_(spec, "token", Canon::text, shape, context),
        length_(static_cast<size_t>(length)),
        uuid_(shape.type == ValueType::uuid_text) {}

 private:
  Status compute(std::span<const Value> inputs, Value& out, Scratch& scratch) const override {
    RETURN_IF_ERROR(origin_.prepare(inputs, scratch));
    crypto::Digest bytes = origin_.draw(scratch).bytes;
    if (uuid_) {
      // Version 8 of RFC 9562, "custom": 122 bits of MAC.
      bytes[6] = static_cast<uint8_t>((bytes[6] & 0x0FU) | 0x80U);
      bytes[8] = static_cast<uint8_t>((bytes[8] & 0x3FU) | 0x80U);
    }
    constexpr std::string_view alphabet = "0123456789abcdef";
    scratch.out.clear();
    for (size_t i = 0; i < length_; ++i) {
      if (uuid_ && (i == 8 || i == 12 || i == 16 || i == 20)) scratch.out.push_back('-');
      scratch.out.push_back(alphabet[i % 2 == 0 ? bytes[i / 2] >> 4 : bytes[i / 2] & 15U]);
    }
    out = inputs[0];
    out.text = scratch.out;
    return {};
  }

  Origin origin_;
  size_t length_;
  bool uuid_;
};

class IntegerTokenMask final : public Mask {
 public:
  IntegerTokenMask(const MaskSpec& spec, const ColumnShape& shape, const Context& context, Traits traits)
      : Mask(std::move(traits)),
        origin_(spec, "token", Canon::text, shape, context),
        maximum_(static_cast<uint64_t>(shape.integer_maximum)) {}

 private:
  Status compute(std::span<const Value> inputs, Value& out, Scratch& scratch) const override {
    RETURN_IF_ERROR(origin_.prepare(inputs, scratch));
    out = inputs[0];
    for (uint32_t counter = 0; counter <= redraws_max; ++counter) {
      out.integer = static_cast<int64_t>(origin_.draw(scratch, counter).wide(0) % maximum_) + 1;
      if (out.integer != inputs[0].integer) break;
    }
    return {};
  }

  Origin origin_;
  uint64_t maximum_;
};

// The digits of the original in their places; a first digit other than 0 stays other than 0, so that numbers
// keep their length.
class DigitsMask final : public Mask {
 public:
  DigitsMask(const MaskSpec& spec, const ColumnShape& shape, const Context& context, Traits traits)
      : Mask(std::move(traits)),
        origin_(spec, "digits", Canon::text, shape, context),
        maximum_(shape.integer_maximum) {}

 private:
  Status compute(std::span<const Value> inputs, Value& out, Scratch& scratch) const override {
    RETURN_IF_ERROR(origin_.prepare(inputs, scratch));
    const std::string_view form = inputs[0].textual() ? inputs[0].text : std::string_view(scratch.canonical);
    const auto places = static_cast<size_t>(std::count_if(form.begin(), form.end(), is_digit));
    for (uint32_t counter = 0; counter <= redraws_max; ++counter) {
      const Draw draw = origin_.draw(scratch, counter);
      if (places == 0) {
        replace_letters(form, draw, scratch.out);
        if (scratch.out != form) break;
        continue;
      }
      scratch.spare.clear();
      draw.append_digits(places, scratch.spare);
      replace(form, scratch.spare, scratch.out);
      if (scratch.out != form && in_range(inputs[0], scratch.out)) break;
    }
    out = inputs[0];
    out.text = scratch.out;
    if (inputs[0].textual()) return {};
    std::from_chars(scratch.out.data(), scratch.out.data() + scratch.out.size(), out.integer);
    out.integer = std::min(out.integer, maximum_);
    return {};
  }

  [[nodiscard]] bool in_range(const Value& value, const std::string& text) const {
    if (value.textual()) return true;
    int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc() && number <= maximum_ && number >= -maximum_;
  }

  static void replace(std::string_view form, std::string_view digits, std::string& out) {
    out.clear();
    size_t next = 0;
    for (const char c : form) {
      if (!is_digit(c)) {
        out.push_back(c);
        continue;
      }
      char digit = digits[next];
      if (next == 0 && c != '0' && digit == '0') digit = static_cast<char>('1' + (digits.back() - '0') % 9);
      out.push_back(digit);
      ++next;
    }
  }

  // A value without digits would come through as it is: its letters are replaced instead.
  static void replace_letters(std::string_view form, const Draw& draw, std::string& out) {
    out.clear();
    size_t next = 0;
    for (const char c : form) {
      const bool lower = c >= 'a' && c <= 'z';
      const bool upper = c >= 'A' && c <= 'Z';
      const auto u = static_cast<unsigned char>(c);
      if ((u & 0xC0U) == 0x80U) continue;  // the rest of a character already replaced
      if (!lower && !upper && (u & 0x80U) == 0) {
        out.push_back(c);
        continue;
      }
      const auto letter = static_cast<char>(draw.bytes[next++ % draw.bytes.size()] % 26);
      out.push_back(static_cast<char>((upper ? 'A' : 'a') + letter));
    }
    if (next == 0) out = "x";  // punctuation alone
  }

  Origin origin_;
  int64_t maximum_;
};

}  // namespace

MaskResult make_token(const MaskSpec& spec, const ColumnShape& shape, const Context& context) {
  Traits traits;
  traits.uses_subject = !spec.subject.empty();
  traits.always_changes = true;
  if (shape.type == ValueType::integer) {
    traits.capacity = static_cast<double>(shape.integer_maximum);
    traits.text = "keyed integer" + by_subject(spec);
    return std::unique_ptr<Mask>(std::make_unique<IntegerTokenMask>(spec, shape, context, traits));
  }
  if (shape.type != ValueType::text && shape.type != ValueType::uuid_text) return wrong_type(spec, shape);
  if (!shape.labels.empty()) return make_label(spec, shape, context);
  if (spec.length < 0 || spec.length > token_length_max) {
    return make_error(ErrorKind::config, "a token has 4 to 64 characters", "set length between 4 and 64");
  }
  int length = shape.type == ValueType::uuid_text ? 32 : spec.length > 0 ? spec.length : token_length_default;
  if (shape.max_length > 0 && length > shape.max_length && spec.length == 0) length = shape.max_length;
  if (length < token_length_min || (shape.max_length > 0 && length > shape.max_length)) {
    return refused("a token of " + std::to_string(length) + " characters does not fit the column",
                   "use digits, permutation or constant");
  }
  traits.mac_bits = shape.type == ValueType::uuid_text ? 122 : 4 * length;
  // One subject may stand in many rows: its token is as often in the column.
  traits.injective = traits.mac_bits >= unique_bits_min && spec.subject.empty();
  traits.capacity = std::exp2(traits.mac_bits);
  traits.text = "token of " + std::to_string(traits.mac_bits) + " bits" + by_subject(spec);
  return std::unique_ptr<Mask>(std::make_unique<TokenMask>(spec, shape, context, length, traits));
}

MaskResult make_digits(const MaskSpec& spec, const ColumnShape& shape, const Context& context) {
  if (shape.type != ValueType::text && shape.type != ValueType::integer &&
      shape.type != ValueType::decimal_text) {
    return wrong_type(spec, shape);
  }
  if (!shape.labels.empty()) return make_label(spec, shape, context);
  Traits traits;
  traits.uses_subject = !spec.subject.empty();
  traits.reserved = false;
  traits.always_changes = true;
  traits.capacity = std::pow(10.0, shape.max_length > 0 ? std::min(shape.max_length, 18) : 9);
  traits.text = "digits replaced" + by_subject(spec);
  return std::unique_ptr<Mask>(std::make_unique<DigitsMask>(spec, shape, context, traits));
}

}  // namespace godwit::mask
