// The canonical bytes of a row (docs/FORMATS.md, "Row digest"). Private to src/duck.
#pragma once

#include "duck/chunk.h"

#include <string>
#include <vector>

namespace godwit::duck {

// Writes one row after the other into its own buffer. Not thread-safe.
class RowBytes {
 public:
  // The chunk must outlive this.
  explicit RowBytes(const ChunkReader& chunk) : RowBytes(chunk, 0, chunk.columns()) {}
  // Of `count` columns from `first` on.
  RowBytes(const ChunkReader& chunk, size_t first, size_t count);
  // The bytes of `row`, valid until the next call; an empty view when a value has no canonical form
  // (TypeId::other), never otherwise.
  [[nodiscard]] std::string_view encode(size_t row);

 private:
  std::vector<const ColumnReader*> columns_;
  std::vector<char> buffer_;
};

}  // namespace godwit::duck
