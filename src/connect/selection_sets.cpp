#include "connect/selection_sets.h"

#include "base/check.h"
#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>

namespace godwit::connect {
namespace {

std::string conjunction(const std::vector<std::string>& conditions) {
  return conditions.empty() ? "TRUE" : join(conditions, " AND ");
}

std::string disjunction(const std::vector<std::string>& conditions) {
  if (conditions.empty()) return "FALSE";
  return conditions.size() == 1 ? conditions.front() : "(" + join(conditions, " OR ") + ")";
}

// The type that a scope value or a handed-over key is cast to: without modifiers, which would cut or round
// it.
std::string cast_type(const Column& column) {
  if (column.type_class == TypeClass::other && column.type_identity.empty()) return column.type_name;
  const std::string& identity = column.type_identity;
  const size_t dot = identity.find('.');
  if (dot == std::string::npos) return column.type_name.substr(0, column.type_name.find('('));
  return quote_identifier(identity.substr(0, dot)) + "." + quote_identifier(identity.substr(dot + 1));
}

// SQLite, "Determination Of Column Affinity": a column of no affinity never equals a text that looks like it.
bool has_affinity(const std::string& type_name) {
  const std::string lower = to_lower_ascii(type_name);
  return lower.find("int") != std::string::npos ||
         (!lower.empty() && lower.find("blob") == std::string::npos);
}

}  // namespace

std::string qualified_name(const TableName& table) {
  return quote_identifier(table.schema) + "." + quote_identifier(table.name);
}

std::string column_of(const std::string& alias, const std::string& column) {
  return alias + "." + quote_identifier(column);
}

std::string none_is_null(const std::string& alias, const std::vector<std::string>& columns) {
  std::vector<std::string> conditions;
  for (const auto& column : columns)
    conditions.push_back(column_of(alias, column) + " IS NOT NULL");
  return conjunction(conditions);
}

void SelectionSets::Components::find() {
  all = strong_components(graph);
  of.resize(graph.size());
  for (size_t component = 0; component < all.size(); ++component) {
    cyclic.push_back(is_cycle(graph, all[component]));
    for (const size_t table : all[component])
      of[table] = component;
  }
}

SelectionSets::SelectionSets(const StoreClosure& closure, const Catalog& catalog, const SqlDialect& dialect)
    : closure_(closure), catalog_(catalog), dialect_(dialect) {
  const size_t count = closure.tables.size();
  for (size_t table = 0; table < count; ++table)
    index_[entry(table).table] = table;
  owner_.graph.resize(count);
  need_.graph.resize(count);
  for (size_t table = 0; table < count; ++table) {
    const TableClosure& child = entry(table);
    if (child.membership == Membership::owned) {
      for (const auto& step : child.owners) {
        if (step.kind == OwnerStep::Kind::parent)
          owner_.graph[table].push_back(index(step.foreign_key.parent));
      }
    }
    // Turned around: members of the parent come from members of its children.
    for (const auto& edge : child.edges) {
      if (active(child, edge)) need_.graph[index(edge.foreign_key.parent)].push_back(table);
    }
  }
  owner_.find();
  need_.find();
}

bool SelectionSets::copied(const TableName& table) const {
  const Membership membership = entry(index(table)).membership;
  return membership != Membership::outside && membership != Membership::skipped;
}

bool SelectionSets::active(const TableClosure& child, const NecessityEdge& edge) const {
  if (edge.policy != OutsidePolicy::include || edge.inside || !edge.foreign_key.parent_store.empty())
    return false;
  const TableClosure& parent = entry(index(edge.foreign_key.parent));
  return copied(child.table) && parent.has_needed_rows &&
         (parent.membership == Membership::owned || parent.membership == Membership::needed);
}

JoinedTable SelectionSets::read(const TableName& table) const {
  const Table* found = catalog_.table(table);
  CHECK(found != nullptr);
  return {found, own_rows(*found) + " AS t", {}};
}

std::string SelectionSets::own_rows(const Table& table) const {
  // The rows of tables that inherit from it are theirs, and move with them.
  const bool inherited = dialect_.postgres && table.kind == TableKind::table;
  return (inherited ? "ONLY " : "") + qualified_name(table.name);
}

std::vector<std::string> SelectionSets::identity(const Table& table, const std::string& alias) const {
  if (dialect_.postgres) return {alias + ".tableoid", alias + ".ctid"};
  std::vector<std::string> columns;
  if (dialect_.without_rowid.count(table.name) > 0) {
    const Key* key = table.primary_key();
    CHECK(key != nullptr);
    columns = key->columns;
  } else {
    for (const std::string_view name : {"rowid", "_rowid_", "oid"}) {
      const bool hidden = std::any_of(table.columns.begin(), table.columns.end(), [&](const Column& column) {
        return to_lower_ascii(column.name) == name;
      });
      if (!hidden) return {alias + "." + std::string(name)};
    }
    for (const auto& column : table.columns)
      columns.push_back(column.name);
  }
  // quote() tells 1 from '1' and escapes, so that no two keys give the same text; the first letter keeps it
  // from looking like a number, which the affinity of another table's rowid would make of it.
  std::string text = "('k'";
  for (const auto& column : columns)
    text += " || ',' || quote(" + column_of(alias, column) + ")";
  return {text + ")"};
}

std::string SelectionSets::in_set(JoinedTable& t, const std::vector<std::string>& columns, const KeySet& set,
                                  const std::vector<std::string>& collations) {
  if (!dialect_.postgres) {
    std::vector<std::string> left;
    for (size_t i = 0; i < columns.size(); ++i)
      left.push_back(columns[i] + (collations.empty() ? "" : collations[i]));
    const std::string row = left.size() == 1 ? left.front() : "(" + join(left, ", ") + ")";
    std::vector<std::string> right;
    for (const auto& column : set.columns)
      right.push_back(quote_identifier(column));
    return row + " IN (SELECT " + join(right, ", ") + " FROM " + set.query + ")";
  }
  std::vector<std::string> selected;
  for (const auto& column : set.columns)
    selected.push_back(quote_identifier(column));
  const std::string source =
      set.unique ? set.query
                 : fmt::format("(SELECT DISTINCT {} FROM {} AS d)", join(selected, ", "), set.query);
  // The same question twice is one join.
  const std::string question = source + "\n" + join(columns, "\n");
  const auto [known, is_new] = t.joins.emplace(question, fmt::format("j{}", t.joins.size() + 1));
  const std::string& alias = known->second;
  if (is_new) {
    std::vector<std::string> on;
    for (size_t i = 0; i < columns.size(); ++i) {
      const std::string right = column_of(alias, set.columns[i]);
      on.push_back(set.as_text ? fmt::format("CAST({} AS text) = CAST({} AS text)", right, columns[i])
                               : right + " = " + columns[i]);
    }
    t.from += fmt::format("\n  LEFT JOIN {} AS {} ON {}", source, alias, join(on, " AND "));
  }
  return column_of(alias, set.columns.front()) + " IS NOT NULL";
}

std::string SelectionSets::in_rows(JoinedTable& t, const std::string& rows, size_t table) {
  const std::vector<std::string> columns = identity(*t.table, "t");
  KeySet set;
  for (size_t i = 0; i < columns.size(); ++i)
    set.columns.push_back(fmt::format("i{}", i + 1));
  set.query = fmt::format("(SELECT {} FROM {} WHERE n = {})", join(set.columns, ", "), rows, table);
  return in_set(t, columns, set);
}

std::string SelectionSets::equals_scope(const Table& table, const std::string& name) const {
  const Column* column = table.column(name);
  CHECK(column != nullptr);
  if (dialect_.postgres) {
    return fmt::format("{} = CAST({} AS {})", column_of("t", name), dialect_.scope_expression,
                       cast_type(*column));
  }
  if (has_affinity(column->type_name)) return column_of("t", name) + " = " + dialect_.scope_expression;
  return fmt::format("CAST({} AS TEXT) = {}", column_of("t", name), dialect_.scope_expression);
}

std::string SelectionSets::in_links(JoinedTable& t, const ForeignKey& foreign_key) {
  CHECK(dialect_.link_keys != nullptr);
  // By number: the key's name may be longer than a name may be.
  const auto [known, is_new] =
      links_.emplace(foreign_key.name, fmt::format("godwit_links_{}", links_.size() + 1));
  const std::string& name = known->second;
  if (is_new) expressions_.push_back({name, "(k)", dialect_.link_keys(foreign_key.name), {}});
  // Each handed-over text as the type of the column that it is compared with.
  const bool single = foreign_key.columns.size() == 1;
  std::vector<std::string> parts, columns;
  KeySet set;
  set.unique = false;
  for (size_t i = 0; i < foreign_key.columns.size(); ++i) {
    const Column* column = t.table->column(foreign_key.columns[i]);
    CHECK(column != nullptr);
    columns.push_back(column_of("t", column->name));
    set.columns.push_back(fmt::format("c{}", i + 1));
    if (dialect_.postgres) {
      parts.push_back(fmt::format("CAST({} AS {}) AS c{}",
                                  single ? "k" : fmt::format("(CAST(k AS json) ->> {})", i),
                                  cast_type(*column), i + 1));
    } else {
      if (!has_affinity(column->type_name)) columns.back() = "CAST(" + columns.back() + " AS TEXT)";
      parts.push_back(
          fmt::format("{} AS c{}", single ? "+k" : fmt::format("json_extract(k, '$[{}]')", i), i + 1));
    }
  }
  set.query = fmt::format("(SELECT {} FROM {})", join(parts, ", "), quote_identifier(name));
  return in_set(t, columns, set);
}

bool SelectionSets::as_text(const TableName& child, const ForeignKey& foreign_key) const {
  if (!foreign_key.configured || !dialect_.postgres) return false;
  const Table* child_table = catalog_.table(child);
  const Table* parent = catalog_.table(foreign_key.parent);
  CHECK(child_table != nullptr && parent != nullptr);
  for (size_t i = 0; i < foreign_key.columns.size(); ++i) {
    const Column* left = child_table->column(foreign_key.columns[i]);
    const Column* right = parent->column(foreign_key.parent_columns[i]);
    CHECK(left != nullptr && right != nullptr);
    if (left->type_identity != right->type_identity) return true;
  }
  return false;
}

std::string SelectionSets::in_parent_set(JoinedTable& t, const ForeignKey& foreign_key,
                                         const std::string& set) {
  const Table* parent = catalog_.table(foreign_key.parent);
  CHECK(parent != nullptr);
  std::vector<std::string> columns, collations;
  for (size_t i = 0; i < foreign_key.columns.size(); ++i) {
    const Column* left = t.table->column(foreign_key.columns[i]);
    const Column* right = parent->column(foreign_key.parent_columns[i]);
    CHECK(left != nullptr && right != nullptr);
    columns.push_back(column_of("t", left->name));
    // SQLite compares a foreign key by the parent's collation, an IN by that of its left side.
    const bool same = left->case_insensitive == right->case_insensitive;
    collations.emplace_back(same ? "" : right->case_insensitive ? " COLLATE NOCASE" : " COLLATE BINARY");
  }
  return in_set(t, columns,
                {foreign_key.parent_columns, quote_identifier(set), !foreign_key.configured,
                 as_text(t.table->name, foreign_key)},
                collations);
}

std::string SelectionSets::holds(JoinedTable& t, const OwnerStep& step) {
  switch (step.kind) {
    case OwnerStep::Kind::root:
    case OwnerStep::Kind::key:
      return equals_scope(*t.table, step.column);
    case OwnerStep::Kind::link:
      return in_links(t, step.foreign_key);
    case OwnerStep::Kind::parent: {
      const ForeignKey& foreign_key = step.foreign_key;
      return in_parent_set(t, foreign_key,
                           key_set(index(foreign_key.parent), false, foreign_key.parent_columns));
    }
  }
  CHECK(false);
  return {};
}

std::string SelectionSets::has_value(const OwnerStep& step) {
  if (step.kind == OwnerStep::Kind::root || step.kind == OwnerStep::Kind::key)
    return none_is_null("t", {step.column});
  return none_is_null("t", step.foreign_key.columns);
}

std::string SelectionSets::combined_steps(JoinedTable& t, const std::vector<OwnerStep>& steps,
                                          CrossScope cross) {
  std::vector<std::string> holding, agreeing;
  for (const auto& step : steps) {
    holding.push_back(holds(t, step));
    agreeing.push_back(fmt::format("({} OR NOT ({}))", holding.back(), has_value(step)));
  }
  if (holding.size() < 2 || cross == CrossScope::any) return disjunction(holding);
  return fmt::format("({} AND {})", disjunction(holding), conjunction(agreeing));
}

std::string SelectionSets::owned(JoinedTable& t) {
  const size_t table = index(t.table->name);
  if (entry(table).membership != Membership::owned) return "FALSE";
  if (owner_.in_cycle(table)) return in_rows(t, owner_rows(owner_.of[table]), table);
  return combined_steps(t, entry(table).owners, entry(table).cross_scope);
}

std::string SelectionSets::needed_by(JoinedTable& t, const std::vector<size_t>& inside) {
  // One set per key of t: the foreign keys of all members that point at it.
  std::map<std::pair<std::vector<std::string>, bool>, std::vector<std::string>> queries;
  for (const auto& child : closure_.tables) {
    const size_t from = index(child.table);
    if (std::find(inside.begin(), inside.end(), from) != inside.end()) continue;
    for (const auto& edge : child.edges) {
      if (edge.foreign_key.parent != t.table->name || !active(child, edge)) continue;
      const ForeignKey& foreign_key = edge.foreign_key;
      const std::string set = quote_identifier(key_set(from, true, foreign_key.columns));
      const bool text = as_text(child.table, foreign_key);
      std::vector<std::string> selected;
      for (size_t i = 0; i < foreign_key.columns.size(); ++i) {
        const std::string column = column_of(set, foreign_key.columns[i]);
        selected.push_back(fmt::format("{} AS c{}", text ? "CAST(" + column + " AS text)" : column, i + 1));
      }
      queries[{foreign_key.parent_columns, text}].push_back(fmt::format(
          "SELECT {} FROM {} WHERE {}", join(selected, ", "), set, none_is_null(set, foreign_key.columns)));
    }
  }
  std::vector<std::string> conditions;
  for (const auto& [key, parts] : queries) {
    KeySet set;
    set.as_text = key.second;
    set.unique = false;
    std::vector<std::string> columns;
    for (size_t i = 0; i < key.first.size(); ++i) {
      columns.push_back(column_of("t", key.first[i]));
      set.columns.push_back(fmt::format("c{}", i + 1));
    }
    set.query = "(" + join(parts, " UNION ALL ") + ")";
    conditions.push_back(in_set(t, columns, set));
  }
  return disjunction(conditions);
}

std::string SelectionSets::member(JoinedTable& t) {
  const size_t table = index(t.table->name);
  const TableClosure& closure = entry(table);
  if (closure.membership == Membership::shared) return "TRUE";
  if (!copied(closure.table)) return "FALSE";
  if (need_.in_cycle(table)) return in_rows(t, member_rows(need_.of[table]), table);
  std::vector<std::string> conditions;
  if (closure.membership == Membership::owned) conditions.push_back(owned(t));
  if (closure.has_needed_rows) conditions.push_back(needed_by(t, {}));
  return disjunction(conditions);
}

std::string SelectionSets::parent_is_member(JoinedTable& t, const ForeignKey& foreign_key) {
  if (!foreign_key.parent_store.empty() || !copied(foreign_key.parent)) return "FALSE";
  const size_t parent = index(foreign_key.parent);
  // The whole table is there, and the store guarantees the parent.
  const bool enforced = !foreign_key.configured && foreign_key.validated;
  if (entry(parent).membership == Membership::shared && enforced) return "TRUE";
  return in_parent_set(t, foreign_key, key_set(parent, true, foreign_key.parent_columns));
}

}  // namespace godwit::connect
