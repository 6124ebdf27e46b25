#!/usr/bin/env python3
"""After a run: reports of verifications and rollbacks, what they are refused for, and a rolled back run that somebody
resumes."""
import csv
import io
import json
import os
import pathlib
import sqlite3
import subprocess
import unittest

from godwit_program import BINARY, World


class AfterARun(World):
    scale = "0.05"

    def setUp(self):
        super().setUp()
        outcome = self.godwit("run", "district", "district-001", "--json")
        self.assertEqual(outcome.code, 0, outcome.stderr)
        self.run_id = outcome.json()["run"]

    def ledger(self):
        return [(entry["run"], entry["status"]) for entry in self.godwit("runs", "--json").json()["runs"]]

    def latest(self, kind):
        return next(entry["run"] for entry in self.godwit("runs", "--json").json()["runs"] if entry["kind"] == kind)

    def verify(self):
        outcome = self.godwit("verify", self.run_id)
        self.assertEqual(outcome.code, 0, outcome.stderr)
        return self.latest("ver")

    def roll_back(self):
        outcome = self.godwit("rollback", self.run_id, "--confirm", self.run_id)
        self.assertEqual(outcome.code, 0, outcome.stderr)
        return self.latest("rb")

    def test_every_kind_of_run_has_its_report(self):
        for run in [self.run_id, self.verify(), self.roll_back()]:
            for form in ["html", "md", "json", "csv", "checks-csv", "junit", "sarif"]:
                with self.subTest(run=run, form=form):
                    outcome = self.godwit("report", run, "--format", form)
                    self.assertEqual(outcome.code, 0, outcome.stderr)
                    if "csv" not in form:
                        self.assertIn(run, outcome.stdout)
            document = self.godwit("report", run, "--json").json()
            self.assertEqual(document["run"], run)
            self.assertEqual(document["of_run"], "" if run == self.run_id else self.run_id)
        tables = list(csv.DictReader(io.StringIO(self.godwit("report", self.run_id, "--format", "csv").stdout)))
        checks = list(csv.DictReader(io.StringIO(self.godwit("report", self.run_id, "--format", "checks-csv").stdout)))
        document = self.godwit("report", self.run_id, "--json").json()
        self.assertEqual([row["table"] for row in tables], [table["table"] for table in document["tables"]])
        self.assertEqual(len(checks), document["checks"]["evaluated"] + document["checks"]["skipped"])

    def write(self, sql):
        with sqlite3.connect(f"{self.folder}/cert/ids.db") as store:
            store.execute(sql)
        store.close()

    def test_rows_that_changed_since_are_refused_by_table_and_key(self):
        rollback = ("rollback", self.run_id, "--confirm", self.run_id)
        with sqlite3.connect(f"{self.folder}/cert/ids.db") as store:
            changed, other = (row[0] for row in store.execute(
                "SELECT id FROM students WHERE district_id = 'district-001' ORDER BY id LIMIT 2"))
        store.close()
        self.write(f"UPDATE students SET last_name = 'Handmade' WHERE id = {changed}")
        before = self.dump_target()
        words = f"1 rows of ids.main.students changed since the run: {changed}"
        refused = self.godwit(*rollback)
        self.assert_refused(refused, 6, words, f"--force-row ids.main.students {changed}")
        self.assertNotIn("Handmade", refused.stdout + refused.stderr)
        # Forcing another row opens nothing for this one, and a row that did not change is no row to force.
        self.assert_refused(self.godwit(*rollback, "--force-row", "ids.main.students", str(other)), 6, words)
        self.assertEqual(self.dump_target(), before)
        self.assertEqual(dict(self.ledger())[self.run_id], "completed")
        preview = self.godwit("rollback", self.run_id, "--dry-run", "--json").json()
        tables = {table["table"]: table for table in preview["tables"]}
        self.assertEqual(tables["ids.main.students"]["changed_keys"], [str(changed)])
        self.assertEqual(sum(table["changed"] for table in preview["tables"]), 1)
        force = ("--force-row", "ids.main.students", str(changed))
        self.assert_refused(self.godwit(*rollback, *force, "--force-row", "ids.main.students", str(other)), 2,
                            "did not change since the run")
        self.assert_refused(self.godwit(*rollback, *force, "--purge-scope"), 2, "--purge-scope")
        self.assertEqual(self.dump_target(), before)
        self.assertEqual(self.godwit(*rollback, *force).code, 0)
        self.assertEqual(dict(self.ledger())[self.run_id], "rolled_back")

    def test_a_report_that_is_not_there(self):
        self.assert_refused(self.godwit("report", "ver-20260101-000000-001"), 2, "the ledger knows no run", "godwit runs")
        self.assert_refused(self.godwit("report", "mig-20260101-000000-001"), 2, "has no report.html on this machine")
        self.assert_refused(self.godwit("report", self.run_id, "--format", "xlsx"), 2, "--format")

    def test_only_a_migration_is_verified_resumed_and_rolled_back(self):
        about = {self.verify(): "is a verification", self.roll_back(): "is a rollback"}
        before, known = self.dump_target(), self.ledger()
        folders = sorted(os.listdir(f"{self.folder}/.godwit/runs"))
        for run, what in about.items():
            for arguments in [("rollback", run), ("rollback", run, "--confirm", run), ("rollback", run, "--dry-run"),
                              ("verify", run), ("run", "district", "district-001", "--resume", run)]:
                with self.subTest(arguments=arguments):
                    self.assert_refused(self.godwit(*arguments), 2, f"{run} {what}", f"it was about {self.run_id}")
        self.assertEqual(self.dump_target(), before)
        self.assertEqual(self.ledger(), known, "a refusal is no run")
        self.assertEqual(sorted(os.listdir(f"{self.folder}/.godwit/runs")), folders)

    def assert_resume_refused(self, status, words, hint):
        """The whole report of the run that was, with what this command was refused for; nothing done again."""
        report = pathlib.Path(self.folder) / ".godwit/runs" / self.run_id / "report.json"
        kept = report.read_bytes()
        before = self.dump_target()
        outcome = self.godwit("run", "district", "district-001", "--resume", self.run_id, "--json")
        self.assert_refused(outcome, 2, words, hint)
        for work in ["extract", "checks", "load"]:
            self.assertNotIn(work, outcome.stderr)
        document = outcome.json()
        self.assertEqual((document["run"], document["exit_code"], document["status"]), (self.run_id, 2, status))
        self.assertIn(words, document["error"])
        self.assertIn(hint, document["hint"])
        self.assertEqual((document["pipeline"], document["scope"]), ("district", "district-001"))
        for field in ["tables", "phases", "plan_hash", "started_at", "artifacts"]:
            self.assertEqual(document[field], json.loads(kept)[field])
        self.assertEqual(report.read_bytes(), kept, "the run's own report stays what it was")
        self.assertEqual(self.dump_target(), before)

    def test_a_run_that_was_rolled_back_cannot_be_resumed(self):
        self.roll_back()
        self.assert_resume_refused("rolled_back", "was rolled back: it cannot be resumed", "start a new run")
        self.assertEqual(dict(self.ledger())[self.run_id], "rolled_back")

    def test_a_run_that_was_half_rolled_back_cannot_be_resumed(self):
        killed = subprocess.run([BINARY, "rollback", self.run_id, "--confirm", self.run_id], cwd=self.folder, capture_output=True,
                                env={**os.environ, "GODWIT_TEST_KILL_AT": "after-undo:hcp2"}, stdin=subprocess.DEVNULL, timeout=300)
        self.assertEqual(killed.returncode, -9)
        self.assert_resume_refused("rollback_partial", "is half rolled back: it cannot be resumed", "finish that with: godwit rollback")
        self.assertEqual(dict(self.ledger())[self.run_id], "rollback_partial")
        self.roll_back()
        self.assertEqual(dict(self.ledger())[self.run_id], "rolled_back")


if __name__ == "__main__":
    unittest.main()
