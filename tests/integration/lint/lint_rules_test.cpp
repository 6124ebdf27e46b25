// What the rules of lint say of locks and rewrites, against what PostgreSQL does with their examples: the
// strongest lock on a table that was there before, and whether a table got a new file.

#include "schema/lint/lint.h"
#include "tests/integration/postgres/postgres_scratch.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace godwit::schema::lint {
namespace {

constexpr const char* tables =
    "CREATE TABLE orgs (id bigint PRIMARY KEY, name text);"
    "CREATE TABLE accounts (id bigint PRIMARY KEY, email text, name varchar(50), age int, org_id bigint NOT "
    "NULL,"
    " CONSTRAINT org_known FOREIGN KEY (org_id) REFERENCES orgs (id));"
    "CREATE INDEX accounts_name ON accounts (name); CREATE TABLE events (id bigint, body text);"
    "CREATE TABLE big (id bigint, name text); CREATE TABLE logs (id bigint) PARTITION BY RANGE (id);"
    "CREATE TABLE logs_old PARTITION OF logs FOR VALUES FROM (0) TO (100); CREATE TABLE logs_new (id bigint);"
    "CREATE MATERIALIZED VIEW totals AS SELECT count(*) AS n FROM accounts;"
    "INSERT INTO orgs VALUES (1, 'o');"
    "INSERT INTO events VALUES (1, 'b'); INSERT INTO big VALUES (9, 'b'); INSERT INTO logs VALUES (50)";

// Their examples cannot run in a transaction, where locks could be seen.
const std::set<std::string_view> outside = {"concurrent-index-if-not-exists", "wide-index", "vacuum-full"};

sql::LockMode mode_of(const std::string& pg_locks) {
  using sql::LockMode;
  static const std::map<std::string, LockMode> modes = {
      {"AccessShareLock", LockMode::access_share},
      {"RowShareLock", LockMode::row_share},
      {"RowExclusiveLock", LockMode::row_exclusive},
      {"ShareUpdateExclusiveLock", LockMode::share_update_exclusive},
      {"ShareLock", LockMode::share},
      {"ShareRowExclusiveLock", LockMode::share_row_exclusive},
      {"ExclusiveLock", LockMode::exclusive},
      {"AccessExclusiveLock", LockMode::access_exclusive}};
  const auto found = modes.find(pg_locks);
  EXPECT_TRUE(found != modes.end()) << pg_locks;
  return found == modes.end() ? LockMode::none : found->second;
}

class LintRulesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    database_.run(tables);
    known_ = database_.value(
        "SELECT array_agg(c.oid)::text FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace");
  }

  // Oid and file of each table, as this session sees them.
  std::string files() {
    return database_.value(
        fmt::format("SELECT coalesce(string_agg(oid || ':' || relfilenode, ' ' ORDER BY oid), '') FROM "
                    "pg_class WHERE oid = "
                    "ANY ('{}'::oid[]) AND relkind IN ('r', 'm')",
                    known_));
  }

  sql::LockMode strongest() {
    const std::string modes =
        database_.value(fmt::format("SELECT coalesce(string_agg(DISTINCT mode, ' '), '') FROM pg_locks WHERE "
                                    "pid = pg_backend_pid() AND locktype = "
                                    "'relation' AND relation = ANY ('{}'::oid[])",
                                    known_));
    sql::LockMode most = sql::LockMode::none;
    if (modes.empty()) return most;
    for (const std::string& mode : split(modes, ' '))
      most = std::max(most, mode_of(mode));
    return most;
  }

  static LintFinding finding_of(const Rule& rule) {
    Script script;
    script.kind = Script::Kind::sql;
    script.sql = rule.bad;
    LintOptions options;
    options.severities[std::string(rule.id)] = Severity::warning;
    LiveTables live;
    live.tables["big"].rows = 5'000'000;
    if (rule.id == "large-backfill") options.live = &live;
    LintReport report;
    lint_scripts({{&script, ""}}, options, report);
    const auto found = std::ranges::find(report.findings, rule.id, &LintFinding::rule);
    EXPECT_TRUE(found != report.findings.end()) << rule.id;
    return found == report.findings.end() ? LintFinding{} : *found;
  }

  test::ScratchDatabase database_;
  std::string known_;
};

TEST_F(LintRulesTest, LocksAndRewritesAreTheServers) {
  int compared = 0;
  for (const Rule* rule : all_rules()) {
    if (rule->lock == sql::LockMode::none || rule->dialect == For::sqlite || outside.contains(rule->id))
      continue;
    const LintFinding finding = finding_of(*rule);
    ASSERT_TRUE(database_.session().run("BEGIN").ok());
    const std::string before = files();
    const Status status = database_.session().run(std::string(rule->bad));
    ASSERT_TRUE(status.ok()) << rule->id << ": " << (status.ok() ? "" : status.error().text());
    const sql::LockMode lock = strongest();
    const std::string after = files();
    ASSERT_TRUE(database_.session().run("ROLLBACK").ok());
    EXPECT_EQ(finding.lock, sql::to_string(lock)) << rule->id << ": " << rule->bad;
    EXPECT_EQ(rule->lock, lock) << rule->id << ": what the table says";
    // What is dropped has no file afterwards, and TRUNCATE gives an empty one.
    const bool emptied = rule->id.starts_with("truncate") || rule->id.starts_with("drop-");
    if (!emptied) {
      EXPECT_EQ(finding.duration == "rewrite", before != after)
          << rule->id << ": " << before << " | " << after;
    }
    ++compared;
  }
  EXPECT_GE(compared, 30);
}

TEST_F(LintRulesTest, WhatIsNotComparedCannotRunInATransaction) {
  for (const std::string_view id : outside) {
    ASSERT_TRUE(database_.session().run("BEGIN").ok());
    const Status status = database_.session().run(std::string(find_rule(id)->bad));
    ASSERT_TRUE(database_.session().run("ROLLBACK").ok());
    ASSERT_FALSE(status.ok()) << id;
    EXPECT_EQ(status.error().sqlstate, "25001") << id;
  }
}

TEST_F(LintRulesTest, GoodExamplesOfLocksRun) {
  // The safe forms that the rules of constraints and columns show are the server's own syntax.
  database_.run(
      "ALTER TABLE accounts ADD CONSTRAINT email_known CHECK (email IS NOT NULL) NOT VALID;"
      "CREATE UNIQUE INDEX accounts_age_ready ON accounts (age); CREATE UNIQUE INDEX events_ready ON events "
      "(id)");
  for (const auto rules : {constraint_rules(), column_rules()}) {
    for (const Rule& rule : rules) {
      if (rule.good.find("mood") != std::string_view::npos || rule.id == "add-exclusion-constraint") continue;
      ASSERT_TRUE(database_.session().run("BEGIN").ok());
      const Status status = database_.session().run(std::string(rule.good));
      EXPECT_TRUE(status.ok()) << rule.id << ": " << (status.ok() ? "" : status.error().text());
      ASSERT_TRUE(database_.session().run("ROLLBACK").ok());
    }
  }
}

TEST_F(LintRulesTest, TheCatalogSaysWhatIsThere) {
  database_.run(
      "CREATE SCHEMA shop; CREATE TABLE shop.\"Order\" (id bigint PRIMARY KEY, note text, CHECK (note IS NOT "
      "NULL));"
      "ALTER TABLE accounts ADD CONSTRAINT late CHECK (email IS NOT NULL) NOT VALID; ANALYZE");
  const auto database = open_database(database_.endpoint(), nullptr);
  ASSERT_TRUE(database.ok()) << database.error().text();
  const auto live = read_live_tables(**database);
  ASSERT_TRUE(live.ok()) << live.error().text();
  const LiveTable* accounts = live->find("accounts");
  ASSERT_NE(accounts, nullptr);
  EXPECT_EQ(accounts->rows, 0);
  EXPECT_EQ(accounts->columns.at("name"), "character varying(50)");
  EXPECT_TRUE(accounts->never_null.contains("org_id"));
  EXPECT_FALSE(accounts->never_null.contains("email"));
  EXPECT_TRUE(accounts->indexed.contains("name"));
  EXPECT_FALSE(accounts->indexed.contains("email"));
  const LiveTable* order = live->find("shop.\"Order\"");
  ASSERT_NE(order, nullptr);
  EXPECT_TRUE(order->never_null.contains("note"));
  EXPECT_NE(live->find("public.accounts"), nullptr);
  EXPECT_EQ(live->find("nowhere"), nullptr);
}

}  // namespace
}  // namespace godwit::schema::lint
