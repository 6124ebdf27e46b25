// What src/sql says of a statement, against what PostgreSQL does with it: refuses it inside a transaction
// block or not, locks which relations in which mode.

#include "sql/classify.h"
#include "tests/integration/postgres/postgres_scratch.h"

#include <map>

namespace godwit::sql {
namespace {

constexpr const char* active_transaction = "25001";

class SqlFactsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    database_.run(
        "CREATE TABLE t (a int, b text, c int NOT NULL DEFAULT 0); CREATE INDEX i ON t (a); CREATE TABLE k "
        "(a int PRIMARY KEY);"
        "ALTER TABLE t ADD CONSTRAINT positive CHECK (a > 0) NOT VALID;"
        "CREATE DOMAIN w AS int; CREATE TABLE u (a w, b int); ALTER DOMAIN w ADD CONSTRAINT small CHECK "
        "(value < 9) NOT VALID;"
        "CREATE SCHEMA s; CREATE TABLE s.\"Mixed\" (a int); CREATE TABLE p (a int) PARTITION BY LIST (a);"
        "CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1); CREATE TABLE p2 (a int);"
        "CREATE MATERIALIZED VIEW m AS SELECT 1 AS a; CREATE UNIQUE INDEX mi ON m (a); CREATE VIEW v AS "
        "SELECT 1 AS a;"
        "CREATE SEQUENCE q; CREATE TYPE e AS ENUM ('x'); ALTER TABLE u ADD c e; CREATE PUBLICATION pub;"
        "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';"
        "CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION f();"
        "CREATE RULE r AS ON DELETE TO t DO ALSO NOTHING; CREATE POLICY o ON t; ALTER TABLE k CLUSTER ON "
        "k_pkey");
  }

  pg::Session& session() { return database_.session(); }
  [[nodiscard]] const std::string& database() const { return database_.name(); }

  // SQLSTATE inside a transaction block that is rolled back; empty when it went well.
  std::string tried(const std::string& statement) {
    EXPECT_TRUE(session().run("BEGIN").ok());
    const Status status = session().run(statement);
    EXPECT_TRUE(session().run("ROLLBACK").ok());
    return status.ok() ? std::string() : status.error().sqlstate;
  }

  static StatementFacts facts_of(const std::string& statement) {
    auto facts = classify(statement, Dialect::postgres);
    EXPECT_TRUE(facts.ok() && facts->parsed) << statement;
    return facts.ok() ? std::move(facts).value() : StatementFacts{};
  }

  // The relations that were there before and that the statement holds locked, as "name MODE" by name.
  std::map<std::string, std::string> locked_by(const std::string& statement, bool indexes = false) {
    const std::string known = "(SELECT max(oid) FROM pg_class)";
    const std::string newest = database_.value("SELECT " + known + "::text");
    EXPECT_TRUE(session().run("BEGIN").ok());
    const Status status = session().run(statement);
    EXPECT_TRUE(status.ok()) << statement << ": " << (status.ok() ? "" : status.error().text());
    std::map<std::string, std::string> locked;
    if (status.ok()) {
      // The catalog as another session sees it: this one may have dropped what it has locked.
      const auto backend = database_.value("SELECT pg_backend_pid()::text");
      const auto other = test::session_on(database());
      EXPECT_TRUE(other->run("SET search_path = public").ok());
      const auto rows = other->query(
          "SELECT c.oid::regclass::text, l.mode FROM pg_locks l JOIN pg_class c ON c.oid = l.relation WHERE "
          "l.pid = $1::int"
          " AND (c.relkind <> 'i' OR $3::bool) AND c.relnamespace IN ('public'::regnamespace, "
          "'s'::regnamespace) AND c.oid "
          "<= $2::oid"
          " AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())",
          {backend, newest, indexes ? "true" : "false"});
      EXPECT_TRUE(rows.ok()) << (rows.ok() ? "" : rows.error().text());
      for (size_t row = 0; rows.ok() && row < rows->size(); ++row)
        strengthen(locked[rows->string(row, 0)], rows->string(row, 1));
    }
    EXPECT_TRUE(session().run("ROLLBACK").ok());
    return locked;
  }

  void expect_same_locks(const std::string& statement) {
    std::map<std::string, std::string> expected;
    for (const TableLock& lock : facts_of(statement).tables)
      expected[lock.table] = name_on_server(lock.mode);
    EXPECT_EQ(expected, locked_by(statement)) << statement;
  }

  // "SHARE ROW EXCLUSIVE" is ShareRowExclusiveLock to the server.
  static std::string name_on_server(LockMode mode) {
    std::string name;
    bool starts = true;
    for (const char c : to_string(mode)) {
      if (c != ' ') name += starts ? c : static_cast<char>(c - 'A' + 'a');
      starts = c == ' ';
    }
    return name + "Lock";
  }

  static int strength(const std::string& name) {
    int found = 0;
    for (int i = 1; i <= static_cast<int>(LockMode::access_exclusive); ++i)
      if (name_on_server(static_cast<LockMode>(i)) == name) found = i;
    return found;
  }

 private:
  static void strengthen(std::string& mode, const std::string& other) {
    EXPECT_GT(strength(other), 0) << other;
    if (strength(other) > strength(mode)) mode = other;
  }

  test::ScratchDatabase database_;
};

TEST_F(SqlFactsTest, TheServerRefusesInATransactionWhatIsNotTransactional) {
  ASSERT_TRUE(
      session()
          .run("CREATE SUBSCRIPTION sub CONNECTION 'dbname=nowhere' PUBLICATION pub WITH (connect = false)")
          .ok());
  for (const std::string& statement : std::vector<std::string>{
           "VACUUM",
           "VACUUM FULL t",
           "VACUUM (ANALYZE) t",
           "CREATE DATABASE godwit_never",
           "DROP DATABASE godwit_never",
           "CREATE TABLESPACE godwit_never LOCATION '/nowhere'",
           "DROP TABLESPACE godwit_never",
           "ALTER DATABASE " + database() + " SET TABLESPACE pg_default",
           "ALTER SYSTEM SET work_mem = '4MB'",
           "ALTER SYSTEM RESET ALL",
           "CREATE INDEX CONCURRENTLY ON t (a)",
           "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS i ON t (a)",
           "DROP INDEX CONCURRENTLY i",
           "REINDEX TABLE CONCURRENTLY t",
           "REINDEX INDEX CONCURRENTLY i",
           "REINDEX (CONCURRENTLY, VERBOSE) TABLE t",
           "REINDEX SCHEMA s",
           "REINDEX DATABASE " + database(),
           "REINDEX SYSTEM " + database(),
           "CLUSTER",
           "CLUSTER VERBOSE",
           "ALTER TABLE p DETACH PARTITION p1 CONCURRENTLY",
           "DISCARD ALL",
           "CREATE SUBSCRIPTION x CONNECTION 'dbname=nowhere' PUBLICATION pub",
           "CREATE SUBSCRIPTION x CONNECTION 'dbname=nowhere' PUBLICATION pub WITH (create_slot)",
           "DROP SUBSCRIPTION sub",
           "COMMIT PREPARED 'x'",
           "ROLLBACK PREPARED 'x'"}) {
    EXPECT_EQ(tried(statement), active_transaction) << statement;
    const StatementFacts facts = facts_of(statement);
    EXPECT_FALSE(facts.transactional) << statement;
    EXPECT_FALSE(facts.why_not.empty()) << statement;
  }
  // A refresh needs an enabled subscription; not committed, so nothing connects.
  for (const char* form : {"REFRESH PUBLICATION", "SET PUBLICATION pub2", "ADD PUBLICATION pub2"}) {
    const std::string statement = std::string("ALTER SUBSCRIPTION sub ") + form;
    EXPECT_EQ(tried("ALTER SUBSCRIPTION sub ENABLE; " + statement), active_transaction) << statement;
    EXPECT_FALSE(facts_of(statement).transactional) << statement;
    if (statement.ends_with("REFRESH PUBLICATION")) continue;
    EXPECT_EQ(tried(statement + " WITH (refresh = off)"), "") << statement;
    EXPECT_TRUE(facts_of(statement + " WITH (refresh = off)").transactional) << statement;
  }
  EXPECT_TRUE(session().run("ALTER SUBSCRIPTION sub SET (slot_name = NONE); DROP SUBSCRIPTION sub").ok());
}

TEST_F(SqlFactsTest, TheServerTakesInATransactionWhatIsTransactional) {
  for (const std::string& statement : std::vector<std::string>{
           "ANALYZE",
           "ANALYZE t",
           "CREATE INDEX ON t (a)",
           "DROP INDEX i",
           "REINDEX TABLE t",
           "REINDEX INDEX i",
           "REFRESH MATERIALIZED VIEW m",
           "REFRESH MATERIALIZED VIEW CONCURRENTLY m",
           "CLUSTER t USING i",
           "ALTER TABLE p DETACH PARTITION p1",
           "ALTER TYPE e ADD VALUE 'y'",
           "DISCARD TEMP",
           "DISCARD PLANS",
           "TRUNCATE t",
           "CREATE SUBSCRIPTION x CONNECTION 'dbname=nowhere' PUBLICATION pub WITH (connect = false)",
           "ALTER DATABASE " + database() + " SET work_mem = '4MB'",
           "ALTER DATABASE " + database() + " CONNECTION LIMIT 9",
           "SET work_mem = '4MB'",
           "SET TRANSACTION READ ONLY",
           "CHECKPOINT",
           "LOCK t",
           "CREATE SCHEMA x CREATE TABLE y (a int)",
           "LISTEN x",
           "DO 'BEGIN END'",
           "CREATE EXTENSION IF NOT EXISTS plpgsql",
           "CREATE ROLE godwit_never",
           "SAVEPOINT s"}) {
    EXPECT_EQ(tried(statement), "") << statement;
    EXPECT_TRUE(facts_of(statement).transactional) << statement;
  }
}

TEST_F(SqlFactsTest, LocksAreThoseThatTheServerTakes) {
  for (const std::string& statement :
       std::vector<std::string>{"SELECT * FROM t",
                                "SELECT * FROM ONLY t",
                                "UPDATE ONLY t SET a = 1",
                                "DELETE FROM ONLY k",
                                "TRUNCATE ONLY t",
                                "SELECT * FROM t, k FOR UPDATE",
                                "INSERT INTO t (a) SELECT a FROM k",
                                "UPDATE t SET b = 'x' FROM k WHERE k.a = t.a",
                                "DELETE FROM k USING s.\"Mixed\" x WHERE x.a = k.a",
                                "WITH x AS (DELETE FROM k RETURNING a) INSERT INTO t (a) SELECT a FROM x",
                                "MERGE INTO k USING p2 ON p2.a = k.a WHEN MATCHED THEN DELETE",
                                "LOCK TABLE t, k IN SHARE ROW EXCLUSIVE MODE",
                                "LOCK t",
                                "TRUNCATE t, k",
                                "CREATE INDEX ON t (b)",
                                "CREATE TRIGGER h BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION f()",
                                "CREATE RULE r2 AS ON UPDATE TO t DO ALSO NOTHING",
                                "CREATE POLICY o2 ON t",
                                "ALTER POLICY o ON t USING (true)",
                                "CREATE STATISTICS st ON a, b FROM t",
                                "COMMENT ON TABLE t IS 'x'",
                                "COMMENT ON COLUMN t.a IS 'x'",
                                "DROP TABLE s.\"Mixed\"",
                                "DROP VIEW v",
                                "DROP MATERIALIZED VIEW m",
                                "DROP SEQUENCE q",
                                "DROP TRIGGER g ON t",
                                "DROP RULE r ON t",
                                "DROP POLICY o ON t",
                                "REFRESH MATERIALIZED VIEW m",
                                "REFRESH MATERIALIZED VIEW CONCURRENTLY m",
                                "CLUSTER k",
                                "ANALYZE t",
                                "CREATE TABLE n (a int REFERENCES k)",
                                "CREATE TABLE n (LIKE t)",
                                "CREATE TABLE n () INHERITS (t)",
                                "CREATE TABLE n PARTITION OF p FOR VALUES IN (2)",
                                "CREATE TABLE n AS SELECT * FROM t",
                                "CREATE VIEW n AS SELECT * FROM t",
                                "CREATE OR REPLACE VIEW v AS SELECT 1 AS a FROM t",
                                "SELECT a INTO n FROM t",
                                "EXPLAIN UPDATE t SET a = 1",
                                "DECLARE c CURSOR FOR SELECT * FROM t",
                                "ALTER SEQUENCE q RESTART",
                                "CREATE PUBLICATION pub2 FOR TABLE t",
                                "ALTER PUBLICATION pub ADD TABLE t",
                                "REINDEX TABLE t",
                                "ALTER VIEW v RENAME TO v2",
                                "ALTER SEQUENCE q RENAME TO q2",
                                "GRANT SELECT ON t TO PUBLIC"}) {
    expect_same_locks(statement);
  }
}

TEST_F(SqlFactsTest, AlterTableTakesTheLockOfItsStrongestForm) {
  for (const std::string& form :
       std::vector<std::string>{"ADD COLUMN x int",
                                "ADD x int DEFAULT 1 NOT NULL",
                                "ADD x int REFERENCES k",
                                "DROP COLUMN b",
                                "ALTER a TYPE bigint",
                                "ALTER a SET DEFAULT 1",
                                "ALTER c DROP DEFAULT",
                                "ALTER c DROP NOT NULL",
                                "ALTER a SET NOT NULL",
                                "ALTER a SET STATISTICS 7",
                                "ALTER a SET (n_distinct = 5)",
                                "ALTER a RESET (n_distinct)",
                                "ALTER b SET STORAGE EXTERNAL",
                                "ALTER b SET COMPRESSION pglz",
                                "ALTER c DROP DEFAULT, ALTER c ADD GENERATED ALWAYS AS IDENTITY",
                                "ADD CHECK (a > 0)",
                                "ADD CHECK (a > 0) NOT VALID",
                                "ADD PRIMARY KEY (a)",
                                "ADD UNIQUE (a)",
                                "ADD EXCLUDE USING btree (a WITH =)",
                                "ADD FOREIGN KEY (a) REFERENCES k",
                                "ADD FOREIGN KEY (a) REFERENCES k NOT VALID",
                                "VALIDATE CONSTRAINT positive",
                                "DROP CONSTRAINT positive",
                                "VALIDATE CONSTRAINT positive, ALTER a SET NOT NULL",
                                "RENAME CONSTRAINT positive TO positive2",
                                "DISABLE TRIGGER g",
                                "DISABLE TRIGGER ALL",
                                "ENABLE TRIGGER USER",
                                "ENABLE ALWAYS TRIGGER g",
                                "DISABLE RULE r",
                                "ENABLE ROW LEVEL SECURITY",
                                "FORCE ROW LEVEL SECURITY",
                                "CLUSTER ON i",
                                "SET WITHOUT CLUSTER",
                                "SET (fillfactor = 70)",
                                "SET (autovacuum_enabled = false, parallel_workers = 2)",
                                "SET (toast.autovacuum_enabled = false)",
                                "SET (user_catalog_table = true)",
                                "RESET (fillfactor)",
                                "SET UNLOGGED",
                                "SET TABLESPACE pg_default",
                                "REPLICA IDENTITY FULL",
                                "OWNER TO CURRENT_USER",
                                "RENAME TO t2",
                                "RENAME a TO a2",
                                "SET SCHEMA s",
                                "INHERIT p2",
                                "ALTER a SET STATISTICS 7, ADD FOREIGN KEY (a) REFERENCES k"}) {
    expect_same_locks("ALTER TABLE t " + form);
  }
  expect_same_locks("ALTER TABLE ONLY t ADD x int");
  expect_same_locks("ALTER TABLE IF EXISTS ONLY t VALIDATE CONSTRAINT positive");
  expect_same_locks("ALTER TABLE p ATTACH PARTITION p2 FOR VALUES IN (2)");
  expect_same_locks("ALTER TABLE p DETACH PARTITION p1");
}

// An index counts for the strongest lock, whoever plans a query on its table waits for it; and so do tables
// that are locked because of something else.
TEST_F(SqlFactsTest, LocksOfWhatIsNotNamed) {
  for (const std::string& statement : std::vector<std::string>{
           "ALTER DOMAIN w ADD CHECK (value > 0)", "ALTER DOMAIN w SET NOT NULL",
           "ALTER DOMAIN w VALIDATE CONSTRAINT small", "DROP TYPE e CASCADE", "DROP SCHEMA s CASCADE",
           "DROP INDEX i", "REINDEX INDEX i", "REINDEX TABLE t", "CREATE INDEX ON t (b)"}) {
    const std::string strongest = name_on_server(facts_of(statement).lock);
    bool found = false;
    for (const auto& [relation, mode] : locked_by(statement, true)) {
      EXPECT_LE(strength(mode), strength(strongest)) << statement << ": " << relation << " " << mode;
      found = found || mode == strongest;
    }
    EXPECT_TRUE(found) << statement << ": nothing is locked as " << strongest;
  }
}

}  // namespace
}  // namespace godwit::sql
