// The undo records of a run, as they stand in schema godwit.
#pragma once

#include "connect/postgres/undo/undo_keys.h"
#include "connect/sink.h"
#include "model/dataset.h"

#include <string>
#include <vector>

namespace godwit::connect::postgres {

struct UndoRecord {
  int ordinal = 0;
  int group = 0;
  std::string dataset;
  TableName table;
  std::string kind;
  RowIdentity identity;
  TriggerPolicy triggers = TriggerPolicy::fire;
  int64_t rows = 0;
  bool hashed = false;                     // undo_key has the rows' hashes
  std::vector<DatasetColumn> row_columns;  // what they are of; empty: not known
};

// In the order of undoing: the last loaded first.
[[nodiscard]] Result<std::vector<UndoRecord>> read_undo_records(pg::Session& session, const std::string& run,
                                                                const std::string& store);

// SELECTs of (o, c, touched), the rows of the target that each kind of record means now. Not touched: the
// very row version that the run's transaction wrote stands there (its xmin), so nobody has written it since.
[[nodiscard]] Result<std::string> inserted_rows_sql(pg::Session& session, const UndoRecord& record,
                                                    const std::string& run, const std::string& store);
// Of a "reference" record: rows that some run inserted as shared, that no other committed run refers to, and
// that none has inserted as its own since.
[[nodiscard]] Result<std::string> unshared_rows_sql(pg::Session& session, const UndoRecord& record,
                                                    const std::string& run, const std::string& store);
// SELECTs of keys and the hashes of their rows as runs left them (k0, k1, …, hash); empty text: none known.
// Of an "insert" record, and of the shared rows that a "reference" record refers to:
[[nodiscard]] Result<std::string> hashes_sql(pg::Session& session, const UndoRecord& record,
                                             const std::string& run, const std::string& store);
// SELECTs of keys k0, k1, … of a table; empty text when there is none. Those that runs inserted as shared:
[[nodiscard]] Result<std::string> shared_keys_sql(pg::Session& session, const TableName& table,
                                                  const RowIdentity& identity);
// Those that committed runs of other scopes inserted as shared or refer to:
[[nodiscard]] Result<std::string> needed_keys_sql(pg::Session& session, const TableName& table,
                                                  const RowIdentity& identity, const RunMarker& mine);
// Those of an "insert" record that another committed run refers to: its rows stay when the run is undone.
[[nodiscard]] Result<std::string> handed_over_keys_sql(pg::Session& session, const UndoRecord& record,
                                                       const std::string& run, const std::string& store);
// "a.k = b.k0 AND …": a row of the target and an unpacked key.
// "The row, as `row`, stands in the table itself or in a partition of it", not in one that inherits from it.
[[nodiscard]] std::string is_own_row(const TableName& table, const std::string& row);
[[nodiscard]] std::string match_key(const RowIdentity& identity, const std::string& row,
                                    const std::string& key);
// A row's key as UndoTable writes it, out of one SQL expression of type text per key column.
[[nodiscard]] std::string key_text_sql(const std::vector<std::string>& parts);

}  // namespace godwit::connect::postgres
