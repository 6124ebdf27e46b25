// The expressions of selection_sets.h: sets of keys, and sets of rows that are reached over cycles.
#include "base/check.h"
#include "base/text.h"
#include "connect/selection_sets.h"

#include <fmt/format.h>

#include <algorithm>

namespace godwit::connect {
namespace {

std::string union_all(const std::vector<std::string>& queries) {
  return join(queries, "\n  UNION ALL ");
}

}  // namespace

SelectionSets::Expression* SelectionSets::made(const std::string& name) {
  const auto found = std::find_if(expressions_.begin(), expressions_.end(),
                                  [&](const Expression& expression) { return expression.name == name; });
  return found == expressions_.end() ? nullptr : &*found;
}

std::string SelectionSets::key_set(size_t table, bool members, const std::vector<std::string>& columns) {
  const std::string name = fmt::format("godwit_{}_{}", members ? "members" : "owned", table);
  if (made(name) == nullptr) {
    JoinedTable t = read(entry(table).table);
    const std::string where = members ? member(t) : owned(t);
    expressions_.push_back({name, "", fmt::format("FROM {} WHERE {}", t.from, where), {}});
  }
  made(name)->columns.insert(columns.begin(), columns.end());
  return name;
}

std::string SelectionSets::seed(const JoinedTable& t, const std::string& where) const {
  const std::vector<std::string> columns = identity(*t.table, "t");
  std::string selected = fmt::format("{} AS n", index(t.table->name));
  for (size_t i = 0; i < columns.size(); ++i)
    selected += fmt::format(", {} AS i{}", columns[i], i + 1);
  return fmt::format("SELECT {} FROM {} WHERE {}", selected, t.from, where);
}

std::string SelectionSets::edge(size_t child, const ForeignKey& foreign_key, bool upward) const {
  const size_t parent = index(foreign_key.parent);
  const Table* child_table = catalog_.table(entry(child).table);
  const Table* parent_table = catalog_.table(foreign_key.parent);
  CHECK(child_table != nullptr && parent_table != nullptr);
  const auto from = identity(upward ? *child_table : *parent_table, upward ? "c" : "p");
  const auto to = identity(upward ? *parent_table : *child_table, upward ? "p" : "c");
  std::string selected = fmt::format("{} AS f, {} AS n", upward ? child : parent, upward ? parent : child);
  for (size_t i = 0; i < from.size(); ++i)
    selected += fmt::format(", {} AS f{}, {} AS i{}", from[i], i + 1, to[i], i + 1);
  const bool text = as_text(child_table->name, foreign_key);
  std::vector<std::string> on;
  for (size_t i = 0; i < foreign_key.columns.size(); ++i) {
    // The parent's column first: SQLite takes the collation from the left side.
    const std::string left = column_of("p", foreign_key.parent_columns[i]);
    const std::string right = column_of("c", foreign_key.columns[i]);
    on.push_back(text ? fmt::format("CAST({} AS text) = CAST({} AS text)", left, right)
                      : left + " = " + right);
  }
  return fmt::format("SELECT {} FROM {} AS c JOIN {} AS p ON {}", selected, own_rows(*child_table),
                     own_rows(*parent_table), join(on, " AND "));
}

void SelectionSets::add_recursion(const std::string& name, const std::vector<std::string>& seeds,
                                  const std::vector<std::string>& edges, Walk walk) {
  CHECK(!seeds.empty() && !edges.empty());
  recursive_ = true;
  const size_t width = dialect_.postgres ? 2 : 1;
  std::string reached = "n", next = "e.n", on = "e.f = r.n";
  for (size_t i = 1; i <= width; ++i) {
    reached += fmt::format(", i{}", i);
    next += fmt::format(", e.i{}", i);
    on += fmt::format(" AND e.f{} = r.i{}", i, i);
  }
  expressions_.push_back({name + "_seeds", "", union_all(seeds), {}});
  // PostgreSQL allows one recursive reference, so all edges stand in one place.
  std::string step;
  if (walk == Walk::row_by_row) {
    step = fmt::format("CROSS JOIN LATERAL (\n  {}) AS e", union_all(edges));
  } else {
    // Materialised, or it would be computed again in every round.
    expressions_.push_back({name + "_edges", "MATERIALIZED", union_all(edges), {}});
    step = fmt::format("JOIN {}_edges AS e ON {}", name, on);
  }
  const std::string body = fmt::format("SELECT {} FROM {}_seeds\n  UNION SELECT {} FROM {} AS r {}", reached,
                                       name, next, name, step);
  expressions_.push_back({name, "", body, {}});
}

std::string SelectionSets::owner_rows(size_t component) {
  const std::string name = fmt::format("godwit_owned_rows_{}", component);
  if (made(name) != nullptr) return name;
  const std::vector<size_t>& inside = owner_.all[component];
  std::vector<std::string> seeds, edges;
  for (const size_t table : inside) {
    JoinedTable t = read(entry(table).table);
    std::vector<std::string> conditions;
    for (const auto& step : entry(table).owners) {
      const bool recursive =
          step.kind == OwnerStep::Kind::parent && owner_.of[index(step.foreign_key.parent)] == component;
      if (recursive)
        edges.push_back(edge(table, step.foreign_key, false));
      else
        conditions.push_back(holds(t, step));
    }
    if (!conditions.empty()) seeds.push_back(seed(t, join(conditions, " OR ")));
  }
  if (seeds.empty()) {  // nothing leads in: no row is owned
    const JoinedTable t = read(entry(inside.front()).table);
    seeds.push_back(seed(t, "FALSE"));
  }
  add_recursion(name, seeds, edges, Walk::over_all_edges);
  return name;
}

std::string SelectionSets::member_rows(size_t component) {
  const std::string name = fmt::format("godwit_member_rows_{}", component);
  if (made(name) != nullptr) return name;
  const std::vector<size_t>& inside = need_.all[component];
  std::vector<std::string> seeds;
  std::vector<std::pair<size_t, ForeignKey>> followed;
  bool unique = true;
  for (const size_t table : inside) {
    JoinedTable t = read(entry(table).table);
    const std::string where = fmt::format("{} OR {}", owned(t), needed_by(t, inside));
    seeds.push_back(seed(t, where));
    for (const auto& necessity : entry(table).edges) {
      if (!active(entry(table), necessity) || need_.of[index(necessity.foreign_key.parent)] != component)
        continue;
      followed.emplace_back(table, necessity.foreign_key);
      unique = unique && !necessity.foreign_key.configured;
    }
  }
  // Upward there is a unique index at every step, unless a link leads elsewhere: the cost is that of the rows
  // that are reached, not of the tables.
  const Walk walk = dialect_.postgres && unique ? Walk::row_by_row : Walk::over_all_edges;
  std::vector<std::string> edges;
  for (const auto& [table, foreign_key] : followed) {
    edges.push_back(edge(table, foreign_key, true));
    if (walk == Walk::over_all_edges) continue;
    edges.back() += fmt::format(" WHERE r.n = {} AND c.tableoid = r.i1 AND c.ctid = r.i2", table);
  }
  add_recursion(name, seeds, edges, walk);
  return name;
}

std::string SelectionSets::with() const {
  std::vector<std::string> parts;
  for (const auto& expression : expressions_) {
    std::string body = expression.body;
    if (!expression.columns.empty()) {
      std::vector<std::string> selected;
      for (const auto& column : expression.columns)
        selected.push_back(column_of("t", column));
      body = "SELECT " + join(selected, ", ") + " " + body;
    }
    const bool arguments = !expression.clause.empty() && expression.clause.front() == '(';
    parts.push_back(fmt::format("{}{} AS {}(\n  {})", quote_identifier(expression.name),
                                arguments ? expression.clause : "",
                                arguments || expression.clause.empty() ? "" : expression.clause + " ", body));
  }
  if (parts.empty()) return {};
  return (recursive_ ? "WITH RECURSIVE " : "WITH ") + join(parts, ",\n");
}

}  // namespace godwit::connect
