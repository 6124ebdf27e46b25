#include "schema/history/flyway/flyway.h"

#include "schema/history/flyway/names.h"
#include "schema/history/flyway/script_text.h"

#include <gtest/gtest.h>

namespace godwit::schema {
namespace {

std::unique_ptr<History> flyway(std::map<std::string, std::string> placeholders = {},
                                std::string encoding = "UTF-8") {
  HistoryOptions options;
  options.tool = "flyway";
  options.placeholders = std::move(placeholders);
  options.encoding = std::move(encoding);
  auto made = make_history(options);
  return std::move(*made);
}

MigrationFolder folder_of(const std::vector<MigrationFile>& files) {
  auto folder = flyway({{"name", "value"}})->read_folder(files);
  EXPECT_TRUE(folder.ok()) << folder.error().text();
  return std::move(*folder);
}

TEST(Flyway, Names) {
  EXPECT_EQ(read_flyway_name("V1_2__add_a__column.sql")->version, "1.2");
  EXPECT_EQ(read_flyway_name("V1_2__add_a__column.sql")->description, "add a  column");
  EXPECT_EQ(read_flyway_name("sub/V2.SQL")->version, "2");
  EXPECT_EQ(read_flyway_name("R__view.sql")->prefix, 'R');
  for (const char* name : {"v1__a.sql", "V1_a.sql", "V__a.sql", "V1..2__a.sql", "R1__a.sql", "R.sql",
                           "beforeMigrate.sql", "V1__a.sql.conf", "V1__a.java", "Vx__a.sql"})
    EXPECT_FALSE(read_flyway_name(name).has_value()) << name;
}

TEST(Flyway, NamesOfTheProjectsOwn) {
  // The longest prefix that fits is the one; the first suffix that fits goes.
  const ScriptNames names{"R", "RU", "REPEAT", "-", {".pgsql", ".sql"}};
  EXPECT_EQ(read_flyway_name("R1_2-a_b.sql", names)->description, "a b");
  EXPECT_EQ(read_flyway_name("R1_2-a_b.sql", names)->version, "1.2");
  EXPECT_EQ(read_flyway_name("R1_2-a_b.sql", names)->prefix, 'V');
  EXPECT_EQ(read_flyway_name("RU3-a.PGSQL", names)->prefix, 'U');
  EXPECT_EQ(read_flyway_name("REPEAT-a.pgsql", names)->prefix, 'R');
  for (const char* name : {"V1__a.sql", "V1-a.sql", "R1-a.txt", "REPEAT1-a.sql", "R-a.sql"})
    EXPECT_FALSE(read_flyway_name(name, names).has_value()) << name;
}

TEST(Flyway, OrderIsByNumberAndRepeatablesComeLast) {
  const MigrationFolder folder = folder_of({{"R__b.sql", ""},
                                            {"U10__x.sql", "-10"},
                                            {"U9__x.sql", ""},
                                            {"V1.10__x.sql", ""},
                                            {"V1_9__x.sql", ""},
                                            {"V10__x.sql", "10"},
                                            {"a/R__a.sql", ""},
                                            {"afterMigrate.sql", ""}});
  std::vector<std::string> revisions;
  for (const Migration& migration : folder.migrations)
    revisions.push_back(migration.revision);
  EXPECT_EQ(revisions, (std::vector<std::string>{"1.9", "1.10", "10", "R__a", "R__b"}));
  EXPECT_EQ(folder.migrations[2].down.sql, "-10");
  EXPECT_EQ(folder.migrations[2].up.sql, "10");
  EXPECT_EQ(folder.ignored.size(), 2U);
}

TEST(Flyway, ChecksumIsBlindToLineEndsAndTheMark) {
  // Flyway's own answer for this script, in its issue 2474.
  EXPECT_EQ(flyway_checksum("alter table location_history add column valid_until timestamp with time zone;"),
            -1039259818);
  EXPECT_EQ(flyway_checksum(""), 0);
  EXPECT_EQ(flyway_checksum("1234\n56789"), static_cast<int32_t>(0xCBF43926U));
  EXPECT_EQ(flyway_checksum("12345\r\n6789\r\n"), flyway_checksum("12345\r6789"));
  EXPECT_NE(flyway_checksum("1 \n"), flyway_checksum("1\n"));
  EXPECT_EQ(folder_of({{"V1__a.sql",
                        "\xEF\xBB\xBF"
                        "123456789"}})
                .migrations[0]
                .checksum,
            "-873187034");
}

TEST(Flyway, AVersionedScriptIsSummedAsItStandsARepeatableOneAsItRuns) {
  const std::string script = "SELECT '${name}';\n";
  const MigrationFolder folder = folder_of({{"R__a.sql", script}, {"V1__a.sql", script}});
  EXPECT_EQ(folder.migrations[0].up.sql, "SELECT 'value';\n");
  EXPECT_EQ(folder.migrations[0].checksum, std::to_string(flyway_checksum(script)));
  EXPECT_EQ(folder.migrations[1].checksum, std::to_string(flyway_checksum("SELECT 'value';")));
  AppliedMigration applied;
  applied.checksum = std::to_string(flyway_checksum(script));
  EXPECT_EQ(flyway()->checksum_matches(applied, folder.migrations[1]), true);
  applied.checksum = "1";
  EXPECT_EQ(flyway()->checksum_matches(applied, folder.migrations[1]), false);
}

TEST(Flyway, AnUnknownPlaceholderIsAnErrorWithItsLine) {
  const auto folder = flyway()->read_folder({{"V1__a.sql", "-- ${flyway:filename}\nSELECT 1;\n-- ${who}\n"}});
  ASSERT_FALSE(folder.ok());
  EXPECT_EQ(folder.error().where.line, 3);
  EXPECT_TRUE(
      flyway()
          ->read_folder({{"V1__a.sql", "${who}"}, {"V1__a.sql.conf", "placeholderReplacement=false\n"}})
          .ok());
}

TEST(Flyway, SettingsBesideAScript) {
  const MigrationFolder folder = folder_of(
      {{"V1__a.sql", ""}, {"V1__a.sql.conf", "# why\nexecuteInTransaction=false\n"}, {"V2__b.sql", ""}});
  EXPECT_EQ(folder.migrations[0].up.transaction, TransactionMode::never);
  EXPECT_EQ(folder.migrations[1].up.transaction, TransactionMode::automatic);
  const auto unknown =
      flyway()->read_folder({{"V1__a.sql", ""}, {"V1__a.sql.conf", "\nshouldExecute=false\n"}});
  ASSERT_FALSE(unknown.ok());
  EXPECT_EQ(unknown.error().where.line, 2);
}

TEST(Flyway, Encodings) {
  const auto folder = flyway({}, "ISO-8859-1")->read_folder({{"V1__a.sql", "\xE9"}});
  ASSERT_TRUE(folder.ok());
  EXPECT_EQ(folder->migrations[0].up.sql, "\xC3\xA9");
  EXPECT_FALSE(flyway()->read_folder({{"V1__a.sql", "\xE9"}}).ok());
  EXPECT_FALSE(flyway({}, "UTF-7")->read_folder({{"V1__a.sql", ""}}).ok());
}

// "SCHEMA" is no migration, "DELETE" and "UNDO_SQL" take back, a baseline stands for all below it.
TEST(Flyway, Rows) {
  const std::optional<std::string> none;
  const auto recorded =
      flyway()->from_rows({{none, "<< Flyway Schema Creation >>", "SCHEMA", none, "t", "u", "t"},
                           {"1.0", "<< Flyway Baseline >>", "BASELINE", none, "t", "u", "t"},
                           {"2", "b", "SQL", "5", "t", "u", "t"},
                           {none, "v", "SQL", "6", "t", "u", "t"},
                           {"3", "c", "SQL", "7", "t", "u", "t"},
                           {none, "v", "SQL", "8", "t", "u", "t"},
                           {"3", "c", "DELETE", "7", "t", "u", "t"},
                           {"4", "d", "SQL", "9", "t", "u", "f"}});
  ASSERT_TRUE(recorded.ok());
  ASSERT_EQ(recorded->applied.size(), 4U);
  EXPECT_TRUE(recorded->applied[0].baseline);
  EXPECT_EQ(recorded->applied[2].checksum, "8");
  EXPECT_TRUE(recorded->applied[3].failed);
  const MigrationFolder folder = folder_of(
      {{"R__v.sql", ""}, {"V0.5__x.sql", ""}, {"V1__x.sql", ""}, {"V2.0__x.sql", ""}, {"V3__x.sql", ""}});
  EXPECT_EQ(*flyway()->applied_revisions(folder, *recorded),
            (std::vector<std::string>{"0.5", "1", "2.0", "R__v", "4"}));
}

// Of "public"."flyway_schema_history", as Flyway computes it.
TEST(Flyway, LockKey) {
  EXPECT_EQ(flyway()->lock("app").advisory_keys, std::vector<int64_t>{77433833903597});
  EXPECT_EQ(flyway_lock_key("concurrent_test", "schema_version"), 77431133147203);  // a log in its issue 1654
}

}  // namespace
}  // namespace godwit::schema
