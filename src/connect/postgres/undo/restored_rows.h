// Before-images of the rows that a run overwrote or deleted, and how they come back.
#pragma once

#include "connect/postgres/row_changes.h"
#include "connect/postgres/undo/doomed_rows.h"
#include "connect/postgres/undo/undo_records.h"

#include <cstdint>
#include <string>
#include <vector>

namespace godwit::connect::postgres {

// "update" and "delete" records. One thread at a time; must not outlive the session's transaction.
class RestoredRows {
 public:
  RestoredRows(pg::Session& session, std::string run, std::string store)
      : session_(session), run_(std::move(run)), store_(std::move(store)) {}

  // Compares the rows with what the run left and with what stood before; returns the keys (key_text_sql) of
  // those that are neither.
  [[nodiscard]] Result<std::vector<std::string>> look(const UndoRecord& record);
  // How many rows a restore writes.
  [[nodiscard]] Result<int64_t> rows_to_write(const UndoRecord& record);
  // "SELECT o, c": the rows that are in the target now.
  [[nodiscard]] static std::string present_rows_sql(const UndoRecord& record);
  // Rows to write that refer to a parent that will not be there: gone since, and not among `records`, which
  // come back as well. `table` as the catalog has it now.
  [[nodiscard]] Result<Blocker> lacking(const UndoRecord& record, const Table& table,
                                        const DoomedRows& doomed, const std::vector<UndoRecord>& records);

  // Adds to `changes` what puts back the rows that stand there with other values, and those that are gone.
  [[nodiscard]] Status plan(const UndoRecord& record, const Table& table, RowChanges& changes);
  // After the changes: fails when a row is not there as it was before.
  [[nodiscard]] Status demand_restored(const UndoRecord& record);

 private:
  // The rows whose unique values move, as a set of (o, c, before); empty text: none.
  [[nodiscard]] Result<std::string> remade_rows(const UndoRecord& record, const Table& table, int64_t& rows);
  // The stored columns of the table; `updatable`: only those that an UPDATE may set, without the key.
  [[nodiscard]] static std::vector<std::string> columns_of(const UndoRecord& record, const Table& table,
                                                           bool updatable);
  [[nodiscard]] Result<int64_t> count(const UndoRecord& record, const std::string& condition);

  pg::Session& session_;
  const std::string run_, store_;
};

}  // namespace godwit::connect::postgres
