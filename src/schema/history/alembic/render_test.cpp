#include "schema/history/alembic/render.h"

#include <gtest/gtest.h>

namespace godwit::schema::alembic {
namespace {

Migration migration(const std::string& revision, std::vector<std::string> parents = {}) {
  Migration one;
  one.revision = revision;
  one.file = revision + "_x.py";
  one.parents = std::move(parents);
  return one;
}

Result<Script> body(const std::string& printed, const std::string& revision,
                    Direction direction = Direction::up, const std::string& schema = "") {
  return rendered_body(printed, migration(revision), direction, schema, "", sql::Dialect::postgres);
}

const std::string first =
    "BEGIN;\n\nCREATE TABLE alembic_version (\n    version_num VARCHAR(32) NOT NULL, \n    CONSTRAINT "
    "alembic_version_pkc PRIMARY KEY (version_num)\n);\n\n-- Running upgrade  -> 72ddfbae8a3d\n\n"
    "CREATE TABLE t (\n    id SERIAL NOT NULL, \n    x VARCHAR(9) DEFAULT 'a;b\n-- Running upgrade a -> "
    "b\n'\n"
    ");\n\nINSERT INTO t VALUES (1, 'COMMIT;');\n\nCREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS "
    "$$\nBEGIN\n  RETURN 1;\nEND\n$$;\n\nINSERT INTO alembic_version (version_num) VALUES ('72ddfbae8a3d') "
    "RETURNING alembic_version.version_num;\n\n";

TEST(AlembicRender, OneStep) {
  const auto script = body(first + "COMMIT;\n\n", "72ddfbae8a3d");
  ASSERT_TRUE(script.ok()) << script.error().text();
  EXPECT_EQ(script->sql,
            "CREATE TABLE t (\n    id SERIAL NOT NULL, \n    x VARCHAR(9) DEFAULT 'a;b\n-- Running upgrade a "
            "-> b\n'\n);\n\nINSERT INTO t VALUES (1, 'COMMIT;');\n\nCREATE FUNCTION f() RETURNS int LANGUAGE "
            "plpgsql AS $$\nBEGIN\n  RETURN 1;\nEND\n$$;\n");
  EXPECT_EQ(script->kind, Script::Kind::sql);
  EXPECT_EQ(script->transaction, TransactionMode::automatic);
  EXPECT_EQ(script->file, "72ddfbae8a3d_x.py");
}

TEST(AlembicRender, OneOfSeveral) {
  const std::string printed =
      first +
      "-- Running upgrade 72ddfbae8a3d -> bbbb1\n\nSELECT 1;\n\nUPDATE alembic_version "
      "SET version_num='bbbb1' WHERE alembic_version.version_num = '72ddfbae8a3d';\n\n"
      "-- Running upgrade a, bbbb1 -> cccc1\n\nDELETE FROM alembic_version WHERE "
      "alembic_version.version_num = 'a';\n\nUPDATE alembic_version SET "
      "version_num='cccc1' WHERE alembic_version.version_num = 'bbbb1';\n\nCOMMIT;\n\n";
  EXPECT_EQ(body(printed, "bbbb1")->sql, "SELECT 1;\n");
  EXPECT_EQ(body(printed, "cccc1")->sql, "");
  EXPECT_TRUE(body(printed, "72ddfbae8a3d").ok());
  EXPECT_FALSE(body(printed, "dddd1").ok());
  EXPECT_FALSE(body(printed, "bbbb1", Direction::down).ok());
}

// transaction_per_migration: the next step's BEGIN, and after the last row's end its CREATE TABLE.
TEST(AlembicRender, TransactionPerMigration) {
  const std::string printed = first +
                              "COMMIT;\n\nBEGIN;\n\n-- Running upgrade 72ddfbae8a3d -> bbbb1\n\nSELECT "
                              "1;\n\nUPDATE alembic_version SET version_num='bbbb1' WHERE "
                              "alembic_version.version_num = '72ddfbae8a3d';\n\nCOMMIT;\n\n";
  EXPECT_EQ(body(printed, "bbbb1")->sql, "SELECT 1;\n");
  EXPECT_EQ(body(printed, "72ddfbae8a3d")->transaction, TransactionMode::automatic);
}

TEST(AlembicRender, BodyThatLeavesItsTransaction) {
  const auto script = body(
      "BEGIN;\n\n-- Running upgrade a -> b\n\nSELECT 1;\n\nCOMMIT;\n\nCREATE INDEX CONCURRENTLY i ON t "
      "(x);\n\nBEGIN;\n\nSELECT 2;\n\nUPDATE alembic_version SET version_num='b' WHERE "
      "alembic_version.version_num = 'a';\n\nCOMMIT;\n\n",
      "b");
  ASSERT_TRUE(script.ok());
  EXPECT_EQ(script->transaction, TransactionMode::never);
  EXPECT_EQ(script->sql, "SELECT 1;\n\n\n\nCREATE INDEX CONCURRENTLY i ON t (x);\n\n\n\nSELECT 2;\n");
}

TEST(AlembicRender, Down) {
  const std::string printed =
      "BEGIN;\n\n-- Running downgrade 7a4beaa27e4c -> 72ddfbae8a3d\n\nDROP TABLE t;\n\nUPDATE "
      "app.alembic_version SET version_num='72ddfbae8a3d' WHERE app.alembic_version.version_num = "
      "'7a4beaa27e4c';\n\n-- Running downgrade 72ddfbae8a3d -> \n\nDROP TABLE u;\n\nDELETE FROM "
      "app.alembic_version WHERE app.alembic_version.version_num = '72ddfbae8a3d';\n\nCOMMIT;\n\n";
  EXPECT_EQ(body(printed, "7a4beaa27e4c", Direction::down, "app")->sql, "DROP TABLE t;\n");
  EXPECT_EQ(body(printed, "72ddfbae8a3d", Direction::down, "app")->sql, "DROP TABLE u;\n");
  // Another table's row is not the one that is awaited.
  EXPECT_FALSE(body(printed, "7a4beaa27e4c", Direction::down).ok());
}

TEST(AlembicRender, TextThatIsCutOff) {
  EXPECT_FALSE(body("BEGIN;\n\n-- Running upgrade a -> b\n\nSELECT 1;\n\n", "b").ok());
  EXPECT_FALSE(body("BEGIN;\n\n-- Running upgrade a -> b\n\nSELECT 'x", "b").ok());
  EXPECT_FALSE(body("", "b").ok());
}

TEST(AlembicRender, Arguments) {
  using Names = std::vector<std::string>;
  const Migration merge = migration("cccc1", {"aaaa1", "bbbb1"});
  EXPECT_EQ(print_arguments("a.ini", merge, Direction::up),
            (Names{"-c", "a.ini", "upgrade", "aaaa1:cccc1", "--sql"}));
  EXPECT_EQ(print_arguments("a.ini", migration("aaaa1"), Direction::down),
            (Names{"-c", "a.ini", "downgrade", "aaaa1:base", "--sql"}));
  EXPECT_EQ(run_arguments("a.ini", merge, Direction::up), (Names{"-c", "a.ini", "upgrade", "cccc1"}));
  EXPECT_EQ(run_arguments("a.ini", merge, Direction::down),
            (Names{"-c", "a.ini", "downgrade", "cccc1@aaaa1"}));
}

}  // namespace
}  // namespace godwit::schema::alembic
