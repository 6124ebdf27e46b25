#include "schema/history/supabase/supabase.h"

#include <gtest/gtest.h>

namespace godwit::schema {
namespace {

std::unique_ptr<History> supabase() {
  HistoryOptions options;
  options.tool = "supabase";
  auto made = make_history(options);
  return std::move(*made);
}

TEST(Supabase, ReadsTheFolderInTheOrderOfNames) {
  const auto folder = supabase()->read_folder({{"20200101000000_init.sql", "old dump"},
                                               {"20260101000000_a_b.sql", "A;"},
                                               {"20260102000000_c.sql", "C;"},
                                               {"seed.sql", ""},
                                               {"sub/20260103000000_d.sql", ""}});
  ASSERT_TRUE(folder.ok());
  ASSERT_EQ(folder->migrations.size(), 2U);
  EXPECT_EQ(folder->migrations[0].revision, "20260101000000");
  EXPECT_EQ(folder->migrations[0].name, "a_b");
  EXPECT_EQ(folder->ignored.size(), 3U);
}

TEST(Supabase, StatementsKeepTheCommentsBeforeThem) {
  EXPECT_EQ(stored_statements("-- one; not two\nSELECT 1 /* ; */ ;\n\nSELECT $$a;b$$;;\n-- the end\n"),
            (std::vector<std::string>{"-- one; not two\nSELECT 1 /* ; */", "SELECT $$a;b$$", "-- the end"}));
  EXPECT_TRUE(stored_statements("\n;\n").empty());
}

TEST(Supabase, StoresThemBesideTheVersion) {
  Migration migration;
  migration.revision = "1";
  migration.name = "it's";
  migration.up.sql = "SELECT 'a';SELECT E'\\n';";
  EXPECT_EQ(
      supabase()->record_sql(migration, {}, {}),
      "INSERT INTO \"supabase_migrations\".\"schema_migrations\"(version, name, statements) VALUES('1', "
      "'it''s', ARRAY['SELECT ''a''',E'SELECT E''\\\\n''']::text[]);");
}

TEST(Supabase, HasNoHistoryInSqlite) {
  HistoryOptions options;
  options.tool = "supabase";
  options.dialect = sql::Dialect::sqlite;
  EXPECT_FALSE(make_history(options).ok());
}

}  // namespace
}  // namespace godwit::schema
