// checks.yml: rules of today and of the older syntax.
#include "base/text.h"
#include "config/read/fields.h"
#include "config/read/read.h"
#include "config/reference.h"
#include "config/schema/validate.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <regex>
#include <set>

namespace godwit::config {

namespace {

// What each kind needs and what else says something with it; name, store, severity, message, description and
// null_fails always do.
struct KindKeys {
  CheckRuleKind kind;
  std::string_view required;
  std::string_view allowed;
};
constexpr KindKeys kind_keys[] = {
    {CheckRuleKind::row, "condition", "table|all_tables|all_id_fields"},
    {CheckRuleKind::required_fields, "fields|table", ""},
    {CheckRuleKind::cross_table, "table|join_table|join_condition|condition", ""},
    {CheckRuleKind::exists, "table|join_table|join_condition", ""},
    {CheckRuleKind::aggregate, "table|condition", "group_by"},
    {CheckRuleKind::cross_store, "stores|measure", "table|tolerance"},
    {CheckRuleKind::field_pattern, "field_pattern|condition", "table|all_tables"},
    {CheckRuleKind::sql, "sql", ""},
};

struct Renamed {
  std::string_view older;
  std::string_view key;
};
constexpr Renamed renamed[] = {
    {"validation_type", "kind"},
    {"applies_to_all_tables", "all_tables"},
    {"applies_to_all_id_fields", "all_id_fields"},
    {"required_fields", "fields"},
    {"explanation", "description"},
    {"function", "condition"},
};

std::string_view today(std::string_view key) {
  for (const auto& row : renamed) {
    if (row.older == key) return row.key;
  }
  return key;
}

std::optional<CheckRuleKind> kind_from(std::string_view text) {
  if (text == "custom") return CheckRuleKind::row;
  for (const auto& row : kind_keys) {
    if (to_string(row.kind) == text) return row.kind;
  }
  return std::nullopt;
}

bool contains(const std::vector<std::string>& list, std::string_view text) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

class RuleReader {
 public:
  RuleReader(const Node& node, Problems& problems) : node_(node), fields_(node), problems_(problems) {}

  CheckRule read() {
    rule_.name = fields_.text("name");
    rule_.where = node_.where;
    rule_.description = fields_.text("description");
    if (fields_.has("explanation")) {
      if (!rule_.description.empty()) rule_.description += ": ";
      rule_.description += fields_.text("explanation");
    }
    rule_.message = fields_.text("message");
    rule_.store = fields_.text("store");
    rule_.table = fields_.text("table");
    rule_.all_tables = fields_.boolean("all_tables", fields_.boolean("applies_to_all_tables", false));
    rule_.all_id_fields =
        fields_.boolean("all_id_fields", fields_.boolean("applies_to_all_id_fields", false));
    rule_.condition = fields_.text("condition");
    rule_.condition_where = fields_.where("condition");
    rule_.fields = fields_.plain_texts(fields_.has("fields") ? "fields" : "required_fields");
    rule_.field_pattern = fields_.text("field_pattern");
    rule_.join_table = fields_.text("join_table");
    rule_.join_condition = fields_.text("join_condition");
    rule_.group_by = fields_.text("group_by");
    rule_.stores = fields_.plain_texts("stores");
    rule_.measure = fields_.text("measure");
    rule_.tolerance = fields_.number("tolerance", 0);
    rule_.null_fails = fields_.boolean("null_fails", false);
    if (fields_.text("severity") == "WARNING") rule_.severity = Severity::warning;
    if (fields_.text("severity") == "INFO") rule_.severity = Severity::info;
    refuse_both_spellings();
    read_kind();
    check_tables();
    return std::move(rule_);
  }

 private:
  std::string either(std::string_view key, std::string_view older) const {
    return fields_.text(key, fields_.text(older));
  }

  void problem(const SourceLocation& where, std::string_view message) {
    problems_.add(where, fmt::format("rule '{}': {}", rule_.name, message));
  }

  bool has(std::string_view key) const {
    return std::any_of(node_.entries.begin(), node_.entries.end(),
                       [&](const Entry& entry) { return today(entry.key) == key; });
  }

  void refuse_both_spellings() {
    for (const auto& row : renamed) {
      if (row.older != "function" && row.older != "explanation" && fields_.has(row.older) &&
          fields_.has(row.key)) {
        problem(fields_.key_where(row.older),
                fmt::format("'{}' is the older spelling of '{}': give one of the two", row.older, row.key));
      }
    }
  }

  void read_kind() {
    const std::string written = either("kind", "validation_type");
    if (!written.empty()) {
      const auto kind = kind_from(written);
      if (!kind) return;  // reported by the validator
      rule_.kind = *kind;
    } else if (has("fields")) {
      rule_.kind = CheckRuleKind::required_fields;
    } else if (has("field_pattern")) {
      rule_.kind = CheckRuleKind::field_pattern;
    } else if (has("sql")) {
      rule_.kind = CheckRuleKind::sql;
    } else if (has("measure") || has("stores")) {
      rule_.kind = CheckRuleKind::cross_store;
    } else {
      read_for_each();
    }
    if (fields_.has("sql")) {
      rule_.condition = fields_.text("sql");
      rule_.condition_where = fields_.where("sql");
    }
    if (fields_.has("function")) {
      problem(fields_.key_where("function"),
              "functions outside this file do not exist: write a condition, a measure or sql instead");
      return;
    }
    check_keys();
  }

  // Older syntax of an aggregate: "COUNT(x) >= 10 FOR EACH y".
  void read_for_each() {
    static const std::regex for_each(R"(^(.*\S)\s+FOR\s+EACH\s+([A-Za-z_][A-Za-z0-9_]*)\s*$)",
                                     std::regex::ECMAScript | std::regex::icase);
    std::smatch match;
    if (rule_.group_by.empty() && std::regex_match(rule_.condition, match, for_each)) {
      const std::string condition = match[1];
      const std::string group_by = match[2];
      rule_.kind = CheckRuleKind::aggregate;
      rule_.condition = condition;
      rule_.group_by = group_by;
    }
  }

  void check_keys() {
    const auto* row = std::find_if(std::begin(kind_keys), std::end(kind_keys),
                                   [&](const KindKeys& keys) { return keys.kind == rule_.kind; });
    const auto required = split(row->required, '|');
    const auto allowed = split(row->allowed, '|');
    for (const auto& key : required) {
      if (!has(key)) problem(node_.where, fmt::format("kind {} needs '{}'", to_string(rule_.kind), key));
    }
    for (const auto& entry : node_.entries) {
      const std::string_view key = today(entry.key);
      if (!is_kind_key(key) || contains(required, key) || contains(allowed, key)) continue;
      problem(entry.where, fmt::format("'{}' says nothing with kind {}", entry.key, to_string(rule_.kind)));
    }
    for (const auto& key : required) {
      const Node* value = fields_.child(key);
      if (value != nullptr && value->kind == Node::Kind::scalar && trim(value->text).empty()) {
        problem(value->where, fmt::format("'{}' is empty", key));
      }
      if (value != nullptr && value->kind == Node::Kind::sequence && value->items.empty()) {
        problem(value->where, fmt::format("'{}' is empty", key));
      }
    }
  }

  static bool is_kind_key(std::string_view key) {
    for (const auto& row : kind_keys) {
      if (contains(split(row.required, '|'), key) || contains(split(row.allowed, '|'), key)) return true;
    }
    return false;
  }

  void check_tables() {
    const bool over_tables = rule_.kind == CheckRuleKind::row || rule_.kind == CheckRuleKind::field_pattern;
    const int given =
        (rule_.table.empty() ? 0 : 1) + (rule_.all_tables ? 1 : 0) + (rule_.all_id_fields ? 1 : 0);
    if (over_tables && given == 0) {
      problem(node_.where, rule_.kind == CheckRuleKind::row ? "needs 'table', 'all_tables' or 'all_id_fields'"
                                                            : "needs 'table' or 'all_tables'");
    } else if (over_tables && given > 1) {
      problem(node_.where, "'table', 'all_tables' and 'all_id_fields' exclude each other");
    }
    if (!rule_.table.empty() && rule_.store.empty() && rule_.kind != CheckRuleKind::cross_store) {
      problem(fields_.where("table"), "'table' needs 'store'");
    }
    for (const std::string_view key : {"table", "join_table"})
      check_table_text(key);
    if (rule_.kind == CheckRuleKind::cross_store) check_stores();
  }

  void check_table_text(std::string_view key) {
    const std::string text = fields_.text(key);
    if (text.empty()) return;
    const auto parts = split_reference(text);
    if (!parts.ok()) {
      problem(fields_.where(key), parts.error().message);
    } else if (parts->size() > 2 && key == "table") {
      problem(fields_.where(key),
              fmt::format("'{}' is not table or schema.table; the store has its own key", text));
    }
  }

  void check_stores() {
    const auto stores = fields_.texts("stores");
    if (stores.size() == 1) problem(fields_.where("stores"), "one store is nothing to compare");
    if (fields_.has("store"))
      problem(fields_.key_where("store"), "'store' says nothing with kind cross_store");
    for (const auto& [text, where] : stores) {
      const auto parts = split_reference(text);
      if (!parts.ok()) {
        problem(where, parts.error().message);
      } else if (parts->size() > 3) {
        problem(where, fmt::format("'{}' is not store, store.table or store.schema.table", text));
      } else if (parts->size() == 1 && rule_.table.empty()) {
        problem(where,
                fmt::format("'{}' names a store without a table: give 'table', or '{}.TABLE'", text, text));
      } else if (parts->size() > 1 && !rule_.table.empty()) {
        problem(where, fmt::format("'{}' names a table, and so does 'table'", text));
      }
    }
  }

  const Node& node_;
  const Fields fields_;
  Problems& problems_;
  CheckRule rule_;
};

void check_version(const Fields& fields, Problems& problems) {
  const std::string version = fields.text("version", "1");
  if (version != "1" && version != "1.0") {
    problems.add(fields.where("version"), fmt::format("version: '{}' is not known: expected 1", version));
  }
}

}  // namespace

CheckRules read_checks_file(std::string_view yaml, const std::string& file, Problems& problems) {
  CheckRules rules;
  rules.file = file;
  const NodePointer root = parse_yaml(yaml, file, problems);
  if (root == nullptr) return rules;
  validate(*root, checks_schema(), "", problems);
  const Fields fields(*root);
  check_version(fields, problems);
  if (const Node* node = fields.child("settings")) {
    const Fields settings(*node);
    rules.settings.fail_on_warnings = settings.boolean("fail_on_warnings", false);
    rules.settings.max_warnings_allowed = settings.integer("max_warnings_allowed", 10);
    rules.settings.sample_size = settings.integer("sample_size", settings.integer("record_sample_size", 20));
  }
  std::set<std::string> names;
  for (const std::string_view list :
       {"rules", "business_rules", "completeness_rules", "cross_store_rules", "data_quality_rules"}) {
    const Node* node = fields.child(list);
    if (node == nullptr) continue;
    for (const auto& item : node->items) {
      if (item->kind != Node::Kind::mapping) continue;
      CheckRule rule = RuleReader(*item, problems).read();
      if (!rule.name.empty() && !names.insert(rule.name).second) {
        problems.add(Fields(*item).where("name"),
                     fmt::format("rule '{}': the name appears twice", rule.name));
      }
      rules.rules.push_back(std::move(rule));
    }
  }
  return rules;
}

}  // namespace godwit::config
