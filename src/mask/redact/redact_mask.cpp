// redact: free text. Either the whole text is replaced, or what looks private in it is, each kind by the same
// mask and domain as in its own column, so that an e-mail in a note is the fake that the person's row shows.
#include "base/text.h"
#include "mask/redact/matchers.h"
#include "mask/strategies/strategies.h"
#include "unicode/normalize.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace godwit::mask {

namespace {

constexpr std::string_view whole_prefix = "redacted-";
constexpr int hash_characters = 16;
constexpr int hash_characters_min = 4;
// Numbers of this many digits and more are taken for identifiers.
constexpr size_t identifier_digits = 6;

class WholeMask final : public Mask {
 public:
  WholeMask(const MaskSpec& spec, const ColumnShape& shape, const Context& context, std::string prefix,
            int characters, Traits traits)
      : Mask(std::move(traits)),
        origin_(spec, "redact", Canon::text, shape, context),
        prefix_(std::move(prefix)),
        characters_(static_cast<size_t>(characters)) {}

 private:
  Status compute(std::span<const Value> inputs, Value& out, Scratch& scratch) const override {
    RETURN_IF_ERROR(origin_.prepare(inputs, scratch));
    scratch.out = prefix_;
    origin_.draw_value(scratch).append_hash(characters_, scratch.out);
    out = Value::of(scratch.out);
    return {};
  }

  Origin origin_;
  std::string prefix_;
  size_t characters_;
};

// What the scanner finds, and the mask that replaces it.
enum Kind : uint8_t { email, url, ip, ssn, phone, card, date, identifier, first_name, last_name, kinds };

struct Found {
  Kind kind = kinds;
  size_t length = 0;
};

Found find_number(std::string_view text, size_t at) {
  if (const size_t n = match_date(text, at); n > 0) return {date, n};
  if (const size_t n = match_ip(text, at); n > 0) return {ip, n};
  if (const size_t n = match_card(text, at); n > 0) return {card, n};
  if (const size_t n = match_ssn(text, at); n > 0) return {ssn, n};
  if (const size_t n = match_phone(text, at); n > 0) return {phone, n};
  if (const size_t n = match_digits(text, at, identifier_digits); n > 0) return {identifier, n};
  return {};
}

constexpr std::array<std::string_view, 14> titles = {"mr",      "mrs",   "ms",     "miss",  "mx",
                                                     "dr",      "prof",  "sir",    "coach", "principal",
                                                     "teacher", "nurse", "senora", "sr"};

class ScanMask final : public Mask {
 public:
  ScanMask(std::array<std::unique_ptr<Mask>, kinds> masks, const Context& context, int max_length,
           Traits traits)
      : Mask(std::move(traits)),
        masks_(std::move(masks)),
        first_names_(context.dictionaries.find("first_name")),
        last_names_(context.dictionaries.find("last_name")),
        max_length_(max_length) {}

 private:
  Status compute(std::span<const Value> inputs, Value& out, Scratch& scratch) const override {
    const std::string_view text = inputs[0].text;
    if (!is_valid_utf8(text)) {
      return make_error(ErrorKind::failed, "a text value is not valid UTF-8", "repair it at the source");
    }
    scratch.out.clear();
    bool after_name = false;
    for (size_t at = 0; at < text.size();) {
      const Found found = find(text, at, after_name, scratch);
      if (found.kind != kinds) {
        RETURN_IF_ERROR(replace(found.kind, text.substr(at, found.length), scratch));
        after_name = found.kind == first_name;
        at += found.length;
        continue;
      }
      const size_t length = found.length > 0 ? found.length : unicode::prefix(text.substr(at), 1).size();
      if (found.length > 0) {
        after_name = is_title(text.substr(at, length));
      } else if (text[at] != ' ' && text[at] != '.') {
        after_name = false;
      }
      scratch.out.append(text.substr(at, length));
      at += length;
    }
    if (!fits(scratch.out, max_length_)) {
      const size_t keep = unicode::prefix(scratch.out, static_cast<size_t>(max_length_)).size();
      scratch.out.resize(keep);
    }
    out = Value::of(scratch.out);
    return {};
  }

  // What begins at `at`; kind `kinds` with a length is a word or number to copy whole.
  Found find(std::string_view text, size_t at, bool after_name, Scratch& scratch) const {
    const char c = text[at];
    if (const size_t n = match_url(text, at); n > 0) return {url, n};
    if (const size_t n = match_email(text, at); n > 0) return {email, n};
    const bool digit = c >= '0' && c <= '9';
    if (digit || c == '+' || c == '(') {
      const Found number = find_number(text, at);
      if (number.kind != kinds || !digit) return number;
      return {kinds, match_digits(text, at, 1)};
    }
    if (const size_t n = match_ipv6(text, at); n > 0) return {ip, n};
    const size_t word = without_possessive(text.substr(at, match_word(text, at)));
    if (word == 0) return {};
    return {name_kind(text.substr(at, word), after_name, scratch), word};
  }

  // "Maria's" is about Maria.
  static size_t without_possessive(std::string_view word) {
    const bool possessive =
        word.size() > 2 && (word.substr(word.size() - 2) == "'s" || word.substr(word.size() - 2) == "'S");
    return possessive ? word.size() - 2 : word.size();
  }

  Kind name_kind(std::string_view word, bool after_name, Scratch& scratch) const {
    const bool capital =
        (word[0] >= 'A' && word[0] <= 'Z') || (static_cast<unsigned char>(word[0]) & 0x80U) != 0;
    if (!capital) return kinds;
    std::string& folded = scratch.spare;
    folded.clear();
    if (!unicode::append_nfc_case_folded(word, folded)) return kinds;
    if (!after_name && first_names_->contains_folded(folded)) return first_name;
    if (last_names_->contains_folded(folded)) return last_name;
    if (first_names_->contains_folded(folded)) return first_name;
    // A capitalised word behind a first name or a title is somebody's last name.
    return after_name && word.size() > 1 && !is_title(word) ? last_name : kinds;
  }

  static bool is_title(std::string_view word) {
    const std::string lower = to_lower_ascii(word);
    return std::find(titles.begin(), titles.end(), lower) != titles.end();
  }

  Status replace(Kind kind, std::string_view original, Scratch& scratch) const {
    const Value value = Value::of(original);
    Value fake;
    RETURN_IF_ERROR(masks_[kind]->apply({&value, 1}, fake, scratch.inner()));
    scratch.out.append(fake.null ? std::string_view("[date]") : fake.text);
    return {};
  }

  std::array<std::unique_ptr<Mask>, kinds> masks_;
  std::shared_ptr<const Dictionary> first_names_;
  std::shared_ptr<const Dictionary> last_names_;
  int max_length_;
};

MaskSpec inner_spec(MaskStrategy strategy, std::string_view argument, const MaskSpec& outer) {
  MaskSpec spec;
  spec.strategy = strategy;
  spec.argument = argument;
  spec.version = outer.version;
  spec.range_days = outer.range_days;
  return spec;
}

MaskResult make_whole(const MaskSpec& spec, const ColumnShape& shape, const Context& context) {
  const bool short_column =
      shape.max_length > 0 && shape.max_length < static_cast<int>(whole_prefix.size()) + hash_characters;
  const std::string prefix(short_column ? std::string_view() : whole_prefix);
  const int characters = short_column ? std::min(hash_characters, shape.max_length) : hash_characters;
  if (characters < hash_characters_min) {
    return refused(
        "redacted text does not fit a column of " + std::to_string(shape.max_length) + " characters",
        "use digits, null or constant");
  }
  Traits traits;
  traits.mac_bits = 5 * characters;
  traits.injective = characters >= hash_characters;
  traits.capacity = std::exp2(traits.mac_bits);
  traits.text = "whole text redacted";
  traits.always_changes = true;
  MaskSpec by_value = spec;
  by_value.subject.clear();
  return std::unique_ptr<Mask>(
      std::make_unique<WholeMask>(by_value, shape, context, prefix, characters, traits));
}

}  // namespace

MaskResult make_redact(const MaskSpec& spec, const ColumnShape& shape, const Context& context) {
  if (shape.type == ValueType::json_text) return make_json(spec, shape, context);
  if (shape.type != ValueType::text) return wrong_type(spec, shape);
  if (!shape.labels.empty()) return make_label(spec, shape, context);
  if (spec.argument == "whole" || spec.argument == "all") return make_whole(spec, shape, context);
  if (!spec.argument.empty() && spec.argument != "scan") {
    return make_error(ErrorKind::config, "unknown form of redact: " + spec.argument, "known: scan whole");
  }
  const std::array<MaskSpec, kinds> specs = {
      inner_spec(MaskStrategy::template_, "email", spec),
      inner_spec(MaskStrategy::template_, "url", spec),
      inner_spec(MaskStrategy::template_, "ip", spec),
      inner_spec(MaskStrategy::template_, "ssn", spec),
      inner_spec(MaskStrategy::template_, "phone", spec),
      inner_spec(MaskStrategy::template_, "card", spec),
      inner_spec(MaskStrategy::date_shift, "", spec),
      inner_spec(MaskStrategy::digits, "", spec),
      inner_spec(MaskStrategy::dictionary, "first_name", spec),
      inner_spec(MaskStrategy::dictionary, "last_name", spec),
  };
  std::array<std::unique_ptr<Mask>, kinds> masks;
  for (size_t kind = 0; kind < masks.size(); ++kind) {
    ASSIGN_OR_RETURN(masks[kind], make(specs[kind], ColumnShape{}, context));
  }
  Traits traits;
  traits.capacity = 1e18;
  traits.text = "private words of the text replaced";
  return std::unique_ptr<Mask>(
      std::make_unique<ScanMask>(std::move(masks), context, shape.max_length, traits));
}

}  // namespace godwit::mask
