#include "schema/history/dbmate/dbmate.h"

#include <gtest/gtest.h>

namespace godwit::schema {
namespace {

std::unique_ptr<History> dbmate(sql::Dialect dialect = sql::Dialect::postgres) {
  HistoryOptions options;
  options.tool = "dbmate";
  options.dialect = dialect;
  auto made = make_history(options);
  return std::move(*made);
}

TEST(Dbmate, ReadsBothDirections) {
  const auto folder = dbmate()->read_folder(
      {{"001_a.sql",
        "-- first\n\n-- migrate:up transaction:false\nA;\n-- migrate:downwards\n--migrate:down\n-A;\n"},
       {"notes.sql", ""},
       {"old/002_b.sql", ""}});
  ASSERT_TRUE(folder.ok()) << folder.error().text();
  ASSERT_EQ(folder->migrations.size(), 1U);
  const Migration& migration = folder->migrations[0];
  EXPECT_EQ(migration.revision, "001");
  EXPECT_EQ(migration.name, "a");
  EXPECT_EQ(migration.up.sql, "A;\n-- migrate:downwards\n");
  EXPECT_EQ(migration.up.first_line, 4);
  EXPECT_EQ(migration.up.transaction, TransactionMode::never);
  EXPECT_EQ(migration.down.sql, "-A;\n");
  EXPECT_EQ(migration.down.transaction, TransactionMode::automatic);
  EXPECT_EQ(folder->ignored.size(), 2U);
}

TEST(Dbmate, SeveralPairsAreJoined) {
  const auto read = read_dbmate_file(
      {"1.sql", "-- migrate:up\n1;\n-- migrate:down\n-1;\n-- migrate:up\n2;\n-- migrate:down\n-2;\n"});
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->up.sql, "1;\n2;\n");
  EXPECT_EQ(read->down.sql, "-1;\n-2;\n");
}

TEST(Dbmate, RefusesWhatDbmateRefuses) {
  for (const auto& [text, line] :
       std::vector<std::pair<std::string, int>>{{"A;\n", 1},
                                                {"", 1},
                                                {"-- migrate:up\nA;\n", 1},
                                                {"-- migrate:down\n-- migrate:up\n", 1},
                                                {"-- x\nA;\n-- migrate:up\n-- migrate:down\n", 2}}) {
    const auto read = read_dbmate_file({"1.sql", text});
    ASSERT_FALSE(read.ok()) << text;
    EXPECT_EQ(read.error().where.line, line) << text;
  }
}

TEST(Dbmate, WritesItsRows) {
  Migration migration;
  migration.revision = "001";
  EXPECT_EQ(dbmate()->record_sql(migration, {}, {}),
            "insert into \"public\".\"schema_migrations\" (version) values ('001');");
  EXPECT_EQ(dbmate(sql::Dialect::sqlite)->unrecord_sql(migration, {}, {}),
            "delete from \"schema_migrations\" where version = '001';");
}

TEST(Dbmate, NewFilesHaveBothSections) {
  const auto files = dbmate()->new_files({}, "20260102030405", "Add the e-mail");
  ASSERT_TRUE(files.ok());
  EXPECT_EQ((*files)[0].path, "20260102030405_add_the_e_mail.sql");
  EXPECT_TRUE(read_dbmate_file({(*files)[0].path, (*files)[0].text}).ok());
}

}  // namespace
}  // namespace godwit::schema
