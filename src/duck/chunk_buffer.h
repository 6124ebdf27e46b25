// A chunk of one's own, for rows that are decoded outside of a query.
#pragma once

#include "duck/chunk.h"
#include "duck/types.h"

#include <memory>
#include <vector>

namespace godwit::duck {

// Needs no Database. One thread at a time.
class ChunkBuffer {
 public:
  explicit ChunkBuffer(std::vector<ColumnDef> columns);
  ~ChunkBuffer();
  ChunkBuffer(const ChunkBuffer&) = delete;
  ChunkBuffer& operator=(const ChunkBuffer&) = delete;

  // Empties the chunk; valid until the next call.
  [[nodiscard]] ChunkWriter& start();
  // What was written since start(); valid until the next call of either.
  [[nodiscard]] const ChunkReader& rows();

 private:
  struct Chunk;
  std::unique_ptr<Chunk> chunk_;
};

}  // namespace godwit::duck
