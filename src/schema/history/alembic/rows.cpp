#include "schema/history/alembic/rows.h"

#include "schema/history/sql_text.h"

#include <fmt/format.h>

#include <algorithm>

namespace godwit::schema::alembic {

namespace {

using Node = Graph::Node;
using Names = std::vector<std::string>;

bool holds(const Names& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// What the rows but `without` stand for: themselves and everything below them.
Graph::NodeSet implied_by_others(const Graph& graph, const Names& rows, const Names& without) {
  std::vector<Node> others;
  for (const std::string& row : rows) {
    const auto node = graph.find(row);
    if (node && !holds(without, row)) others.push_back(*node);
  }
  return graph.ancestors(others, Graph::Edges::all);
}

std::vector<RowChange> up_changes(const Graph& graph, const Names& rows, Node node) {
  const std::string& id = graph.id(node);
  Names below, present;
  for (const Node lower : graph[node].below) {
    below.push_back(graph.id(lower));
    if (holds(rows, below.back())) present.push_back(below.back());
  }
  if (present.empty()) return {{RowChange::Kind::insert, {}, id}};
  if (present.size() == 1) return {{RowChange::Kind::update, present.front(), id}};
  // A merge: one row moves, the others go, except those that another row stands for.
  const Graph::NodeSet implied = implied_by_others(graph, rows, below);
  Names merged;
  for (const std::string& row : present) {
    if (!implied[*graph.find(row)]) merged.push_back(row);
  }
  if (merged.empty()) merged = present;
  std::vector<RowChange> changes;
  for (size_t i = 0; i + 1 < merged.size(); ++i)
    changes.push_back({RowChange::Kind::erase, merged[i], {}});
  changes.push_back({RowChange::Kind::update, merged.back(), id});
  return changes;
}

// What is to be a row again: what no other row stands for, nor another of the same.
Names uncovered(const Graph& graph, const Names& rows, Node node) {
  const std::string& id = graph.id(node);
  const bool alone = std::all_of(rows.begin(), rows.end(), [&](const std::string& row) { return row == id; });
  const std::vector<Node>& below = graph[node].below;
  Graph::NodeSet implied = implied_by_others(graph, rows, {id});
  if (alone) {
    for (const Node lower : below) {
      Graph::NodeSet older = graph.ancestors({lower}, Graph::Edges::all);
      older[lower] = false;
      for (Node i = 0; i < older.size(); ++i)
        implied[i] = implied[i] || older[i];
    }
  }
  Names names;
  for (const Node lower : below) {
    if (!implied[lower]) names.push_back(graph.id(lower));
  }
  return names;
}

std::vector<RowChange> down_changes(const Graph& graph, const Names& rows, Node node) {
  const std::string& id = graph.id(node);
  const Names back = uncovered(graph, rows, node);
  if (back.empty()) return {{RowChange::Kind::erase, id, {}}};
  std::vector<RowChange> changes;
  for (size_t i = 0; i + 1 < back.size(); ++i)
    changes.push_back({RowChange::Kind::insert, {}, back[i]});
  changes.push_back({RowChange::Kind::update, id, back.back()});
  return changes;
}

// Fails unless `statement`, which Alembic would speak of as `what`, changes one row.
std::string exactly_one(const std::string& statement, const std::string& what, const std::string& plain_name,
                        sql::Dialect dialect) {
  if (dialect == sql::Dialect::sqlite) {
    return fmt::format("{}; SELECT CASE WHEN changes() = 1 THEN 1 ELSE abs(-9223372036854775807 - 1) END;",
                       statement);
  }
  const std::string message =
      fmt::format("Online migration expected to match one row when {} in '{}'; % found", what, plain_name);
  const std::string body = fmt::format(
      "DECLARE matched bigint; BEGIN {}; GET DIAGNOSTICS matched = ROW_COUNT; IF matched <> 1 THEN RAISE "
      "EXCEPTION {}, matched; END IF; END",
      statement, literal(message, dialect));
  return fmt::format("DO {};", literal(body, dialect));
}

// For RAISE, where a percent sign stands for a value.
std::string percent_doubled(std::string_view text) {
  std::string out;
  for (const char c : text)
    out.append(c == '%' ? 2 : 1, c);
  return out;
}

}  // namespace

std::vector<RowChange> row_changes(const Graph& graph, const Names& rows, Node node, Direction direction) {
  return direction == Direction::up ? up_changes(graph, rows, node) : down_changes(graph, rows, node);
}

Names changed(Names rows, const std::vector<RowChange>& changes) {
  for (const RowChange& change : changes) {
    if (change.kind == RowChange::Kind::update) {
      std::replace(rows.begin(), rows.end(), change.from, change.to);
    } else if (change.kind == RowChange::Kind::erase) {
      std::erase(rows, change.from);
    } else {
      rows.push_back(change.to);
    }
  }
  return rows;
}

std::string to_sql(const std::vector<RowChange>& changes, const std::string& table,
                   const std::string& plain_name, sql::Dialect dialect) {
  const auto text = [&](const std::string& value) { return literal(value, dialect); };
  const std::string shown = percent_doubled(plain_name);
  std::string out;
  for (const RowChange& change : changes) {
    if (!out.empty()) out += '\n';
    const std::string from = percent_doubled(change.from), to = percent_doubled(change.to);
    if (change.kind == RowChange::Kind::insert) {
      out += fmt::format("INSERT INTO {} (version_num) VALUES ({});", table, text(change.to));
    } else if (change.kind == RowChange::Kind::erase) {
      out += exactly_one(fmt::format("DELETE FROM {} WHERE version_num = {}", table, text(change.from)),
                         fmt::format("deleting '{}'", from), shown, dialect);
    } else {
      out += exactly_one(fmt::format("UPDATE {} SET version_num = {} WHERE version_num = {}", table,
                                     text(change.to), text(change.from)),
                         fmt::format("updating '{}' to '{}'", from, to), shown, dialect);
    }
  }
  return out;
}

}  // namespace godwit::schema::alembic
