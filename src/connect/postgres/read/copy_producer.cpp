#include "connect/postgres/read/copy_producer.h"

namespace godwit::connect::postgres {

CopyProducer::CopyProducer(std::shared_ptr<SnapshotPool> pool, std::string table, ScanSql sql,
                           const std::vector<std::string>& ranges, bool check_utf8)
    : pool_(std::move(pool)), table_(std::move(table)), sql_(std::move(sql)) {
  for (const std::string& range : ranges) {
    lanes_.push_back({"COPY (" + sql_.select(sql_.columns, range) + ") TO STDOUT (FORMAT binary)",
                      BinaryDecoder(table_, sql_.decode, check_utf8), nullptr, std::nullopt, false});
  }
}

Status CopyProducer::start(Lane& lane) {
  ASSIGN_OR_RETURN(lane.session, pool_->acquire());
  RETURN_IF_ERROR(apply_settings(*lane.session, sql_.settings));
  ASSIGN_OR_RETURN(pg::CopyOut stream, lane.session->copy_out(lane.copy));
  lane.stream.emplace(std::move(stream));
  return {};
}

Result<bool> CopyProducer::fill(size_t index, duck::ChunkWriter& chunk) {
  Lane& lane = lanes_[index];
  if (lane.ended) return false;
  if (!lane.stream) {
    if (const Status started = start(lane); !started.ok()) return wrap(started.error(), "reading " + table_);
  }
  const size_t capacity = chunk.capacity();
  size_t rows = 0;
  while (rows < capacity) {
    std::string_view piece;
    if (const Status read = lane.stream->next(piece); !read.ok()) {
      return wrap(read.error(), "reading " + table_);
    }
    if (piece.empty()) {
      lane.ended = true;
      lane.stream.reset();
      pool_->release(std::move(lane.session));
      break;
    }
    bool wrote = false;
    RETURN_IF_ERROR(lane.decoder.decode(piece, chunk, rows, wrote));
    if (wrote) ++rows;
  }
  chunk.set_rows(rows);
  return rows > 0;
}

}  // namespace godwit::connect::postgres
