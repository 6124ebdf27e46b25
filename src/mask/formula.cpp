#include "mask/formula.h"

#include "base/text.h"
#include "base/time.h"
#include "unicode/normalize.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace godwit::mask {

namespace {

using S = MaskStrategy;

enum class Form : uint8_t { none, text, folded, phone, digits, address };

struct Row {
  S strategy;
  std::string_view kind;            // of a dictionary or template; empty: any other
  std::string_view domain;          // the default one; empty: the kind itself
  std::string_view subject_domain;  // before "@<subject>"; empty: the domain
  Form form;
  std::string_view words;
  std::string_view range;
  std::string_view example;
};

constexpr std::string_view names_range = "common words: somebody may bear the name";
constexpr std::string_view codes_range = "the codes of a list";

// The first row of a strategy whose kind fits; one without a kind ends its strategy.
constexpr Row rows[] = {
    {S::keep, "", "", "", Form::none, "the value as it is", "real values", "made up"},
    {S::null, "", "", "", Form::none, "NULL", "nobody's", "made up"},
    {S::constant, "", "", "", Form::none, "the one value for all", "what the rule says", "made up"},
    {S::dictionary, "first_name", "", "person", Form::folded,
     "an entry of the list; of a person, one for their gender", names_range, "Maria"},
    {S::dictionary, "last_name", "", "person", Form::folded, "an entry of the list", names_range, "Lopez"},
    {S::dictionary, "full_name", "first_name and last_name", "person", Form::folded,
     "first and last name, each as its own column would show it; titles, suffixes and initials stay",
     names_range, "Maria Lopez"},
    {S::dictionary, "gender", "", "person", Form::folded, "female or male, in the form of the original",
     codes_range, "F"},
    {S::dictionary, "street", "", "", Form::folded, "a number of 1 to 9999, a blank, an entry of the list",
     names_range, "12 Harbor Road"},
    {S::dictionary, "city", "", "place", Form::folded, "the city of an entry of `place`", names_range,
     "Springfield"},
    {S::dictionary, "state", "", "place", Form::folded, "the state of an entry of `place`", codes_range,
     "OH"},
    {S::dictionary, "zip", "", "place", Form::folded, "the ZIP code of an entry of `place`",
     "ends in 00: a region's, no delivery area", "43215"},
    {S::dictionary, "race", "", "", Form::folded, "a code or a word of the list", codes_range, "W"},
    {S::dictionary, "ethnicity", "", "", Form::folded, "a code or a word of the list", codes_range, "H"},
    {S::dictionary, "lunch_status", "", "", Form::folded, "a code or a word of the list", codes_range,
     "free"},
    {S::dictionary, "", "", "", Form::folded, "an entry of the list", names_range, "made up"},
    {S::template_, "email", "", "person", Form::folded,
     "first.last.hash@example.org; hash: 80 bits of the value's draw; shorter forms where that does not fit",
     "example.org: reserved, RFC 2606", "maria.lopez@school.example"},
    {S::template_, "login", "", "person", Form::folded,
     "first.last.hash; hash: 80 bits of the value's draw; shorter forms where that does not fit",
     "80 bits of hash", "mlopez"},
    {S::template_, "url", "", "", Form::text, "https://example.org/hash; hash: 80 bits of the draw",
     "example.org: reserved, RFC 2606", "https://school.example/maria"},
    {S::template_, "phone", "", "", Form::phone,
     "an area code, then 555-01 and two digits, in the original's punctuation",
     "555-0100 to 555-0199: set aside for fiction", "614-867-5309"},
    {S::template_, "ssn", "", "", Form::digits,
     "9 and drawn digits, group below 50, in the original's punctuation",
     "9xx: no SSN; group below 50: no ITIN", "123-45-6789"},
    {S::template_, "card", "", "", Form::digits,
     "9999, drawn digits and the Luhn digit, in the original's punctuation", "country 999: nobody's",
     "4111 1111 1111 1111"},
    {S::template_, "ip", "", "", Form::address, "an address of a documentation network", "RFC 5737, RFC 3849",
     "10.1.2.3"},
    {S::template_, "mac", "", "", Form::address, "02 and five drawn bytes, in the original's punctuation",
     "locally administered: no maker's", "a4:5e:60:c1:22:33"},
    {S::template_, "", "template", "person", Form::text, "the template, its fields filled from the draw",
     "what the template says", "made up 42"},
    {S::digits, "", "digits", "", Form::text, "each digit drawn anew; length, punctuation and letters stay",
     "the full range: may belong to somebody", "S-104729"},
    {S::fpe, "", "fpe", "", Form::none,
     "a bijection in the value's own format: FF1 (NIST SP 800-38G, AES-256) where a million values are "
     "possible, a keyed "
     "permutation below; fixpoints removed from 100 values on",
     "the full range: may belong to somebody", "S-1047293"},
    {S::permutation, "", "permutation", "", Form::none,
     "a bijection in the value's own format: a keyed permutation; fixpoints removed from 100 values on",
     "the full range: may belong to somebody", "S-1047"},
    {S::token, "", "token", "", Form::text,
     "the draw itself, in hexadecimal (uuid: version 8; integer: modulo the type)", "bits of a MAC",
     "made-up-4711"},
    {S::date_shift, "", "date_shift", "", Form::text,
     "the date moved by a drawn number of days, never 0; the same number for all dates of a subject",
     "real dates, moved", "2011-04-30"},
    {S::noise, "", "noise", "", Form::text, "the number moved by a drawn share, up or down, never by nothing",
     "real numbers, moved", "1000"},
    {S::redact, "whole", "redact", "", Form::text, "redacted- and 80 bits of the draw", "the word redacted-",
     "Maria was absent on Monday."},
    {S::redact, "", "", "", Form::none,
     "names, e-mails, phones, SSNs, cards, URLs, addresses and dates in the text, each by its own mask in "
     "its default domain",
     "as those masks", "Maria Lopez (614-867-5309) was absent."},
    {S::json, "", "", "", Form::none, "each leaf by the mask of its path; other texts as `otherwise` says",
     "as those masks", "{\"note\": \"made up\"}"},
    {S::sql, "", "", "", Form::none, "the expression, evaluated by DuckDB over the row",
     "what the expression says", "made up"},
};

const Row& row_of(const MaskSpec& spec) {
  const Row* fallback = nullptr;
  for (const Row& row : rows) {
    if (row.strategy != spec.strategy) continue;
    if (row.kind == spec.argument) return row;
    if (row.kind.empty()) fallback = &row;
  }
  return fallback != nullptr ? *fallback : rows[0];
}

// Strategies that answer with one of a column's labels where it has some.
bool chooses_labels(const MaskSpec& spec, const ColumnShape& shape) {
  if (shape.labels.empty()) return false;
  const bool person = spec.argument == "first_name" || spec.argument == "last_name" ||
                      spec.argument == "full_name" || spec.argument == "gender";
  return (spec.strategy == S::dictionary && !person) || spec.strategy == S::template_ ||
         spec.strategy == S::digits || spec.strategy == S::token || spec.strategy == S::redact;
}

std::string form_text(Form form, ValueType type) {
  if (form == Form::none) return "";
  switch (type) {
    case ValueType::integer:
      return "decimal digits";
    case ValueType::decimal_text:
      return "decimal, without leading and trailing zeros";
    case ValueType::floating:
      return "the shortest decimal that reads back";
    case ValueType::date_days:
      return "YYYY-MM-DD";
    case ValueType::timestamp_us:
    case ValueType::timestamptz_us:
      return "YYYY-MM-DDTHH:MM:SS[.ffffff]Z in UTC";
    case ValueType::uuid_text:
      return "lower case";
    case ValueType::boolean:
      return "true or false";
    default:
      break;
  }
  switch (form) {
    case Form::folded:
      return "normal form C, case folded, ends trimmed, runs of blanks one space";
    case Form::phone:
      return "its digits up to an extension, a leading 1 of eleven gone";
    case Form::digits:
      return "its digits";
    case Form::address:
      return "lower case, trimmed";
    default:
      return "normal form C, case kept";
  }
}

bool is_by_value(S strategy) {
  return strategy == S::fpe || strategy == S::permutation || strategy == S::keep || strategy == S::null ||
         strategy == S::constant || strategy == S::sql;
}

}  // namespace

Formula formula_of(const MaskSpec& spec, const ColumnShape& shape) {
  const Row& row = row_of(spec);
  Formula formula;
  const bool drawn = row.form != Form::none || spec.strategy == S::fpe || spec.strategy == S::permutation;
  std::string domain(row.domain);
  if (domain.empty() && drawn) domain = spec.argument;
  Form form = row.form;
  formula.words = row.words;
  formula.range = row.range;
  if (chooses_labels(spec, shape)) {
    domain = spec.argument.empty() ? "label" : spec.argument;
    form = Form::folded;
    formula.words = "one of the column's labels";
    formula.range = "the column's labels";
  }
  // Addresses of one's own fold like e-mails.
  if (spec.strategy == S::template_ && row.kind.empty() && spec.argument.find('@') != std::string::npos)
    form = Form::folded;
  const bool own_domain = !spec.domain.empty() && drawn && spec.argument != "full_name";
  formula.domain = own_domain ? spec.domain : domain;
  formula.canonical_form = form_text(form, shape.type);
  if (!spec.subject.empty() && !is_by_value(spec.strategy)) {
    const bool whole_person = row.subject_domain == "person";
    const std::string by = whole_person                 ? std::string(row.subject_domain)
                           : !spec.domain.empty()       ? spec.domain
                           : row.subject_domain.empty() ? domain
                                                        : std::string(row.subject_domain);
    if (!by.empty()) formula.subject_domain = by + "@" + spec.subject;
  }
  return formula;
}

Value made_up_value(const MaskSpec& spec, const ColumnShape& shape) {
  Value value;
  value.type = shape.type;
  switch (shape.type) {
    case ValueType::integer:
      value.integer = spec.maximum > spec.minimum ? static_cast<int64_t>((spec.minimum + spec.maximum) / 2)
                      : spec.argument == "phone"  ? std::min<int64_t>(6148675309, shape.integer_maximum)
                      : spec.argument == "zip"    ? 43215
                                                  : std::min<int64_t>(104729, shape.integer_maximum);
      break;
    case ValueType::boolean:
      value.integer = 1;
      break;
    case ValueType::floating:
      value.floating = 1000;
      break;
    case ValueType::date_days:
      value.integer = days_from_civil(2011, 4, 30);
      break;
    case ValueType::timestamp_us:
    case ValueType::timestamptz_us:
      value.integer = days_from_civil(2011, 4, 30) * 86'400'000'000;
      break;
    case ValueType::decimal_text:
      value.text =
          shape.scale > 0 && (shape.precision == 0 || shape.precision - shape.scale >= 1) ? "1.5" : "7";
      break;
    case ValueType::uuid_text:
      value.text = "6f9619ff-8b86-d011-b42d-00c04fc964ff";
      break;
    case ValueType::json_text:
      value.text = "{\"note\": \"made up\"}";
      break;
    case ValueType::array_text:
      value.text = "{made,up}";
      break;
    case ValueType::text:
      value.text = shape.labels.empty() ? row_of(spec).example : std::string_view(shape.labels[0]);
      if (shape.max_length > 0)
        value.text = unicode::prefix(value.text, static_cast<size_t>(shape.max_length));
      break;
  }
  return value;
}

}  // namespace godwit::mask
