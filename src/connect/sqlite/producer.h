// A SELECT over SQLite as a producer for DuckDB: one lane, one row at a time, bounded memory.
#pragma once

#include "connect/sqlite/connection.h"
#include "connect/sqlite/values/cell.h"
#include "duck/database.h"
#include "model/dataset.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace godwit::connect {

class SqliteProducer final : public duck::TableProducer {
 public:
  // `sql` returns the dataset's columns in order, then the owned flag when the dataset has one.
  SqliteProducer(std::shared_ptr<StoreConnection> connection, std::string sql, std::string scope,
                 const Dataset& dataset);

  [[nodiscard]] const std::vector<duck::ColumnDef>& columns() const override { return columns_; }
  [[nodiscard]] size_t lanes() const override { return 1; }
  [[nodiscard]] Result<bool> fill(size_t lane, duck::ChunkWriter& chunk) override;

 private:
  [[nodiscard]] Error misfit(const CellForm& form, Fit fit) const;

  std::shared_ptr<StoreConnection> connection_;
  std::string sql_, scope_, dataset_id_;
  bool has_owned_column_;
  std::vector<CellForm> forms_;
  std::vector<duck::ColumnDef> columns_;
  std::optional<sqlite::Statement> statement_;
  bool done_ = false;
  int64_t rows_ = 0;
};

}  // namespace godwit::connect
