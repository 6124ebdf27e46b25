#include "schema/history/detect.h"

#include <gtest/gtest.h>

namespace godwit::schema {
namespace {

FoundTable named(std::string schema, std::string name, std::vector<std::string> columns) {
  return {std::move(schema), std::move(name), std::move(columns)};
}

TEST(Detect, TheClashOfSchemaMigrationsIsToldByColumns) {
  const auto tool = [](const FoundTable& table, std::vector<FoundTable> others = {}) {
    others.push_back(table);
    return tool_of_table(table, others);
  };
  const std::string name = "schema_migrations";
  EXPECT_EQ(tool(named("public", name, {"version", "dirty"})), "golang-migrate");
  EXPECT_EQ(tool(named("public", name, {"version"})), "dbmate");
  EXPECT_EQ(
      tool(named("public", name, {"version"}), {named("public", "ar_internal_metadata", {"key", "value"})}),
      "");                                                                 // Rails
  EXPECT_EQ(tool(named("public", name, {"version", "inserted_at"})), "");  // Ecto
  EXPECT_EQ(tool(named("supabase_migrations", name, {"version", "statements", "name"})), "supabase");
  EXPECT_EQ(tool(named("public", name,
                       {"id", "name", "checksum", "applied_at", "applied_by", "execution_time_ms", "success",
                        "rolled_back_at", "notes", "devflow_version", "applied_from", "ci_run_id"})),
            "devflow");
}

TEST(Detect, TablesAreKnownWhateverTheirNameAndLetters) {
  const auto tool = [](const FoundTable& table) { return tool_of_table(table, {table}); };
  EXPECT_EQ(tool(named("", "DATABASECHANGELOG",
                       {"ID", "AUTHOR", "FILENAME", "DATEEXECUTED", "ORDEREXECUTED", "EXECTYPE", "MD5SUM"})),
            "liquibase");
  EXPECT_EQ(tool(named("app", "history",
                       {"installed_rank", "version", "description", "type", "script", "checksum",
                        "installed_by", "installed_on", "execution_time", "success"})),
            "flyway");
  EXPECT_EQ(tool(named("", "goose_db_version", {"id", "version_id", "is_applied", "tstamp"})), "goose");
  EXPECT_EQ(tool(named("", "knex_migrations", {"id", "name", "batch", "migration_time"})), "knex");
  EXPECT_EQ(tool(named("", "alembic_version", {"version_num"})), "alembic");
  EXPECT_EQ(tool(named("", "releases", {"version", "dirty", "notes"})), "");
  EXPECT_EQ(tool(named("", "knex_migrations_lock", {"index", "is_locked"})), "");
}

TEST(Detect, ATableWithItsFolder) {
  const auto found = detect_histories(
      {"README.md", "db/001_a.sql", "db/002_b.sql", "node_modules/x/migrations/001_x.js", "old/1_z.sql"},
      {named("public", "person", {"id"}),
       named("public", "goose_db_version", {"id", "version_id", "is_applied", "tstamp"})});
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].tool, "goose");
  EXPECT_EQ(found[0].folder, "db");
  EXPECT_EQ(found[0].schema, "public");
  EXPECT_EQ(found[0].table, "goose_db_version");
}

TEST(Detect, AFolderAloneOnlyWhereOneToolNamesItsFilesSo) {
  const auto tool_of = [](const std::vector<std::string>& paths) {
    const auto found = detect_histories(paths, {});
    return found.size() == 1 ? found[0].tool + " " + found[0].folder : std::to_string(found.size());
  };
  EXPECT_EQ(tool_of({"prisma/migrations/migration_lock.toml", "prisma/migrations/1_a/migration.sql"}),
            "prisma prisma/migrations");
  EXPECT_EQ(tool_of({"supabase/migrations/20260101000000_a.sql"}), "supabase supabase/migrations");
  EXPECT_EQ(tool_of({"migrations/1_a.up.sql", "migrations/1_a.down.sql"}), "golang-migrate migrations");
  EXPECT_EQ(tool_of({"src/main/resources/db/migration/V1__a.sql"}), "flyway src/main/resources/db/migration");
  EXPECT_EQ(tool_of({"backend/migrations/001_a.js"}), "knex backend/migrations");
  EXPECT_EQ(tool_of({"m/20260101000000_a.sql", "m/atlas.sum"}), "atlas m");
  EXPECT_EQ(tool_of({"migrations/001_a.sql"}), "0");
}

TEST(Detect, TwoHistoriesAreTold) {
  EXPECT_EQ(detect_histories({"prisma/migrations/migration_lock.toml"},
                             {named("public", "alembic_version", {"version_num"})})
                .size(),
            2U);
}

}  // namespace
}  // namespace godwit::schema
