#!/usr/bin/env python3
"""Every gate of an environment refuses at the command line with exit 6, with --yes or without, and says what opens it."""
import datetime
import json
import unittest

from migrated_database import Migrated


class Gates(Migrated):
    kind = "sqlite"

    def setUp(self):
        super().setUp()
        self.write("1_a.sql", "CREATE TABLE a (id int);\n")
        self.write("1_a.down.sql", "DROP TABLE a;\n")

    def gates(self, text):
        path = self.folder / "godwit.yml"
        path.write_text(path.read_text().replace("path: app.db", f"path: app.db, {text}"))

    def refused(self, *arguments, **environment):
        for yes in ([], ["--yes"], ["--ci"]):
            outcome = self.godwit("db", *arguments, *yes, environment=environment, code=6)
            self.assertEqual(self.tables(), [])
        return outcome.stderr

    def test_approval(self):
        self.gates("require_approval: true")
        said = self.refused("upgrade", GITHUB_ACTOR="requester")
        plan = self.json("db", "upgrade", "--dry-run")["plan_hash"]
        self.assertIn(f"godwit db approve {plan} --database app --env local", said)
        # Not by oneself, not for another commit, not once it ended.
        self.json("db", "approve", plan, environment={"GITHUB_ACTOR": "requester"})
        self.assertIn("who also asks for the run", self.refused("upgrade", GITHUB_ACTOR="requester"))
        self.json("db", "approve", plan, "--commit", "abc", environment={"GITHUB_ACTOR": "reviewer"})
        self.refused("upgrade", GITHUB_ACTOR="requester", GITHUB_SHA="def")
        report = self.json("db", "upgrade", "--ci", environment={"GITHUB_ACTOR": "requester", "GITHUB_SHA": "abc"})
        self.assertEqual(report["approved_by"], "reviewer")
        self.assertEqual(self.tables(), ["a"])

    def test_an_approval_is_for_one_plan(self):
        self.gates("require_approval: true")
        plan = self.json("db", "upgrade", "--dry-run")["plan_hash"]
        self.godwit("db", "approve", plan, environment={"GITHUB_ACTOR": "reviewer"})
        self.write("1_a.sql", "CREATE TABLE a (id int, added_later text);\n")
        self.refused("upgrade", GITHUB_ACTOR="requester")

    def test_allowed_refs(self):
        self.gates('allowed_refs: [main, "release/*"]')
        self.assertIn("refs/heads/feature may not migrate local", self.refused("upgrade", GITHUB_REF="refs/heads/feature"))
        self.assertIn("unknown", self.refused("upgrade", GITHUB_REF=""))
        self.json("db", "upgrade", "--ci", environment={"GITHUB_REF": "refs/heads/release/7"})
        self.assertEqual(self.tables(), ["a"])

    def test_freeze(self):
        now = datetime.datetime.now(datetime.timezone.utc)
        day = datetime.timedelta(days=1)
        self.gates(f'freeze: ["{now - day:%Y-%m-%dT%H:%M}/{now + day:%Y-%m-%dT%H:%M}"]')
        self.assertIn("local is frozen", self.refused("upgrade"))

    def test_a_freeze_that_is_no_time(self):
        self.gates("freeze: weekends")
        self.assertRegex(self.godwit("db", "status", code=2).stderr, r"godwit\.yml:\d+:\d+: 'weekends' is no time")

    def test_a_required_backup_that_cannot_be_taken(self):
        self.gates("backup: required")
        path = self.folder / "godwit.yml"
        path.write_text(path.read_text().replace("    environments:\n", "    backup: {directory: app.db}\n    environments:\n"))
        self.sql("CREATE VIEW there AS SELECT 1 AS one")
        self.assertIn("the backup that this environment requires failed", self.refused("upgrade"))

    def test_required_health_checks_are_not_skipped(self):
        self.gates("health: required")
        self.assertIn("requires the health checks: they cannot be skipped", self.refused("upgrade", "--skip-health-checks"))
        self.godwit("db", "upgrade", "--ci")

    def test_a_database_that_is_not_healthy(self):
        path = self.folder / "godwit.yml"
        path.write_text(path.read_text().replace("    environments:\n", "    health: {disk_space: {limit: 1000000000000}}\n    environments:\n"))
        self.sql("CREATE VIEW there AS SELECT 1 AS one")
        self.assertIn("health checks failed, nothing was changed", self.refused("upgrade"))

    def test_lint(self):
        self.gates("lint: refuse")
        self.sql("CREATE TABLE old (id int)")
        self.write("1_a.sql", "DROP TABLE old;\n")
        path = self.folder / "godwit.yml"
        path.write_text(path.read_text().replace("    environments:\n", "    lint: {rules: {drop-table: error}}\n    environments:\n"))
        for yes in ([], ["--yes"], ["--ci"]):
            self.assertIn("lint refuses the plan", self.godwit("db", "upgrade", *yes, code=6).stderr)
        self.assertEqual(self.tables(), ["old"])

    def test_the_budget_of_statements_that_lose_data(self):
        self.gates("destructive: 1")
        self.sql("CREATE TABLE old (id int)")
        self.sql("CREATE TABLE older (id int)")
        self.write("1_a.sql", "DROP TABLE old;\n")
        self.write("2_b.sql", "DROP TABLE older;\n")
        for yes in ([], ["--yes"], ["--ci"]):
            self.assertIn("2 statement(s) lose data, and the environment allows 1", self.godwit("db", "upgrade", *yes, code=6).stderr)
        self.assertEqual(self.tables(), ["old", "older"])

    def test_the_hash_of_another_plan(self):
        self.assertIn("the plan is not the one that was reviewed", self.refused("upgrade", "--plan", "0" * 64))

    def test_a_receipt(self):
        """receipts_test.py says which receipts do not count."""
        self.gates("rehearsal: required")
        self.assertIn("local requires a rehearsal of plan", self.refused("upgrade"))

    def test_a_read_only_environment(self):
        path = self.folder / "godwit.yml"
        self.sql("CREATE VIEW there AS SELECT 1 AS one")
        path.write_text(path.read_text().replace("project: test\n", "project: test\nenvironments: {local: {read_only: true}}\n"))
        self.assertIn("environment local is read-only", self.refused("upgrade"))

    def test_going_back_needs_the_same(self):
        self.godwit("db", "upgrade", "--ci")
        self.gates("require_approval: true")
        for yes in ([], ["--yes"], ["--ci"]):
            self.godwit("db", "downgrade", *yes, environment={"GITHUB_ACTOR": "requester"}, code=6)
        self.assertEqual(self.tables(), ["a"])

    def test_a_reviewed_plan_as_a_file(self):
        plan = self.folder / "plan.json"
        plan.write_text(self.godwit("db", "upgrade", "--dry-run", "--json").stdout)
        self.write("2_b.sql", "CREATE TABLE b (id int);\n")
        self.refused("upgrade", "--plan", "plan.json")
        (self.migrations / "2_b.sql").unlink()
        self.godwit("db", "upgrade", "--plan", "plan.json", "--ci")
        self.assertEqual(self.tables(), ["a"])
        plan.write_text(json.dumps({"no": "plan"}))
        self.godwit("db", "upgrade", "--plan", "plan.json", "--ci", code=2)


class Repair(Migrated):
    kind = "sqlite"

    def setUp(self):
        super().setUp()
        self.write("1_a.sql", "CREATE TABLE a (id int);\n")
        self.write("2_b.sql", "CREATE TABLE b (id int);\n")

    def test_done_and_undone_by_hand(self):
        self.sql("CREATE TABLE a (id int)")
        self.assertEqual(self.godwit("db", "repair", "--applied", "1").stdout.strip(), "1: adopted in godwit_migration")
        self.godwit("db", "repair", "--applied", "1", code=2)
        self.assertEqual(self.json("db", "upgrade", "--ci")["applied"], 1)
        self.sql("DROP TABLE b")
        self.godwit("db", "repair", "--reverted", "2")
        self.assertEqual(self.json("db", "status")["pending_files"], ["2_b.sql"])
        self.godwit("db", "upgrade", "--ci")
        self.assertEqual(self.tables(), ["a", "b"])

    def test_edited_and_gone(self):
        self.godwit("db", "upgrade", "--ci")
        self.write("1_a.sql", "CREATE TABLE a (id bigint);\n")
        self.godwit("db", "check", code=3)
        self.godwit("db", "repair", "--checksum", "1")
        self.godwit("db", "check")
        (self.migrations / "2_b.sql").unlink()
        self.godwit("db", "check", code=3)
        self.godwit("db", "repair", "--forget", "1", code=2)
        self.godwit("db", "repair", "--forget", "2")
        self.godwit("db", "check")

    def test_nothing_said(self):
        self.godwit("db", "repair", code=2)


if __name__ == "__main__":
    unittest.main()
