// Dictionary masks that are not persons: places, streets, companies, jobs, code lists, and lists of the
// user's own.
#include "base/text.h"
#include "mask/strategies/person.h"
#include "mask/strategies/strategies.h"

#include <charconv>

namespace godwit::mask {

namespace {

// The entry's column of a Dictionary.
enum class Field : uint8_t { entry, second, third };

const std::vector<std::string>& column_of(const Dictionary& list, Field field) {
  return field == Field::entry ? list.entries : field == Field::second ? list.second : list.third;
}

constexpr size_t fitting_entries_min = 10;

// An entry of a list; of the list "place" also the state.
class ListMask final : public Mask {
 public:
  ListMask(Origin origin, std::shared_ptr<const Dictionary> list, Field field, bool house_number,
           int max_length, Traits traits)
      : Mask(std::move(traits)),
        origin_(std::move(origin)),
        list_(std::move(list)),
        field_(field),
        house_number_(house_number),
        may_repeat_(capacity() < 100),
        max_length_(max_length) {}

 private:
  Status compute(std::span<const Value> inputs, Value& out, Scratch& scratch) const override {
    RETURN_IF_ERROR(origin_.prepare(inputs, scratch));
    const std::vector<std::string>& entries = column_of(*list_, field_);
    for (uint32_t counter = 0; counter <= 8 * redraws_max; ++counter) {
      const Draw draw = origin_.draw(scratch, counter);
      const size_t index = draw.pick(0, entries.size());
      scratch.out.clear();
      if (house_number_) scratch.out.append(std::to_string(1 + draw.pick(1, 9999))).push_back(' ');
      scratch.out.append(entries[index]);
      if (fits(scratch.out, max_length_) && (may_repeat_ || !same_word(scratch.out, scratch.canonical)))
        break;
    }
    out = Value::of(scratch.out);
    return {};
  }

  Origin origin_;
  std::shared_ptr<const Dictionary> list_;
  Field field_;
  bool house_number_;
  bool may_repeat_;  // in fewer than 100 values, "never itself" is itself a hint
  int max_length_;
};

// ZIP codes: text of five digits or of nine with a hyphen, or an integer.
class ZipMask final : public Mask {
 public:
  ZipMask(Origin origin, std::shared_ptr<const Dictionary> list, int max_length, Traits traits)
      : Mask(std::move(traits)),
        origin_(std::move(origin)),
        list_(std::move(list)),
        max_length_(max_length) {}

 private:
  Status compute(std::span<const Value> inputs, Value& out, Scratch& scratch) const override {
    RETURN_IF_ERROR(origin_.prepare(inputs, scratch));
    const bool long_form =
        inputs[0].textual() && scratch.canonical.size() == 10 && scratch.canonical[5] == '-';
    for (uint32_t counter = 0; counter <= redraws_max; ++counter) {
      const Draw draw = origin_.draw(scratch, counter);
      scratch.out = list_->third[draw.pick(0, list_->third.size())];
      if (long_form && fits("00000-0000", max_length_)) {
        scratch.out.push_back('-');
        draw.append_digits(4, scratch.out);
      }
      if (scratch.out != scratch.canonical) break;
    }
    out = Value::of(scratch.out);
    if (inputs[0].type == ValueType::integer) {
      int64_t number = 0;
      std::from_chars(scratch.out.data(), scratch.out.data() + scratch.out.size(), number);
      out = Value::of_integer(number);
    }
    return {};
  }

  Origin origin_;
  std::shared_ptr<const Dictionary> list_;
  int max_length_;
};

// Code lists: a value of one or two characters gets a code, a longer one a word, in the case of the original.
class CodeMask final : public Mask {
 public:
  CodeMask(Origin origin, std::shared_ptr<const Dictionary> list, int max_length, Traits traits)
      : Mask(std::move(traits)),
        origin_(std::move(origin)),
        list_(std::move(list)),
        max_length_(max_length) {}

 private:
  Status compute(std::span<const Value> inputs, Value& out, Scratch& scratch) const override {
    RETURN_IF_ERROR(origin_.prepare(inputs, scratch));
    const size_t index = origin_.draw(scratch).pick(0, list_->entries.size());
    const bool code = inputs[0].text.size() <= 2 || !fits(list_->second[index], max_length_);
    scratch.out = code ? list_->entries[index] : list_->second[index];
    if (inputs[0].text == scratch.canonical) scratch.out = to_lower_ascii(scratch.out);
    out = Value::of(scratch.out);
    return {};
  }

  Origin origin_;
  std::shared_ptr<const Dictionary> list_;
  int max_length_;
};

Error too_short(const MaskSpec& spec, const ColumnShape& shape) {
  return refused("dictionary " + spec.argument + " does not fit a column of " +
                     std::to_string(shape.max_length) + " characters",
                 "use token, digits or constant, or give a dictionary of shorter entries");
}

struct ListPlan {
  std::string_view list;
  std::string_view domain;
  Field field = Field::entry;
  bool house_number = false;
};

ListPlan plan_of(const MaskSpec& spec, const Dictionaries& dictionaries) {
  // A list of the user's own under one of the names below goes before the shipped places.
  if (dictionaries.find(spec.argument) != nullptr && spec.argument != "street")
    return {spec.argument, spec.argument};
  if (spec.argument == "city") return {"place", "city"};
  if (spec.argument == "state") return {"place", "state", Field::second};
  if (spec.argument == "zip") return {"place", "zip", Field::third};
  if (spec.argument == "street") return {"street", "street", Field::entry, true};
  return {spec.argument, spec.argument};
}

Traits traits_of(const MaskSpec& spec, size_t entries, bool house_number) {
  Traits traits;
  traits.uses_subject = !spec.subject.empty();
  traits.capacity = static_cast<double>(entries) * (house_number ? 9999 : 1);
  if (spec.argument == "state") traits.capacity = 51;
  traits.always_changes = traits.capacity >= 100;
  traits.text = spec.argument + " from " + std::to_string(entries) + by_subject(spec);
  return traits;
}

}  // namespace

MaskResult make_dictionary(const MaskSpec& spec, const ColumnShape& shape, const Context& context) {
  const std::string& name = spec.argument;
  const bool own_full_names = name == "full_name" && context.dictionaries.find(name) != nullptr;
  if (name == "first_name" || name == "last_name" || (name == "full_name" && !own_full_names) ||
      name == "gender") {
    return make_person_name(spec, shape, context);
  }
  if (!shape.labels.empty()) return make_label(spec, shape, context);
  const ListPlan plan = plan_of(spec, context.dictionaries);
  if (plan.list == "place" && !spec.subject.empty()) return make_linked_place(spec, shape, context);
  auto list = context.dictionaries.find(plan.list);
  if (list == nullptr) {
    return make_error(ErrorKind::config, "unknown dictionary " + name,
                      "known: first_name last_name full_name gender city state zip " +
                          join(context.dictionaries.names(), " "));
  }
  const bool zip = name == "zip" && plan.field == Field::third;
  if (shape.type != ValueType::text && !(zip && shape.type == ValueType::integer))
    return wrong_type(spec, shape);
  if (zip && shape.integer_maximum < 99999) return wrong_type(spec, shape);
  const std::vector<std::string>& entries = column_of(*list, plan.field);
  Traits traits = traits_of(spec, entries.size(), plan.house_number);
  Origin origin(spec, plan.domain, Canon::folded, shape, context);
  if (!list->second.empty() && list->third.empty()) {
    traits.always_changes = false;
    for (const std::string& code : list->entries) {
      if (!fits(code, shape.max_length)) return too_short(spec, shape);
    }
    return std::unique_ptr<Mask>(
        std::make_unique<CodeMask>(std::move(origin), list, shape.max_length, traits));
  }
  size_t fitting = 0;
  const std::string number = plan.house_number ? "9999 " : "";
  for (const std::string& entry : entries)
    fitting += fits(number + entry, shape.max_length) ? 1U : 0U;
  if (fitting < std::min(fitting_entries_min, entries.size())) return too_short(spec, shape);
  if (zip)
    return std::unique_ptr<Mask>(
        std::make_unique<ZipMask>(std::move(origin), list, shape.max_length, traits));
  traits.capacity = traits.capacity * static_cast<double>(fitting) / static_cast<double>(entries.size());
  return std::unique_ptr<Mask>(std::make_unique<ListMask>(std::move(origin), list, plan.field,
                                                          plan.house_number, shape.max_length, traits));
}

}  // namespace godwit::mask
