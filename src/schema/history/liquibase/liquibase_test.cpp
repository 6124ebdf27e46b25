#include "schema/history/liquibase/liquibase.h"

#include "schema/history/liquibase/formatted_sql.h"

#include <gtest/gtest.h>

namespace godwit::schema {
namespace {

std::unique_ptr<History> liquibase() {
  HistoryOptions options;
  options.tool = "liquibase";
  options.path_prefix = "db/";
  auto made = make_history(options);
  return std::move(*made);
}

const MigrationFile file = {"a.sql",
                            "--liquibase formatted sql\n"
                            "--property name:who value:me\n"
                            "\n"
                            "--changeset bob:1\n"
                            "--comment: the first\n"
                            "create table a(x int); -- ${who} ${other}\n"
                            "--rollback drop table a;\n"
                            "\n"
                            "--changeset \"ann lee\":two-1 context:test labels:x,y runOnChange:true\n"
                            "create view v as select 1 as one;\n"
                            "/* liquibase rollback\n"
                            "drop view v;\n"
                            "*/\n"
                            "--changeset bob:3 runAlways:true runInTransaction:false dbms:postgresql,h2\n"
                            "insert into a values (1);\n"
                            "--changeset bob:4 dbms:mysql\n"
                            "--changeset bob:5 endDelimiter:go\n"
                            "--preconditions onFail:HALT\n"
                            "select 1\ngo\nselect 2\nGO\n"};

TEST(Liquibase, OneMigrationPerChangeset) {
  const auto folder = liquibase()->read_folder({file, {"b.sql", "select 1;"}, {"c.xml", ""}});
  ASSERT_TRUE(folder.ok()) << folder.error().text();
  ASSERT_EQ(folder->migrations.size(), 4U);
  const auto& migrations = folder->migrations;
  EXPECT_EQ(migrations[0].revision, "db/a.sql::1::bob");
  EXPECT_EQ(migrations[0].up.sql, "create table a(x int); -- me ${other}\n\n");
  EXPECT_EQ(migrations[0].up.first_line, 5);
  EXPECT_EQ(migrations[0].down.sql, "drop table a;\n");
  EXPECT_EQ(migrations[0].comment, "the first");
  EXPECT_EQ(migrations[1].author, "ann lee");
  EXPECT_EQ(migrations[1].kind, Migration::Kind::repeatable);
  EXPECT_EQ(migrations[1].down.sql, "drop view v;\n");
  EXPECT_EQ(migrations[1].contexts, "test");
  EXPECT_TRUE(migrations[2].always);
  EXPECT_EQ(migrations[2].up.transaction, TransactionMode::never);
  EXPECT_EQ(migrations[3].up.kind, Script::Kind::delegated);
  EXPECT_EQ(migrations[3].up.sql, "select 1\n\n;\nselect 2\n\n;\n");
  EXPECT_EQ(folder->ignored.size(), 3U);
}

// The checksums that Liquibase 4.28.0 gave the changesets of this file.
TEST(Liquibase, Checksums) {
  const auto folder = liquibase()->read_folder({file});
  ASSERT_TRUE(folder.ok());
  EXPECT_EQ(folder->migrations[0].checksum, "9:067fa0bb11685237fd48dc21245e49b9");
  EXPECT_EQ(folder->migrations[1].checksum, "9:9da7f47217ece51414d5a6aacae94d17");
  EXPECT_EQ(folder->migrations[2].checksum, "9:45cafeec32d4f625d26172383407a133");
  EXPECT_EQ(liquibase_checksum(" \n"), "9:d41d8cd98f00b204e9800998ecf8427e");
  EXPECT_EQ(liquibase_checksum("select 1"), liquibase_checksum("select\t1\r\n"));
  EXPECT_NE(liquibase_checksum("select 1"), liquibase_checksum("select 1 -- x"));
}

TEST(Liquibase, WhatARowMayHoldForAChecksum) {
  Migration migration;
  migration.checksum = "9:a";
  AppliedMigration applied;
  EXPECT_EQ(liquibase()->checksum_matches(applied, migration), std::nullopt);
  applied.checksum = "8:b";
  EXPECT_EQ(liquibase()->checksum_matches(applied, migration), std::nullopt);
  applied.checksum = "9:b";
  EXPECT_EQ(liquibase()->checksum_matches(applied, migration), false);
  migration.other_checksums = {"9:b"};
  EXPECT_EQ(liquibase()->checksum_matches(applied, migration), true);
  migration.always = true;
  EXPECT_EQ(liquibase()->checksum_matches(applied, migration), false);
}

TEST(Liquibase, RowsAreKnownByPathIdAndAuthor) {
  const auto recorded = liquibase()->from_rows({{"1", "bob", "classpath:db\\a.sql", "9:x", "t", "EXECUTED"},
                                                {"2", "bob", "./db/a.sql", "9:x", "t", "SKIPPED"},
                                                {"3", "bob", "db/a.sql", std::nullopt, "t", "MARK_RAN"}});
  ASSERT_TRUE(recorded.ok());
  ASSERT_EQ(recorded->applied.size(), 2U);
  EXPECT_EQ(recorded->applied[0].revision, "db/a.sql::1::bob");
  EXPECT_EQ(recorded->applied[1].revision, "db/a.sql::3::bob");
}

// 2026-01-02 03:04:05.001 UTC is 1767323045001 ms: every row of a run carries its last ten digits.
TEST(Liquibase, OneDeploymentPerRun) {
  Migration migration;
  RecordContext context;
  context.run = "db-20260102-030405-001";
  context.now = "now()";
  EXPECT_NE(liquibase()->record_sql(migration, context, {}).find("'7323045001'"), std::string::npos);
}

TEST(Liquibase, AChangesetWithoutAnIdIsRefused) {
  const auto folder = liquibase()->read_folder({{"a.sql", "--liquibase formatted sql\n\n--changeset bob\n"}});
  ASSERT_FALSE(folder.ok());
  EXPECT_EQ(folder.error().where.line, 3);
}

}  // namespace
}  // namespace godwit::schema
