#include "connect/sqlite/source.h"

#include "connect/sqlite/test_store.h"
#include "connect/sqlite/values/cell.h"
#include "sqlite/file_lock.h"

namespace godwit::connect {
namespace {

class SourceTest : public StoreTest {
 protected:
  struct Answer {
    Status status;
    duck::Rows rows;
  };
  // Streams the scan through DuckDB and shows it as text, or the error.
  Answer read(Source& from, const Scan& scan) {
    Answer answer;
    auto producer = from.read(scan);
    if (!producer.ok()) {
      answer.status = producer.error();
      return answer;
    }
    auto database = duck_database();
    auto connection = std::move(database->connect()).value();
    EXPECT_TRUE(connection->register_table("scan", *producer).ok());
    auto rows = connection->query("SELECT * FROM scan()");
    if (!rows.ok()) {
      answer.status = rows.error();
    } else {
      answer.rows = *rows;
    }
    return answer;
  }
  Answer read_table(const std::string& script) {
    run("a", script);
    auto from = source("a");
    auto catalog = from->catalog();
    const Table table = catalog->tables.at(0);
    StoreClosure closure;
    closure.tables = {shared(table.name.name)};
    dataset_ = dataset_of(*from, table, closure.tables[0]);
    return reread(*from, closure);
  }
  Answer reread(Source& from, const StoreClosure& closure) {
    EXPECT_TRUE(from.snapshot().ok());
    Scan scan;
    scan.dataset = &dataset_;
    scan.closure = &closure;
    return read(from, scan);
  }
  Dataset dataset_;
};

TEST_F(SourceTest, ReadsTypedValues) {
  const Answer answer = read_table(R"(
    CREATE TABLE t (i INTEGER, b BOOLEAN, d DATE, ts TIMESTAMP, tz TIMESTAMPTZ, n NUMERIC(10,2), r REAL, s VARCHAR(9),
                    u UUID, x BLOB, j JSON, m TIME);
    INSERT INTO t VALUES (9007199254740993, 1, '2024-02-29', '2024-02-29 12:00:00.500000', '2024-02-29 12:00:00+00', 12.5,
                          0.1, 'añ', '123e4567-e89b-12d3-a456-426614174000', X'00FF', '{"a":1}', '23:59:59');
    INSERT INTO t (i) VALUES (NULL);)");
  ASSERT_TRUE(answer.status.ok()) << answer.status.error().text();
  ASSERT_EQ(answer.rows.rows.size(), 2U);
  std::vector<std::string> shown;
  for (const auto& value : answer.rows.rows[0])
    shown.push_back(value.value_or("NULL"));
  EXPECT_EQ(shown, (std::vector<std::string>{"9007199254740993", "true", "2024-02-29",
                                             "2024-02-29 12:00:00.5", "2024-02-29 12:00:00+00", "12.50",
                                             "0.1", "añ", "123e4567-e89b-12d3-a456-426614174000",
                                             "\\x00\\xFF", "{\"a\":1}", "23:59:59"}));
  for (const auto& value : answer.rows.rows[1])
    EXPECT_FALSE(value.has_value());
}

TEST_F(SourceTest, AValueThatDoesNotFitNamesItsColumnAndIsReadAsText) {
  const Answer refused = read_table(
      "CREATE TABLE t (d DATE, i INTEGER); INSERT INTO t VALUES ('2024-01-01', 1), ('2024-02-30', 'canary')");
  ASSERT_FALSE(refused.status.ok());
  EXPECT_EQ(refused.status.error().sqlstate, restage_sqlstate);
  EXPECT_EQ(refused.status.error().hint, "d");
  EXPECT_NE(refused.status.error().message.find("row 2"), std::string::npos);
  EXPECT_EQ(refused.status.error().text().find("02-30"), std::string::npos) << "no value in an error";
  for (DatasetColumn& column : dataset_.columns) {
    column.staging = StagingType::text;
    column.as_text = true;
  }
  StoreClosure closure;
  closure.tables = {shared("t")};
  const Answer answer = reread(*source("a"), closure);
  ASSERT_TRUE(answer.status.ok()) << answer.status.error().text();
  EXPECT_EQ(answer.rows.rows[0][0], "2024-01-01");
  EXPECT_EQ(answer.rows.rows[1][0], "2024-02-30");
  EXPECT_EQ(answer.rows.rows[0][1], "1");
  EXPECT_EQ(answer.rows.rows[1][1], "canary");
}

TEST_F(SourceTest, BytesThatAreNoTextAreRefused) {
  const Answer blob = read_table("CREATE TABLE t (s TEXT); INSERT INTO t VALUES ('fine'), (X'00FF')");
  ASSERT_FALSE(blob.status.ok());
  EXPECT_TRUE(blob.status.error().sqlstate.empty());
  EXPECT_NE(blob.status.error().message.find("column s, row 2"), std::string::npos);
  run("a", "DELETE FROM t; INSERT INTO t VALUES (CAST(X'FF' AS TEXT))");
  StoreClosure closure;
  closure.tables = {shared("t")};
  EXPECT_FALSE(reread(*source("a"), closure).status.ok());
}

TEST_F(SourceTest, ColumnsWithoutATypeKeepTheirStorageClass) {
  const Answer answer = read_table(
      "CREATE TABLE t (k INTEGER PRIMARY KEY, v); INSERT INTO t (v) VALUES (12), ('12'), (12.0), (X'12'), "
      "(NULL)");
  ASSERT_TRUE(answer.status.ok()) << answer.status.error().text();
  std::vector<std::string> shown;
  for (const auto& row : answer.rows.rows)
    shown.push_back(row[1].value_or("NULL"));
  EXPECT_EQ(shown, (std::vector<std::string>{"12", "'12'", "12.0", "X'12'", "NULL"}));
}

TEST_F(SourceTest, SelectsTheScopeAndSeesOnePointInTime) {
  run("a", R"(PRAGMA journal_mode=WAL;
    CREATE TABLE district (id TEXT PRIMARY KEY);
    CREATE TABLE school (id INTEGER PRIMARY KEY, district_id TEXT REFERENCES district);
    INSERT INTO district VALUES ('d1'), ('d2'); INSERT INTO school VALUES (1, 'd1'), (2, 'd2'), (3, 'd1');)");
  auto from = source("a");
  EXPECT_TRUE(*from->scope_exists({"main", "district"}, "id", "d1"));
  EXPECT_FALSE(*from->scope_exists({"main", "district"}, "id", "d'; DROP TABLE school; --"));
  EXPECT_EQ(*from->scope_values({"main", "district"}, "id", 1), std::vector<std::string>{"d1"});
  const auto catalog = from->catalog();
  StoreClosure closure;
  closure.tables = {owned("district", "id"), owned("school", "district_id")};
  const Dataset dataset = dataset_of(*from, *catalog->table({"main", "school"}), closure.tables[1]);
  Scan scan;
  scan.dataset = &dataset;
  scan.closure = &closure;
  scan.scope = "d1";
  ASSERT_TRUE(from->snapshot().ok());
  EXPECT_EQ(*from->count(scan), 2);
  run("a", "INSERT INTO school VALUES (4, 'd1')");
  EXPECT_EQ(*from->count(scan), 2) << "one snapshot";
  const Answer answer = read(*from, scan);
  ASSERT_TRUE(answer.status.ok()) << answer.status.error().text();
  EXPECT_EQ(answer.rows.rows.size(), 2U);
  ASSERT_TRUE(from->snapshot().ok());
  EXPECT_EQ(*from->count(scan), 3) << "a new snapshot";
  EXPECT_EQ(*from->count_disagreeing(scan), 0);
  EXPECT_NE(from->explain(scan).find("godwit_scope()"), std::string::npos);
  EXPECT_EQ(from->explain(scan).find("d1"), std::string::npos);
}

TEST_F(SourceTest, FollowsLinksByHandedOverKeys) {
  run("a",
      "CREATE TABLE t (id INTEGER PRIMARY KEY, student_id INTEGER); INSERT INTO t VALUES (1, 10), (2, 20), "
      "(3, 30)");
  auto from = source("a");
  const auto catalog = from->catalog();
  TableClosure table;
  table.table = {"main", "t"};
  table.membership = Membership::owned;
  OwnerStep step;
  step.kind = OwnerStep::Kind::link;
  step.foreign_key.name = "link";
  step.foreign_key.columns = {"student_id"};
  step.foreign_key.configured = true;
  step.foreign_key.parent_store = "ids";
  table.owners = {step};
  StoreClosure closure;
  closure.tables = {table};
  const Dataset dataset = dataset_of(*from, catalog->tables[0], table);
  Scan scan;
  scan.dataset = &dataset;
  scan.closure = &closure;
  scan.link_keys = {{"link", {"10", "30"}}};
  ASSERT_TRUE(from->snapshot().ok());
  EXPECT_EQ(*from->count(scan), 2);
}

TEST_F(SourceTest, KnowsTheFileAndWhetherItCouldWrite) {
  run("a", "CREATE TABLE t (id)");
  run("b", "CREATE TABLE t (id)");
  Probe probe;
  probe.file_identity = *sqlite::file_identity(endpoint("a").path);
  EXPECT_TRUE(*source("a")->sees_probe(probe));
  EXPECT_FALSE(*source("b")->sees_probe(probe));
  EXPECT_FALSE(*source("a")->sees_probe(Probe{}));
  EXPECT_FALSE(source("a")->can_write()->evidence.empty());
  EXPECT_EQ(open_sqlite_source(endpoint("absent"), clock_).error().kind, ErrorKind::unreachable);
}

}  // namespace
}  // namespace godwit::connect
