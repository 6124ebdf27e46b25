#!/usr/bin/env python3
"""Fail closed: each refusal has its own message, hint and exit code, and the target stays as it was."""
import os
import pathlib
import sqlite3
import subprocess
import unittest

from godwit_program import BINARY, World


class FailClosed(World):
    scale = "0.1"

    def run_district(self, scope="district-001", *options, environment=None):
        return self.godwit("run", "district", scope, *options, environment=environment)

    def assert_untouched(self, before):
        self.assertEqual(self.dump_target(), before)

    def test_unknown_scope_names_the_nearest(self):
        before = self.dump_target()
        self.assert_refused(self.run_district("district-011"), 2, "unknown district 'district-011'", "did you mean district-001?")
        self.assert_refused(self.run_district("x; drop table students"), 2, "is not a district id")
        self.assert_untouched(before)

    def test_zero_rows(self):
        before = self.dump_target()
        # The scope exists (every state does) and no row carries it as its district.
        self.edit("godwit.yml", "root: ids.districts.id", "root: ids.states.code")
        self.edit("godwit.yml", 'pattern: "^district-[0-9]{3}$"', 'pattern: "^[A-Z]{2}$"')
        with sqlite3.connect(f"{self.folder}/prod/ids.db") as store:
            state = store.execute("SELECT code FROM states LIMIT 1").fetchone()[0]
        outcome = self.run_district(state)
        self.assertEqual(outcome.code, 2, outcome.stderr)
        self.assert_untouched(before)

    def test_missing_secrets_are_all_named_at_once(self):
        self.edit("godwit.yml", '"${file:masking.key}"', '"${env:GODWIT_NO_SUCH_KEY}"')
        self.edit("godwit.yml", "path: prod/ids.db", 'path: "${env:GODWIT_NO_SUCH_PATH}"')
        outcome = self.run_district()
        self.assert_refused(outcome, 2, "GODWIT_NO_SUCH_KEY", "GODWIT_NO_SUCH_PATH")

    def test_unclassified_column_prints_the_yaml(self):
        for environment in ["prod", "cert"]:
            with sqlite3.connect(f"{self.folder}/{environment}/ids.db") as store:
                store.execute("ALTER TABLE schools ADD COLUMN mystery VARCHAR(40)")
        before = self.dump_target()
        outcome = self.run_district()
        self.assert_refused(outcome, 2, "ids.main.schools.mystery", "match: {store: ids", 'column: "mystery"')
        self.assert_untouched(before)

    def test_counted_placeholders_mean_the_same_to_reader_and_mask(self):
        rule = "rules:\n  - {name: counted, match: {table: schools, column: name}, mask: {strategy: template, template: \"%s\"}}\n"
        masks = pathlib.Path(self.folder) / "masks.yml"
        shipped = masks.read_text()
        for template in ["school {hash:8} {digits:4}", "{hash:1}{digits:1}", "{hash:48}{digits:36}"]:
            with self.subTest(template=template):
                masks.write_text(shipped.replace("rules:\n", rule % template, 1))
                outcome = self.run_district("district-001", "--dry-run", "--masks")
                self.assertEqual(outcome.code, 0, outcome.stderr)
                self.assertIn(f"mask name: template {template}, ", outcome.stdout)
        for template in ["{hash:0}", "{hash:49}", "{digits:37}", "{hash:}", "{hash: 8}", "{hash"]:
            with self.subTest(template=template):
                masks.write_text(shipped.replace("rules:\n", rule % template, 1))
                outcome = self.run_district("district-001", "--dry-run")
                self.assert_refused(outcome, 2, "rule 'counted'", "is no placeholder")
                self.assertRegex(outcome.stderr, r"masks\.yml:\d+:\d+: ")

    def test_unevaluable_check_has_its_place(self):
        before = self.dump_target()
        self.edit("checks.yml", "age BETWEEN", "agee BETWEEN")
        outcome = self.run_district()
        self.assert_refused(outcome, 2, "agee")
        self.assertRegex(outcome.stderr, r"checks\.yml:\d+:\d+: ")
        self.assert_untouched(before)

    def test_source_is_target(self):
        self.edit("godwit.yml", "path: cert/ids.db", "path: ./cert/../prod/ids.db")
        self.assert_refused(self.run_district(), 2, "the same database")

    def test_source_is_target_behind_a_link(self):
        os.remove(f"{self.folder}/cert/ids.db")
        os.link(f"{self.folder}/prod/ids.db", f"{self.folder}/cert/ids.db")
        self.assert_refused(self.run_district(), 2, "the same database")

    def test_read_only_target(self):
        self.edit("godwit.yml", "cert: {protected: true}", "cert: {protected: true, read_only: true}")
        self.assert_refused(self.run_district(), 6, "read-only")

    def test_store_that_is_not_there(self):
        os.remove(f"{self.folder}/prod/adb.db")
        self.assert_refused(self.run_district(), 5, "adb")

    def test_unknown_pipeline_run_and_options(self):
        self.assert_refused(self.godwit("run", "districts", "district-001"), 2, "there is: district")
        self.assert_refused(self.godwit("verify", "mig-20260101-000000-001"), 2, "knows no run")
        self.assert_refused(self.godwit("verify", "mig-1"), 2, "is not a run id")
        self.assert_refused(self.godwit("run", "district", "district-001", "--no-such-option"), 2, "--no-such-option")
        self.assert_refused(self.godwit("fly"), 2)

    def test_two_runs_of_one_scope(self):
        environment = {**os.environ, "GODWIT_TEST_STOP_AT": "planned"}
        first = subprocess.Popen([BINARY, "run", "district", "district-001"], cwd=self.folder, env=environment,
                                 stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        try:
            for line in first.stderr:
                if "stopped at planned" in line:
                    break
            outcome = self.run_district()
            self.assert_refused(outcome, 7, "mig-")
            other = self.run_district("district-002", "--dry-run")
            self.assertEqual(other.code, 0, other.stderr)
        finally:
            first.kill()
            first.wait()
            first.stderr.close()

    def test_the_target_lock_holds_without_the_ledger(self):
        environment = {**os.environ, "GODWIT_TEST_STOP_AT": "planned"}
        first = subprocess.Popen([BINARY, "run", "district", "district-001"], cwd=self.folder, env=environment,
                                 stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        try:
            for line in first.stderr:
                if "stopped at planned" in line:
                    break
            self.edit("godwit.yml", "ledger: .godwit/ledger.db", "ledger: .godwit/another.db")
            self.assert_refused(self.run_district(), 7)
        finally:
            first.kill()
            first.wait()
            first.stderr.close()

    def test_configuration_errors_have_places(self):
        self.edit("godwit.yml", "pipelines:", "pipelinez:")
        outcome = self.run_district()
        self.assert_refused(outcome, 2, "did you mean")
        self.assertRegex(outcome.stderr, r"godwit\.yml:\d+:\d+: ")


class FailingChecks(World):
    scale = "0.1"
    violate = ["enrollment_date_logical"]

    def test_a_failing_check_stops_before_the_target(self):
        before = self.dump_target()
        outcome = self.godwit("run", "district", "district-001", "--json")
        self.assert_refused(outcome, 3, "enrollment_date_logical")
        document = outcome.json()
        self.assertEqual(document["status"], "check_failed")
        self.assertGreaterEqual(document["checks"]["failed"], 1)
        self.assertEqual(self.dump_target(), before)
        self.assertTrue(pathlib.Path(document["artifacts"]["report.html"]).exists(), "a failed run has its report")


if __name__ == "__main__":
    unittest.main()
