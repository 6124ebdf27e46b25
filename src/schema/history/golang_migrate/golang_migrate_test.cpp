#include "schema/history/golang_migrate/golang_migrate.h"

#include <gtest/gtest.h>

namespace godwit::schema {
namespace {

std::unique_ptr<History> history(std::string schema = {}) {
  HistoryOptions options;
  options.tool = "golang-migrate";
  options.schema = std::move(schema);
  auto made = make_history(options);
  return std::move(*made);
}

MigrationFolder folder_of(const std::vector<MigrationFile>& files) {
  auto folder = history()->read_folder(files);
  EXPECT_TRUE(folder.ok()) << folder.error().text();
  return std::move(*folder);
}

const std::vector<MigrationFile> three = {{"10_c.up.sql", "C"},
                                          {"1_a.down.sql", "-a"},
                                          {"1_a.up.sql", "A"},
                                          {"2_b.up.sql", "B"},
                                          {"2_other.down.sql", "-b"}};

TEST(GolangMigrate, PairsByVersionAndOrdersByNumber) {
  const MigrationFolder folder = folder_of(three);
  ASSERT_EQ(folder.migrations.size(), 3U);
  EXPECT_EQ(folder.migrations[0].down.sql, "-a");
  EXPECT_EQ(folder.migrations[1].down.file, "2_other.down.sql");
  EXPECT_EQ(folder.migrations[2].revision, "10");
  EXPECT_EQ(folder.migrations[2].down.kind, Script::Kind::none);
  EXPECT_EQ(folder.migrations[2].parents, std::vector<std::string>{"2"});
  EXPECT_TRUE(folder.migrations[0].parents.empty());
}

TEST(GolangMigrate, IgnoresWhatTheToolDoesNotSee) {
  EXPECT_EQ(folder_of({{"1_a.sql", ""},
                       {"a.up.sql", ""},
                       {"18446744073709551616_big.up.sql", ""},
                       {"sub/1_a.up.sql", ""},
                       {"7_a.down.sql", ""}})
                .ignored.size(),
            5U);
  EXPECT_EQ(folder_of({{"18446744073709551615_a.b.up.sql.tmpl", ""}}).migrations[0].name, "a.b");
}

TEST(GolangMigrate, TwoDownFilesOfAVersionAreRefused) {
  const auto folder =
      history()->read_folder({{"1_a.down.sql", ""}, {"1_a.up.sql", ""}, {"1_b.down.sql", ""}});
  ASSERT_FALSE(folder.ok());
  EXPECT_EQ(folder.error().where.file, "1_b.down.sql");
}

// The one row is a high-water mark: a late lower version counts as applied, and so it does for the tool.
TEST(GolangMigrate, EverythingBelowTheRowIsApplied) {
  const MigrationFolder folder = folder_of(three);
  const auto recorded = history()->from_rows({{"2", "f"}});
  ASSERT_TRUE(recorded.ok());
  EXPECT_EQ(*history()->applied_revisions(folder, *recorded), (std::vector<std::string>{"1", "2"}));
  const auto unknown = history()->from_rows({{"5", "f"}});
  EXPECT_EQ(*history()->applied_revisions(folder, *unknown), (std::vector<std::string>{"1", "2", "5"}));
  EXPECT_TRUE(history()->applied_revisions(folder, *history()->from_rows({}))->empty());
}

TEST(GolangMigrate, DirtyIsFailed) {
  const auto recorded = history()->from_rows({{"2", "t"}});
  ASSERT_TRUE(recorded.ok());
  EXPECT_TRUE(recorded->applied[0].failed);
}

TEST(GolangMigrate, WritesItsOneRow) {
  const MigrationFolder folder = folder_of(three);
  EXPECT_EQ(
      history()->record_sql(folder.migrations[1], {}, {}),
      "TRUNCATE \"schema_migrations\";INSERT INTO \"schema_migrations\" (version, dirty) VALUES (2, false);");
  EXPECT_EQ(
      history()->begin_sql(folder.migrations[1], Direction::up, {}),
      "TRUNCATE \"schema_migrations\";INSERT INTO \"schema_migrations\" (version, dirty) VALUES (2, true);");
  EXPECT_EQ(
      history()->unrecord_sql(folder.migrations[1], {}, {}),
      "TRUNCATE \"schema_migrations\";INSERT INTO \"schema_migrations\" (version, dirty) VALUES (1, false);");
  EXPECT_EQ(history()->unrecord_sql(folder.migrations[0], {}, {}), "TRUNCATE \"schema_migrations\";");
  EXPECT_EQ(
      history()->begin_sql(folder.migrations[0], Direction::down, {}),
      "TRUNCATE \"schema_migrations\";INSERT INTO \"schema_migrations\" (version, dirty) VALUES (-1, true);");
  EXPECT_EQ(history()->after({}, folder.migrations[1], Direction::down, {}).applied[0].revision, "1");
  EXPECT_TRUE(history()->after({}, folder.migrations[0], Direction::down, {}).applied.empty());
}

// 616192132 and 2103762914: as the tool itself computes them for public.schema_migrations.
TEST(GolangMigrate, TakesBothLocks) {
  EXPECT_EQ(history()->lock("mydb").advisory_keys, (std::vector<int64_t>{616192132, 2103762914}));
  EXPECT_NE(history("app")->lock("mydb").advisory_keys, history()->lock("mydb").advisory_keys);
}

}  // namespace
}  // namespace godwit::schema
