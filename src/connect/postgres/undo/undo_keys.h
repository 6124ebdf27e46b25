// Keys of rows, packed into godwit.undo_key, and beside them hashes of the rows: collected from the stream of
// a direct load, or from a staging table.
#pragma once

#include "base/result.h"
#include "duck/chunk.h"
#include "model/catalog.h"

#include <cstdint>
#include <string>
#include <vector>

namespace godwit::pg {
class Session;
}

namespace godwit::connect::postgres {

// What identifies the rows of a table: the columns of a key, or the whole row when the table has none.
struct RowIdentity {
  std::vector<std::string> columns;
  std::vector<std::string> types;  // parallel: as format_type writes them
  std::vector<bool> integers;      // parallel: int2, int4 or int8
  bool whole_rows = false;         // columns = all loaded columns; the identity is ROW(columns)::text

  // The number of key columns as undo_key holds them.
  [[nodiscard]] size_t parts() const { return whole_rows ? 1 : columns.size(); }
  // "a.k = b.k AND …"; whole rows by their text.
  [[nodiscard]] std::string match(const std::string& a, const std::string& b) const;
  // One key column of alias `a`: "a.k", or the row's text.
  [[nodiscard]] std::string part(const std::string& a, size_t index) const;
  // The same as its type writes it, for keeping and reading again.
  [[nodiscard]] std::string part_text(const std::string& a, size_t index) const;
};

// The primary key, else a full unique key of columns that are never NULL, among `loaded`; else whole rows.
[[nodiscard]] RowIdentity identity_of(const Table& table, const std::vector<std::string>& loaded);

// ROW(a.x, a.y)::text
[[nodiscard]] std::string row_text(const std::string& alias, const std::vector<std::string>& columns);

// The key of a row of alias `a` as undo_row holds it: an array of texts.
[[nodiscard]] std::string key_array_sql(const RowIdentity& identity, const std::string& a);

// Collects keys out of chunks, holding some at a time. One thread at a time.
class KeyRecorder {
 public:
  // `positions` = the identity's columns in the chunk.
  KeyRecorder(RowIdentity identity, std::vector<size_t> positions, std::string run, std::string store,
              int ordinal);

  void add(const duck::ChunkReader& chunk, size_t row, int64_t hash);
  [[nodiscard]] int64_t held() const { return held_; }
  // Writes what is held. The session must not be in a COPY.
  [[nodiscard]] Status flush(pg::Session& session);

 private:
  struct KeyColumn {
    std::vector<int64_t> integers;
    std::vector<std::string> texts;
  };
  // The hashes stand behind the key's columns.
  [[nodiscard]] bool holds_integers(size_t column) const {
    return column >= identity_.integers.size() || identity_.integers[column];
  }
  void append_row(std::string& out, size_t column, size_t from, size_t to) const;

  const RowIdentity identity_;
  const std::vector<size_t> positions_;
  const std::string run_, store_;
  const int ordinal_;
  std::vector<KeyColumn> columns_;
  int64_t held_ = 0;
  int part_ = 0;
};

// INSERT statements (one per key column) that pack the keys of the rows of `relation` (alias s) where
// `condition`; also their hashes, when `hash` names the column of `relation` that has them.
[[nodiscard]] std::string pack_keys_sql(const RowIdentity& identity, const std::string& relation,
                                        const std::string& condition, const std::string& hash,
                                        const std::string& run, const std::string& store, int ordinal);

// A SELECT of the keys of one record, unpacked: columns k0, k1, … in the identity's own types.
[[nodiscard]] std::string unpack_keys_sql(const RowIdentity& identity, const std::string& run,
                                          const std::string& store, int ordinal);
// With one more column, hash. Only for records that have hashes.
[[nodiscard]] std::string unpack_hashes_sql(const RowIdentity& identity, const std::string& run,
                                            const std::string& store, int ordinal);

}  // namespace godwit::connect::postgres
