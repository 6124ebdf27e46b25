#include "duck/database.h"

#include "base/text.h"
#include "duck/parquet.h"
#include "duck/test_fixture.h"

#include <fstream>

namespace godwit::duck {
namespace {

using DatabaseTest = DuckTest;

TEST_F(DatabaseTest, IsThePinnedLibrary) {
  EXPECT_EQ(Database::library_version().substr(0, 2), "v1");
}

TEST_F(DatabaseTest, RunsInUtcOnSeveralConnections) {
  auto other = database_->connect();
  ASSERT_TRUE(other.ok());
  EXPECT_EQ(cell("SELECT current_setting('TimeZone')"), "UTC");
  EXPECT_EQ((*other)->query("SELECT '2024-07-01 12:00:00+02'::timestamptz")->rows[0][0],
            "2024-07-01 10:00:00+00");
}

TEST_F(DatabaseTest, RefusesWhatIsOutsideItsFolder) {
  std::ofstream(path("inside.txt")) << "inside";
  EXPECT_EQ(cell("SELECT content FROM read_text(" + quote_literal(path("inside.txt")) + ")"), "inside");
  const TestFolder elsewhere;
  std::ofstream(elsewhere.path() + "/outside.txt") << "outside";
  const std::string statements[] = {
      "SELECT content FROM read_text('/etc/hostname')",
      "SELECT content FROM read_text(" + quote_literal(elsewhere.path() + "/outside.txt") + ")",
      "SELECT content FROM read_text(" + quote_literal(path("../../../../../../etc/hostname")) + ")",
      "SELECT * FROM glob('/etc/*')",
      "COPY (SELECT 1) TO " + quote_literal(elsewhere.path() + "/out.parquet") + " (FORMAT parquet)",
      "COPY (SELECT 1) TO " + quote_literal(folder_.path() + "-beside.parquet") + " (FORMAT parquet)",
      "INSTALL httpfs",
      "LOAD httpfs",
      "LOAD '/tmp/some.duckdb_extension'",
      "SELECT * FROM read_csv('https://example.org/a.csv')",
      "ATTACH " + quote_literal(elsewhere.path() + "/x.db") + " AS x",
      "EXPORT DATABASE " + quote_literal(elsewhere.path() + "/x"),
      "SET threads = 1",
      "SET memory_limit = '8GB'",
      "SET enable_external_access = true",
      "SET allowed_directories = ['/']",
      "SET TimeZone = 'Europe/Berlin'",
      "RESET lock_configuration",
      "PRAGMA temp_directory = '/tmp'",
      "CREATE PERSISTENT SECRET s (TYPE s3, KEY_ID 'a', SECRET 'b')",
  };
  for (const std::string& statement : statements) {
    const Result<int64_t> outcome = connection_->run(statement);
    EXPECT_FALSE(outcome.ok()) << statement;
  }
  EXPECT_FALSE(std::filesystem::exists(elsewhere.path() + "/x"));
  EXPECT_FALSE(std::filesystem::exists(folder_.path() + "-beside.parquet"));
}

TEST_F(DatabaseTest, SqlCannotMakeALinkAndPathsAreTakenAsText) {
  // A link inside the folder would be followed (database.h says so); ".." is resolved before the comparison.
  std::filesystem::create_directory(path("sub"));
  std::ofstream(path("a.txt")) << "inside";
  EXPECT_EQ(cell("SELECT content FROM read_text(" + quote_literal(path("sub/../a.txt")) + ")"), "inside");
  EXPECT_FALSE(
      connection_->query("SELECT * FROM read_text(" + quote_literal(path("sub/../../*")) + ")").ok());
}

TEST_F(DatabaseTest, RefusesAFolderThatIsNone) {
  for (const std::string& folder : {std::string(), std::string("relative"), path("missing")}) {
    const auto opened = Database::open(DatabaseOptions{folder});
    ASSERT_FALSE(opened.ok());
    EXPECT_EQ(opened.error().kind, ErrorKind::io);
  }
}

TEST_F(DatabaseTest, KeepsTheLimitsItWasGiven) {
  open(DatabaseOptions{folder_.path(), 64, 1});
  EXPECT_EQ(cell("SELECT current_setting('memory_limit')"), "64.0 MiB");
  EXPECT_EQ(cell("SELECT current_setting('threads')"), "1");
}

TEST_F(DatabaseTest, FailsRatherThanSpillsWithoutATemporaryDirectory) {
  open(DatabaseOptions{folder_.path(), 64, 2});
  const auto outcome = connection_->run(
      "CREATE TABLE big AS SELECT range AS a, hash(range)::varchar AS b FROM range(20_000_000)");
  ASSERT_FALSE(outcome.ok());
  EXPECT_NE(outcome.error().message.find("out of memory"), std::string::npos) << outcome.error().text();
}

TEST_F(DatabaseTest, SpillsIntoTheTemporaryDirectoryWhenThereIsOne) {
  const TestFolder spill;
  open(DatabaseOptions{folder_.path(), 64, 2, spill.path()});
  const auto outcome = connection_->run(
      "CREATE TABLE big AS SELECT range AS a, hash(range)::varchar AS b FROM range(5_000_000)");
  EXPECT_TRUE(outcome.ok()) << outcome.error().text();
}

TEST_F(DatabaseTest, AFolderMayHaveAnOddName) {
  const std::string odd = path("o'dd [x] *dir*");
  std::filesystem::create_directory(odd);
  open(DatabaseOptions{odd});
  const auto outcome = connection_->run(copy_to_parquet_sql("SELECT 7 AS n", odd + "/a.parquet", {}));
  EXPECT_TRUE(outcome.ok()) << outcome.error().text();
  EXPECT_EQ(cell("SELECT n FROM " + read_parquet_sql({odd + "/a.parquet"})), "7");
}

}  // namespace
}  // namespace godwit::duck
