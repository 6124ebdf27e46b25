// Before-images of the rows that a run overwrote, and how they come back.
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

  // Puts back what stands there with other values, and what is gone.
  [[nodiscard]] Status restore(const UndoRecord& record);

 private:
  [[nodiscard]] Status overwrite(const UndoRecord& record);
  [[nodiscard]] Status insert(const UndoRecord& record);
  // The stored columns of the table; `updatable`: only those that an UPDATE may set, without the key.
  [[nodiscard]] Result<std::vector<std::string>> columns_of(const UndoRecord& record, bool updatable);
  // Fails when rows that were gone are not there as they were.
  [[nodiscard]] Status demand_inserted(const UndoRecord& record);

  pg::Session& session_;
  const std::string run_, store_;
};

}  // namespace godwit::connect::postgres
