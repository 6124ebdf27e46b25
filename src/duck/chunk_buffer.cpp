#include "duck/chunk_buffer.h"

#include "duck/capi/chunk_views.h"
#include "duck/capi/type_mapping.h"

#include <optional>

namespace godwit::duck {

struct ChunkBuffer::Chunk {
  std::vector<ColumnDef> columns;
  std::vector<Type> types;
  ChunkHandle handle;
  ChunkWriterView writer;
  std::optional<ChunkReaderView> reader;
};

ChunkBuffer::ChunkBuffer(std::vector<ColumnDef> columns) : chunk_(std::make_unique<Chunk>()) {
  std::vector<LogicalTypeHandle> owners;
  std::vector<duckdb_logical_type> logical;
  for (const ColumnDef& column : columns) {
    owners.push_back(to_logical(column.type));
    logical.push_back(owners.back().get());
    chunk_->types.push_back(column.type);
  }
  chunk_->columns = std::move(columns);
  chunk_->handle = ChunkHandle(library().create_data_chunk(logical.data(), logical.size()));
}

ChunkBuffer::~ChunkBuffer() = default;

ChunkWriter& ChunkBuffer::start() {
  library().data_chunk_reset(chunk_->handle.get());
  chunk_->writer.attach(chunk_->handle.get(), chunk_->columns);
  return chunk_->writer;
}

const ChunkReader& ChunkBuffer::rows() {
  return chunk_->reader.emplace(chunk_->handle.get(), chunk_->types);
}

}  // namespace godwit::duck
