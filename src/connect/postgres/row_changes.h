// Rows that go, come and are overwritten in several tables, as ONE statement: foreign keys are checked when
// all of it is done, so they may go in circles, and a unique value may move from a row that goes to one that
// comes.
#pragma once

#include "base/result.h"
#include "model/catalog.h"
#include "pg/session.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace godwit::connect::postgres {

// Not for rows that two of the changes touch. One thread at a time; run() once.
class RowChanges {
 public:
  explicit RowChanges(pg::Session& session) : session_(session) {}

  // The table's rows in `set`, a relation of (o, c): tableoid and ctid. Before the inserts of the same table.
  void remove(const TableName& table, const std::string& set, int64_t rows);
  // INSERT INTO table (columns) … `select`: up to and with a WHERE. After all removals of its table.
  void insert(const TableName& table, const std::string& columns, const std::string& select, int64_t rows);
  // `update`: a whole UPDATE without RETURNING. With `keep`, an INSERT … SELECT without FROM, it is given
  // what `returning` yields.
  void update(const TableName& table, const std::string& update, int64_t rows,
              const std::string& returning = "1", const std::string& keep = {});

  // Fails when a table took, lost or changed another number of rows than told: a trigger.
  [[nodiscard]] Status run();

 private:
  enum class What : uint8_t { removal, insertion, overwriting };
  struct Change {
    What what;
    TableName table;
    int64_t rows;
  };
  void add(What what, const TableName& table, const std::string& statement, int64_t rows,
           const std::string& returning = "1");
  [[nodiscard]] static Error failure(const Change& change, int64_t done);

  pg::Session& session_;
  std::string with_;
  std::string counts_;
  std::vector<Change> changes_;
  std::map<TableName, std::vector<std::string>> removals_;
};

// False when removing a row of the table and inserting it again would not be the same as overwriting it: a
// foreign key to it cascades, empties or restricts.
[[nodiscard]] Result<bool> may_be_remade(pg::Session& session, const TableName& table);
// "The row `now` has another value of some unique key than the row `then`": expressions of a column. Empty
// when the table has no such key beside `identity`.
[[nodiscard]] std::string rekeyed_sql(const Table& table, const std::vector<std::string>& identity,
                                      const std::map<std::string, std::string>& now,
                                      const std::map<std::string, std::string>& then);

}  // namespace godwit::connect::postgres
