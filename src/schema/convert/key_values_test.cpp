#include "schema/convert/key_values.h"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace godwit::schema
