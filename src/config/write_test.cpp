#include "config/write.h"

#include "config/load.h"

#include <gtest/gtest.h>

namespace godwit {
namespace {

DatabaseSettings everything() {
  DatabaseSettings database;
  database.store.name = "app";
  database.store.kind = "postgres";
  MigrationsSettings& migrations = database.migrations;
  migrations.directory = "db: migrations";
  migrations.tool = "flyway";
  migrations.schema = "Audit";
  migrations.table = "on";
  migrations.apply_late = true;
  migrations.encoding = "ISO-8859-1";
  migrations.placeholders["tenant.name"].written = "a \"quoted\" \\ text, {with} everything\n";
  migrations.placeholders["who"].written = "${env:WHO}";
  StoreEnvironmentSettings& local = database.store.environments["local"];
  local.host.written = "127.0.0.1";
  local.port = 5433;
  local.database.written = "app";
  local.user.written = "${env:DB_USER}";
  local.password.written = "${env:DB_PASSWORD}";
  local.tls = TlsMode::prefer;
  local.tls_given = true;
  StoreEnvironmentSettings& production = database.store.environments["production"];
  production.host.written = "${env:DB_HOST}";
  production.port_reference.written = "${env:DB_PORT}";
  production.database.written = "12";
  database.gates["production"].require_approval = true;
  return database;
}

TEST(WriteSettings, WhatIsWrittenIsReadAgain) {
  const DatabaseSettings written = everything();
  const auto read = parse_settings(settings_lines("shop: 2", written), "/p/godwit.yml");
  ASSERT_TRUE(read.ok()) << read.error().text() << settings_lines("shop: 2", written);
  EXPECT_EQ(read->project, "shop: 2");
  const DatabaseSettings& again = read->databases.at("app");
  EXPECT_EQ(database_lines(again), database_lines(written));
  const ScriptNames names{"mig", "", "R", "--", {".a", ".b c"}};
  const std::string lines = database_lines(written, names);
  EXPECT_NE(lines.find("sql_migration_prefix: mig, sql_migration_separator: \"--\", sql_migration_suffixes: "
                       "[\".a\", \".b c\"]"),
            std::string::npos)
      << lines;
  EXPECT_TRUE(parse_settings(settings_lines("shop", written, names), "/p/godwit.yml").ok());
  EXPECT_EQ(again.migrations.placeholders.at("tenant.name").written,
            written.migrations.placeholders.at("tenant.name").written);
  EXPECT_EQ(again.migrations.table, "on");
  EXPECT_EQ(again.store.environments.at("production").port_reference.written, "${env:DB_PORT}");
  EXPECT_EQ(again.store.environments.at("production").database.written, "12");
  EXPECT_TRUE(again.gates.at("production").require_approval);
  EXPECT_FALSE(again.gates.at("local").require_approval);
}

TEST(WriteSettings, APlainTextStaysPlain) {
  EXPECT_EQ(yaml_text("db/migrations"), "db/migrations");
  for (const char* text : {"", "1", "true", "No", "null", "a b", "a#b", "a:b", "{", "-", ".", "~"})
    EXPECT_TRUE(yaml_text(text).starts_with('"')) << text;
}

}  // namespace
}  // namespace godwit
