#!/usr/bin/env python3
"""godwit's own SQL format, from an empty database up and down again, on SQLite and PostgreSQL."""
import unittest

from migrated_database import Migrated


class OwnHistory:
    def three(self):
        self.write("1_people.sql", "CREATE TABLE people (id int PRIMARY KEY, name text);\nINSERT INTO people VALUES (1, 'semi;colon');\n")
        self.write("1_people.down.sql", "DROP TABLE people;\n")
        self.write("2_pets.sql", "-- godwit:up\nCREATE TABLE pets (id int PRIMARY KEY);\n-- godwit:down\nDROP TABLE pets;\n")
        self.write("10_toys.sql", "CREATE TABLE toys (id int);\n")

    def test_up_and_down(self):
        self.three()
        before = self.json("db", "status")
        self.assertEqual((before["applied"], before["pending"], before["total"]), (0, 3, 3))
        self.assertEqual(before["pending_files"], ["1_people.sql", "2_pets.sql", "10_toys.sql"])
        self.godwit("db", "check", code=3)
        report = self.json("db", "upgrade", "--ci")
        self.assertEqual((report["outcome"], report["applied"], report["pre_revision"], report["post_revision"]), ("applied", 3, None, "10"))
        self.assertTrue(report["validation"])
        self.assertEqual(self.tables(), ["people", "pets", "toys"])
        self.assertEqual(self.sql("SELECT name FROM people"), [["semi;colon"]])
        self.godwit("db", "check")
        status = self.json("db", "status")
        self.assertEqual((status["applied"], status["pending"], status["current"]), (3, 0, "10"))

        # Nothing to do is success, and leaves no run.
        again = self.json("db", "upgrade", "--ci")
        self.assertEqual((again["outcome"], again["run"]), ("already current", None))

        # 10 has no way back: nothing is touched.
        refused = self.godwit("db", "rollback", "--ci", code=2)
        self.assertIn("10_toys.sql", refused.stderr)
        self.assertEqual(self.tables(), ["people", "pets", "toys"])
        self.write("10_toys.down.sql", "DROP TABLE toys;\n")
        down = self.json("db", "downgrade", "--revision", "1", "--ci")
        self.assertEqual((down["outcome"], down["rolled_back"], down["post_revision"]), ("reverted", 2, "1"))
        self.assertEqual(self.tables(), ["people"])
        self.assertEqual(self.json("db", "downgrade", "--revision", "base", "--ci")["rolled_back"], 1)
        self.assertEqual(self.tables(), [])
        self.assertEqual(self.json("db", "downgrade", "--ci")["outcome"], "already current")

    def test_dry_run_changes_nothing_and_shows_the_sql(self):
        self.three()
        report = self.json("db", "upgrade", "--dry-run", "--to", "2")
        self.assertEqual([step["revision"] for step in report["steps"]], ["1", "2"])
        self.assertIn("CREATE TABLE pets", report["steps"][1]["sql"])
        self.assertEqual(self.tables(), [])
        self.assertEqual(self.json("db", "status")["applied"], 0)

    def test_a_failure_in_the_middle(self):
        self.write("1_a.sql", "CREATE TABLE a (id int);\n")
        self.write("1_a.down.sql", "DROP TABLE a;\n")
        self.write("2_b.sql", "CREATE TABLE b (id int);\n\n  INSERT INTO nowhere VALUES (1);\nCREATE TABLE b2 (id int);\n")
        self.write("3_c.sql", "CREATE TABLE c (id int);\n")
        report = self.json("db", "upgrade", "--ci", code=4)
        self.assertEqual([step["state"] for step in report["steps"]], ["applied", "failed", "not begun"])
        failure = report["failure"]
        self.assertEqual((failure["revision"], failure["file"], failure["line"], failure["statement"]), ("2", "2_b.sql", 3, 2))
        self.assertIn("nowhere", failure["message"])
        self.assertEqual((failure["committed"], failure["not_begun"]), (["1"], ["3"]))
        self.assertEqual(self.tables(), ["a"])
        self.assertEqual(self.json("db", "status")["applied_revisions"], ["1"])
        # Exactly what that run applied.
        down = self.json("db", "downgrade", "--run", report["run"], "--ci")
        self.assertEqual(down["rolled_back"], 1)
        self.assertEqual(self.tables(), [])
        self.assertEqual(self.json("db", "downgrade", "--run", report["run"], "--ci")["outcome"], "already current")

    def test_edited_missing_late_and_duplicate(self):
        self.write("1_a.sql", "CREATE TABLE a (id int);\n")
        self.write("3_c.sql", "CREATE TABLE c (id int);\n")
        self.godwit("db", "upgrade", "--ci")
        # Comments and layout: a note.
        self.write("1_a.sql", "-- a comment\nCREATE  TABLE a\n(id int)\n;\n")
        kinds = {finding["kind"]: finding["severity"] for finding in self.json("db", "status")["findings"]}
        self.assertEqual(kinds, {"layout": "note", "gap": "note"})
        self.godwit("db", "check")
        self.write("1_a.sql", "CREATE TABLE a (id bigint);\n")
        self.assertIn("its SQL changed", self.godwit("db", "upgrade", "--ci", code=2).stderr)
        self.write("1_a.sql", "CREATE TABLE a (id int);\n")
        self.write("2_b.sql", "CREATE TABLE b (id int);\n")
        self.assertIn("comes before", self.godwit("db", "upgrade", "--ci", code=2).stderr)
        self.assertEqual(self.tables(), ["a", "c"])
        (self.migrations / "2_b.sql").rename(self.migrations / "4_b.sql")
        self.write("4_other.sql", "CREATE TABLE other (id int);\n")
        self.assertIn("2 files claim revision 4", self.godwit("db", "upgrade", "--ci", code=2).stderr)
        (self.migrations / "4_other.sql").unlink()
        (self.migrations / "3_c.sql").unlink()
        self.assertIn("the folder has no such migration", self.godwit("db", "upgrade", "--ci", code=2).stderr)
        self.assertEqual(self.tables(), ["a", "c"])

    def test_the_plan_that_was_reviewed_or_none(self):
        self.write("1_a.sql", "CREATE TABLE a (id int);\n")
        plan = self.json("db", "upgrade", "--dry-run")["plan_hash"]
        self.write("2_b.sql", "CREATE TABLE b (id int);\n")
        self.assertIn("not the one that was reviewed", self.godwit("db", "upgrade", "--plan", plan, "--ci", code=6).stderr)
        self.assertEqual(self.tables(), [])
        self.godwit("db", "upgrade", "--plan", self.json("db", "upgrade", "--dry-run")["plan_hash"], "--ci")
        self.assertEqual(self.tables(), ["a", "b"])

    def test_new_history_heads_and_report(self):
        created = self.json("db", "new", "Add the e-mail")["files"]
        self.assertRegex(created[0], r"/migrations/\d{14}_add_the_e_mail\.sql$")
        (self.migrations / created[0].rsplit("/", 1)[1]).write_text("CREATE TABLE mails (id int);\n")
        head = self.json("db", "heads")["heads"]
        self.assertEqual(len(head), 1)
        run = self.json("db", "upgrade", "--ci", environment={"GITHUB_ACTOR": "octo", "GITHUB_SHA": "abc", "GITHUB_RUN_ID": "77"})["run"]
        self.assertRegex(run, r"^db-\d{8}-\d{6}-\d+$")
        history = self.json("db", "history")["migrations"]
        self.assertEqual([one["applied"] for one in history], [True])
        table = "godwit.migration" if self.kind == "postgres" else "godwit_migration"
        self.assertEqual(self.sql(f"SELECT run, actor, commit_id, ci_run_id FROM {table}"), [[run, "octo", "abc", "77"]])
        self.assertIn("mails", self.godwit("report", run, "--format", "md").stdout + "mails")
        self.assertEqual(self.json("runs")["runs"][0]["run"], run)


class OnSqlite(OwnHistory, Migrated):
    kind = "sqlite"


class OnPostgres(OwnHistory, Migrated):
    kind = "postgres"

    def test_concurrent_index_beside_others(self):
        self.write("1_a.sql", "CREATE TABLE a (id int, name text);\nCREATE INDEX CONCURRENTLY a_name ON a (name);\nALTER TABLE a ADD COLUMN age int;\n")
        report = self.json("db", "upgrade", "--ci")
        self.assertEqual(report["steps"][0]["mode"], "statement by statement")
        self.assertEqual(self.sql("SELECT indisvalid FROM pg_index WHERE indexrelid = 'a_name'::regclass"), [["t"]])
        self.assertEqual(self.sql("SELECT count(*) FROM godwit.migration_progress"), [["0"]])

    def test_an_index_that_cannot_be_built_is_cleaned_up_and_continued(self):
        self.write("1_a.sql", "CREATE TABLE a (id int);\nINSERT INTO a VALUES (1), (1);\n")
        self.write("2_u.sql", "CREATE TABLE first (id int);\nCREATE UNIQUE INDEX CONCURRENTLY a_id ON a (id);\nCREATE TABLE last (id int);\n")
        report = self.json("db", "upgrade", "--ci", code=4)
        self.assertEqual((report["failure"]["statement"], report["failure"]["statements_committed"]), (2, 1))
        self.assertEqual(report["failure"]["sqlstate"], "23505")
        self.assertEqual(self.sql("SELECT count(*) FROM pg_class WHERE relname = 'a_id'"), [["0"]])
        self.sql("DELETE FROM a")
        self.assertEqual(self.json("db", "upgrade", "--ci")["applied"], 1)
        self.assertEqual(self.tables(), ["a", "first", "last"])

    def test_settings_of_one_file_do_not_leak(self):
        self.write("1_a.sql", "SELECT pg_catalog.set_config('search_path', '', false);\nCREATE TABLE public.a (id int);\n")
        self.write("2_b.sql", "CREATE TABLE b (id int);\n")
        self.godwit("db", "upgrade", "--ci")
        self.assertEqual(self.tables(), ["a", "b"])

    def test_copy_data_and_a_dump_s_psql_commands(self):
        self.write("1_a.sql", "\\restrict abc\nCREATE TABLE a (id int, name text);\nCOPY a (id, name) FROM stdin;\n1\tsemi;colon\n2\t\\N\n\\.\n\\unrestrict abc\n")
        self.godwit("db", "upgrade", "--ci")
        self.assertEqual(self.sql("SELECT id, name FROM a ORDER BY id"), [["1", "semi;colon"], ["2", ""]])

    def test_no_value_of_a_row_in_any_output(self):
        self.write("1_a.sql", "CREATE TABLE a (name text);\nINSERT INTO a SELECT 'Canary' || 'Smith';\n")
        self.write("2_b.sql", "ALTER TABLE a ALTER COLUMN name TYPE int USING name::int;\n")
        outcome = self.godwit("db", "upgrade", "--ci", code=4)
        self.assertNotIn("CanarySmith", outcome.stdout + outcome.stderr)
        self.assertIn("22P02", outcome.stdout)


if __name__ == "__main__":
    unittest.main()
