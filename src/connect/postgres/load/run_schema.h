// Schema "godwit" in the target: the marker row of every run, and what its undo needs. Described in
// docs/FORMATS.md; versioned by godwit.format.
//
//   run        one row per run and store: the marker. It stands in the same transaction as the data.
//   lane       of a run over several connections, one row for each, in that connection's own transaction; the
//              first one's stands beside the marker. lanes: how many there are; tables: the ones they divide
//   undo_table one row per table and kind of record of a run, in load order:
//                insert     rows that the run inserted and owns: its undo deletes them
//                shared     shared and needed rows that the run inserted: the undo of the last run that
//                refers to
//                           them deletes them
//                reference  all shared and needed rows that the run refers to
//                update     rows that the run overwrote: before-images in undo_row
//                delete     rows of the scope that the run did not bring: the same
//              row_columns, row_types: the loaded columns and how they were staged, for the rows' hashes
//   undo_key   the keys of insert, shared and reference records: arrays of up to 4096 keys, one row per key
//              column; integers as int8[], everything else in text form; after the last column the rows'
//              hashes (duck::row_hashes of row_columns) as int8[], for insert and shared
//   undo_row   before-images: the table's row type in text form, and a digest of the row as the run left it,
//              empty where the run left none
#pragma once

#include "base/result.h"
#include "connect/sink.h"

#include <optional>
#include <string>
#include <vector>

namespace godwit::pg {
class Session;
}

namespace godwit::connect::postgres {

inline constexpr int keys_per_row = 4096;

// True when the schema and its tables are there, of whatever version.
[[nodiscard]] Result<bool> has_run_schema(pg::Session& session);
// Creates what is missing, brings an older version up, in a transaction of its own, safe against others who
// do the same. ErrorKind::gate when the role may not.
[[nodiscard]] Status ensure_run_schema(pg::Session& session);
// True when the account could create or use the schema.
[[nodiscard]] Result<bool> may_have_run_schema(pg::Session& session);

// Inserts the marker row; a run that is there already is an Error.
[[nodiscard]] Status write_marker(pg::Session& session, const RunMarker& marker);
// "committed", "undone", or nothing.
[[nodiscard]] Result<std::optional<std::string>> marker_state(pg::Session& session, const std::string& run,
                                                              const std::string& store);

// One of several connections that load a store.
struct LaneMarker {
  int lane = 0;
  int lanes = 1;
  std::vector<TableName> tables;
  std::string transaction_id;  // when read
};
[[nodiscard]] Status write_lane_marker(pg::Session& session, const RunMarker& marker, const LaneMarker& lane);
// In order; none for a run over one connection.
[[nodiscard]] Result<std::vector<LaneMarker>> lane_markers(pg::Session& session, const std::string& run,
                                                           const std::string& store);

}  // namespace godwit::connect::postgres
