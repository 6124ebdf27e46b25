#include "schema/history/devflow/devflow.h"

#include <gtest/gtest.h>

namespace godwit::schema {
namespace {

std::unique_ptr<History> devflow() {
  HistoryOptions options;
  options.tool = "devflow";
  options.project = "aocodex";
  options.schema = "App";
  auto made = make_history(options);
  return std::move(*made);
}

TEST(Devflow, PairsBothNamesOfAWayDown) {
  const auto folder = devflow()->read_folder({{"1_a.down.sql", "-a"},
                                              {"1_a.sql", "A"},
                                              {"2_b.sql", "B"},
                                              {"2_b_down.sql", "-b"},
                                              {"3_shut_down.sql", "C"},
                                              {"4_d.down.sql", "-d"},
                                              {"readme.md", ""}});
  ASSERT_TRUE(folder.ok()) << folder.error().text();
  ASSERT_EQ(folder->migrations.size(), 3U);
  EXPECT_EQ(folder->migrations[0].revision, "1_a.sql");
  EXPECT_EQ(folder->migrations[0].down.sql, "-a");
  EXPECT_EQ(folder->migrations[1].down.sql, "-b");
  EXPECT_EQ(folder->migrations[2].revision, "3_shut_down.sql");
  EXPECT_EQ(folder->migrations[2].down.kind, Script::Kind::none);
  EXPECT_EQ(folder->ignored.size(), 2U);
  ASSERT_EQ(folder->remarks.size(), 1U);
  EXPECT_EQ(folder->remarks[0].file, "2_b_down.sql");
}

TEST(Devflow, TwoWaysDownAreRefused) {
  const auto folder = devflow()->read_folder({{"1_a.down.sql", ""}, {"1_a.sql", ""}, {"1_a_down.sql", ""}});
  ASSERT_FALSE(folder.ok());
  EXPECT_EQ(folder.error().where.file, "1_a_down.sql");
}

// As devflow computes them.
TEST(Devflow, LockKeys) {
  EXPECT_EQ(devflow_lock_key("aosentry"), -8835714406236567165);
  EXPECT_EQ(devflow_lock_key("aocodex"), -4652941958262380505);
  EXPECT_EQ(devflow_lock_key("devflow"), -4696230224996559729);
  EXPECT_EQ(devflow()->lock("app").advisory_keys, std::vector<int64_t>{-4652941958262380505});
}

TEST(Devflow, RecordsWithTheRunOfTheCiSystem) {
  Migration migration;
  migration.revision = "1_a.sql";
  migration.checksum = "c";
  RecordContext context;
  context.version = "1.2.3";
  context.elapsed_ms = "7";
  context.now = "now()";
  context.ci_run_id = "4711";
  const std::string sql = devflow()->record_sql(migration, context, {});
  EXPECT_NE(sql.find("VALUES ('1_a.sql', 'c', 7, TRUE, 'godwit 1.2.3', 'ci', '4711')"), std::string::npos)
      << sql;
  EXPECT_NE(sql.find("INSERT INTO \"app\".\"schema_migrations\""), std::string::npos) << sql;
  context.ci_run_id.clear();
  EXPECT_NE(devflow()->record_sql(migration, context, {}).find("'cli', NULL)"), std::string::npos);
}

}  // namespace
}  // namespace godwit::schema
