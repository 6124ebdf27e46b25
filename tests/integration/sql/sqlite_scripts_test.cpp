// What src/sql says of SQLite's scripts, against SQLite: where its own parser ends each statement, and what
// it takes inside a transaction.

#include "sql/classify.h"
#include "sql/script.h"

#include <gtest/gtest.h>
#include <sqlite3.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace godwit::sql {
namespace {

struct Close {
  void operator()(sqlite3* database) const { sqlite3_close(database); }
};
using Database = std::unique_ptr<sqlite3, Close>;

Database open(const std::string& path) {
  sqlite3* database = nullptr;
  EXPECT_EQ(sqlite3_open(path.c_str(), &database), SQLITE_OK);
  return Database(database);
}

constexpr std::string_view script = R"sql(
PRAGMA foreign_keys; ;; -- nothing; here
CREATE TABLE [a;b] (`c;d` INTEGER PRIMARY KEY, "e;""f" TEXT DEFAULT 'g;''h', end TEXT, i BLOB DEFAULT x'3b');
CREATE TABLE IF NOT EXISTS begin (end, atomic); /* a; /* b; */
CREATE TRIGGER t1 AFTER INSERT ON [a;b] WHEN NEW.end = ';' BEGIN
  UPDATE begin SET end = CASE WHEN NEW.end IS NULL THEN 'x;' ELSE CASE 1 WHEN 1 THEN 2 END END; -- so;
  INSERT INTO begin (end) SELECT end FROM begin; /* END; */
  DELETE FROM begin WHERE end = ';END;';
END;
CREATE TEMPORARY TRIGGER IF NOT EXISTS begin BEFORE DELETE ON begin FOR EACH ROW BEGIN SELECT RAISE(IGNORE); end ;
EXPLAIN QUERY PLAN SELECT 1; EXPLAIN CREATE TRIGGER t2 AFTER INSERT ON begin BEGIN SELECT 1; END;
CREATE VIEW v AS SELECT end, CASE WHEN atomic THEN 1 END AS "case" FROM begin;
INSERT INTO begin VALUES ('\', 'x'), ("x", 'y') ON CONFLICT DO NOTHING;
BEGIN IMMEDIATE; SAVEPOINT s; RELEASE s; END;
SELECT 1 -- no; semicolon
 + 2 /* no; */ ; SELECT '--', '/*' ; SELECT 1<>2, 1!=2, 1==2, '{"a":1}' ->> '$.a', 1||2;
WITH RECURSIVE n(x) AS (VALUES (1) UNION ALL SELECT x+1 FROM n WHERE x < 3) SELECT * FROM n;
ALTER TABLE begin RENAME COLUMN atomic TO [of;fice]; DROP TRIGGER t1; DROP TABLE [a;b]; SELECT 'é;', "é"
)sql";

// Every statement is run, because the later ones need the earlier.
std::vector<std::string> statements_of_sqlite(sqlite3* database) {
  std::vector<std::string> statements;
  const char* at = script.data();
  const char* const end = script.data() + script.size();
  while (at < end) {
    sqlite3_stmt* prepared = nullptr;
    const char* next = nullptr;
    EXPECT_EQ(sqlite3_prepare_v2(database, at, static_cast<int>(end - at), &prepared, &next), SQLITE_OK)
        << sqlite3_errmsg(database) << ": " << at;
    if (next == at) break;
    if (prepared != nullptr) {
      statements.emplace_back(at, next);
      int step = SQLITE_ROW;
      while (step == SQLITE_ROW)
        step = sqlite3_step(prepared);
      EXPECT_EQ(step, SQLITE_DONE) << sqlite3_errmsg(database) << ": " << statements.back();
    }
    sqlite3_finalize(prepared);
    at = next;
  }
  return statements;
}

TEST(SqliteScripts, AreSplitWhereSqliteEndsItsStatements) {
  const Database database = open(":memory:");
  const std::vector<std::string> expected = statements_of_sqlite(database.get());
  const auto statements = split(script, Dialect::sqlite);
  ASSERT_TRUE(statements.ok()) << statements.error().message;
  ASSERT_EQ(statements->size(), expected.size());
  for (size_t i = 0; i < expected.size(); ++i) {
    // SQLite's have what stands before them, and their semicolon.
    const size_t found = expected[i].rfind((*statements)[i].text);
    ASSERT_NE(found, std::string::npos) << expected[i] << "\nis not\n" << (*statements)[i].text;
    const auto nothing = split(expected[i].substr(0, found), Dialect::sqlite);
    EXPECT_TRUE(nothing.ok() && nothing->empty()) << expected[i];
  }
}

class SqliteTransactionTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / ("godwit_sqlite_facts_" + std::to_string(getpid()));
    std::filesystem::create_directory(folder_);
    database_ = open(folder_ / "main.db");
    ASSERT_TRUE(
        run("CREATE TABLE t (a); ATTACH ':memory:' AS other; CREATE TABLE other.s (a); PRAGMA foreign_keys = "
            "off"));
  }
  void TearDown() override {
    database_.reset();
    std::filesystem::remove_all(folder_);
  }

  bool run(const std::string& statement) {
    return sqlite3_exec(database_.get(), statement.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK;
  }
  std::string value(const std::string& query) {
    std::string found;
    sqlite3_exec(
        database_.get(), query.c_str(),
        [](void* into, int, char** values, char**) {
          *static_cast<std::string*>(into) = values[0] == nullptr ? "" : values[0];
          return 0;
        },
        &found, nullptr);
    return found;
  }
  bool taken_in_transaction(const std::string& statement) {
    EXPECT_TRUE(run("BEGIN; INSERT INTO t SELECT a FROM other.s"));
    const bool taken = run(statement);
    run("ROLLBACK");
    return taken;
  }
  static bool transactional(const std::string& statement) {
    const auto facts = classify(statement, Dialect::sqlite);
    EXPECT_TRUE(facts.ok()) << statement;
    return facts.ok() && facts->transactional;
  }

 private:
  std::filesystem::path folder_;
  Database database_;
};

TEST_F(SqliteTransactionTest, WhatSqliteRefusesInATransactionIsNotTransactional) {
  for (const std::string statement :
       {"VACUUM", "DETACH other", "DETACH DATABASE other", "PRAGMA synchronous = OFF"}) {
    EXPECT_FALSE(taken_in_transaction(statement)) << statement;
    EXPECT_FALSE(transactional(statement)) << statement;
  }
}

TEST_F(SqliteTransactionTest, WhatDoesNothingInATransactionIsNotTransactional) {
  for (const auto& [setting, before, after] : std::vector<std::array<std::string, 3>>{
           {"foreign_keys", "0", "1"}, {"journal_mode", "delete", "wal"}}) {
    const std::string statement = "PRAGMA " + setting + " = " + after;
    EXPECT_TRUE(run("BEGIN; INSERT INTO t VALUES (1)"));
    run(statement);
    EXPECT_TRUE(run("COMMIT"));
    EXPECT_EQ(value("PRAGMA " + setting), before);
    EXPECT_TRUE(run(statement));
    EXPECT_EQ(value("PRAGMA " + setting), after);
    EXPECT_FALSE(transactional(statement)) << statement;
  }
}

TEST_F(SqliteTransactionTest, WhatSqliteTakesInATransactionIsTransactional) {
  for (const std::string statement :
       {"CREATE TABLE u (a)", "DROP TABLE t", "ALTER TABLE t ADD b", "CREATE INDEX i ON t (a)", "REINDEX",
        "ANALYZE", "PRAGMA user_version = 7", "PRAGMA foreign_key_check", "PRAGMA defer_foreign_keys = on",
        "PRAGMA foreign_keys", "PRAGMA journal_mode", "ATTACH ':memory:' AS third"}) {
    EXPECT_TRUE(taken_in_transaction(statement)) << statement;
    EXPECT_TRUE(transactional(statement)) << statement;
  }
}

}  // namespace
}  // namespace godwit::sql
