#include "base/text.h"
#include "check/expression.h"
#include "check/generate.h"
#include "check/relations.h"

#include <fmt/format.h>

#include <algorithm>
#include <regex>

namespace godwit::check {

namespace {

bool has_column(const Dataset& dataset, const std::string& name) {
  return std::any_of(dataset.columns.begin(), dataset.columns.end(),
                     [&](const DatasetColumn& column) { return column.name == name; });
}

std::vector<std::string> column_names(const Dataset& dataset) {
  std::vector<std::string> names;
  for (const DatasetColumn& column : dataset.columns)
    names.push_back(column.name);
  return names;
}

CheckCategory category_of(const CheckRule& rule) {
  if (rule.kind == CheckRuleKind::cross_store) return CheckCategory::cross_store;
  if (rule.kind == CheckRuleKind::required_fields || rule.kind == CheckRuleKind::aggregate)
    return CheckCategory::completeness;
  if (rule.all_tables || rule.all_id_fields || rule.kind == CheckRuleKind::field_pattern)
    return CheckCategory::data_quality;
  return CheckCategory::business;
}

// One side of a cross_store rule: "ids", "ids.students" or "ids.students.column".
struct Side {
  const Dataset* dataset = nullptr;
  std::string column;
};

class RuleChecks {
 public:
  RuleChecks(const GenerateInput& input, const CheckRules& rules) : input_(input), rules_(rules) {}

  Result<std::vector<Check>> generate() {
    for (const CheckRule& rule : rules_.rules) {
      rule_ = &rule;
      switch (rule.kind) {
        case CheckRuleKind::row:
          add_row_rule();
          break;
        case CheckRuleKind::required_fields:
          add_required_fields();
          break;
        case CheckRuleKind::cross_table:
          add_join_rule(false);
          break;
        case CheckRuleKind::exists:
          add_join_rule(true);
          break;
        case CheckRuleKind::aggregate:
          add_aggregate();
          break;
        case CheckRuleKind::cross_store:
          add_cross_store();
          break;
        case CheckRuleKind::field_pattern:
          add_field_pattern();
          break;
        case CheckRuleKind::sql:
          add_sql();
          break;
      }
    }
    if (problems_.empty()) return std::move(checks_);
    Error error = make_error(ErrorKind::config, problems_[0].second);
    for (size_t i = 1; i < problems_.size(); ++i) {
      error.message += "\n" + problems_[i].first.text() + ": " + problems_[i].second;
    }
    error.where = problems_[0].first;
    return error;
  }

 private:
  Check make(const Dataset* dataset, const std::string& column) const {
    Check check;
    check.id = "rule:" + rule_->name;
    if (dataset != nullptr) check.id += ":" + dataset->id;
    if (!column.empty()) check.id += "." + column;
    check.rule = rule_->name;
    check.category = category_of(*rule_);
    check.origin = CheckOrigin::file;
    check.severity = rule_->severity;
    check.dataset = dataset != nullptr ? dataset->id : "";
    check.column = column;
    check.description = rule_->message.empty() ? rule_->description : rule_->message;
    check.null_passes = !rule_->null_fails;
    check.where = rule_->where;
    return check;
  }

  void problem(const SourceLocation& where, std::string text) {
    problems_.emplace_back(where.known() ? where : rule_->where,
                           fmt::format("rule {}: {}", rule_->name, text));
  }

  const Dataset* resolve(std::string_view store, const std::string& table) {
    const auto found = input_.datasets->find(store, table);
    if (found.size() == 1) return found[0];
    if (found.empty()) {
      const auto near = nearest(std::string(store) + "." + table, input_.datasets->names());
      problem(rule_->where,
              fmt::format("no table {}{}{} is among the copied ones{}", store, store.empty() ? "" : ".",
                          table, near.empty() ? "" : "; did you mean " + near[0] + "?"));
    } else {
      problem(rule_->where, fmt::format("table {} is ambiguous: name it as store.schema.table", table));
    }
    return nullptr;
  }

  // Binds the query; the first line of DuckDB's message names columns and functions, never values.
  bool bind_query(const std::string& query, const SourceLocation& where) {
    const auto described = input_.connection->describe(query);
    if (!described.ok()) problem(where, described.error().message);
    return described.ok();
  }

  void add_row_rule() {
    if (rule_->all_id_fields) return add_id_fields();
    const std::string condition = rewrite_for_duckdb(rule_->condition);
    std::string why;
    if (!rule_->all_tables) {
      const Dataset* dataset = resolve(rule_->store, rule_->table);
      if (dataset == nullptr) return;
      if (!binds(*input_.connection, *dataset, condition, why)) return problem(rule_->condition_where, why);
      Check check = make(dataset, "");
      check.row_condition = condition;
      checks_.push_back(std::move(check));
      return;
    }
    size_t made = 0;
    for (const Dataset* dataset : input_.datasets->all()) {
      if (!rule_->store.empty() && dataset->store != rule_->store) continue;
      if (!binds(*input_.connection, *dataset, condition, why)) continue;
      Check check = make(dataset, "");
      check.row_condition = condition;
      checks_.push_back(std::move(check));
      ++made;
    }
    if (made == 0) problem(rule_->condition_where, "no table has the columns of the condition (" + why + ")");
  }

  void add_id_fields() {
    for (const Dataset* dataset : input_.datasets->all()) {
      const Key* primary = dataset->table.primary_key();
      if (primary == nullptr) continue;
      for (const std::string& name : primary->columns) {
        const Column* column = dataset->table.column(name);
        if (column == nullptr || column->type_class != TypeClass::integer || !has_column(*dataset, name))
          continue;
        add_field(*dataset, name);
      }
    }
  }

  // False when the condition does not fit the column.
  bool add_field(const Dataset& dataset, const std::string& column) {
    const std::string condition = rewrite_for_duckdb(substitute_field(rule_->condition, column));
    std::string why;
    if (!binds(*input_.connection, dataset, condition, why)) {
      problem(rule_->condition_where, fmt::format("{}.{}: {}", dataset.id, column, why));
      return false;
    }
    Check check = make(&dataset, column);
    check.row_condition = condition;
    checks_.push_back(std::move(check));
    return true;
  }

  void add_field_pattern() {
    const std::regex pattern(rule_->field_pattern, std::regex::ECMAScript | std::regex::icase);
    size_t made = 0;
    for (const Dataset* dataset : input_.datasets->all()) {
      if (!rule_->store.empty() && dataset->store != rule_->store) continue;
      if (!rule_->table.empty() && dataset->table.name.name != rule_->table) continue;
      for (const DatasetColumn& staged : dataset->columns) {
        const Column* column = dataset->table.column(staged.name);
        if (column == nullptr || column->type_class != TypeClass::text ||
            !std::regex_match(staged.name, pattern))
          continue;
        if (add_field(*dataset, staged.name)) ++made;
      }
    }
    if (made == 0) problem(rule_->where, "no text column matches field_pattern");
  }

  void add_required_fields() {
    const Dataset* dataset = resolve(rule_->store, rule_->table);
    if (dataset == nullptr) return;
    for (const std::string& field : rule_->fields) {
      if (!has_column(*dataset, field)) {
        const auto near = nearest(field, column_names(*dataset));
        problem(rule_->where, fmt::format("{} has no column {}{}", dataset->id, field,
                                          near.empty() ? "" : "; did you mean " + near[0] + "?"));
        continue;
      }
      Check check = make(dataset, field);
      check.row_condition = quote_identifier(field) + " IS NOT NULL";
      check.null_passes = false;
      checks_.push_back(std::move(check));
    }
  }

  void add_join_rule(bool exists) {
    const Dataset* dataset = resolve(rule_->store, rule_->table);
    const Dataset* other =
        resolve(rule_->join_table.find('.') == std::string::npos ? rule_->store : "", rule_->join_table);
    if (dataset == nullptr || other == nullptr) return;
    const std::string join = rewrite_for_duckdb(rule_->join_condition);
    const std::string condition = rewrite_for_duckdb(rule_->condition.empty() ? "TRUE" : rule_->condition);
    Check check = make(dataset, "");
    if (exists) {
      check.count_query = fmt::format(
          "SELECT count(*) FROM {} AS this WHERE NOT EXISTS (SELECT 1 FROM {} AS other WHERE ({}) AND ({}))",
          relation_name(*dataset), relation_name(*other), join, condition);
    } else {
      check.count_query =
          fmt::format("SELECT count(*) FROM {} AS this JOIN {} AS other ON ({}) WHERE {}",
                      relation_name(*dataset), relation_name(*other), join, negate(condition));
    }
    if (bind_query(check.count_query, rule_->condition_where)) checks_.push_back(std::move(check));
  }

  [[nodiscard]] std::string negate(const std::string& condition) const {
    return rule_->null_fails ? fmt::format("(({}) IS NOT TRUE)", condition)
                             : fmt::format("NOT ({})", condition);
  }

  void add_aggregate() {
    const Dataset* dataset = resolve(rule_->store, rule_->table);
    if (dataset == nullptr) return;
    const std::string group = rule_->group_by.empty() ? "" : " GROUP BY " + rule_->group_by;
    Check check = make(dataset, "");
    check.count_query =
        fmt::format("SELECT count(*) FROM (SELECT 1 FROM {}{} HAVING {}) AS failing", relation_name(*dataset),
                    group, negate(rewrite_for_duckdb(rule_->condition)));
    if (bind_query(check.count_query, rule_->condition_where)) checks_.push_back(std::move(check));
  }

  void add_sql() {
    Check check = make(nullptr, "");
    check.count_query = rewrite_for_duckdb(rule_->condition);
    if (bind_query(check.count_query, rule_->condition_where)) checks_.push_back(std::move(check));
  }

  std::optional<Side> side(const std::string& written) {
    const std::string table = rule_->table;
    if (written.find('.') == std::string::npos) {
      const Dataset* dataset = resolve(written, table);
      return dataset == nullptr ? std::nullopt : std::optional<Side>(Side{dataset, ""});
    }
    if (const auto found = input_.datasets->find("", written); found.size() == 1) return Side{found[0], ""};
    const size_t dot = written.rfind('.');
    const auto found = input_.datasets->find("", written.substr(0, dot));
    if (found.size() == 1 && has_column(*found[0], written.substr(dot + 1)))
      return Side{found[0], written.substr(dot + 1)};
    const Dataset* none = resolve("", written);
    CHECK(none == nullptr);
    return std::nullopt;
  }

  void add_cross_store() {
    std::vector<Side> sides;
    for (const std::string& written : rule_->stores) {
      const auto found = side(written);
      if (!found) return;
      sides.push_back(*found);
    }
    if (sides.size() < 2) return problem(rule_->where, "cross_store compares at least two stores");
    const bool sets = rule_->measure.starts_with("set(") && rule_->measure.ends_with(")");
    std::vector<std::string> terms;
    for (size_t i = 1; i < sides.size(); ++i)
      terms.push_back(sets ? set_difference(sides[0], sides[i]) : count_difference(sides[0], sides[i]));
    Check check = make(nullptr, "");
    check.dataset = sides[0].dataset->id;
    check.count_query = "SELECT (" + join(terms, " + ") + ")::BIGINT";
    if (bind_query(check.count_query, rule_->condition_where)) checks_.push_back(std::move(check));
  }

  [[nodiscard]] std::string set_of(const Side& side) const {
    const std::string column = side.column.empty() ? rule_->measure.substr(4, rule_->measure.size() - 5)
                                                   : quote_identifier(side.column);
    return fmt::format("SELECT DISTINCT CAST({} AS VARCHAR) AS v FROM {}", column,
                       relation_name(*side.dataset));
  }

  // Values that are on one side only.
  [[nodiscard]] std::string set_difference(const Side& a, const Side& b) const {
    return fmt::format(
        "(SELECT count(*) FROM (({0}) EXCEPT ({1}))) + (SELECT count(*) FROM (({1}) EXCEPT ({0})))",
        set_of(a), set_of(b));
  }

  [[nodiscard]] std::string measure_of(const Side& side) const {
    return fmt::format("(SELECT {} FROM {})", rule_->measure.empty() ? "count(*)" : rule_->measure,
                       relation_name(*side.dataset));
  }

  [[nodiscard]] std::string count_difference(const Side& a, const Side& b) const {
    return fmt::format("(CASE WHEN abs({0} - {1}) <= {2} * greatest(abs({0}), abs({1})) THEN 0 ELSE 1 END)",
                       measure_of(a), measure_of(b), rule_->tolerance);
  }

  const GenerateInput& input_;
  const CheckRules& rules_;
  const CheckRule* rule_ = nullptr;
  std::vector<Check> checks_;
  std::vector<std::pair<SourceLocation, std::string>> problems_;
};

}  // namespace

Result<std::vector<Check>> rule_checks(const GenerateInput& input, const CheckRules& rules) {
  return RuleChecks(input, rules).generate();
}

}  // namespace godwit::check
