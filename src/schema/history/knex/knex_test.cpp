#include "schema/history/knex/knex.h"

#include <gtest/gtest.h>

namespace godwit::schema {
namespace {

std::unique_ptr<History> knex(std::vector<std::string> extensions = {},
                              sql::Dialect dialect = sql::Dialect::postgres) {
  HistoryOptions options;
  options.tool = "knex";
  options.dialect = dialect;
  options.extensions = std::move(extensions);
  auto made = make_history(options);
  return std::move(*made);
}

const std::vector<MigrationFile> files = {{"001_init.js", ""},
                                          {"002_more.sql", "-- knex:up\nA;\n-- knex:down\nB;\n"},
                                          {"003_x.mjs", ""},
                                          {"notes.ts", ""}};

TEST(Knex, SeesWhatItsExtensionsName) {
  const auto folder = knex()->read_folder(files);
  ASSERT_TRUE(folder.ok());
  ASSERT_EQ(folder->migrations.size(), 2U);
  // The text of a program is read too: its hash is what an edited file is known by.
  EXPECT_TRUE(knex()->reads("001_init.js"));
  EXPECT_FALSE(knex()->reads("002_more.sql"));
  EXPECT_EQ(folder->migrations[0].revision, "001_init.js");
  EXPECT_EQ(folder->migrations[0].name, "init");
  EXPECT_EQ(folder->migrations[0].up.kind, Script::Kind::delegated);
  EXPECT_EQ(folder->migrations[1].name, "notes");
  EXPECT_EQ(folder->ignored.size(), 2U);
}

TEST(Knex, RunsSqlWhereTheProjectLoadsIt) {
  const auto history = knex({".js", ".sql"});
  EXPECT_TRUE(history->reads("002_more.sql"));
  const auto folder = history->read_folder(files);
  ASSERT_TRUE(folder.ok());
  ASSERT_EQ(folder->migrations.size(), 2U);
  EXPECT_EQ(folder->migrations[1].revision, "002_more.sql");
  EXPECT_EQ(folder->migrations[1].up.sql, "A;\n");
  EXPECT_EQ(folder->migrations[1].down.sql, "B;\n");
}

TEST(Knex, RowsAndBatches) {
  const auto recorded = knex()->from_rows({{"001_init.js", "1", "x"}, {"002_b.js", "2", std::nullopt}});
  ASSERT_TRUE(recorded.ok());
  EXPECT_EQ(recorded->applied[1].batch, 2);
  Migration migration;
  migration.revision = "002_b.js";
  RecordContext context;
  context.batch = 3;
  context.now = "now()";
  EXPECT_EQ(knex()->record_sql(migration, context, {}),
            "INSERT INTO \"knex_migrations\" (name, batch, migration_time) VALUES ('002_b.js', 3, now());");
}

TEST(Knex, LocksItsRow) {
  EXPECT_EQ(knex()->lock("app").row_sql,
            "UPDATE \"knex_migrations_lock\" SET is_locked = 1 WHERE is_locked = 0");
  EXPECT_TRUE(knex()->lock("app").advisory_keys.empty());
  EXPECT_TRUE(knex({}, sql::Dialect::sqlite)->lock("app").row_sql.empty());
}

}  // namespace
}  // namespace godwit::schema
