// phone, ssn, card: fakes from ranges that belong to nobody, in the punctuation of the original.
#include "mask/strategies/strategies.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace godwit::mask {

namespace {

enum class Kind : uint8_t { phone, ssn, card };

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// 2..9, 0..8, 0..9 without the codes x11: 712 area codes of the North American plan.
constexpr size_t area_codes = 712;
void append_area_code(size_t index, std::string& out) {
  // Each of the eight hundreds has 90 codes less one (x11).
  const size_t hundreds = 2 + index / 89;
  size_t rest = index % 89;
  if (rest >= 11) ++rest;
  out.append(std::to_string(hundreds * 100 + rest));
}

// 555-0100 to 555-0199 are set aside for fiction in every area (NANPA).
void append_phone(const Draw& draw, size_t digits, std::string& out) {
  if (digits != 7) append_area_code(draw.pick(0, area_codes), out);
  out.append("55501");
  const size_t line = draw.pick(1, 100);
  out.push_back(static_cast<char>('0' + line / 10));
  out.push_back(static_cast<char>('0' + line % 10));
}

// 900-999: never a social security number; groups 00-49: nor an ITIN, whose groups begin at 50. Of fewer
// digits (the last four) as many.
void append_ssn(const Draw& draw, size_t digits, std::string& out) {
  out.push_back('9');
  const size_t group = out.size() + 2;
  draw.append_digits(digits >= 1 && digits < 9 ? digits - 1 : 8, out);
  if (group < out.size()) out[group] = static_cast<char>('0' + (out[group] - '0') / 2);
}

int luhn_check_digit(std::string_view digits) {
  int sum = 0;
  bool twice = true;
  for (size_t i = digits.size(); i-- > 0; twice = !twice) {
    int digit = digits[i] - '0';
    if (twice) digit = digit * 2 > 9 ? digit * 2 - 9 : digit * 2;
    sum += digit;
  }
  return (10 - sum % 10) % 10;
}

// 9999: major industry 9 (national assignment) with country 999, which ISO 3166 gives to nobody.
void append_card(const Draw& draw, size_t digits, std::string& out) {
  const size_t length = digits >= 12 && digits <= 19 ? digits : 16;
  const size_t start = out.size();
  out.append("9999");
  draw.append_digits(length - 5, out);
  out.push_back(static_cast<char>('0' + luhn_check_digit(std::string_view(out).substr(start))));
}

struct KindRow {
  Kind kind;
  std::string_view name;
  Canon canon;
  double capacity;
  std::string_view plain;  // the form of a fake whose original has no form to keep
  int64_t integer_needed;  // the largest integer that a fake may be
};
constexpr std::array<KindRow, 3> kinds = {{
    {Kind::phone, "phone", Canon::phone, 71'200, "ddd-ddd-dddd", 5'550'199},
    {Kind::ssn, "ssn", Canon::digits, 5e7, "ddd-dd-dddd", 999'999'999},
    {Kind::card, "card", Canon::digits, 1e11, "dddddddddddddddd", 9'999'999'999'999'999},
}};

class NumberKindMask final : public Mask {
 public:
  NumberKindMask(const KindRow& row, const MaskSpec& spec, const ColumnShape& shape, const Context& context,
                 Traits traits)
      : Mask(std::move(traits)),
        row_(row),
        max_length_(shape.max_length),
        local_only_(row.kind == Kind::phone && shape.type == ValueType::integer &&
                    shape.integer_maximum < 9'999'999'999),
        count_without_digits_(row.kind == Kind::ssn && shape.max_length > 0 && shape.max_length < 9
                                  ? static_cast<size_t>(shape.max_length)
                                  : 0),
        origin_(spec, row.name, row.canon, shape, context) {}

 private:
  Status compute(std::span<const Value> inputs, Value& out, Scratch& scratch) const override {
    RETURN_IF_ERROR(origin_.prepare(inputs, scratch));
    const bool numeric = !scratch.canonical.empty() &&
                         std::all_of(scratch.canonical.begin(), scratch.canonical.end(), is_digit);
    // An integer that cannot hold ten digits takes a local phone number.
    const size_t count = local_only_ ? 7 : numeric ? scratch.canonical.size() : count_without_digits_;
    for (uint32_t counter = 0; counter <= redraws_max; ++counter) {
      scratch.spare.clear();
      append_digits(origin_.draw(scratch, counter), count, scratch.spare);
      if (scratch.spare != scratch.canonical) break;
    }
    if (!inputs[0].textual()) {
      int64_t number = 0;
      std::from_chars(scratch.spare.data(), scratch.spare.data() + scratch.spare.size(), number);
      out = Value::of_integer(number);
      return {};
    }
    if (inputs[0].type == ValueType::decimal_text) {
      out = inputs[0];
      out.text = scratch.spare;
      return {};
    }
    dress(inputs[0].text, scratch.spare, scratch.out);
    out = Value::of(scratch.out);
    return {};
  }

  void append_digits(const Draw& draw, size_t count, std::string& out) const {
    switch (row_.kind) {
      case Kind::phone:
        append_phone(draw, count, out);
        break;
      case Kind::ssn:
        append_ssn(draw, count, out);
        break;
      case Kind::card:
        append_card(draw, count, out);
        break;
    }
  }

  // The fake's digits in the original's places; in the plain form when their number differs or it has none.
  void dress(std::string_view original, std::string_view digits, std::string& out) const {
    const std::string_view form = number_part(original);
    const auto places = static_cast<size_t>(std::count_if(form.begin(), form.end(), is_digit));
    const bool country = row_.kind == Kind::phone && places == 11 && digits.size() == 10;
    const bool keeps_form = places == digits.size() || country;
    out.clear();
    if (!keeps_form) {
      size_t next = 0;
      for (const char c : row_.plain)
        out.push_back(c == 'd' && next < digits.size() ? digits[next++] : c);
      if (next < digits.size() || digits.size() < 7 || !fits(out, max_length_)) out.assign(digits);
      return;
    }
    size_t next = 0;
    bool country_left = country;
    for (const char c : form) {
      if (!is_digit(c)) {
        out.push_back(c);
      } else if (country_left) {
        out.push_back('1');
        country_left = false;
      } else {
        out.push_back(digits[next++]);
      }
    }
  }

  // A phone's text before its extension; letters elsewhere are no form to keep.
  [[nodiscard]] std::string_view number_part(std::string_view text) const {
    size_t digits = 0;
    for (size_t i = 0; i < text.size(); ++i) {
      if (is_digit(text[i])) ++digits;
      if (is_letter(text[i]) || (static_cast<unsigned char>(text[i]) & 0x80U) != 0) {
        if (row_.kind != Kind::phone || digits < 7) return {};
        text = text.substr(0, i);
      }
    }
    while (!text.empty() && !is_digit(text.back()))
      text.remove_suffix(1);
    return text;
  }

  const KindRow& row_;
  int max_length_;
  bool local_only_;
  size_t count_without_digits_;  // of a short column (the last four of an SSN); 0: the kind's own
  Origin origin_;
};

}  // namespace

MaskResult make_number_kind(const MaskSpec& spec, const ColumnShape& shape, const Context& context) {
  const auto* row =
      std::find_if(kinds.begin(), kinds.end(), [&](const KindRow& k) { return k.name == spec.argument; });
  const bool integer = shape.type == ValueType::integer && shape.integer_maximum >= row->integer_needed;
  const bool decimal =
      shape.type == ValueType::decimal_text && shape.scale == 0 &&
      (shape.precision == 0 || std::pow(10.0, shape.precision) > static_cast<double>(row->integer_needed));
  if (shape.type != ValueType::text && !integer && !decimal) return wrong_type(spec, shape);
  const auto digits = static_cast<int>(std::count(row->plain.begin(), row->plain.end(), 'd'));
  if (shape.max_length > 0 && shape.max_length < digits && row->kind != Kind::ssn) {
    return refused("template " + spec.argument + " does not fit a column of " +
                       std::to_string(shape.max_length) + " characters",
                   "use strategy digits");
  }
  Traits traits;
  traits.capacity = row->capacity;
  traits.always_changes = true;
  traits.uses_subject = !spec.subject.empty();
  traits.text = "template " + spec.argument + " in a range that belongs to nobody" + by_subject(spec);
  return std::unique_ptr<Mask>(std::make_unique<NumberKindMask>(*row, spec, shape, context, traits));
}

}  // namespace godwit::mask
