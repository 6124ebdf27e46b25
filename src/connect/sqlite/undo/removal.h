// Takes rows out of a target, or puts old ones back, and says who would miss them. Used by undo and purge.
#pragma once

#include "connect/sink.h"
#include "connect/sqlite/connection.h"
#include "connect/sqlite/load/row_identity.h"
#include "model/catalog.h"

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace godwit::connect {

// One removal inside an open transaction: mark rows, remove them, put images back, then count what is left
// without a parent. The connection does not enforce foreign keys: nothing cascades behind our back.
class Removal {
 public:
  [[nodiscard]] static Result<Removal> begin(StoreConnection& connection, const std::string& store);

  [[nodiscard]] const Table* table(const TableName& name) const { return catalog_->table(name); }
  [[nodiscard]] RowAddress address(const Table& table) const;
  // The rows of the table that are marked so far; made when first asked for.
  [[nodiscard]] Result<RowSet*> marked(const Table& table);
  // Unmarks rows that were marked as not owned and that a row outside the marked ones refers to: somebody
  // needs them. Then what they refer to, and so on. How many, by table.
  [[nodiscard]] Result<std::map<TableName, int64_t>> spare_referenced();
  // Counts, before anything is removed, the rows that lack a parent already.
  [[nodiscard]] Status note_orphans();
  [[nodiscard]] Status remove_marked();
  // Inserts a row as it was: the columns and their values.
  [[nodiscard]] Status put_back(const Table& table, const std::vector<std::string>& columns,
                                const std::vector<sqlite::Value>& image);
  // Rows that lack a parent now and did not before, by the parent's table; with the edge that says so.
  struct Missed {
    int64_t rows = 0;
    std::string edge;  // "main.enrollments over enrollments_student_id_fkey"
  };
  [[nodiscard]] Result<std::map<TableName, Missed>> missed();

 private:
  Removal(StoreConnection& connection, const Catalog& catalog)
      : connection_(&connection), catalog_(&catalog) {}
  [[nodiscard]] Result<int64_t> spare(const Table& child, const ForeignKey& key);
  [[nodiscard]] Result<int64_t> count_orphans(const Table& child, const ForeignKey& key);

  StoreConnection* connection_;
  const Catalog* catalog_;
  std::set<TableName> without_rowid_;
  std::map<TableName, RowSet> marked_;
  std::map<std::pair<TableName, std::string>, int64_t> orphans_before_;
};

}  // namespace godwit::connect
