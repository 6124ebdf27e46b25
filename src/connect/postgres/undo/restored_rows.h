// Before-images of a run, and how they come back: rows that it overwrote, and rows that it deleted.
#pragma once

#include "connect/postgres/undo/undo_records.h"

#include <cstdint>
#include <string>
#include <vector>

namespace godwit::connect::postgres {

// One thread at a time; must not outlive the session's transaction.
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

  // Puts back what is there with other values.
  [[nodiscard]] Status overwrite(const UndoRecord& record);
  // Puts back what is gone, of all these records in ONE statement: their foreign keys may go in circles.
  [[nodiscard]] Status insert(const std::vector<const UndoRecord*>& records);

 private:
  // The stored columns of the table; `updatable`: only those that an UPDATE may set, without the key.
  [[nodiscard]] Result<std::vector<std::string>> columns_of(const UndoRecord& record, bool updatable);
  // Fails when rows that were gone are not there as they were.
  [[nodiscard]] Status demand_inserted(const UndoRecord& record);

  pg::Session& session_;
  const std::string run_, store_;
};

}  // namespace godwit::connect::postgres
