#include "tests/closure/compare.h"

#include "base/text.h"
#include "tests/closure/brute_force.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace godwit::test {
namespace {

// A member row as a result row: its tag, whether it is owned, then every column as it is to be read.
std::vector<Row> expected_rows(const World& world, const BruteForce& truth, const TableClosure& closure) {
  const Table& table = *world.catalog.table(closure.table);
  std::vector<Row> expected;
  for (const size_t number : truth.members(closure.table)) {
    const Row& row = world.rows.at(closure.table)[number];
    Row line;
    line.push_back(truth.owned(closure.table).count(number) > 0 ? "1" : "0");
    for (size_t i = 0; i < table.columns.size(); ++i) {
      Cell cell = row[i];
      for (const auto& edge : closure.edges) {
        const auto& used = edge.foreign_key.columns;
        if (edge.policy != OutsidePolicy::null) continue;
        if (std::find(used.begin(), used.end(), table.columns[i].name) == used.end()) continue;
        if (!truth.references(closure.table, number, edge.foreign_key)) continue;
        if (!truth.parent_is_member(closure.table, number, edge.foreign_key)) cell = std::nullopt;
      }
      line.push_back(cell);
    }
    expected.push_back(line);
  }
  std::sort(expected.begin(), expected.end());
  return expected;
}

std::string select_sql(const Table& table, const connect::SelectionSql& selection) {
  std::string sql = selection.with + "\nSELECT CASE WHEN " + selection.owned + " THEN '1' ELSE '0' END";
  for (const auto& column : table.columns) {
    const auto found = selection.column_expressions.find(column.name);
    sql += ", " + (found == selection.column_expressions.end() ? "t." + quote_identifier(column.name)
                                                               : found->second);
  }
  return sql + "\nFROM " + selection.from + "\nWHERE " + selection.where;
}

// What the closure says of the table's edges, for failures.
std::string edges_of(const TableClosure& closure) {
  std::string text;
  for (const auto& edge : closure.edges) {
    text += fmt::format("{} -> {}: {}{}{}\n", edge.foreign_key.name, edge.foreign_key.parent.text(),
                        to_string(edge.policy), edge.inside ? ", inside" : "",
                        edge.foreign_key.configured ? ", configured" : "");
  }
  return text;
}

std::string text_of(const std::vector<Row>& rows) {
  std::string text;
  for (const auto& row : rows) {
    for (const auto& cell : row)
      text += cell.value_or("NULL") + " ";
    text += "\n";
  }
  return text;
}

void expect_count(const RunSql& run, const std::string& sql, int64_t expected) {
  const auto rows = run(sql, 1);
  ASSERT_EQ(rows.size(), 1U) << sql;
  EXPECT_EQ(rows[0].at(0), std::to_string(expected)) << sql;
}

}  // namespace

size_t expect_exact(const World& world, const connect::SqlDialect& dialect, const RunSql& run) {
  const BruteForce truth(world);
  size_t compared = 0;
  for (const auto& closure : world.closure.tables) {
    const Table& table = *world.catalog.table(closure.table);
    const auto selection = connect::select_rows(world.closure, world.catalog, closure.table, dialect);
    const std::string sql = select_sql(table, selection);
    auto found = run(sql, table.columns.size() + 1);
    std::sort(found.begin(), found.end());
    const auto expected = expected_rows(world, truth, closure);
    // `owned` is said to be FALSE for shared rows, and TRUE only where every row is.
    EXPECT_EQ(text_of(found), text_of(expected)) << closure.table.text() << "\n" << edges_of(closure) << sql;
    compared += expected.size();
    expect_count(run, connect::count_disagreeing_sql(world.closure, world.catalog, closure.table, dialect),
                 truth.disagreeing(closure.table));
    for (const auto& edge : closure.edges) {
      expect_count(
          run,
          connect::count_outside_sql(world.closure, world.catalog, closure.table, edge.foreign_key, dialect),
          truth.outside(closure.table, edge.foreign_key));
    }
  }
  return compared;
}

}  // namespace godwit::test
