#include "connect/sqlite/catalog.h"

#include "connect/sqlite/create_sql.h"
#include "connect/sqlite/test_store.h"

namespace godwit::connect {
namespace {

class CatalogTest : public StoreTest {
 protected:
  [[nodiscard]] Catalog read(const std::string& script) {
    run("a", script);
    auto catalog = read_sqlite_catalog(*file("a"), "ids");
    EXPECT_TRUE(catalog.ok());
    return std::move(catalog).value();
  }
};

TEST_F(CatalogTest, ReadsKeysAndForeignKeys) {
  const Catalog catalog = read(R"(
    CREATE TABLE Parent (id INTEGER PRIMARY KEY AUTOINCREMENT, code TEXT NOT NULL UNIQUE, a INT, b INT, UNIQUE (a, b));
    CREATE TABLE child (x INT, y INT, "select" TEXT COLLATE NOCASE REFERENCES Parent (code) ON DELETE CASCADE,
      p BIGINT REFERENCES parent, PRIMARY KEY (y, x), FOREIGN KEY (x, y) REFERENCES Parent (A, b)) WITHOUT ROWID;
    CREATE UNIQUE INDEX child_part ON child (p) WHERE p > 3;
    CREATE UNIQUE INDEX child_expr ON child (lower("select"));
    INSERT INTO Parent (code) VALUES ('a'), ('b');)");
  ASSERT_EQ(catalog.tables.size(), 2U);
  const Table& parent = catalog.tables[0];
  EXPECT_EQ(parent.name.name, "Parent");
  ASSERT_EQ(parent.keys.size(), 3U);
  EXPECT_TRUE(parent.keys[0].primary);
  EXPECT_FALSE(parent.columns[0].nullable);
  ASSERT_EQ(parent.sequences.size(), 1U);
  EXPECT_EQ(parent.sequences[0].last_value, 2);
  EXPECT_EQ(parent.estimated_rows, 2);

  const Table& child = catalog.tables[1];
  EXPECT_EQ(child.keys[0].columns, (std::vector<std::string>{"y", "x"}));
  EXPECT_FALSE(child.column("x")->nullable) << "WITHOUT ROWID";
  EXPECT_TRUE(child.column("select")->case_insensitive);
  ASSERT_EQ(child.foreign_keys.size(), 3U);
  EXPECT_EQ(child.foreign_keys[0].name, "child_select_fkey");
  EXPECT_EQ(child.foreign_keys[0].on_delete, "CASCADE");
  EXPECT_EQ(child.foreign_keys[1].parent.name, "Parent");
  EXPECT_EQ(child.foreign_keys[1].parent_columns, std::vector<std::string>{"id"})
      << "the parent's primary key";
  EXPECT_EQ(child.foreign_keys[2].columns, (std::vector<std::string>{"x", "y"}));
  EXPECT_EQ(child.foreign_keys[2].parent_columns, (std::vector<std::string>{"a", "b"}));
  const auto named = [&](const std::string& name) {
    for (const Key& key : child.keys)
      if (key.name == name) return key;
    return Key();
  };
  EXPECT_EQ(named("child_part").predicate, "p > 3");
  EXPECT_EQ(named("child_expr").expression, "lower(\"select\")");
  EXPECT_TRUE(named("child_expr").columns.empty());
}

TEST_F(CatalogTest, ReadsChecksLabelsGeneratedColumnsTriggersAndViews) {
  const Catalog catalog = read(R"(
    CREATE TABLE t (
      id INTEGER PRIMARY KEY, -- CHECK (id < 0)
      kind TEXT CHECK (kind IN ('a', 'it''s')),
      price DECIMAL(10, 2) CONSTRAINT positive CHECK (price > (0)),
      total REAL GENERATED ALWAYS AS (price * 2) STORED,
      "odd name" TEXT DEFAULT ('CHECK (1)'),
      CHECK (price < 100 /* , CHECK (2) */), CONSTRAINT both CHECK (id <> 7 OR kind IS NULL));
    CREATE TRIGGER g AFTER UPDATE OF kind ON t BEGIN DELETE FROM t WHERE id = -1; END;
    CREATE VIEW v AS SELECT id FROM t;
    CREATE TABLE godwit_run (run TEXT PRIMARY KEY);)");
  ASSERT_EQ(catalog.tables.size(), 2U) << "our own marker table is none of the store's";
  const Table& table = catalog.tables[0];
  ASSERT_EQ(table.checks.size(), 4U);
  EXPECT_EQ(table.checks[0].expression, "kind IN ('a', 'it''s')");
  EXPECT_EQ(table.checks[1].name, "positive");
  EXPECT_EQ(table.checks[1].expression, "price > (0)");
  EXPECT_EQ(table.checks[2].name, "t_check");
  EXPECT_EQ(table.checks[3].name, "both");
  EXPECT_EQ(table.column("kind")->enum_labels, (std::vector<std::string>{"a", "it's"}));
  EXPECT_EQ(table.column("kind")->type_class, TypeClass::enumeration);
  EXPECT_EQ(table.column("price")->precision, 10);
  EXPECT_EQ(table.column("price")->scale, 2);
  EXPECT_EQ(table.column("total")->generated, Generated::stored);
  EXPECT_TRUE(table.column("odd name")->has_default);
  ASSERT_EQ(table.triggers.size(), 1U);
  EXPECT_EQ(table.triggers[0].timing, "AFTER");
  EXPECT_EQ(table.triggers[0].events, "UPDATE");
  EXPECT_EQ(catalog.tables[1].kind, TableKind::view);
}

TEST_F(CatalogTest, MapsDeclaredTypes) {
  const auto described = [](const char* declared) {
    Column column;
    describe_type(declared, column);
    return column;
  };
  EXPECT_EQ(described("varchar( 40 )").type_class, TypeClass::text);
  EXPECT_EQ(described("varchar( 40 )").max_length, 40);
  EXPECT_EQ(described("Timestamp with time zone").type_class, TypeClass::timestamptz);
  EXPECT_EQ(described("UNSIGNED BIG INT").type_class, TypeClass::integer);
  EXPECT_EQ(described("").type_class, TypeClass::other);
  EXPECT_EQ(described("INTERVAL").type_class, TypeClass::interval);
  EXPECT_EQ(affinity_of("INTERVAL"), Affinity::integer) << "it contains INT";
  EXPECT_EQ(affinity_of("BYTEA"), Affinity::numeric);
  EXPECT_EQ(affinity_of(""), Affinity::blob);
  EXPECT_EQ(affinity_of("DOUBLE PRECISION"), Affinity::real);
  EXPECT_EQ(stage_sqlite_column(described("NUMERIC(10,2)")).staging, StagingType::decimal);
  EXPECT_EQ(stage_sqlite_column(described("NUMERIC")).staging, StagingType::text);
  EXPECT_TRUE(stage_sqlite_column(described("TEXT")).sql_text);
}

}  // namespace
}  // namespace godwit::connect
