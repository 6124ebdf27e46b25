// What lint makes of a statement hangs on what stands around it: other statements, allowances, settings, the
// database.
#include "schema/lint/lint.h"

#include <gtest/gtest.h>

#include <deque>

namespace godwit::schema::lint {
namespace {

class LintTest : public ::testing::Test {
 protected:
  LintTest() {
    options_.lock_timeout_ms = 2000;
    // Design is not what these are about.
    for (const Rule* rule : all_rules())
      if (rule->topic == Topic::design) options_.severities[std::string(rule->id)] = Severity::off;
  }

  Script& add(const std::string& sql) {
    Script& script = scripts_.emplace_back();
    script.kind = Script::Kind::sql;
    script.file = std::to_string(scripts_.size()) + ".sql";
    script.sql = sql;
    return script;
  }

  // "file:line:column severity rule" of each finding.
  std::vector<std::string> found() {
    report_ = {};
    std::vector<LintScript> scripts;
    for (const Script& script : scripts_)
      scripts.push_back({&script, head_});
    lint_scripts(scripts, options_, report_);
    std::vector<std::string> all;
    for (const LintFinding& finding : report_.findings)
      all.push_back(finding.where.text() + " " + finding.severity + " " + finding.rule);
    return all;
  }
  std::vector<std::string> found_in(const std::string& sql) {
    scripts_.clear();
    add(sql);
    return found();
  }
  std::string rewritten(const std::string& sql) {
    static_cast<void>(found_in(sql));
    return report_.findings.empty() ? "" : report_.findings[0].rewrite;
  }

  using Lines = std::vector<std::string>;
  std::deque<Script> scripts_;
  std::string head_;
  LintOptions options_;
  LintReport report_;
};

TEST_F(LintTest, ATableOfTheSameFilesIsNew) {
  add("CREATE TABLE t (id bigint PRIMARY KEY, a text);\nCREATE INDEX t_a ON t (a);");
  add("ALTER TABLE t ALTER COLUMN a SET NOT NULL;\nALTER TABLE t RENAME TO u;\nCREATE UNIQUE INDEX u_a ON "
      "public.u (a);");
  EXPECT_EQ(found(), Lines{});
  options_.together = false;
  EXPECT_EQ(found(),
            (Lines{"2.sql:1:1 error set-not-null-without-check", "2.sql:2:1 error rename-table",
                   "2.sql:3:1 warning add-unique-index", "2.sql:3:1 error create-index-not-concurrent"}));
}

TEST_F(LintTest, AnotherTableIsNot) {
  EXPECT_EQ(found_in("CREATE TABLE t (id bigint PRIMARY KEY);\nCREATE INDEX u_a ON u (a);"),
            Lines{"1.sql:2:1 error create-index-not-concurrent"});
}

TEST_F(LintTest, WhatIsSaidOfALock) {
  static_cast<void>(found_in("ALTER TABLE a.t\n  ADD CONSTRAINT f FOREIGN KEY (x) REFERENCES u (id);"));
  ASSERT_EQ(report_.findings.size(), 1U);
  const LintFinding& finding = report_.findings[0];
  EXPECT_EQ(finding.lock, "SHARE ROW EXCLUSIVE");
  EXPECT_EQ(finding.blocks, "writes, DDL");
  EXPECT_EQ(finding.duration, "scan");
  EXPECT_EQ(finding.tables, (Lines{"a.t", "u"}));
  EXPECT_EQ(finding.excerpt, "ALTER TABLE a.t");
  EXPECT_EQ(finding.rewrite,
            "ALTER TABLE a.t ADD CONSTRAINT f FOREIGN KEY (x) REFERENCES u (id) NOT VALID;\n-- in a later "
            "migration:\n"
            "ALTER TABLE a.t VALIDATE CONSTRAINT f;");
}

TEST_F(LintTest, SafeScripts) {
  EXPECT_EQ(rewritten("CREATE INDEX \"index\" ON t (a)"),
            "-- in a migration of its own:\n-- godwit:no-transaction\nCREATE INDEX CONCURRENTLY \"index\" ON "
            "t (a);");
  options_.tool = "goose";
  EXPECT_EQ(rewritten("CREATE INDEX i ON t (a)"),
            "-- in a migration of its own:\n-- +goose NO TRANSACTION\nCREATE INDEX CONCURRENTLY i ON t (a);");
  EXPECT_EQ(
      rewritten("ALTER TABLE t ADD b int, ADD CHECK (a > 0), DROP COLUMN c"),
      "ALTER TABLE t ADD b int, DROP COLUMN c;\nALTER TABLE t ADD CHECK (a > 0) NOT VALID;\n-- in a later "
      "migration:\nALTER TABLE t VALIDATE CONSTRAINT t_check;");
  EXPECT_EQ(rewritten("ALTER TABLE t ADD COLUMN token uuid DEFAULT gen_random_uuid()"),
            "ALTER TABLE t ADD COLUMN token uuid;\nALTER TABLE t ALTER COLUMN token SET DEFAULT "
            "gen_random_uuid();\n-- in "
            "a later migration, in batches by key:\nUPDATE t SET token = gen_random_uuid() WHERE token IS "
            "NULL AND …;");
  EXPECT_EQ(rewritten("ALTER TABLE t ALTER a SET NOT NULL"),
            "ALTER TABLE t ADD CONSTRAINT a_not_null CHECK (a IS NOT NULL) NOT VALID;\n-- in a later "
            "migration:\nALTER "
            "TABLE t VALIDATE CONSTRAINT a_not_null;\n-- and in one after that:\nALTER TABLE t ALTER COLUMN "
            "a SET NOT "
            "NULL;\nALTER TABLE t DROP CONSTRAINT a_not_null;");
}

TEST_F(LintTest, NotNullThatAValidatedCheckProves) {
  add("ALTER TABLE t ADD CONSTRAINT c CHECK (a IS NOT NULL) NOT VALID;");
  add("ALTER TABLE t VALIDATE CONSTRAINT c;");
  add("ALTER TABLE t ALTER a SET NOT NULL;\nALTER TABLE t DROP CONSTRAINT c;");
  EXPECT_EQ(found(), Lines{});
  scripts_[1].sql = "SELECT 1";
  EXPECT_EQ(found(), Lines{"3.sql:1:1 error set-not-null-without-check"});
}

TEST_F(LintTest, ValidatedInTheSameTransactionOnly) {
  const std::string both =
      "ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0) NOT VALID;\nALTER TABLE t VALIDATE CONSTRAINT c;";
  EXPECT_EQ(found_in(both), Lines{"1.sql:2:1 error validate-in-same-transaction"});
  scripts_[0].transaction = TransactionMode::never;
  EXPECT_EQ(found(), Lines{"1.sql:1:1 note not-idempotent"});
}

TEST_F(LintTest, EnumValues) {
  EXPECT_EQ(found_in("ALTER TYPE e ADD VALUE 'x';\nINSERT INTO t VALUES ('x');"),
            Lines{"1.sql:2:1 error enum-value-used-in-same-transaction"});
  EXPECT_EQ(
      found_in("CREATE TYPE e AS ENUM ('a');\nALTER TYPE e ADD VALUE 'x';\nINSERT INTO t VALUES ('x');"),
      Lines{});
  EXPECT_EQ(found_in("ALTER TYPE e ADD VALUE 'x';\nINSERT INTO t VALUES ('y');"), Lines{});
}

TEST_F(LintTest, TimeoutsOfTheFileOrOfGodwit) {
  EXPECT_EQ(found_in("ALTER TABLE t ADD a int;"), Lines{});
  options_.lock_timeout_ms = 0;
  EXPECT_EQ(found_in("ALTER TABLE t ADD a int;\nALTER TABLE t ADD b int;"),
            Lines{"1.sql:1:1 warning missing-lock-timeout"});
  EXPECT_EQ(found_in("SET LOCAL lock_timeout = 1000;\nALTER TABLE t ADD a int;"), Lines{});
  EXPECT_EQ(found_in("CREATE INDEX CONCURRENTLY i ON t (a);"), Lines{});
}

TEST_F(LintTest, AllowedForOneStatement) {
  EXPECT_EQ(
      found_in("-- why\n-- godwit:allow drop-table: unused since May\n-- more\nDROP TABLE a;\nDROP TABLE b;"),
      (Lines{"1.sql:5:1 warning drop-table", "1.sql:5:1 warning several-strong-locks"}));
  ASSERT_EQ(report_.allowed.size(), 1U);
  EXPECT_EQ(report_.allowed[0].reason, "unused since May");
  EXPECT_EQ(report_.allowed[0].where.line, 4);
}

TEST_F(LintTest, AllowancesByTheCodesOfOthers) {
  EXPECT_EQ(found_in("-- godwit:allow DS102: unused\nDROP TABLE a;"), Lines{});
}

TEST_F(LintTest, AllowancesThatAllowNothing) {
  EXPECT_EQ(found_in("-- godwit:allow drop-table: blank line behind\n\nDROP TABLE a;"),
            (Lines{"1.sql:1:1 note unused-allowance", "1.sql:3:1 warning drop-table"}));
  EXPECT_EQ(found_in("-- godwit:allow drop-table\nDROP TABLE a;"),
            (Lines{"1.sql:1:1 error allow-without-reason", "1.sql:2:1 warning drop-table"}));
  EXPECT_EQ(found_in("SELECT 1;\n-- godwit:allow-file drop-table: too late\nDROP TABLE a;"),
            (Lines{"1.sql:2:1 note unused-allowance", "1.sql:3:1 warning drop-table"}));
  EXPECT_EQ(found_in("-- godwit:allow drop-tabel: x\nSELECT 1;"),
            Lines{"1.sql:1:1 warning unknown-allowance"});
  EXPECT_EQ(found_in("SELECT '\n-- godwit:allow drop-table\n';"), Lines{});
}

TEST_F(LintTest, AllowedAboveTheScript) {
  head_ = "-- godwit:allow-file drop-table: unused\n-- godwit:up\n";
  add("DROP TABLE a;").first_line = 3;
  EXPECT_EQ(found(), Lines{});
  head_ = "-- godwit:allow-file drop-schema: unused\n-- godwit:up\n";
  EXPECT_EQ(found(), (Lines{"1.sql:1:1 note unused-allowance", "1.sql:3:1 warning drop-table"}));
}

TEST_F(LintTest, SizesOfTheDatabase) {
  LiveTables live;
  options_.live = &live;
  const std::string index = "CREATE INDEX i ON t (a);";
  live.tables["t"].rows = 100;
  EXPECT_EQ(found_in(index), Lines{"1.sql:1:1 warning create-index-not-concurrent"});
  EXPECT_EQ(report_.findings[0].duration, "instant");
  live.tables["t"].rows = 100'000;
  EXPECT_EQ(found_in(index), Lines{"1.sql:1:1 error create-index-not-concurrent"});
  EXPECT_EQ(report_.findings[0].duration, "scan");
  live.tables["t"].rows = 2'000'000;
  EXPECT_EQ(found_in(index), Lines{"1.sql:1:1 error create-index-not-concurrent"});
  EXPECT_EQ(report_.findings[0].duration, "unbounded");
  live.tables["t"].rows = 100;
  options_.severities["create-index-not-concurrent"] = Severity::error;
  EXPECT_EQ(found_in(index), Lines{"1.sql:1:1 error create-index-not-concurrent"});
}

TEST_F(LintTest, ColumnsOfTheDatabase) {
  LiveTables live;
  options_.live = &live;
  live.tables["t"].rows = 50'000;
  live.tables["t"].columns = {{"a", "character varying(50)"}, {"n", "numeric(10,2)"}, {"i", "integer"}};
  live.tables["t"].never_null = {"a"};
  EXPECT_EQ(found_in("ALTER TABLE t ALTER a SET NOT NULL;"), Lines{});
  EXPECT_EQ(found_in("ALTER TABLE t ALTER i SET NOT NULL;"),
            Lines{"1.sql:1:1 error set-not-null-without-check"});
  for (const char* safe :
       {"a TYPE text", "a TYPE varchar(80)", "a TYPE varchar", "n TYPE numeric(12,2)", "n TYPE numeric"})
    EXPECT_EQ(found_in(std::string("ALTER TABLE t ALTER ") + safe), Lines{}) << safe;
  for (const char* unsafe : {"a TYPE varchar(20)", "n TYPE numeric(12,3)", "i TYPE bigint", "i TYPE text",
                             "a TYPE text USING a || ''"})
    EXPECT_EQ(found_in(std::string("ALTER TABLE t ALTER ") + unsafe),
              Lines{"1.sql:1:1 error change-column-type"})
        << unsafe;
}

TEST_F(LintTest, Sqlite) {
  options_.dialect = sql::Dialect::sqlite;
  EXPECT_EQ(found_in("CREATE TABLE t (a);\nALTER TABLE t RENAME COLUMN a TO b;\nDELETE FROM t;"), Lines{});
  EXPECT_EQ(found_in("DELETE FROM t;\nDROP TABLE IF EXISTS \"t\";"),
            (Lines{"1.sql:1:1 error delete-without-where", "1.sql:2:1 warning drop-table"}));
}

TEST_F(LintTest, ASyntaxErrorStandsWhereItIs) {
  EXPECT_EQ(found_in("SELECT 1;\nCREATE TABLE t (\n  a int,,\n  b int);"),
            Lines{"1.sql:3:9 error syntax-error"});
  EXPECT_EQ(found_in("SELECT 'never ended"), Lines{"1.sql:1:8 error syntax-error"});
}

TEST_F(LintTest, Folders) {
  MigrationFolder folder;
  const auto migration = [&](const std::string& version, const std::string& file, bool down) {
    Migration& one = folder.migrations.emplace_back();
    one.revision = version;
    one.file = file;
    one.up.kind = Script::Kind::sql;
    if (down) one.down.kind = Script::Kind::sql;
  };
  migration("20260101000000", "a.sql", true);
  migration("20260101000000", "b.sql", true);
  migration("20260201000000", "c.sql", false);
  migration("20990101000000", "d.sql", true);
  LintReport report;
  lint_folder(folder, "20261121000000", options_, report);
  Lines rules;
  for (const LintFinding& finding : report.findings)
    rules.push_back(finding.where.file + " " + finding.rule);
  EXPECT_EQ(rules, (Lines{"b.sql duplicate-version", "c.sql missing-down", "d.sql version-in-future"}));
}

TEST_F(LintTest, SeveritiesAreRulesOrRefused) {
  const auto good = read_severities({{"PG101", "note"}, {"truncate", "off"}}, {"godwit.yml", 4, 1});
  ASSERT_TRUE(good.ok());
  EXPECT_EQ(good->at("create-index-not-concurrent"), Severity::note);
  const auto bad = read_severities({{"drop-tabel", "note"}}, {"godwit.yml", 4, 1});
  ASSERT_FALSE(bad.ok());
  EXPECT_EQ(bad.error().kind, ErrorKind::config);
  EXPECT_NE(bad.error().hint.find("drop-table"), std::string::npos);
}

}  // namespace
}  // namespace godwit::schema::lint
