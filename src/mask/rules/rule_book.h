// The rules of a masks file and the shipped ones, ready to say which of them speaks for a column.
#pragma once

#include "base/result.h"
#include "model/catalog.h"
#include "model/mask_rule.h"

#include <memory>
#include <regex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace godwit::mask {

// Immutable; safe from any thread.
class RuleBook {
 public:
  // The file's rules, then the shipped ones unless rules.defaults is off. ErrorKind::config with the rule's
  // place for a malformed pattern or an unknown detector.
  static Result<RuleBook> compile(const MaskRules& rules);

  // The first rule that matches, or null. `detected`: the detectors that a sample of the column answers to
  // (detectors.h); empty while there is no sample.
  [[nodiscard]] const MaskRule* decide(std::string_view store, const TableName& table, const Column& column,
                                       std::span<const std::string> detected) const;

  // Every rule whose names and types match, in order and whatever its detector says: for explanations.
  [[nodiscard]] std::vector<const MaskRule*> matching(std::string_view store, const TableName& table,
                                                      const Column& column) const;

  // Whether a sample could change the decision: a rule with a detector stands before the one that decides
  // without.
  [[nodiscard]] bool wants_sample(std::string_view store, const TableName& table, const Column& column) const;

  [[nodiscard]] const std::vector<MaskRule>& rules() const { return rules_; }

 private:
  struct Patterns {
    std::regex table;
    std::regex column;
  };
  [[nodiscard]] bool matches(size_t rule, std::string_view store, const TableName& table,
                             const Column& column, const std::vector<std::string>& words,
                             const std::vector<std::string>& table_words) const;

  std::vector<MaskRule> rules_;
  std::vector<Patterns> patterns_;
};

// Whether a column that no rule speaks for refuses the run: text, JSON, dates, binary, XML, arrays of text,
// network addresses, uuids. Booleans, numbers, enumerations, times and timestamps do not, nor does a uuid
// that is a key. `key`: the column belongs to a primary or foreign key.
[[nodiscard]] bool needs_classification(const Column& column, bool key = false);

// An array whose elements are text, by its type's name.
[[nodiscard]] bool is_text_array(const Column& column);

}  // namespace godwit::mask
