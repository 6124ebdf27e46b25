#!/usr/bin/env python3
"""godwit db lint from outside: files, a folder, what a database has pending; every form of its output."""
import json
import unittest

from migrated_database import Migrated


class OnFiles(Migrated):
    def test_a_folder_in_every_form(self):
        self.write("1_a.sql", "CREATE TABLE a (id integer PRIMARY KEY, name text);\n")
        self.write("2_b.sql", "-- godwit:up\nDELETE FROM a;\n\n  ALTER TABLE a RENAME TO b;\n-- godwit:down\nALTER TABLE b RENAME TO a;\n")
        text = self.godwit("db", "lint", code=3)
        self.assertIn("migrations/2_b.sql:2:1: error [delete-without-where]", text.stdout)
        self.assertIn("      ALTER TABLE a RENAME TO b;\n      ^\n", text.stdout)
        report = self.json("db", "lint", code=3)
        self.assertEqual((report["scope"], report["files"], report["errors"], report["success"], report["exit_code"]), ("folder", 2, 2, False, 3))
        self.assertEqual([(one["rule"], one["file"], one["line"], one["column"]) for one in report["findings"]],
                         [("missing-down", "migrations/1_a.sql", 1, 1), ("delete-without-where", "migrations/2_b.sql", 2, 1),
                          ("rename-table", "migrations/2_b.sql", 4, 3)])
        sarif = json.loads(self.godwit("db", "lint", "--format", "sarif", code=3).stdout)
        results = sarif["runs"][0]["results"]
        self.assertEqual([one["level"] for one in results], ["note", "error", "error"])
        self.assertEqual(results[2]["locations"][0]["physicalLocation"]["region"], {"startLine": 4, "startColumn": 3})
        github = self.godwit("db", "lint", "--format", "github", code=3).stdout.splitlines()
        self.assertEqual(len(github), 3)
        self.assertTrue(github[1].startswith("::error file=migrations/2_b.sql,line=2,col=1,title=delete-without-where::"), github[1])

    def test_allowed_with_a_reason(self):
        self.write("1_a.sql", "CREATE TABLE a (id integer PRIMARY KEY);\n")
        self.write("1_a.down.sql", "DROP TABLE a;\n")
        self.write("2_b.sql", "-- godwit:allow-file rename-table: nobody reads it\n-- godwit:up\nALTER TABLE a RENAME TO b;\n-- godwit:down\nALTER TABLE b RENAME TO a;\n")
        report = self.json("db", "lint")
        self.assertEqual((report["findings"], [one["reason"] for one in report["allowed"]]), ([], ["nobody reads it"]))
        self.godwit("db", "upgrade", "--ci")

    def test_strict_makes_warnings_count(self):
        self.write("1_a.sql", "DROP TABLE a;\n")
        self.godwit("db", "lint")
        self.godwit("db", "lint", "--strict", code=3)

    def test_named_files_need_no_configuration(self):
        (self.folder / "godwit.yml").unlink()
        path = self.folder / "x.sql"
        path.write_text("CREATE INDEX i ON t (a);\n")
        report = self.json("db", "lint", str(path), code=3)
        self.assertEqual([(one["rule"], one["lock"], one["blocks"]) for one in report["findings"]],
                         [("create-index-not-concurrent", "SHARE", "writes, DDL"), ("missing-lock-timeout", "SHARE", "writes, DDL")])
        self.assertIn("CREATE INDEX CONCURRENTLY i ON t (a);", report["findings"][0]["rewrite"])
        self.godwit("db", "lint", str(self.folder / "none.sql"), code=1)
        self.godwit("db", "lint", code=2)


class OnPostgres(Migrated):
    kind = "postgres"

    def test_pending_migrations_and_the_size_of_their_tables(self):
        self.write("1_a.sql", "CREATE TABLE a (id bigint PRIMARY KEY, name text, age int);\nCREATE TABLE b (id bigint PRIMARY KEY, name text);\n")
        self.write("1_a.down.sql", "DROP TABLE a, b;\n")
        self.godwit("db", "upgrade", "--ci")
        self.sql("INSERT INTO a SELECT i, 'x', 1 FROM generate_series(1, 20000) i; ANALYZE; ALTER TABLE a ADD CONSTRAINT known CHECK (name IS NOT NULL)")
        self.write("2_b.sql", "CREATE INDEX a_name ON a (name);\nCREATE INDEX b_name ON b (name);\nALTER TABLE a ALTER name SET NOT NULL;\nALTER TABLE a ALTER age SET NOT NULL;\nALTER TABLE a ALTER name TYPE varchar;\n")
        found = self.json("db", "lint", "--env", "local", code=3)
        self.assertEqual((found["scope"], found["live"], found["files"]), ("pending", True, 1))
        judged = [(one["line"], one["rule"], one["severity"], one["duration"]) for one in found["findings"]]
        self.assertEqual(judged, [(1, "create-index-not-concurrent", "error", "scan"), (2, "create-index-not-concurrent", "warning", "instant"),
                                  (4, "set-not-null-without-check", "error", "scan")])
        everything = self.json("db", "lint", "--env", "local", "--all-files", code=3)
        self.assertEqual((everything["scope"], everything["files"]), ("folder", 2))

    def gates(self, gates, rules=""):
        path = self.folder / "godwit.yml"
        text = path.read_text().replace("}\n", f", {gates}}}\n")
        if rules:
            text = text.replace("    environments:", f"    lint: {{rules: {{{rules}}}}}\n    environments:")
        path.write_text(text)

    def test_an_upgrade_tells_and_refuses(self):
        self.write("1_a.sql", "CREATE TABLE a (id bigint PRIMARY KEY, name text);\nINSERT INTO a SELECT i FROM generate_series(1, 20000) i;\n")
        self.godwit("db", "upgrade", "--ci")
        self.sql("ANALYZE")
        self.write("2_b.sql", "CREATE INDEX a_name ON a (name);\n")
        told = self.json("db", "upgrade", "--dry-run")
        self.assertEqual([(one["severity"], one["kind"], one["file"]) for one in told["findings"]], [("warning", "lint", "2_b.sql:1:1")])
        self.gates("lint: refuse")
        refused = self.godwit("db", "upgrade", "--ci", "--yes", code=6)
        self.assertIn("create-index-not-concurrent", refused.stderr)
        self.assertEqual(self.json("db", "status")["applied"], 1)
        self.write("2_b.sql", "-- godwit:allow create-index-not-concurrent: at night\nCREATE INDEX a_name ON a (name);\n")
        self.assertEqual(self.json("db", "upgrade", "--ci")["applied"], 1)

    def test_severities_are_configured(self):
        self.write("1_a.sql", "DROP TABLE IF EXISTS a;\n")
        self.gates("lint: refuse", "drop-table: error, missing-down: off")
        self.assertEqual([one["severity"] for one in self.json("db", "lint", code=3)["findings"]], ["error"])
        self.godwit("db", "upgrade", "--ci", code=6)
        self.write("1_a.sql", "SELECT 1;\n")
        self.assertEqual(self.json("db", "lint")["findings"], [])

    def test_an_unknown_rule_is_refused(self):
        self.write("1_a.sql", "SELECT 1;\n")
        self.gates("lint: warn", "drop-tabel: off")
        wrong = self.godwit("db", "lint", code=2)
        self.assertIn("did you mean drop-table?", wrong.stderr)

    def test_statements_that_lose_data_have_a_budget(self):
        self.write("1_a.sql", "CREATE TABLE a (id int); CREATE TABLE b (id int);\n")
        self.godwit("db", "upgrade", "--ci")
        self.write("2_b.sql", "DROP TABLE a;\n")
        self.write("3_c.sql", "TRUNCATE b;\nDROP TABLE b;\n")
        self.gates("lint: off, destructive: 2")
        refused = self.godwit("db", "upgrade", "--ci", "--yes", code=6)
        self.assertIn("2_b.sql:1:1: DROP TABLE", refused.stderr)
        self.assertIn("3_c.sql:2:1: DROP TABLE", refused.stderr)
        self.assertEqual(self.tables(), ["a", "b"])
        self.assertEqual(self.json("db", "upgrade", "--ci", "--to", "2")["applied"], 1)
        self.assertEqual(self.json("db", "upgrade", "--ci")["applied"], 1)


if __name__ == "__main__":
    unittest.main()
