#include "base/text.h"
#include "check/generate.h"
#include "check/relations.h"

#include <fmt/format.h>

namespace godwit::check {

namespace {

// What a reserved fake looks like; empty when the strategy fixes no format.
std::string format_condition(const MaskSpec& mask, const std::string& name) {
  if (mask.strategy == MaskStrategy::null) return name + " IS NULL";
  if (mask.strategy != MaskStrategy::template_ || !mask.reserved) return "";
  if (mask.argument == "email") {
    // The shipped form is told without the pattern, which costs a multiple.
    return fmt::format(
        "CASE WHEN suffix({0}, '@example.org') AND strpos({0}, '@') > 1 AND strpos({0}, '@') = length({0}) - "
        "11 "
        "AND NOT contains({0}, ' ') THEN TRUE "
        "ELSE regexp_full_match({0}, '[^@ ]+@([a-z0-9-]+\\.)*example\\.(org|com|net|test)') END",
        name);
  }
  if (mask.argument == "phone") return fmt::format("regexp_matches({}, '555[^0-9]*01[0-9]{{2}}')", name);
  if (mask.argument == "ssn") return fmt::format("regexp_matches({}, '^9[0-9]{{2}}')", name);
  if (mask.argument == "url") return fmt::format("regexp_matches({}, 'example\\.(org|com|net|test)')", name);
  return "";
}

}  // namespace

std::vector<Check> masking_checks(const DatasetIndex& datasets) {
  std::vector<Check> checks;
  for (const Dataset* dataset : datasets.all()) {
    for (size_t i = 0; i < dataset->columns.size(); ++i) {
      const MaskSpec& mask = dataset->masks[i];
      if (mask.strategy == MaskStrategy::keep) continue;
      const std::string& column = dataset->columns[i].name;
      const std::string name = quote_identifier(column);
      const auto add = [&](std::string_view kind, std::string description) -> Check& {
        Check check;
        check.id = fmt::format("{}:{}.{}", kind, dataset->id, column);
        check.rule = kind;
        check.category = CheckCategory::masking;
        check.origin = CheckOrigin::masking;
        check.dataset = dataset->id;
        check.column = column;
        check.description = std::move(description);
        checks.push_back(std::move(check));
        return checks.back();
      };
      if (dataset->mask_facts[i].always_changes) {
        add("masked_changed", "no value came out of its mask as it went in").count_query =
            fmt::format("${{unchanged:{}}}", column);
      }
      // An SQL expression may answer NULL with anything: it promises nothing about them.
      if (mask.strategy != MaskStrategy::null && mask.strategy != MaskStrategy::sql) {
        add("masked_nulls", "NULL stays NULL, and nothing becomes NULL").aggregate =
            fmt::format("abs(count_if({} IS NULL) - ${{nulls:{}}})", name, column);
      }
      const Column* described = dataset->table.column(column);
      const bool is_list = described != nullptr && described->type_class == TypeClass::array;
      if (const std::string condition = format_condition(mask, name); !condition.empty() && !is_list) {
        // Empty text stays empty: see the canonical forms.
        add("masked_format", "fakes stay in their reserved range").row_condition =
            mask.strategy == MaskStrategy::null ? condition : fmt::format("{} = '' OR {}", name, condition);
      }
    }
  }
  return checks;
}

}  // namespace godwit::check
