// What masks.yml says, typed. src/config fills it; src/pipeline/masking binds it to columns; src/mask
// computes.
#pragma once

#include "base/error.h"
#include "model/catalog.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace godwit {

enum class MaskStrategy : uint8_t {
  keep,         // as is, with a reason
  null,         // NULL (nullable columns only)
  constant,     // one value for all
  dictionary,   // an entry of a dictionary: first_name, last_name, full_name, street, city, state, zip,
                // company, job
  template_,    // a pattern: email, login, url, phone, ip, mac, or free text with {hash} {digits} {first}
                // {last}
  digits,       // digits replaced, everything else (length, punctuation) kept
  fpe,          // FF1 format-preserving encryption over the column's alphabet: a bijection
  permutation,  // keyed permutation of a small or integer domain: a bijection
  token,        // keyed hash token, hexadecimal, of `length` characters
  date_shift,   // shifted by a number of days that the subject (or the value) decides
  noise,        // number changed by a bounded, keyed amount
  json,         // masks at paths inside a JSON document
  redact,       // free text: e-mails, phones, SSNs, dates and known names replaced, or the whole text
  sql,          // a DuckDB expression over the columns and the mask functions
};
[[nodiscard]] std::string_view to_string(MaskStrategy strategy);
[[nodiscard]] std::optional<MaskStrategy> mask_strategy_from(std::string_view text);

// Which columns a rule speaks for; empty members match everything. All given members must match.
struct MaskMatch {
  std::string store;   // exact name
  std::string schema;  // exact name
  std::string table;   // ECMAScript regular expression, whole name, case-insensitive
  std::string column;  // the same, matched against the whole column name
  std::vector<TypeClass> types;
  std::string
      detector;  // email, phone, ssn, card, ip, url, person_name: at least half of a sample looks like it

  // The shipped rules match whole words of a name, split at '_', at changes of case and between letters and
  // digits, plurals included: "first name" matches student_first_name and FirstNames, "city" not capacity.
  std::vector<std::string> words;         // any of these word sequences stands in the column's name
  std::vector<std::string> words_last;    // or any of these at its end
  std::vector<std::string> words_except;  // and none of these
  std::vector<std::string> table_words;   // and any of these at the end of the table's name
  std::optional<bool> nullable;           // and the column takes NULL, or does not
};

struct MaskPath;

struct MaskSpec {
  MaskStrategy strategy = MaskStrategy::keep;
  std::string domain;  // semantic domain: same domain and value → same fake everywhere. Default: by strategy
  int version = 1;     // of the domain; part of the key derivation
  std::string argument;  // dictionary name, template, constant, SQL expression
  std::string reason;    // why a column is kept
  std::string subject;   // name of a subject: the fake follows the person instead of the value
  std::string locale;    // dictionary, template: whose words; empty: the shipped ones and `dictionaries`
  bool reserved = true;  // fakes stay in reserved ranges; false: FF1 on the full domain (listed in the plan)
  int length = 0;        // token characters
  int64_t range_days = 365;    // date_shift: shift within ±range_days, never 0
  int64_t age_years_min = -1;  // date_shift: keep the age in this band when both are >= 0
  int64_t age_years_max = -1;
  double percent = 10;              // noise: at most ± percent of the value
  double minimum = 0, maximum = 0;  // noise: clamp when maximum > minimum
  std::string alphabet;             // fpe: digits, alnum, alpha, hex; empty = digits
  // json: path ("$.guardian.email", "$.contacts[*].phone", "$..name") → mask. "default" decides other leaves.
  std::vector<MaskPath> paths;
  std::string otherwise;  // json: keep | redact (default) for string leaves that no path names
};

struct MaskPath {
  std::string path;
  MaskSpec mask;
};

struct MaskRule {
  std::string name;
  MaskMatch match;
  MaskSpec mask;
  SourceLocation where;
  bool built_in = false;  // one of the shipped default rules
};

// A subject is a person (or thing) whose fields must agree everywhere: for each dataset, the column that
// identifies it. Key: dataset reference ("ids.students"); value: column name.
struct MaskSubject {
  std::string name;
  std::vector<std::pair<std::string, std::string>> columns;
  SourceLocation where;
};

struct MaskRules {
  int version = 1;
  bool defaults = true;         // append the shipped default rules after the file's own
  std::vector<MaskRule> rules;  // first match wins
  std::vector<MaskSubject> subjects;
  std::map<std::string, std::string> dictionaries;  // name → file path, replacing a shipped dictionary
  std::map<std::string, std::string> locales;       // name → file path of a locale pack
  std::string file;
};

}  // namespace godwit
