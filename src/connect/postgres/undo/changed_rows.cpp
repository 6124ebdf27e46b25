#include "connect/postgres/undo/changed_rows.h"

#include "base/text.h"
#include "connect/postgres/catalog/wire_type.h"
#include "connect/postgres/read/binary_decode.h"
#include "connect/postgres/read/scan_sql.h"
#include "duck/chunk_buffer.h"
#include "duck/row_digest.h"
#include "pg/session.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace godwit::connect::postgres {
namespace {

// What is read of a row: its key, its recorded hash, then the columns that the hash is of.
constexpr size_t first_value = 2;

struct RowScan {
  std::string list;
  std::vector<DecodeColumn> decode;
};

std::string key_of(const UndoRecord& record) {
  std::vector<std::string> parts;
  for (size_t i = 0; i < record.identity.parts(); ++i)
    parts.push_back(record.identity.part_text("t", i));
  return key_text_sql(parts);
}

// nullopt: the table has other columns than the run loaded, so its rows' hashes say nothing of them.
std::optional<RowScan> scan_of(const UndoRecord& record, const Table& table) {
  RowScan scan;
  scan.list = key_of(record) + ", k.hash";
  scan.decode = {{"key", WireType::text, {duck::TypeId::varchar}},
                 {"hash", WireType::int8, {duck::TypeId::int64}}};
  const auto stored = std::count_if(table.columns.begin(), table.columns.end(), [](const Column& column) {
    return column.generated != Generated::stored;
  });
  if (static_cast<size_t>(stored) != record.row_columns.size()) return std::nullopt;
  for (const DatasetColumn& recorded : record.row_columns) {
    const Column* column = table.column(recorded.name);
    if (column == nullptr) return std::nullopt;
    DatasetColumn staged = recorded;
    // Staged by a type that another kind of column has: integers of any width have one form.
    if (staged.staging != StagingType::text && needs_text_cast(staged, *column))
      staged = stage_column(*column);
    const bool cast = needs_text_cast(staged, *column);
    const std::string value = "t." + quote_identifier(staged.name);
    scan.list += ", " + (cast ? output_text(value, column->type_name) : value);
    scan.decode.push_back({staged.name, cast ? WireType::text : *wire_type(*column), duck_type(staged)});
  }
  return scan;
}

std::string touched_rows(const UndoRecord& record, const std::string& set) {
  return fmt::format("FROM {} d JOIN {} t ON t.tableoid = d.o AND t.ctid = d.c", set, quoted(record.table));
}

Result<std::vector<std::string>> all_touched(pg::Session& session, const UndoRecord& record,
                                             const std::string& set) {
  ASSIGN_OR_RETURN(
      const pg::Rows rows,
      session.query(fmt::format("SELECT {} {} WHERE d.touched", key_of(record), touched_rows(record, set))));
  std::vector<std::string> keys;
  for (size_t row = 0; row < rows.size(); ++row)
    keys.push_back(rows.string(row, 0));
  return keys;
}

class HashComparison {
 public:
  HashComparison(pg::Session& session, const UndoRecord& record, RowScan scan)
      : session_(session),
        scan_(std::move(scan)),
        buffer_(columns_of(scan_)),
        // UTF-8 is checked: bytes that are none would not get past the staging types.
        decoder_(record.table.text(), scan_.decode, true) {}

  // By key: whether the row, or one of the rows with this key, is as it was recorded.
  Result<std::map<std::string, bool>> run(const std::string& from) {
    ASSIGN_OR_RETURN(
        pg::CopyOut stream,
        session_.copy_out(fmt::format("COPY (SELECT {} {}) TO STDOUT (FORMAT binary)", scan_.list, from)));
    for (bool more = true; more;) {
      duck::ChunkWriter& chunk = buffer_.start();
      size_t rows = 0;
      while (more && rows < chunk.capacity()) {
        std::string_view piece;
        RETURN_IF_ERROR(stream.next(piece));
        more = !piece.empty();
        bool wrote = false;
        if (more) RETURN_IF_ERROR(decoder_.decode(piece, chunk, rows, wrote));
        if (wrote) ++rows;
      }
      chunk.set_rows(rows);
      RETURN_IF_ERROR(compare(buffer_.rows()));
    }
    return std::move(equal_);
  }

 private:
  static std::vector<duck::ColumnDef> columns_of(const RowScan& scan) {
    std::vector<duck::ColumnDef> columns;
    for (const DecodeColumn& column : scan.decode)
      columns.push_back({column.name, column.type});
    return columns;
  }

  Status compare(const duck::ChunkReader& chunk) {
    RETURN_IF_ERROR(duck::row_hashes(chunk, first_value, chunk.columns() - first_value, hashes_));
    for (size_t row = 0; row < chunk.rows(); ++row) {
      const duck::ColumnReader& recorded = chunk.column(1);
      const bool equal = !recorded.is_null(row) && recorded.get<int64_t>(row) == hashes_[row];
      bool& known = equal_[std::string(chunk.column(0).text(row))];
      known = known || equal;
    }
    return {};
  }

  pg::Session& session_;
  const RowScan scan_;
  duck::ChunkBuffer buffer_;
  BinaryDecoder decoder_;
  std::vector<int64_t> hashes_;
  std::map<std::string, bool> equal_;
};

Result<std::vector<std::string>> compare_touched(pg::Session& session, const CatalogReader& catalog,
                                                 const UndoRecord& record, const std::string& set,
                                                 const std::string& hashes) {
  ASSIGN_OR_RETURN(const Catalog* known, catalog());
  const Table* table = known->table(record.table);
  const auto scan = table == nullptr ? std::nullopt : scan_of(record, *table);
  if (!scan) return all_touched(session, record, set);
  auto compared = HashComparison(session, record, *scan)
                      .run(fmt::format("{} LEFT JOIN ({}) k ON {} WHERE d.touched", touched_rows(record, set),
                                       hashes, match_key(record.identity, "t", "k")));
  if (!compared.ok()) {
    // A value that the column could not be staged with: it is another one now.
    if (compared.error().sqlstate == restage_sqlstate) return all_touched(session, record, set);
    return compared.error();
  }
  std::vector<std::string> keys;
  for (const auto& [key, equal] : *compared) {
    if (!equal) keys.push_back(key);
  }
  return keys;
}

}  // namespace

Result<std::vector<std::string>> changed_rows(pg::Session& session, const CatalogReader& catalog,
                                              const UndoRecord& record, const std::string& set,
                                              const std::string& hashes) {
  if (hashes.empty()) return all_touched(session, record, set);
  // The names of types and tables inside values depend on the search path: as on the rows' way here.
  RETURN_IF_ERROR(session.run("SET LOCAL search_path TO pg_catalog"));
  ASSIGN_OR_RETURN(auto keys, compare_touched(session, catalog, record, set, hashes));
  RETURN_IF_ERROR(session.run("SET LOCAL search_path TO DEFAULT"));
  return keys;
}

}  // namespace godwit::connect::postgres
