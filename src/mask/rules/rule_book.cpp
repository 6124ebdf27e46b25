#include "mask/rules/rule_book.h"

#include "base/text.h"
#include "mask/rules/default_rules.h"
#include "mask/rules/detectors.h"
#include "mask/rules/name_words.h"

#include <algorithm>

namespace godwit::mask {

namespace {

Error rule_error(const MaskRule& rule, const std::string& message, std::string hint) {
  Error error = make_error(ErrorKind::config, "rule " + rule.name + ": " + message, std::move(hint));
  error.where = rule.where;
  return error;
}

Result<std::regex> compile_pattern(const MaskRule& rule, const std::string& pattern, std::string_view what) {
  try {
    return std::regex(pattern, std::regex::ECMAScript | std::regex::icase | std::regex::optimize);
  } catch (const std::regex_error&) {
    return rule_error(rule, "malformed pattern of the " + std::string(what),
                      "write an ECMAScript regular expression for the whole name");
  }
}

// std::regex throws when a pathological pattern meets a long name; names are short, so that counts as no
// match.
bool whole_match(std::string_view name, const std::regex& pattern) {
  try {
    return std::regex_match(name.begin(), name.end(), pattern);
  } catch (const std::regex_error&) {
    return false;
  }
}

bool any_phrase(const std::vector<std::string>& words, const std::vector<std::string>& phrases) {
  return std::any_of(phrases.begin(), phrases.end(),
                     [&](const std::string& phrase) { return has_phrase(words, phrase); });
}

bool any_last_phrase(const std::vector<std::string>& words, const std::vector<std::string>& phrases) {
  return std::any_of(phrases.begin(), phrases.end(),
                     [&](const std::string& phrase) { return ends_with_phrase(words, phrase); });
}

bool matches_type(const MaskMatch& match, const Column& column) {
  if (match.types.empty()) return true;
  const auto has = [&](TypeClass type) {
    return std::find(match.types.begin(), match.types.end(), type) != match.types.end();
  };
  return has(column.type_class) || (has(TypeClass::text) && is_text_array(column));
}

}  // namespace

Result<RuleBook> RuleBook::compile(const MaskRules& rules) {
  RuleBook book;
  book.rules_ = rules.rules;
  if (rules.defaults) {
    const std::vector<MaskRule>& shipped = default_rules();
    book.rules_.insert(book.rules_.end(), shipped.begin(), shipped.end());
  }
  for (const MaskRule& rule : book.rules_) {
    const std::vector<std::string>& known = detector_names();
    const std::string& detector = rule.match.detector;
    if (!detector.empty() && std::find(known.begin(), known.end(), detector) == known.end()) {
      return rule_error(rule, "unknown detector " + detector, "known: " + join(known, " "));
    }
    Patterns patterns;
    ASSIGN_OR_RETURN(patterns.table, compile_pattern(rule, rule.match.table, "table"));
    ASSIGN_OR_RETURN(patterns.column, compile_pattern(rule, rule.match.column, "column"));
    book.patterns_.push_back(std::move(patterns));
  }
  return book;
}

bool RuleBook::matches(size_t rule, std::string_view store, const TableName& table, const Column& column,
                       const std::vector<std::string>& words,
                       const std::vector<std::string>& table_words) const {
  const MaskMatch& match = rules_[rule].match;
  if (!match.store.empty() && match.store != store) return false;
  if (!match.schema.empty() && match.schema != table.schema) return false;
  if (!match.table.empty() && !whole_match(table.name, patterns_[rule].table)) return false;
  if (!match.column.empty() && !whole_match(column.name, patterns_[rule].column)) return false;
  if (!matches_type(match, column)) return false;
  if (match.nullable && *match.nullable != column.nullable) return false;
  if (!match.table_words.empty() && !any_last_phrase(table_words, match.table_words)) return false;
  const bool named = match.words.empty() && match.words_last.empty();
  if (!named && !any_phrase(words, match.words) && !any_last_phrase(words, match.words_last)) return false;
  return !any_phrase(words, match.words_except);
}

const MaskRule* RuleBook::decide(std::string_view store, const TableName& table, const Column& column,
                                 std::span<const std::string> detected) const {
  const std::vector<std::string> words = name_words(column.name);
  const std::vector<std::string> table_words = name_words(table.name);
  for (size_t i = 0; i < rules_.size(); ++i) {
    const std::string& detector = rules_[i].match.detector;
    if (!detector.empty() && std::find(detected.begin(), detected.end(), detector) == detected.end())
      continue;
    if (matches(i, store, table, column, words, table_words)) return &rules_[i];
  }
  return nullptr;
}

std::vector<const MaskRule*> RuleBook::matching(std::string_view store, const TableName& table,
                                                const Column& column) const {
  const std::vector<std::string> words = name_words(column.name);
  const std::vector<std::string> table_words = name_words(table.name);
  std::vector<const MaskRule*> result;
  for (size_t i = 0; i < rules_.size(); ++i) {
    if (matches(i, store, table, column, words, table_words)) result.push_back(&rules_[i]);
  }
  return result;
}

bool RuleBook::wants_sample(std::string_view store, const TableName& table, const Column& column) const {
  const std::vector<std::string> words = name_words(column.name);
  const std::vector<std::string> table_words = name_words(table.name);
  for (size_t i = 0; i < rules_.size(); ++i) {
    if (matches(i, store, table, column, words, table_words)) return !rules_[i].match.detector.empty();
  }
  return false;
}

bool is_text_array(const Column& column) {
  if (column.type_class != TypeClass::array) return false;
  const std::string name = to_lower_ascii(column.type_name);
  return name.rfind("text", 0) == 0 || name.find("char") != std::string::npos ||
         name.rfind("citext", 0) == 0 || name.rfind("_text", 0) == 0 || name.rfind("json", 0) == 0;
}

bool needs_classification(const Column& column, bool key) {
  switch (column.type_class) {
    case TypeClass::text:
    case TypeClass::json:
    case TypeClass::date:
    case TypeClass::binary:
    case TypeClass::xml:
    case TypeClass::text_search:
    case TypeClass::network:
    case TypeClass::composite:
    case TypeClass::other:
      return true;
    case TypeClass::uuid:
      return !key;
    case TypeClass::array:
      return is_text_array(column);
    default:
      return false;
  }
}

}  // namespace godwit::mask
