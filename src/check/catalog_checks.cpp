#include "base/text.h"
#include "check/expression.h"
#include "check/generate.h"
#include "check/relations.h"

#include <fmt/format.h>

#include <algorithm>

namespace godwit::check {

namespace {

class CatalogChecks {
 public:
  CatalogChecks(const GenerateInput& input, std::vector<std::string>& not_translated)
      : input_(input), not_translated_(not_translated) {}

  std::vector<Check> generate() {
    for (const Dataset* dataset : input_.datasets->all()) {
      dataset_ = dataset;
      add_row_count();
      add_scope();
      for (const DatasetColumn& staged : dataset->columns) {
        if (const Column* column = dataset->table.column(staged.name)) add_column(staged, *column);
      }
      for (const Key& key : dataset->table.keys)
        add_key(key);
      for (const NecessityEdge& edge : dataset->closure.edges)
        add_foreign_key(edge);
      for (const CheckConstraint& constraint : dataset->table.checks)
        add_constraint(constraint);
      for (const Sequence& sequence : dataset->table.sequences)
        add_sequence(sequence);
    }
    return std::move(checks_);
  }

 private:
  Check& add(std::string_view kind, std::string_view detail, CheckCategory category,
             std::string description) {
    Check check;
    check.id = fmt::format("{}:{}", kind, dataset_->id);
    if (!detail.empty()) check.id += fmt::format(".{}", detail);
    check.rule = kind;
    check.category = category;
    check.dataset = dataset_->id;
    check.description = std::move(description);
    checks_.push_back(std::move(check));
    return checks_.back();
  }

  // Tokens ${...} are filled in by evaluation (evaluate.cpp).
  void add_row_count() {
    add("rows", "", CheckCategory::completeness, "as many rows are staged as were extracted").aggregate =
        "abs(count(*) - ${extracted_rows})";
  }

  void add_scope() {
    const TableClosure& closure = dataset_->closure;
    if (closure.membership != Membership::owned || closure.key_column.empty()) return;
    const std::string column = exact(*dataset_, closure.key_column);
    std::string condition = fmt::format("CAST({} AS VARCHAR) = {}", column, quote_literal(input_.scope));
    if (dataset_->has_owned_column)
      condition = fmt::format("NOT {} OR {}", quote_identifier(owned_column_name), condition);
    Check& check =
        add("scope", closure.key_column, CheckCategory::referential, "owned rows belong to the scope");
    check.column = closure.key_column;
    check.row_condition = condition;
    check.null_passes = false;
  }

  void add_column(const DatasetColumn& staged, const Column& column) {
    const std::string name = quote_identifier(column.name);
    Check& type = add("type", column.name, CheckCategory::schema,
                      "is staged as " + std::string(to_string(staged.staging)));
    type.column = column.name;
    type.count_query = fmt::format("${{staged_type_differs:{}}}", column.name);
    if (!column.nullable) {
      Check& check = add("not_null", column.name, CheckCategory::not_null, "is never NULL");
      check.column = column.name;
      check.row_condition = "NOT (" + is_null_expression(column) + ")";
    }
    if (column.max_length > 0 && staged.staging == StagingType::text && !staged.as_text) {
      Check& check = add("length", column.name, CheckCategory::schema,
                         fmt::format("has at most {} characters", column.max_length));
      check.column = column.name;
      check.row_condition = fmt::format("length({}) <= {}", name, column.max_length);
    }
    if (!column.enum_labels.empty()) add_enum(column);
    if (column.type_class == TypeClass::json && staged.staging == StagingType::text) {
      Check& check = add("json", column.name, CheckCategory::schema, "is valid JSON");
      check.column = column.name;
      check.row_condition = fmt::format("json_valid({})", name);
    }
  }

  void add_enum(const Column& column) {
    std::vector<std::string> labels;
    for (const std::string& label : column.enum_labels)
      labels.push_back(quote_literal(label));
    Check& check =
        add("enum", column.name, CheckCategory::constraint, "is one of the labels of " + column.type_name);
    check.column = column.name;
    check.row_condition = fmt::format("{} IN ({})", quote_identifier(column.name), join(labels, ", "));
  }

  static bool staged(const Dataset& dataset, const std::vector<std::string>& columns) {
    return std::all_of(columns.begin(), columns.end(),
                       [&](const std::string& wanted) { return staged_column(dataset, wanted) != nullptr; });
  }

  static const DatasetColumn* staged_column(const Dataset& dataset, const std::string& name) {
    const auto found = std::find_if(dataset.columns.begin(), dataset.columns.end(),
                                    [&](const DatasetColumn& column) { return column.name == name; });
    return found == dataset.columns.end() ? nullptr : &*found;
  }

  static bool rounded(const Dataset& dataset, const std::string& column) {
    const DatasetColumn* staged = staged_column(dataset, column);
    return staged != nullptr && is_rounded(*staged, dataset.table.column(column));
  }

  // The identifier that keys are compared by.
  static std::string exact(const Dataset& dataset, const std::string& column) {
    return rounded(dataset, column) ? exact_name(column) : quote_identifier(column);
  }

  // What two columns of different types, or in different stores, are compared by.
  static std::string as_text(const Dataset& dataset, const std::string& column, const std::string& value) {
    const std::string text = "CAST(" + value + " AS VARCHAR)";
    const DatasetColumn* staged = staged_column(dataset, column);
    if (staged == nullptr || staged->staging != StagingType::decimal || staged->scale == 0) return text;
    return fmt::format("rtrim(rtrim({}, '0'), '.')", text);
  }

  void add_key(const Key& key) {
    // Expression and partial indexes, and keys over generated columns, are proved by the target's own index.
    if (key.columns.empty() || !key.predicate.empty() || !key.expression.empty() ||
        !staged(*dataset_, key.columns)) {
      not_translated_.push_back(fmt::format("{}: unique index {}", dataset_->id, key.name));
      return;
    }
    std::vector<std::string> names;
    std::vector<std::string> present;
    for (const std::string& column : key.columns) {
      const Column* described = dataset_->table.column(column);
      const bool folded = described != nullptr && described->case_insensitive;
      const std::string name = exact(*dataset_, column);
      names.push_back(folded ? "lower(" + name + ")" : name);
      present.push_back(name + " IS NOT NULL");
    }
    const std::string list = join(names, ", ");
    Check& check = add(key.primary ? "primary_key" : "unique", key.name, CheckCategory::unique,
                       fmt::format("({}) is unique", join(key.columns, ", ")));
    check.column = key.columns.size() == 1 ? key.columns[0] : "";
    check.count_query = fmt::format(
        "SELECT coalesce(sum(n - 1), 0)::BIGINT FROM (SELECT count(*) AS n FROM {} WHERE {} AND "
        "${{partition:{}}} GROUP BY {} "
        "HAVING count(*) > 1)",
        relation_name(*dataset_), key.nulls_distinct || key.primary ? join(present, " AND ") : "TRUE", list,
        list);
  }

  void add_foreign_key(const NecessityEdge& edge) {
    const ForeignKey& key = edge.foreign_key;
    const std::string& store = key.parent_store.empty() ? dataset_->store : key.parent_store;
    const Dataset* parent = input_.datasets->by_table(store, key.parent);
    if (parent == nullptr || needs_target(*input_.datasets, *dataset_, edge)) return;
    // Columns that the store computes are not staged; the target's own key decides.
    if (!staged(*dataset_, key.columns) || !staged(*parent, key.parent_columns)) {
      not_translated_.push_back(fmt::format("{}: foreign key {}", dataset_->id, key.name));
      return;
    }
    std::vector<std::string> child_columns;
    std::vector<std::string> parent_columns;
    std::vector<std::string> present;
    std::vector<std::string> equal;
    for (size_t i = 0; i < key.columns.size(); ++i) {
      std::string child_column = "child." + exact(*dataset_, key.columns[i]);
      std::string parent_column = "parent." + exact(*parent, key.parent_columns[i]);
      if (!key.parent_store.empty() || rounded(*dataset_, key.columns[i]) ||
          rounded(*parent, key.parent_columns[i])) {
        child_column = as_text(*dataset_, key.columns[i], child_column);
        parent_column = as_text(*parent, key.parent_columns[i], parent_column);
      }
      present.push_back(child_column + " IS NOT NULL");
      equal.push_back(child_column + " = " + parent_column);
      child_columns.push_back(std::move(child_column));
      parent_columns.push_back(std::move(parent_column));
    }
    Check& check = add(key.configured ? "link" : "foreign_key", key.name, CheckCategory::referential,
                       fmt::format("({}) is in {}", join(key.columns, ", "), parent->id));
    check.column = key.columns.size() == 1 ? key.columns[0] : "";
    check.count_query = fmt::format(
        "SELECT count(*) FROM {} AS child WHERE {} AND ${{partition:{}}} AND NOT EXISTS (SELECT 1 FROM {} AS "
        "parent WHERE {} AND "
        "${{partition:{}}})",
        relation_name(*dataset_), join(present, " AND "), join(child_columns, ", "), relation_name(*parent),
        join(equal, " AND "), join(parent_columns, ", "));
  }

  void add_constraint(const CheckConstraint& constraint) {
    const std::string condition = rewrite_for_duckdb(constraint.expression);
    std::string problem;
    if (!binds(*input_.connection, *dataset_, condition, problem)) {
      not_translated_.push_back(fmt::format("{}: CHECK constraint {}", dataset_->id, constraint.name));
      return;
    }
    add("check", constraint.name, CheckCategory::constraint, "satisfies the table's own CHECK")
        .row_condition = condition;
  }

  void add_sequence(const Sequence& sequence) {
    const Column* column = dataset_->table.column(sequence.column);
    if (column == nullptr || column->type_class != TypeClass::integer ||
        !staged(*dataset_, {sequence.column}))
      return;
    const StagingType staging = staged_column(*dataset_, sequence.column)->staging;
    const char* highest = staging == StagingType::int16   ? "32767"
                          : staging == StagingType::int32 ? "2147483647"
                                                          : "9223372036854775807";
    Check& check =
        add("sequence", sequence.column, CheckCategory::schema, "leaves room for the sequence's next value");
    check.column = sequence.column;
    check.row_condition = fmt::format("{} < {}", quote_identifier(sequence.column), highest);
  }

  const GenerateInput& input_;
  std::vector<std::string>& not_translated_;
  const Dataset* dataset_ = nullptr;
  std::vector<Check> checks_;
};

}  // namespace

bool needs_target(const DatasetIndex& datasets, const Dataset& dataset, const NecessityEdge& edge) {
  if (edge.policy != OutsidePolicy::reference || edge.inside) return false;
  const std::string& store =
      edge.foreign_key.parent_store.empty() ? dataset.store : edge.foreign_key.parent_store;
  const Dataset* parent = datasets.by_table(store, edge.foreign_key.parent);
  // A parent that is copied whole holds every row a child can name.
  return parent == nullptr || parent->closure.membership != Membership::shared;
}

std::string reference_check_id(const Dataset& dataset, const ForeignKey& foreign_key) {
  return fmt::format("reference:{}.{}", dataset.id, foreign_key.name);
}

std::vector<Check> reference_checks(const DatasetIndex& datasets) {
  std::vector<Check> checks;
  for (const Dataset* dataset : datasets.all()) {
    for (const NecessityEdge& edge : dataset->closure.edges) {
      if (!needs_target(datasets, *dataset, edge)) continue;
      Check check;
      check.id = reference_check_id(*dataset, edge.foreign_key);
      check.rule = "reference";
      check.category = CheckCategory::referential;
      check.dataset = dataset->id;
      check.column = edge.foreign_key.columns.size() == 1 ? edge.foreign_key.columns[0] : "";
      check.description = fmt::format("({}) is among the copied rows of {} or stands in the target",
                                      join(edge.foreign_key.columns, ", "), edge.foreign_key.parent.text());
      check.count_query = counted_in_target;
      checks.push_back(std::move(check));
    }
  }
  return checks;
}

Result<std::vector<Check>> catalog_checks(const GenerateInput& input,
                                          std::vector<std::string>& not_translated) {
  return CatalogChecks(input, not_translated).generate();
}

bool binds(duck::Connection& connection, const Dataset& dataset, const std::string& expression,
           std::string& problem) {
  const auto described = connection.describe(
      fmt::format("SELECT (({}) IS TRUE) FROM {} LIMIT 0", expression, relation_name(dataset)));
  if (!described.ok()) problem = described.error().message;
  return described.ok();
}

}  // namespace godwit::check
