// ChunkReader and ChunkWriter over DuckDB's chunks. Private to src/duck.
#pragma once

#include "duck/capi/handles.h"
#include "duck/chunk.h"

#include <vector>

namespace godwit::duck {

// What a ColumnWriter writes to, for as long as it lives.
struct WrittenVector {
  duckdb_vector vector = nullptr;
  // Room for texts, owned by the vector: taken piecewise, because to ask for it costs as much as many copies.
  char* room = nullptr;
  size_t room_left = 0;
  size_t room_asked = 0;  // the last time
};

// Views `chunk`, whose columns have `types`; flat vectors only (what DuckDB hands to C).
class ChunkReaderView final : public ChunkReader {
 public:
  ChunkReaderView(duckdb_data_chunk chunk, const std::vector<Type>& types);
  // The types are asked of the chunk itself.
  explicit ChunkReaderView(duckdb_data_chunk chunk);

  [[nodiscard]] size_t rows() const override { return rows_; }
  [[nodiscard]] size_t columns() const override { return columns_.size(); }
  [[nodiscard]] const ColumnReader& column(size_t index) const override;

 private:
  size_t rows_ = 0;
  std::vector<ColumnReader> columns_;
};

class ChunkWriterView final : public ChunkWriter {
 public:
  // Turns to another chunk of the same columns.
  void attach(duckdb_data_chunk chunk, const std::vector<ColumnDef>& columns);

  [[nodiscard]] size_t capacity() const override;
  [[nodiscard]] ColumnWriter& column(size_t index) override;
  void set_rows(size_t rows) override;
  [[nodiscard]] size_t rows() const { return rows_; }

 private:
  duckdb_data_chunk chunk_ = nullptr;
  size_t rows_ = 0;
  std::vector<WrittenVector> vectors_;  // of columns_
  std::vector<ColumnWriter> columns_;
};

}  // namespace godwit::duck
