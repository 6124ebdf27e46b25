// What the tests of the SQLite connector share: a folder, store files in it, datasets and closures by hand.
#pragma once

#include "base/test_folder.h"
#include "base/time.h"
#include "connect/sqlite/source.h"
#include "connect/sqlite/values/types.h"
#include "duck/database.h"
#include "model/closure.h"
#include "model/dataset.h"
#include "sqlite/database.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace godwit::connect {

class StillClock final : public Clock {
 public:
  [[nodiscard]] int64_t now_us() const override { return 1'795'229'539'000'000; }
  [[nodiscard]] int64_t monotonic_us() const override { return 0; }
  void sleep_ms(int64_t) const override {}
};

class StoreTest : public ::testing::Test {
 protected:
  [[nodiscard]] StoreEndpoint endpoint(const std::string& name) const {
    StoreEndpoint endpoint;
    endpoint.store = "ids";
    endpoint.environment = name;
    endpoint.kind = "sqlite";
    endpoint.path = folder_ + "/" + name + ".db";
    return endpoint;
  }
  // Runs the script in the file, making it when it is not there.
  void run(const std::string& name, const std::string& script) const {
    const Status done = file(name)->run(script);
    ASSERT_TRUE(done.ok()) << done.error().text();
  }
  [[nodiscard]] std::unique_ptr<sqlite::Database> file(const std::string& name) const {
    auto opened = sqlite::Database::open(endpoint(name).path, {sqlite::OpenMode::create, 200});
    EXPECT_TRUE(opened.ok());
    return std::move(opened).value();
  }
  [[nodiscard]] int64_t number(const std::string& name, const std::string& sql) const {
    const auto result = file(name)->number(sql);
    EXPECT_TRUE(result.ok()) << sql;
    return result.ok() ? *result : -1;
  }
  // Every row of every table with its storage classes, as one text.
  [[nodiscard]] std::string dump(const std::string& name, const std::vector<std::string>& tables) const {
    std::string out;
    auto database = file(name);
    for (const std::string& table : tables) {
      out += "-- " + table + "\n";
      auto rows = database->rows("SELECT * FROM " + table + " ORDER BY 1, 2");
      if (!rows.ok()) rows = database->rows("SELECT * FROM " + table + " ORDER BY 1");
      EXPECT_TRUE(rows.ok()) << table;
      for (const auto& row : *rows) {
        for (const sqlite::Value& value : row) {
          char real[64] = {};
          std::snprintf(real, sizeof real, "%a", value.real);  // exact, with the sign of zero
          out += std::string(to_string(value.type)) + ":" + std::to_string(value.integer) + ":" + real + ":" +
                 value.bytes + "|";
        }
        out += "\n";
      }
    }
    return out;
  }

  [[nodiscard]] std::unique_ptr<Source> source(const std::string& name) const {
    auto opened = open_sqlite_source(endpoint(name), clock_);
    EXPECT_TRUE(opened.ok()) << (opened.ok() ? "" : opened.error().text());
    return opened.ok() ? std::move(opened).value() : nullptr;
  }
  // All columns but generated ones, as the source stages them.
  static Dataset dataset_of(const Source& source, const Table& table, const TableClosure& closure) {
    Dataset dataset;
    dataset.id = dataset_id("ids", table.name);
    dataset.store = "ids";
    dataset.table = table;
    dataset.closure = closure;
    dataset.has_owned_column = closure.has_needed_rows && closure.membership == Membership::owned;
    for (const Column& column : table.columns) {
      if (column.generated == Generated::stored) continue;
      dataset.columns.push_back(source.stage(column));
    }
    return dataset;
  }
  static TableClosure owned(const std::string& table, const std::string& key) {
    TableClosure closure;
    closure.table = {"main", table};
    closure.membership = Membership::owned;
    OwnerStep step;
    step.kind = OwnerStep::Kind::key;
    step.column = key;
    closure.owners.push_back(step);
    closure.key_column = key;
    return closure;
  }
  static TableClosure shared(const std::string& table) {
    TableClosure closure;
    closure.table = {"main", table};
    closure.membership = Membership::shared;
    return closure;
  }
  [[nodiscard]] std::unique_ptr<duck::Database> duck_database() const {
    duck::DatabaseOptions options;
    options.folder = folder_;
    auto opened = duck::Database::open(options);
    EXPECT_TRUE(opened.ok());
    return std::move(opened).value();
  }

  const TestFolder scratch_;
  const std::string folder_ = scratch_.path();
  StillClock clock_;
};

}  // namespace godwit::connect
