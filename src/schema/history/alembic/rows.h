// The rows of alembic_version: one per head of what is applied, and how one revision changes them.
#pragma once

#include "schema/history/alembic/graph/graph.h"
#include "schema/history/history.h"

#include <string>
#include <vector>

namespace godwit::schema::alembic {

struct RowChange {
  enum class Kind : uint8_t { insert, update, erase };
  Kind kind = Kind::insert;
  std::string from;  // update, erase
  std::string to;    // insert, update
};

// What Alembic's HeadMaintainer does to the rows after `node` was applied or undone. `rows` that do not go
// with the graph give changes that match no row, so that the SQL of them fails.
[[nodiscard]] std::vector<RowChange> row_changes(const Graph& graph, const std::vector<std::string>& rows,
                                                 Graph::Node node, Direction direction);

// `rows` after the changes; what is not there cannot be erased.
[[nodiscard]] std::vector<std::string> changed(std::vector<std::string> rows,
                                               const std::vector<RowChange>& changes);

// The same changes as statements with semicolons, for `table` (quoted already; `plain_name` for messages). An
// UPDATE or DELETE that does not match exactly one row fails, and with it the transaction it runs in, as
// Alembic's own check of the row count does: on PostgreSQL by an exception in a DO block that says what
// Alembic would have said, on SQLite, which has no statement that raises, by an integer overflow.
[[nodiscard]] std::string to_sql(const std::vector<RowChange>& changes, const std::string& table,
                                 const std::string& plain_name, sql::Dialect dialect);

}  // namespace godwit::schema::alembic
