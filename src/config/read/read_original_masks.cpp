// Masking rules in the older syntax become rules of today: {name, field_pattern, strategy: faker,
// faker_type}.
#include "config/read/fields.h"
#include "config/read/read.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace godwit::config {

namespace {

struct FakerType {
  std::string_view name;
  MaskStrategy strategy;
  std::string_view argument;
};
constexpr FakerType faker_types[] = {
    {"email", MaskStrategy::template_, "email"},
    {"first_name", MaskStrategy::dictionary, "first_name"},
    {"last_name", MaskStrategy::dictionary, "last_name"},
    {"name", MaskStrategy::dictionary, "full_name"},
    {"phone_number", MaskStrategy::template_, "phone"},
    {"street_address", MaskStrategy::dictionary, "street"},
    {"address", MaskStrategy::dictionary, "street"},
    {"city", MaskStrategy::dictionary, "city"},
    {"zipcode", MaskStrategy::dictionary, "zip"},
    {"date_of_birth", MaskStrategy::date_shift, ""},
    {"user_name", MaskStrategy::template_, "login"},
    {"ipv4", MaskStrategy::template_, "ip"},
    {"url", MaskStrategy::template_, "url"},
};

// The original kept 16 hexadecimal characters; a unique column needs 80 bits (20 characters).
constexpr int token_characters = 20;

void read_faker(const Fields& fields, const Node& node, MaskSpec& mask, Problems& problems) {
  if (!fields.has("faker_type")) {
    problems.add(node.where,
                 fmt::format("rule '{}': strategy faker needs 'faker_type'", fields.text("name")));
    return;
  }
  const std::string type = fields.text("faker_type");
  const auto* row = std::find_if(std::begin(faker_types), std::end(faker_types),
                                 [&](const FakerType& t) { return t.name == type; });
  if (row == std::end(faker_types)) return;  // reported by the validator
  mask.strategy = row->strategy;
  mask.argument = row->argument;
  if (row->strategy == MaskStrategy::date_shift) {
    const Node* arguments = fields.child("faker_args");
    mask.age_years_min = arguments == nullptr ? 5 : Fields(*arguments).integer("minimum_age", 5);
    mask.age_years_max = arguments == nullptr ? 85 : Fields(*arguments).integer("maximum_age", 85);
    if (mask.age_years_min > mask.age_years_max) {
      problems.add(fields.where("faker_args"), "faker_args: minimum_age is above maximum_age");
    }
  } else if (fields.has("faker_args")) {
    problems.add(fields.key_where("faker_args"),
                 fmt::format("rule '{}': 'faker_args' says nothing with {}", fields.text("name"), type));
  }
}

void refuse_impossible(const Fields& fields, Problems& problems) {
  if (!fields.boolean("consistent_per_id", true)) {
    problems.add(fields.where("consistent_per_id"),
                 "consistent_per_id: false is not possible: the same value always has the same fake");
  }
  if (fields.boolean("preserve_domain", false)) {
    problems.add(fields.where("preserve_domain"),
                 "preserve_domain: true is not possible: fakes live under reserved domains");
  }
}

}  // namespace

MaskRule read_original_mask_rule(const Node& node, Problems& problems) {
  const Fields fields(node);
  MaskRule rule;
  rule.name = fields.text("name");
  rule.where = node.where;
  if (fields.has("field_pattern")) {
    // Searched for anywhere in the name; today's matchers want the whole name.
    rule.match.column = fmt::format(".*(?:{}).*", fields.text("field_pattern"));
  } else {
    problems.add(node.where, fmt::format("rule '{}': key 'field_pattern' is missing", fields.text("name")));
  }
  const std::string strategy = fields.text("strategy");
  rule.mask.reason = fields.text("reason");
  if (strategy == "faker") {
    read_faker(fields, node, rule.mask, problems);
  } else if (strategy == "hash" || strategy == "tokenize") {
    rule.mask.strategy = MaskStrategy::token;
    rule.mask.length = token_characters;
  } else if (strategy == "nullify") {
    rule.mask.strategy = MaskStrategy::null;
  } else if (strategy == "preserve") {
    rule.mask.strategy = MaskStrategy::keep;
    if (rule.mask.reason.empty()) {
      problems.add(node.where,
                   fmt::format("rule '{}': strategy preserve needs 'reason': why the real values may move",
                               fields.text("name")));
    }
  } else if (!fields.has("strategy")) {
    problems.add(node.where, fmt::format("rule '{}': key 'strategy' is missing", fields.text("name")));
  }
  for (const std::string_view key : {"faker_type", "faker_args"}) {
    if (strategy != "faker" && fields.has(key)) {
      problems.add(fields.key_where(key), fmt::format("rule '{}': '{}' says nothing with strategy {}",
                                                      fields.text("name"), key, strategy));
    }
  }
  refuse_impossible(fields, problems);
  return rule;
}

}  // namespace godwit::config
