#include "config/devflow.h"

#include <gtest/gtest.h>

namespace godwit {
namespace {

constexpr std::string_view whole = R"yaml(version: "1"
project:
  name: aosentry
  preset: aosentry
database:
  migrations:
    directory: sql
    format: sql
    tracking_table: changes
    tracking_schema: audit
    something_of_later: 1
  environments:
    local:
      url_env: DATABASE_URL
      url_secret: unused
    production:
      url_secret: database_url
      host: web-1.example
      require_approval: true
    nowhere: {}
deployment: {registry: ghcr.io}
)yaml";

TEST(Devflow, IsReadAsItStands) {
  const auto settings = parse_devflow(whole, "/p/devflow.yml");
  ASSERT_TRUE(settings.ok()) << settings.error().text();
  EXPECT_EQ(settings->project, "aosentry");
  EXPECT_EQ(settings->folder, "/p");
  const DatabaseSettings& database = settings->databases.at("app");
  EXPECT_EQ(database.migrations.tool, "devflow");
  EXPECT_EQ(database.migrations.directory, "sql");
  EXPECT_EQ(database.migrations.schema, "audit");
  EXPECT_EQ(database.migrations.table, "changes");
  EXPECT_EQ(database.store.environments.at("local").url.written, "${env:DATABASE_URL}");
  EXPECT_EQ(database.store.environments.at("production").url.written, "${file:/run/secrets/database_url}");
  EXPECT_TRUE(database.store.environments.at("nowhere").url.empty());
  EXPECT_FALSE(database.gates.at("local").require_approval);
  EXPECT_TRUE(database.gates.at("production").require_approval);
}

TEST(Devflow, DefaultsAreThoseOfDevflow) {
  const auto settings =
      parse_devflow("project: {name: x}\ndatabase: {environments: {local: {url_env: A}}}\n", "devflow.yml");
  ASSERT_TRUE(settings.ok()) << settings.error().text();
  const MigrationsSettings& migrations = settings->databases.at("app").migrations;
  EXPECT_EQ(migrations.tool, "devflow");
  EXPECT_EQ(migrations.directory, "migrations");
  EXPECT_EQ(migrations.schema + migrations.table, "");
}

TEST(Devflow, TheSupabaseExecutorKeepsTheTableOfTheSupabaseCli) {
  for (const char* said : {"format: supabase", "use_supabase_cli: true"}) {
    const auto settings = parse_devflow(
        std::string("project: {name: x}\ndatabase: {migrations: {tracking_table: other, ") + said + "}}\n",
        "devflow.yml");
    ASSERT_TRUE(settings.ok()) << settings.error().text();
    EXPECT_EQ(settings->databases.at("app").migrations.tool, "supabase");
    EXPECT_EQ(settings->databases.at("app").migrations.table, "");
  }
}

TEST(Devflow, WhatIsWrongIsToldWithItsPlace) {
  const auto settings = parse_devflow(
      "database:\n  migrations:\n    format: prisma\n  environments:\n    local: {url_env: [A], "
      "require_approval: maybe}\n",
      "devflow.yml");
  ASSERT_FALSE(settings.ok());
  const std::string text = settings.error().text();
  for (const char* line :
       {"1:1: project: key 'name' is missing", "3:13: database.migrations.format: devflow itself",
        "5:22: database.environments.local.url_env: expected text",
        "database.environments.local.require_approval: expected true or false"})
    EXPECT_NE(text.find(line), std::string::npos) << line << " in\n" << text;
}

TEST(Devflow, IsKnownByItsName) {
  EXPECT_TRUE(is_devflow_file("/p/devflow.yml"));
  EXPECT_TRUE(is_devflow_file("devflow.staging.yaml"));
  EXPECT_FALSE(is_devflow_file("devflow/godwit.yml"));
}

}  // namespace
}  // namespace godwit
