#include "schema/history/goose/goose.h"

#include "schema/history/goose/annotations.h"

#include <gtest/gtest.h>

namespace godwit::schema {
namespace {

std::unique_ptr<History> goose(sql::Dialect dialect = sql::Dialect::postgres) {
  HistoryOptions options;
  options.tool = "goose";
  options.dialect = dialect;
  auto made = make_history(options);
  return std::move(*made);
}

TEST(Goose, ReadsFilesInTheOrderOfTheirNumbers) {
  const auto folder = goose()->read_folder({{"00010_b.sql", "-- +goose Up\nSELECT 1;\n"},
                                            {"00009_a.sql",
                                             "-- a comment\n-- +goose Up\nCREATE TABLE a (x int);\n"
                                             "-- +goose Down\nDROP TABLE a;\n"},
                                            {"00011_c.go", ""},
                                            {"notes.md", ""}});
  ASSERT_TRUE(folder.ok()) << folder.error().text();
  ASSERT_EQ(folder->migrations.size(), 3U);
  const Migration& first = folder->migrations[0];
  EXPECT_EQ(first.revision, "9");
  EXPECT_EQ(first.name, "a");
  EXPECT_EQ(first.up.sql, "CREATE TABLE a (x int);\n");
  EXPECT_EQ(first.up.first_line, 3);
  EXPECT_EQ(first.down.sql, "DROP TABLE a;\n");
  EXPECT_EQ(first.down.first_line, 5);
  EXPECT_EQ(folder->migrations[1].down.kind, Script::Kind::none);
  EXPECT_EQ(folder->migrations[2].up.kind, Script::Kind::delegated);
  ASSERT_EQ(folder->ignored.size(), 1U);
}

TEST(Goose, NoTransactionHoldsForBothDirections) {
  const auto read = read_goose_file(
      {"1_a.sql", "-- +goose no transaction\n-- +goose up\nSELECT 1;\n-- +goose Down\nSELECT 2;\n"}, {});
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->up.transaction, TransactionMode::never);
  EXPECT_EQ(read->down.transaction, TransactionMode::never);
}

TEST(Goose, RefusesWhatGooseRefuses) {
  struct Case {
    std::string text;
    int line;
  };
  const Case cases[] = {
      {"SELECT 1;\n-- +goose Up\n", 1},
      {"-- nothing\n", 1},
      {"-- +goose Up\nSELECT 1;\n-- +goose Up\n", 3},
      {"-- +goose Down\n", 1},
      {"-- +goose Up\nSELECT 1\n-- +goose Down\n", 2},
      {"-- +goose Up\nSELECT 1\n", 2},
      {"-- +goose Up\nSELECT ';'\n", 2},
      {"-- +goose Up\n-- +goose StatementBegin\nSELECT 1;\n", 2},
      {"-- +goose Up\n-- +goose StatementEnd\n", 2},
      {"-- +goose Up\n-- +goose Sideways\n", 2},
      {"-- +goose Up\n  -- +goose Down\n", 2},
  };
  for (const Case& c : cases) {
    const auto read = read_goose_file({"1_a.sql", c.text}, {});
    ASSERT_FALSE(read.ok()) << c.text;
    EXPECT_EQ(read.error().where.line, c.line) << c.text << read.error().text();
  }
}

TEST(Goose, AStatementInABlockNeedsNoSemicolonAndMayHoldMany) {
  EXPECT_TRUE(read_goose_file({"1_a.sql",
                               "-- +goose Up\n-- +goose StatementBegin\nDO $$ BEGIN\nPERFORM 1;\nEND $$\n"
                               "-- +goose StatementEnd\nSELECT 1; -- done\n"},
                              {})
                  .ok());
}

TEST(Goose, SubstitutesOnlyBetweenOnAndOff) {
  const auto read =
      read_goose_file({"1_a.sql",
                       "-- +goose Up\nSELECT '$A';\n-- +goose ENVSUB ON\nSELECT '${A}$A', '${B:-b}', '$$1';\n"
                       "-- +goose ENVSUB OFF\nSELECT '$C';\n"},
                      {{"A", "x"}});
  ASSERT_TRUE(read.ok()) << read.error().text();
  EXPECT_EQ(
      read->up.sql,
      "SELECT '$A';\n-- +goose ENVSUB ON\nSELECT 'xx', 'b', '$1';\n-- +goose ENVSUB OFF\nSELECT '$C';\n");
  const auto unset = read_goose_file({"1_a.sql", "-- +goose ENVSUB ON\n-- +goose Up\nSELECT '$C';\n"}, {});
  ASSERT_FALSE(unset.ok());
  EXPECT_EQ(unset.error().where.line, 3);
}

TEST(Goose, TheNewestRowOfAVersionCounts) {
  const auto recorded =
      goose()->from_rows({{"0", "t", "x"}, {"1", "t", "x"}, {"2", "t", "x"}, {"1", "f", "x"}});
  ASSERT_TRUE(recorded.ok());
  ASSERT_EQ(recorded->applied.size(), 1U);
  EXPECT_EQ(recorded->applied[0].revision, "2");
}

TEST(Goose, RecordsAsGooseDoes) {
  Migration migration;
  migration.revision = "12";
  EXPECT_EQ(goose()->record_sql(migration, {}, {}),
            "INSERT INTO \"goose_db_version\" (version_id, is_applied) VALUES (12, true);");
  EXPECT_EQ(goose()->unrecord_sql(migration, {}, {}),
            "DELETE FROM \"goose_db_version\" WHERE version_id=12;");
  EXPECT_EQ(goose()->lock("app").advisory_keys, std::vector<int64_t>{4097083626});
  EXPECT_TRUE(goose(sql::Dialect::sqlite)->lock("app").advisory_keys.empty());
}

}  // namespace
}  // namespace godwit::schema
