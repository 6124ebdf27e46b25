// What the tests of this folder share: a folder of their own, an open database in it, simple producers.
#pragma once

#include "base/test_folder.h"
#include "duck/database.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace godwit::duck {

// A producer made of one function: fill(lane, chunk).
class FunctionProducer : public TableProducer {
 public:
  using Fill = std::function<Result<bool>(size_t, ChunkWriter&)>;
  FunctionProducer(std::vector<ColumnDef> columns, size_t lanes, Fill fill)
      : columns_(std::move(columns)), lanes_(lanes), fill_(std::move(fill)) {}
  [[nodiscard]] const std::vector<ColumnDef>& columns() const override { return columns_; }
  [[nodiscard]] size_t lanes() const override { return lanes_; }
  [[nodiscard]] Result<bool> fill(size_t lane, ChunkWriter& chunk) override { return fill_(lane, chunk); }

 private:
  std::vector<ColumnDef> columns_;
  size_t lanes_;
  Fill fill_;
};

// `lanes` lanes of the numbers 0 … rows-1 each, in the column n.
inline std::shared_ptr<TableProducer> numbers(size_t lanes, int64_t rows) {
  auto at = std::make_shared<std::vector<int64_t>>(lanes, 0);
  return std::make_shared<FunctionProducer>(std::vector<ColumnDef>{{"n", {TypeId::int64}}}, lanes,
                                            [at, rows](size_t lane, ChunkWriter& chunk) -> Result<bool> {
                                              int64_t& next = (*at)[lane];
                                              size_t count = 0;
                                              for (; count < chunk.capacity() && next < rows;
                                                   ++count, ++next) {
                                                chunk.column(0).set(count, next);
                                              }
                                              chunk.set_rows(count);
                                              return count > 0;
                                            });
}

class DuckTest : public testing::Test {
 protected:
  void SetUp() override { open(DatabaseOptions{folder_.path()}); }

  void open(const DatabaseOptions& options) {
    connection_.reset();
    auto database = Database::open(options);
    ASSERT_TRUE(database.ok()) << database.error().text();
    database_ = std::move(database).value();
    auto connection = database_->connect();
    ASSERT_TRUE(connection.ok()) << connection.error().text();
    connection_ = std::move(connection).value();
  }
  // The only cell of the result; the error's text when there is one.
  std::string cell(const std::string& sql) {
    const Result<Rows> rows = connection_->query(sql);
    if (!rows.ok()) return rows.error().text();
    if (rows->rows.size() != 1 || rows->rows[0].empty()) return "not one cell";
    return rows->rows[0][0].value_or("NULL");
  }
  [[nodiscard]] std::string path(const std::string& name) const { return folder_.path() + "/" + name; }

  TestFolder folder_;
  std::unique_ptr<Database> database_;
  std::unique_ptr<Connection> connection_;
};

}  // namespace godwit::duck
