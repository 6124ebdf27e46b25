// Whatever SQLite stored comes out the same at the other end, storage class and all, or is refused by name.

#include "connect/sqlite/test_sink.h"

namespace godwit::connect {
namespace {

class RoundTripTest : public SinkTest {
 protected:
  // Moves table t whole, staging columns as text when the read says so. False when the read refuses.
  bool move_table() {
    auto from = source("a");
    EXPECT_TRUE(from->snapshot().ok());
    const Catalog catalog = *from->catalog();
    StoreClosure closure;
    closure.tables = {shared("t")};
    Dataset dataset = dataset_of(*from, catalog.tables.at(0), closure.tables[0]);
    auto database = duck_database();
    auto connection = std::move(database->connect()).value();
    for (int attempt = 0;; ++attempt) {
      Scan scan;
      scan.dataset = &dataset;
      scan.closure = &closure;
      auto producer = from->read(scan);
      EXPECT_TRUE(producer.ok());
      const std::string name = "scan" + std::to_string(attempt);
      EXPECT_TRUE(connection->register_table(name, *producer).ok());
      const auto copied = connection->run("COPY (SELECT * FROM " + name + "()) TO '" + folder_ +
                                          "/t.parquet' (FORMAT parquet)");
      if (copied.ok()) break;
      if (copied.error().sqlstate != restage_sqlstate) return false;
      for (DatasetColumn& column : dataset.columns) {
        if (column.name != copied.error().hint) continue;
        EXPECT_FALSE(column.as_text) << "staged as text twice";
        column.staging = StagingType::text;
        column.as_text = true;
        ++restaged_;
      }
    }
    auto into = sink("b");
    const Catalog target = *into->catalog();
    EXPECT_TRUE(into->begin(marker("mig-1", "", LoadStrategy::insert)).ok());
    DatasetLoad load;
    load.dataset = &dataset;
    load.target = target.table({"main", "t"});
    load.connection = connection.get();
    load.queries = single_query("SELECT * FROM read_parquet('" + folder_ + "/t.parquet')");
    const auto loaded = into->load(load);
    EXPECT_TRUE(loaded.ok()) << (loaded.ok() ? "" : loaded.error().text());
    EXPECT_TRUE(into->commit().ok());
    return true;
  }
  int restaged_ = 0;
  void fresh(const std::string& columns) {
    for (const char* name : {"a", "b"}) {
      std::filesystem::remove(endpoint(name).path);
      run(name, "CREATE TABLE t (k INTEGER PRIMARY KEY, " + columns + ")");
    }
  }
};

constexpr const char* declared_types[] = {
    "",           "INTEGER", "BOOLEAN",  "NUMERIC(10,2)", "NUMERIC",     "REAL", "TEXT",
    "VARCHAR(5)", "DATE",    "TIME",     "TIMESTAMP",     "TIMESTAMPTZ", "UUID", "JSON",
    "BLOB",       "BYTEA",   "INTERVAL", "GEOMETRY",      "TEXT[]"};
constexpr const char* numbers_and_texts[] = {"NULL",
                                             "0",
                                             "1",
                                             "-1",
                                             "9223372036854775807",
                                             "-9223372036854775808",
                                             "0.1",
                                             "-0.0",
                                             "1e300",
                                             "9e999",
                                             "-9e999",
                                             "0.1 + 0.2",
                                             "123456789.125",
                                             "1e17",
                                             "4.9e-324",
                                             "''",
                                             "' '",
                                             "'12'",
                                             "'012'",
                                             "'1.50'",
                                             "'abc'",
                                             "'it''s'",
                                             "'X''00'''",
                                             "'''q'''",
                                             "'inf'",
                                             "'9e999x'",
                                             "'2024-02-29'",
                                             "'2024-02-30'",
                                             "'23:59:59.5'",
                                             "'2024-02-29 12:00:00.500000'",
                                             "'2024-02-29T12:00:00Z'",
                                             "'2024-02-29 12:00:00+00'",
                                             "'123e4567-e89b-12d3-a456-426614174000'",
                                             "'123E4567-E89B-12D3-A456-426614174000'",
                                             "'{\"a\": 1}'",
                                             "'ünïcode ☃'",
                                             "char(97, 0, 98)"};

TEST_F(RoundTripTest, AllValuesInAllColumns) {
  std::string columns;
  int number = 0;
  for (const char* type : declared_types)
    columns += (number == 0 ? "c" : ", c") + std::to_string(number) + " " + type, ++number;
  fresh(columns);
  for (const char* value : numbers_and_texts) {
    std::string values;
    for (int i = 0; i < number; ++i)
      values += std::string(", ") + value;
    run("a", "INSERT INTO t VALUES (NULL" + values + ")");
  }
  ASSERT_TRUE(move_table());
  EXPECT_EQ(dump("a", {"t"}), dump("b", {"t"}));
}

TEST_F(RoundTripTest, FittingValuesKeepTheirStagingType) {
  fresh(
      "i INTEGER, b BOOLEAN, n NUMERIC(10,2), r REAL, s TEXT, d DATE, m TIME, ts TIMESTAMP, tz TIMESTAMPTZ, "
      "u UUID, "
      "x BLOB");
  run("a",
      "INSERT INTO t VALUES (1, 5, 1, 12.25, 1.5, 'a', '2024-02-29', '01:02:03', '2024-02-29 "
      "01:02:03.000001', "
      "'0001-01-01 00:00:00+00', '123e4567-e89b-12d3-a456-426614174000', X'00FF27');"
      "INSERT INTO t VALUES (2, -5, 0, -0.01, -0.0, '', '0001-01-01', '00:00:00.000001', '9999-12-31 "
      "23:59:59', "
      "'2024-01-01 00:00:00.100000+00', 'ffffffff-ffff-ffff-ffff-ffffffffffff', X'');"
      "INSERT INTO t (k) VALUES (3)");
  ASSERT_TRUE(move_table());
  EXPECT_EQ(restaged_, 0);
  EXPECT_EQ(dump("a", {"t"}), dump("b", {"t"}));
}

TEST_F(RoundTripTest, BlobsGoWhereAnyStorageClassMay) {
  for (const char* type : declared_types) {
    fresh(std::string("c ") + type);
    run("a", "INSERT INTO t VALUES (1, X'00FF'), (2, 'text'), (3, 7), (4, 7.5), (5, NULL)");
    const bool moved = move_table();
    const std::string name = type;
    const bool any_class = name.empty() || name == "BLOB" || name == "BYTEA" || name == "GEOMETRY";
    EXPECT_EQ(moved, any_class) << type;
    if (moved) {
      EXPECT_EQ(dump("a", {"t"}), dump("b", {"t"})) << type;
    }
  }
}

}  // namespace
}  // namespace godwit::connect
