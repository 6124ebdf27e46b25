#include "schema/convert/key_values.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace godwit::schema {
namespace {

TEST(KeyValues, Properties) {
  const KeyValues values = read_properties(
      "# a comment\r\n! another\r\nflyway.url=jdbc:postgresql://h/d?a=b\r\nname : value # "
      "kept\n\nlong=one,\\\n  two\n"
      "name=later\n");
  EXPECT_EQ(values.value("flyway.url"), "jdbc:postgresql://h/d?a=b");
  EXPECT_EQ(values.value("name"), "later");
  EXPECT_EQ(values.value("long"), "one,two");
  EXPECT_EQ(values.line("flyway.url"), 3);
  EXPECT_FALSE(values.has("nothing"));
}

TEST(KeyValues, Dotenv) {
  const KeyValues values = read_dotenv(
      "# c\nexport DATABASE_URL=\"postgres://u:p#w@h/d\"\nDB_HOST = db.example # the host\nDB_PASSWORD='a "
      "\"b\" #c'\nEMPTY=\n");
  EXPECT_EQ(values.value("DATABASE_URL"), "postgres://u:p#w@h/d");
  EXPECT_EQ(values.value("DB_HOST"), "db.example");
  EXPECT_EQ(values.value("DB_PASSWORD"), "a \"b\" #c");
  EXPECT_TRUE(values.has("EMPTY"));
  EXPECT_EQ(values.value("EMPTY"), "");
}

TEST(KeyValues, Toml) {
  const KeyValues values = read_toml(
      "project_id = \"shop\" # comment\n[db]\nport = 54322\n\n[flyway]\nlocations = [\"filesystem:sql\",\n  "
      "\"filesystem:more\"]\n"
      "[flyway.placeholders]\n\"tenant\" = 'a # b'\n[environments.test]\nurl = \"jdbc:postgresql://h/d\"\n");
  EXPECT_EQ(values.value("project_id"), "shop");
  EXPECT_EQ(values.value("db.port"), "54322");
  EXPECT_EQ(values.value("flyway.locations"), "filesystem:sql,filesystem:more");
  EXPECT_EQ(values.value("flyway.placeholders.tenant"), "a # b");
  EXPECT_EQ(values.value("environments.test.url"), "jdbc:postgresql://h/d");
}

TEST(KeyValues, TomlAsProjectsWriteIt) {
  const KeyValues values = read_toml(
      "[project]\ndependencies = [\n  \"uvicorn[standard]==1\", # [tool.alembic]\n\n  'x',\n]\n"
      "text = \"\"\"\n[tool.alembic]\nscript_location = \"no\"\n\"\"\"\nauthors = [{name = \"A, B\", mail = "
      "'c'}]\n"
      "[ tool . \"alembic\" ] # here\nscript_location = \"%(here)s/a\\\"b\"\nversion_locations = [\n"
      "  # the first\n  'one, two',\n\n  \"three]\"\n]\nrecursive_version_locations=true # yes\n"
      "[[tool.alembic.post_write_hooks]]\nname = 'x'\n");
  EXPECT_EQ(values.value("tool.alembic.script_location"), "%(here)s/a\"b");
  EXPECT_EQ(values.line("tool.alembic.script_location"), 13);
  EXPECT_EQ(values.value("tool.alembic.recursive_version_locations"), "true");
  EXPECT_EQ(values.value("project.authors.name"), "A, B");
  EXPECT_EQ(values.value("project.dependencies"), "uvicorn[standard]==1,x");
  EXPECT_EQ(values.value("tool.alembic.post_write_hooks.name"), "x");
  const auto locations = std::find_if(values.all().begin(), values.all().end(), [](const KeyValue& pair) {
    return pair.key == "tool.alembic.version_locations";
  });
  ASSERT_NE(locations, values.all().end());
  EXPECT_EQ(locations->items, (std::vector<std::string>{"one, two", "three]"}));
}

}  // namespace
}  // namespace godwit::schema
