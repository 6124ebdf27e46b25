// city, state and ZIP code of a subject: the three fields of one entry of the list "place".
#include "mask/strategies/person.h"
#include "mask/strategies/strategies.h"
#include "unicode/normalize.h"

#include <algorithm>
#include <charconv>
#include <set>

namespace godwit::mask {

namespace {

enum class Field : uint8_t { city, state, zip };

constexpr size_t zip_digits = 5;

class LinkedPlaceMask final : public Mask {
 public:
  LinkedPlaceMask(Field field, const MaskSpec& spec, const ColumnShape& shape, const Context& context,
                  std::shared_ptr<const Dictionary> list, Traits traits)
      : Mask(std::move(traits)),
        field_(field),
        max_length_(shape.max_length),
        may_repeat_(capacity() < 100),
        origin_(spec, "place", Canon::folded, shape, context),
        list_(std::move(list)) {}

 private:
  Status compute(std::span<const Value> inputs, Value& out, Scratch& scratch) const override {
    RETURN_IF_ERROR(origin_.prepare(inputs, scratch));
    const bool long_zip = field_ == Field::zip && inputs[0].textual() && scratch.canonical.size() == 10 &&
                          scratch.canonical[5] == '-';
    if (scratch.linked) {
      RETURN_IF_ERROR(read_originals(inputs, scratch));
      const size_t entry = entry_of(origin_.draw(scratch), scratch.out, scratch.spare);
      write(entry, origin_.draw(scratch), long_zip, scratch.out);
    } else {
      for (uint32_t counter = 0; counter <= redraws_max; ++counter) {
        const Draw draw = origin_.draw(scratch, counter);
        write(draw.pick(0, list_->entries.size()), draw, long_zip, scratch.out);
        if (may_repeat_ || !same_word(scratch.out, scratch.canonical)) break;
      }
    }
    out = Value::of(scratch.out);
    if (inputs[0].type == ValueType::integer) {
      int64_t number = 0;
      std::from_chars(scratch.out.data(), scratch.out.data() + scratch.out.size(), number);
      out = Value::of_integer(number);
    }
    return {};
  }

  // The row's original city (folded) into scratch.out, its ZIP code's five digits into scratch.spare; empty
  // where the row does not tell.
  [[nodiscard]] Status read_originals(std::span<const Value> inputs, Scratch& scratch) const {
    scratch.out.clear();
    scratch.spare.clear();
    const Value* city = field_ == Field::city ? &inputs[0] : inputs.size() > 2 ? &inputs[2] : nullptr;
    const Value* zip = field_ == Field::zip ? &inputs[0] : inputs.size() > 3 ? &inputs[3] : nullptr;
    if (city != nullptr && !city->null) RETURN_IF_ERROR(canonicalize(*city, Canon::folded, scratch.out));
    if (zip == nullptr || zip->null) return {};
    RETURN_IF_ERROR(canonicalize(*zip, Canon::folded, scratch.spare));
    if (zip->type == ValueType::integer && scratch.spare.size() < zip_digits)
      scratch.spare.insert(0, zip_digits - scratch.spare.size(), '0');
    scratch.spare.resize(std::min(scratch.spare.size(), zip_digits));
    return {};
  }

  // The drawn entry; where it would show the original city or ZIP code the next one of its state that does
  // not, or of any state. Every column of the row decides alike, so that they go on agreeing.
  [[nodiscard]] size_t entry_of(const Draw& draw, std::string_view city, std::string_view zip) const {
    const size_t count = list_->entries.size();
    const size_t start = draw.pick(0, count);
    const auto clashes = [&](size_t entry) {
      return same_word(list_->entries[entry], city) || list_->third[entry] == zip;
    };
    if (!clashes(start)) return start;
    for (const bool same_state : {true, false}) {
      for (size_t step = 1; step < count; ++step) {
        const size_t entry = (start + step) % count;
        if ((!same_state || list_->second[entry] == list_->second[start]) && !clashes(entry)) return entry;
      }
    }
    return start;
  }

  void write(size_t entry, const Draw& draw, bool long_zip, std::string& out) const {
    out = field_ == Field::city    ? list_->entries[entry]
          : field_ == Field::state ? list_->second[entry]
                                   : list_->third[entry];
    if (long_zip && fits("00000-0000", max_length_)) {
      out.push_back('-');
      draw.append_digits(4, out);
    }
    if (!fits(out, max_length_)) out.resize(unicode::prefix(out, static_cast<size_t>(max_length_)).size());
  }

  Field field_;
  int max_length_;
  bool may_repeat_;  // in fewer than 100 values, "never itself" is itself a hint
  Origin origin_;
  std::shared_ptr<const Dictionary> list_;
};

}  // namespace

MaskResult make_linked_place(const MaskSpec& spec, const ColumnShape& shape, const Context& context) {
  constexpr int shortest_city = 8;
  const Field field = spec.argument == "city"    ? Field::city
                      : spec.argument == "state" ? Field::state
                                                 : Field::zip;
  const bool zip_number =
      field == Field::zip && shape.type == ValueType::integer && shape.integer_maximum >= 99'999;
  if (shape.type != ValueType::text && !zip_number) return wrong_type(spec, shape);
  const int needed = field == Field::city    ? shortest_city
                     : field == Field::state ? 2
                                             : static_cast<int>(zip_digits);
  if (shape.max_length > 0 && shape.max_length < needed) {
    return refused("dictionary " + spec.argument + " does not fit a column of " +
                       std::to_string(shape.max_length) + " characters",
                   "use token, digits or constant, or give a dictionary of shorter entries");
  }
  const auto list = context.dictionaries.find("place");
  const std::vector<std::string>& shown = field == Field::city    ? list->entries
                                          : field == Field::state ? list->second
                                                                  : list->third;
  const std::set<std::string_view> distinct(shown.begin(), shown.end());
  Traits traits;
  traits.uses_subject = true;
  traits.capacity = static_cast<double>(distinct.size());
  traits.always_changes = traits.capacity >= 100;
  traits.text = spec.argument + " from " + std::to_string(list->entries.size()) + by_subject(spec);
  return std::unique_ptr<Mask>(std::make_unique<LinkedPlaceMask>(field, spec, shape, context, list, traits));
}

}  // namespace godwit::mask
