// Feeds DuckDB from COPY: one session and one COPY per lane, opened when the lane is first asked for rows.
#pragma once

#include "connect/postgres/read/binary_decode.h"
#include "connect/postgres/read/scan_sql.h"
#include "connect/postgres/read/snapshot_pool.h"
#include "duck/database.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace godwit::connect::postgres {

// Different lanes may be filled at once; one lane by one thread at a time.
class CopyProducer : public duck::TableProducer {
 public:
  CopyProducer(std::shared_ptr<SnapshotPool> pool, std::string table, ScanSql sql,
               const std::vector<std::string>& ranges, bool check_utf8);

  [[nodiscard]] const std::vector<duck::ColumnDef>& columns() const override { return sql_.staged; }
  [[nodiscard]] size_t lanes() const override { return lanes_.size(); }
  [[nodiscard]] Result<bool> fill(size_t lane, duck::ChunkWriter& chunk) override;

 private:
  struct Lane {
    std::string copy;
    BinaryDecoder decoder;
    std::unique_ptr<pg::Session> session;
    std::optional<pg::CopyOut> stream;
    bool ended = false;
  };
  [[nodiscard]] Status start(Lane& lane);

  const std::shared_ptr<SnapshotPool> pool_;
  const std::string table_;
  const ScanSql sql_;
  std::vector<Lane> lanes_;
};

}  // namespace godwit::connect::postgres
