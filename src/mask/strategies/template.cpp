// Templates: email, login, url, and patterns of the user's own with {hash} {digits} {first} {last}.
#include "base/text.h"
#include "mask/strategies/person.h"
#include "mask/strategies/strategies.h"
#include "unicode/normalize.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace godwit::mask {

namespace {

// 16 characters of base32: the 80 bits that a unique column asks for.
constexpr int hash_characters = 16;
constexpr int hash_characters_min = 6;
constexpr int unique_bits_min = 80;
constexpr int digits_default = 6;

struct Piece {
  enum class Kind : uint8_t { literal, hash, digits, first, last } kind = Kind::literal;
  std::string text;  // literal
  int count = 0;     // hash, digits
};
using Pattern = std::vector<Piece>;

Error malformed_template(std::string_view text) {
  return make_error(
      ErrorKind::config, "malformed template " + std::string(text),
      "known: email login url phone ip mac ssn card, or text with {hash} {hash:20} {digits} {digits:4} "
      "{first} {last}");
}

bool parse_count(std::string_view text, int limit, int& count) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  return error == std::errc() && end == text.data() + text.size() && count >= 1 && count <= limit;
}

bool parse_field(std::string_view field, Piece& piece) {
  const size_t colon = field.find(':');
  const std::string_view name = field.substr(0, colon);
  const bool counted = colon != std::string_view::npos;
  if (name == "hash") {
    piece = {Piece::Kind::hash, {}, hash_characters};
    return !counted || parse_count(field.substr(colon + 1), 48, piece.count);
  }
  if (name == "digits") {
    piece = {Piece::Kind::digits, {}, digits_default};
    return !counted || parse_count(field.substr(colon + 1), 36, piece.count);
  }
  if (counted || (name != "first" && name != "last")) return false;
  piece = {name == "first" ? Piece::Kind::first : Piece::Kind::last, {}, 0};
  return true;
}

Result<Pattern> parse_pattern(std::string_view text) {
  if (!is_valid_utf8(text)) return malformed_template("(not UTF-8)");
  Pattern pattern;
  const std::string_view whole = text;
  while (!text.empty()) {
    const size_t open = text.find('{');
    if (open != 0) pattern.push_back({Piece::Kind::literal, std::string(text.substr(0, open)), 0});
    if (open == std::string_view::npos) break;
    const size_t close = text.find('}', open);
    Piece piece;
    if (close == std::string_view::npos || !parse_field(text.substr(open + 1, close - open - 1), piece)) {
      return malformed_template(whole);
    }
    pattern.push_back(std::move(piece));
    text.remove_prefix(close + 1);
  }
  return pattern;
}

// What a template does with its patterns: the first that fits the column, value by value.
struct Plan {
  std::vector<Pattern> patterns;
  std::string domain;
  Canon canon = Canon::text;
  bool lower_names = false;  // names as they stand in addresses: a-z and digits only
};

class TemplateMask final : public Mask {
 public:
  TemplateMask(Plan plan, const MaskSpec& spec, const ColumnShape& shape, const Context& context,
               Traits traits)
      : Mask(std::move(traits)),
        plan_(std::move(plan)),
        max_length_(shape.max_length),
        origin_(spec, plan_.domain, plan_.canon, shape, context),
        persons_(spec, context) {}

 private:
  // The hash and the digits come from the value even when the mask is linked: one person may have two
  // addresses, and a unique column of addresses must stay unique.
  Status compute(std::span<const Value> inputs, Value& out, Scratch& scratch) const override {
    RETURN_IF_ERROR(origin_.prepare(inputs, scratch));
    for (uint32_t counter = 0; counter <= redraws_max; ++counter) {
      const Draw draw = origin_.draw_value(scratch, counter);
      Person person;
      if (scratch.linked) {
        RETURN_IF_ERROR(linked_person(inputs, scratch, person));
      } else {
        person = persons_.of_draw(draw);
      }
      render(draw, person, scratch.out);
      if (!same_word(scratch.out, scratch.canonical)) break;
    }
    out = Value::of(scratch.out);
    return {};
  }

  [[nodiscard]] Status linked_person(std::span<const Value> inputs, Scratch& scratch, Person& person) const {
    std::string& first = scratch.out;
    std::string& last = scratch.spare;
    first.clear();
    last.clear();
    if (inputs.size() > 2 && !inputs[2].null) RETURN_IF_ERROR(canonicalize(inputs[2], Canon::folded, first));
    if (inputs.size() > 3 && !inputs[3].null) RETURN_IF_ERROR(canonicalize(inputs[3], Canon::folded, last));
    if (inputs.size() > 4 && !inputs[4].null) {
      RETURN_IF_ERROR(canonicalize(inputs[4], Canon::folded, first));
      const FullName name = split_full_name(first);
      person = persons_.of_subject(scratch.subject, name.first, name.family);
      return {};
    }
    person = persons_.of_subject(scratch.subject, first, last);
    return {};
  }

  void append_name(std::string_view name, std::string& out) const {
    if (!plan_.lower_names) {
      out.append(name);
      return;
    }
    std::array<char, 64> address;
    size_t length = 0;
    for (const char c : name) {
      const bool upper = c >= 'A' && c <= 'Z';
      const bool plain = upper || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
      if (plain && length < address.size()) address[length++] = upper ? static_cast<char>(c + 32) : c;
    }
    if (length == 0) address[length++] = 'x';  // a replacement list in another script
    out.append(address.data(), length);
  }

  void render(const Draw& draw, const Person& person, std::string& out) const {
    for (const Pattern& pattern : plan_.patterns) {
      out.clear();
      for (const Piece& piece : pattern) {
        switch (piece.kind) {
          case Piece::Kind::literal:
            out.append(piece.text);
            break;
          case Piece::Kind::hash:
            draw.append_hash(static_cast<size_t>(piece.count), out);
            break;
          case Piece::Kind::digits:
            draw.append_digits(static_cast<size_t>(piece.count), out);
            break;
          case Piece::Kind::first:
            append_name(person.first, out);
            break;
          case Piece::Kind::last:
            append_name(person.last, out);
            break;
        }
      }
      if (fits(out, max_length_)) return;
    }
  }

  Plan plan_;
  int max_length_;
  Origin origin_;
  PersonSource persons_;
};

size_t longest(const std::vector<std::string>& names) {
  size_t result = 0;
  for (const std::string& name : names)
    result = std::max(result, unicode::length(name));
  return result;
}

size_t longest(const Pattern& pattern, const PersonSource& persons) {
  size_t result = 0;
  for (const Piece& piece : pattern) {
    switch (piece.kind) {
      case Piece::Kind::literal:
        result += unicode::length(piece.text);
        break;
      case Piece::Kind::hash:
      case Piece::Kind::digits:
        result += static_cast<size_t>(piece.count);
        break;
      case Piece::Kind::first:
        result += longest(persons.first_names().entries);
        break;
      case Piece::Kind::last:
        result += longest(persons.last_names().entries);
        break;
    }
  }
  return result;
}

// Bits of MAC that every fake of the pattern shows.
int bits_of(const Pattern& pattern) {
  int bits = 0;
  for (const Piece& piece : pattern) {
    if (piece.kind == Piece::Kind::hash) bits = std::max(bits, 5 * piece.count);
    if (piece.kind == Piece::Kind::digits) bits = std::max(bits, std::min(64, piece.count * 332 / 100));
  }
  return bits;
}

// The built-in kinds as patterns, the roomiest first. The last one's hash is cut to a short column.
Result<Plan> built_in_plan(const std::string& kind, int max_length) {
  Plan plan;
  plan.domain = kind;
  std::vector<std::string> texts;
  std::string shortest;  // what stands around the hash of the shortest form
  if (kind == "email") {
    texts = {"{first}.{last}.{hash}@example.org", "{hash}@example.org"};
    shortest = "@example.org";
  } else if (kind == "login") {
    texts = {"{first}.{last}.{hash}", "{hash}"};
  } else {
    texts = {"https://example.org/{hash}", "example.org/{hash}"};
    shortest = "example.org/";
  }
  const int room = max_length - static_cast<int>(shortest.size());
  if (max_length > 0 && room < hash_characters) {
    if (room < hash_characters_min) {
      return refused(
          "template " + kind + " does not fit a column of " + std::to_string(max_length) + " characters",
          "use token, digits, fpe or constant");
    }
    texts.back() = (kind == "url" ? shortest : "") + "{hash:" + std::to_string(room) + "}" +
                   (kind == "email" ? shortest : "");
  }
  for (const std::string& text : texts) {
    ASSIGN_OR_RETURN(Pattern pattern, parse_pattern(text));
    plan.patterns.push_back(std::move(pattern));
  }
  plan.canon = kind == "url" ? Canon::text : Canon::folded;
  plan.lower_names = true;
  return plan;
}

Result<Plan> plan_of(const MaskSpec& spec, const ColumnShape& shape, const PersonSource& persons) {
  const std::string& kind = spec.argument;
  if (kind == "email" || kind == "login" || kind == "url") return built_in_plan(kind, shape.max_length);
  Plan plan;
  ASSIGN_OR_RETURN(Pattern pattern, parse_pattern(kind));
  const size_t length = longest(pattern, persons);
  if (shape.max_length > 0 && length > static_cast<size_t>(shape.max_length)) {
    return refused("the template makes up to " + std::to_string(length) + " characters, the column holds " +
                       std::to_string(shape.max_length),
                   "shorten the template, for example by {hash:" + std::to_string(hash_characters_min) + "}");
  }
  if (bits_of(pattern) == 0 && std::none_of(pattern.begin(), pattern.end(), [](const Piece& piece) {
        return piece.kind != Piece::Kind::literal;
      })) {
    return malformed_template(kind + " (it has no field: use strategy constant)");
  }
  plan.domain = "template";
  plan.lower_names = kind.find('@') != std::string::npos;
  plan.canon = plan.lower_names ? Canon::folded : Canon::text;
  plan.patterns.push_back(std::move(pattern));
  return plan;
}

}  // namespace

MaskResult make_template(const MaskSpec& spec, const ColumnShape& shape, const Context& context) {
  const std::string& kind = spec.argument;
  if (kind == "phone" || kind == "ssn" || kind == "card") return make_number_kind(spec, shape, context);
  if (kind == "ip" || kind == "mac") return make_network(spec, shape, context);
  if (kind.empty()) return malformed_template("(empty)");
  if (shape.type != ValueType::text) return wrong_type(spec, shape);
  if (!shape.labels.empty()) return make_label(spec, shape, context);
  ASSIGN_OR_RETURN(Plan plan, plan_of(spec, shape, PersonSource(spec, context)));
  Traits traits;
  // Short columns may fall to the last pattern: it sets the bits.
  traits.mac_bits = bits_of(plan.patterns.back());
  traits.injective = traits.mac_bits >= unique_bits_min;
  traits.capacity = std::exp2(traits.mac_bits);
  traits.always_changes = true;
  traits.uses_subject = !spec.subject.empty();
  traits.text = "template " + kind + ", " + std::to_string(traits.mac_bits) + " bits" + by_subject(spec);
  return std::unique_ptr<Mask>(std::make_unique<TemplateMask>(std::move(plan), spec, shape, context, traits));
}

}  // namespace godwit::mask
