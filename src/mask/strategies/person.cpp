#include "mask/strategies/person.h"

#include "base/check.h"
#include "mask/strategies/strategies.h"
#include "unicode/normalize.h"

#include <array>

namespace godwit::mask {

namespace {

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

bool same_ascii_word(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i) {
    if (lower(a[i]) != lower(b[i])) return false;
  }
  return true;
}

}  // namespace

bool same_word(std::string_view word, std::string_view folded) {
  if (word.empty() || folded.empty()) return word.size() == folded.size();
  // Two different ASCII letters at the beginning: no folding makes them one. Most words end here.
  const char x = lower(word[0]), y = lower(folded[0]);
  if (x != y && ((static_cast<unsigned char>(x) | static_cast<unsigned char>(y)) & 0x80U) == 0) return false;
  if (same_ascii_word(word, folded)) return true;
  if (unicode::is_ascii(word)) return false;
  std::string other;
  return unicode::append_nfc_case_folded(word, other) && other == folded;
}

PersonSource::PersonSource(const MaskSpec& spec, const Context& context)
    : first_(context.dictionaries.find("first_name")), last_(context.dictionaries.find("last_name")) {
  CHECK(first_ != nullptr && last_ != nullptr);
  if (spec.subject.empty()) return;
  const std::string domain = "person@" + spec.subject;
  key_ = std::make_unique<DomainKey>(context.keyring, domain, spec.version);
}

Person PersonSource::of_draw(const Draw& draw) const {
  return {draw.coin(), first_->entries[draw.pick(3, first_->entries.size())],
          last_->entries[draw.pick(4, last_->entries.size())]};
}

Person PersonSource::of_subject(std::string_view subject, std::string_view original_first,
                                std::string_view original_last) const {
  Draw draw = key_->draw(subject);
  Person person;
  person.female = draw.coin();
  const std::vector<std::string>& names = person.female ? first_->female : first_->male;
  person.first = names[draw.pick(3, names.size())];
  person.last = last_->entries[draw.pick(4, last_->entries.size())];
  for (uint32_t counter = 1; counter <= redraws_max; ++counter) {
    const bool first_again = same_word(person.first, original_first);
    const bool last_again = same_word(person.last, original_last);
    if (!first_again && !last_again) break;
    draw = key_->draw(subject, counter);
    if (first_again) person.first = names[draw.pick(3, names.size())];
    if (last_again) person.last = last_->entries[draw.pick(4, last_->entries.size())];
  }
  return person;
}

namespace {

// first_name, last_name: the value's own draw, or the linked person's name.
class NamePartMask final : public Mask {
 public:
  NamePartMask(bool first, const MaskSpec& spec, const ColumnShape& shape, const Context& context,
               Traits traits)
      : Mask(std::move(traits)),
        first_(first),
        max_length_(shape.max_length),
        origin_(spec, first ? "first_name" : "last_name", Canon::folded, shape, context),
        persons_(spec, context) {}

 private:
  Status compute(std::span<const Value> inputs, Value& out, Scratch& scratch) const override {
    RETURN_IF_ERROR(origin_.prepare(inputs, scratch));
    std::string_view name;
    if (scratch.linked) {
      const std::string_view original = scratch.canonical;
      const Person person = persons_.of_subject(scratch.subject, first_ ? original : std::string_view(),
                                                first_ ? std::string_view() : original);
      name = first_ ? person.first : person.last;
    } else {
      name = own_name(scratch);
    }
    out = Value::of(fits(name, max_length_) ? name : unicode::prefix(name, static_cast<size_t>(max_length_)));
    return {};
  }

  [[nodiscard]] std::string_view own_name(const Scratch& scratch) const {
    const std::vector<std::string>& names = (first_ ? persons_.first_names() : persons_.last_names()).entries;
    std::string_view name;
    for (uint32_t counter = 0; counter <= redraws_max; ++counter) {
      name = names[origin_.draw_value(scratch, counter).pick(0, names.size())];
      if (!same_word(name, scratch.canonical)) break;
    }
    return name;
  }

  bool first_;
  int max_length_;
  Origin origin_;
  PersonSource persons_;
};

// Where names are not cut, so that a cut one cannot happen to be the original.
constexpr int roomy_name = 14;
constexpr int roomy_full_name = 30;

struct Affix {
  std::string_view folded;
  std::string_view shown;
};
constexpr std::array<Affix, 8> titles = {{{"mr", "Mr."},
                                          {"mrs", "Mrs."},
                                          {"ms", "Ms."},
                                          {"dr", "Dr."},
                                          {"miss", "Miss"},
                                          {"mx", "Mx."},
                                          {"prof", "Prof."},
                                          {"rev", "Rev."}}};
constexpr std::array<Affix, 7> suffixes = {
    {{"jr", "Jr."}, {"sr", "Sr."}, {"ii", "II"}, {"iii", "III"}, {"iv", "IV"}, {"phd", "PhD"}, {"md", "MD"}}};
constexpr std::array<std::string_view, 18> particles = {"de",  "la",  "del", "las", "los", "van",
                                                        "von", "der", "den", "di",  "da",  "dos",
                                                        "el",  "al",  "bin", "ibn", "ter", "le"};

template <size_t count>
std::string_view shown_affix(const std::array<Affix, count>& affixes, std::string_view word) {
  if (!word.empty() && word.back() == '.') word.remove_suffix(1);
  for (const Affix& affix : affixes) {
    if (affix.folded == word) return affix.shown;
  }
  return {};
}

bool is_particle(std::string_view word) {
  for (const std::string_view particle : particles) {
    if (particle == word) return true;
  }
  return false;
}

// A folded full name taken apart: views into the canonical text.
struct NameParts {
  std::string_view title;     // as shown
  std::string_view suffix;    // as shown
  std::string_view given;     // "maria j."
  std::string_view family;    // "de la cruz"
  bool family_first = false;  // "lopez, maria"
};

NameParts take_apart(std::string_view name) {
  NameParts parts;
  const size_t comma = name.find(',');
  if (comma != std::string_view::npos) {
    std::string_view rest = name.substr(comma + 1);
    while (!rest.empty() && rest.front() == ' ')
      rest.remove_prefix(1);
    parts.suffix = shown_affix(suffixes, rest);
    if (parts.suffix.empty()) {
      parts.family = name.substr(0, comma);
      parts.given = rest;
      parts.family_first = true;
      return parts;
    }
    name = name.substr(0, comma);
  }
  const size_t first_end = name.find(' ');
  if (first_end != std::string_view::npos) {
    parts.title = shown_affix(titles, name.substr(0, first_end));
    if (!parts.title.empty()) name.remove_prefix(first_end + 1);
  }
  if (const size_t last = name.rfind(' '); parts.suffix.empty() && last != std::string_view::npos) {
    parts.suffix = shown_affix(suffixes, name.substr(last + 1));
    if (!parts.suffix.empty()) name = name.substr(0, last);
  }
  size_t split = name.rfind(' ');
  while (split != std::string_view::npos && split > 0) {
    const size_t before = name.rfind(' ', split - 1);
    if (before == std::string_view::npos || !is_particle(name.substr(before + 1, split - before - 1))) break;
    split = before;
  }
  if (split == std::string_view::npos) {
    parts.given = name;
  } else {
    parts.given = name.substr(0, split);
    parts.family = name.substr(split + 1);
  }
  return parts;
}

std::string_view first_word(std::string_view text) {
  return text.substr(0, text.find(' '));
}

// full_name. Without a subject each part is drawn under the domain of its column, so that "Ana Lopez" is the
// fake of "Ana" beside the fake of "Lopez"; with one, it is the linked person's first and last name.
class FullNameMask final : public Mask {
 public:
  FullNameMask(const MaskSpec& spec, const ColumnShape& shape, const Context& context, Traits traits)
      : Mask(std::move(traits)),
        max_length_(shape.max_length),
        origin_(spec, "full_name", Canon::folded, shape, context),
        first_key_(context.keyring, "first_name", spec.version),
        last_key_(context.keyring, "last_name", spec.version),
        persons_(spec, context) {}

 private:
  Status compute(std::span<const Value> inputs, Value& out, Scratch& scratch) const override {
    RETURN_IF_ERROR(origin_.prepare(inputs, scratch));
    const NameParts parts = take_apart(scratch.canonical);
    scratch.out.clear();
    if (scratch.linked) {
      const Person person = persons_.of_subject(scratch.subject, first_word(parts.given), parts.family);
      append_whole(parts, person.first, person.last, scratch.out);
    } else {
      append_drawn(parts, scratch);
    }
    if (!fits(scratch.out, max_length_)) shorten(scratch.out);
    out = Value::of(scratch.out);
    return {};
  }

  [[nodiscard]] std::string_view drawn(const DomainKey& key, const std::vector<std::string>& names,
                                       std::string_view original) const {
    std::string_view name;
    for (uint32_t counter = 0; counter <= redraws_max; ++counter) {
      name = names[key.draw(original, counter).pick(0, names.size())];
      if (!same_word(name, original)) break;
    }
    return name;
  }

  // The given names word by word; an initial stays an initial.
  void append_given(std::string_view given, std::string& out) const {
    while (!given.empty()) {
      const std::string_view word = first_word(given);
      given.remove_prefix(std::min(given.size(), word.size() + 1));
      const bool initial = word.size() == 1 || (word.size() == 2 && word[1] == '.');
      std::string_view name = drawn(first_key_, persons_.first_names().entries, word);
      if (initial && same_word(name.substr(0, 1), word.substr(0, 1))) name = name[0] == 'Z' ? "A" : "Z";
      if (!out.empty() && out.back() != ' ') out.push_back(' ');
      out.append(initial ? unicode::prefix(name, 1) : name);
      if (initial && word.size() == 2) out.push_back('.');
    }
  }

  void append_drawn(const NameParts& parts, Scratch& scratch) const {
    scratch.spare.clear();
    append_given(parts.given, scratch.spare);
    if (parts.given.empty() && parts.family.empty()) {
      scratch.spare = drawn(first_key_, persons_.first_names().entries, {});  // blanks alone
    }
    const std::string_view family = parts.family.empty()
                                        ? std::string_view()
                                        : drawn(last_key_, persons_.last_names().entries, parts.family);
    append_whole(parts, scratch.spare, family, scratch.out);
  }

  static void append_whole(const NameParts& parts, std::string_view given, std::string_view family,
                           std::string& out) {
    if (!parts.title.empty()) out.append(parts.title).push_back(' ');
    if (parts.family_first) {
      out.append(family).append(", ").append(given);
    } else {
      out.append(given);
      if (!given.empty() && !family.empty()) out.push_back(' ');
      out.append(family);
    }
    if (!parts.suffix.empty()) out.append(" ").append(parts.suffix);
  }

  // The longest of: "First Last", "F. Last", and what fits of the last.
  void shorten(std::string& name) const {
    const size_t space = name.find(' ');
    const size_t last = name.rfind(' ');
    const auto limit = static_cast<size_t>(max_length_);
    std::string shorter = name;
    if (last != std::string::npos) shorter = name.substr(0, space) + name.substr(last);
    if (!fits(shorter, max_length_) && last != std::string::npos) {
      shorter = std::string(unicode::prefix(name, 1)) + "." + name.substr(last);
    }
    name = std::string(unicode::prefix(shorter, limit));
  }

  int max_length_;
  Origin origin_;
  DomainKey first_key_;
  DomainKey last_key_;
  PersonSource persons_;
};

// gender: in the form of the original (code or word, its case) or, where the column has labels, one of them.
class GenderMask final : public Mask {
 public:
  GenderMask(const MaskSpec& spec, const ColumnShape& shape, const Context& context,
             std::shared_ptr<const Dictionary> list, Traits traits)
      : Mask(std::move(traits)),
        origin_(spec, "gender", Canon::folded, shape, context),
        persons_(spec, context),
        list_(std::move(list)),
        labels_(shape.labels),
        max_length_(shape.max_length) {}

 private:
  Status compute(std::span<const Value> inputs, Value& out, Scratch& scratch) const override {
    RETURN_IF_ERROR(origin_.prepare(inputs, scratch));
    const bool female = scratch.linked ? persons_.of_subject(scratch.subject, {}, {}).female
                                       : origin_.draw_value(scratch).coin();
    if (!labels_.empty()) {
      out = Value::of(label(female, scratch));
      return {};
    }
    const size_t index = female ? 0 : 1;
    const std::string_view original = inputs[0].text;
    const bool code = original.size() <= 2 || !fits(list_->second[index], max_length_);
    scratch.out = code ? list_->entries[index] : list_->second[index];
    if (original == scratch.canonical) scratch.out = to_lower(scratch.out);
    out = Value::of(scratch.out);
    return {};
  }

  static std::string to_lower(std::string text) {
    for (char& c : text)
      c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    return text;
  }

  [[nodiscard]] std::string_view label(bool female, const Scratch& scratch) const {
    for (const std::string& candidate : labels_) {
      const char initial = candidate.empty() ? ' ' : candidate[0];
      if (female ? initial == 'f' || initial == 'F' : initial == 'm' || initial == 'M') return candidate;
    }
    return labels_[origin_.draw(scratch).pick(0, labels_.size())];
  }

  Origin origin_;
  PersonSource persons_;
  std::shared_ptr<const Dictionary> list_;
  std::vector<std::string> labels_;
  int max_length_;
};

}  // namespace

FullName split_full_name(std::string_view folded) {
  const NameParts parts = take_apart(folded);
  return {first_word(parts.given), parts.family};
}

MaskResult make_person_name(const MaskSpec& spec, const ColumnShape& shape, const Context& context) {
  if (shape.type != ValueType::text) return wrong_type(spec, shape);
  Traits traits;
  traits.uses_subject = !spec.subject.empty();
  const PersonSource lists(spec, context);
  const auto firsts = static_cast<double>(lists.first_names().entries.size());
  const auto lasts = static_cast<double>(lists.last_names().entries.size());
  if (spec.argument == "gender") {
    const auto list = context.dictionaries.find("gender");
    traits.capacity = 2;
    traits.text = "gender" + by_subject(spec);
    return std::unique_ptr<Mask>(std::make_unique<GenderMask>(spec, shape, context, list, traits));
  }
  if (spec.argument == "full_name") {
    traits.capacity = firsts * lasts;
    traits.text = "full name from the first and last names" + by_subject(spec);
    traits.always_changes = shape.max_length == 0 || shape.max_length >= roomy_full_name;
    return std::unique_ptr<Mask>(std::make_unique<FullNameMask>(spec, shape, context, traits));
  }
  const bool first = spec.argument == "first_name";
  traits.capacity = first ? firsts : lasts;
  traits.always_changes = shape.max_length == 0 || shape.max_length >= roomy_name;
  traits.text = (first ? "first name from " : "last name from ") +
                std::to_string(static_cast<int64_t>(traits.capacity)) + by_subject(spec);
  return std::unique_ptr<Mask>(std::make_unique<NamePartMask>(first, spec, shape, context, traits));
}

}  // namespace godwit::mask
