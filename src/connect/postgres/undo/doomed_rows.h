// Rows that are about to be deleted, as sets of (tableoid, ctid); who else refers to them; and their
// deletion. For undo and purge, inside one REPEATABLE READ transaction, and for loads, which lock them: a row
// that somebody moves meanwhile fails the transaction instead of being missed.
#pragma once

#include "base/result.h"
#include "model/catalog.h"
#include "pg/session.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace godwit::connect::postgres {

struct Blocker {
  int64_t rows = 0;
  std::string by;  // "public.fees over fees_student_id_fkey (ON DELETE CASCADE)"
};

// One thread at a time; must not outlive the session's transaction.
class DoomedRows {
 public:
  // In temporary tables; with `set_name`, a quoted name, in unlogged ones named after it: two-phase commit
  // allows no temporary ones.
  explicit DoomedRows(pg::Session& session, std::string set_name = {})
      : session_(session), set_name_(std::move(set_name)) {}

  struct Added {
    int64_t rows = 0;
    std::string set;  // the rows of this call, with all columns of `select`, until the transaction ends
  };
  // `select` yields columns o (oid) and c (tid) of rows of the table, first of all.
  [[nodiscard]] Result<Added> add(const TableName& table, const std::string& select);
  // Rows of the table that stay, but do not block: they are restored.
  [[nodiscard]] Status add_restored(const TableName& table, const std::string& select);

  // Rows outside all sets that refer to doomed rows of the table, over any foreign key of the database.
  [[nodiscard]] Result<Blocker> blockers(const TableName& table);
  // Takes the rows that outsiders refer to out of the table's set; how many.
  [[nodiscard]] Result<int64_t> spare_referenced(const TableName& table);
  [[nodiscard]] Result<int64_t> size(const TableName& table);
  // All rows of the table's set; empty: none was added.
  [[nodiscard]] std::string set_of(const TableName& table) const;
  // Nobody can write to the rows, or begin to refer to them, before the transaction ends. Fails when somebody
  // changed one since it was added.
  [[nodiscard]] Status lock(const TableName& table);
  // Every table that was made and does not end by itself.
  [[nodiscard]] std::vector<std::string> sets() const { return unlogged_; }

  // Deletes the doomed rows of all these tables in ONE statement: their foreign keys may go in circles. Fails
  // when a row is left.
  [[nodiscard]] Status remove(const std::vector<TableName>& tables);

 private:
  struct Reference;
  [[nodiscard]] Result<std::vector<Reference>> references_to(const TableName& table);
  // "FROM child x JOIN … WHERE …": rows x outside all sets that refer to doomed rows d.
  [[nodiscard]] Result<std::string> make(const char* what, const std::string& select);
  [[nodiscard]] std::string outsiders(const TableName& table, const Reference& reference) const;

  pg::Session& session_;
  const std::string set_name_;
  std::vector<std::string> unlogged_;
  std::map<TableName, std::string> doomed_, restored_;
  int next_ = 1;
};

}  // namespace godwit::connect::postgres
