#!/usr/bin/env python3
"""run --from-run: the masked data of an earlier run instead of another extraction, where it is what would be extracted."""
import json
import os
import pathlib
import sqlite3
import unittest

from godwit_program import STORES, World


class Reuse(World):
    scale = "0.05"

    def setUp(self):
        super().setUp()
        outcome = self.godwit("run", "district", "district-001", "--skip-load", "--json")
        self.assertEqual(outcome.code, 0, outcome.stderr)
        self.first = outcome.json()["run"]
        self.before = self.dump_target()

    def reuse(self, *options, run=None, scope="district-001", environment=None):
        return self.godwit("run", "district", scope, "--from-run", run or self.first, *options, environment=environment)

    def folder_of(self, run):
        return pathlib.Path(self.folder, ".godwit/runs", run)

    def manifest(self, run):
        return json.loads((self.folder_of(run) / "manifest.json").read_text())

    def data_files(self, run):
        return {str(path.relative_to(self.folder_of(run))): path.stat().st_ino for path in self.folder_of(run).rglob("*.parquet")}

    def assert_not_taken(self, outcome, code, *words):
        self.assert_refused(outcome, code, *words)
        self.assertEqual(self.dump_target(), self.before)

    def test_nothing_is_extracted(self):
        loaded = self.godwit("run", "district", "district-001", "--resume", self.first)
        self.assertEqual(loaded.code, 0, loaded.stderr)
        after = self.dump_target()
        self.assertEqual(self.godwit("rollback", self.first, "--confirm", self.first).code, 0)
        # Read again, the source would give something else.
        source = sqlite3.connect(f"{self.folder}/prod/ids.db")
        source.execute("DELETE FROM enrollments")
        source.commit()
        source.close()
        outcome = self.reuse("--json")
        self.assertEqual(outcome.code, 0, outcome.stderr)
        run = outcome.json()["run"]
        self.assertNotEqual(run, self.first)
        self.assertEqual(self.dump_target(), after)
        self.assertEqual(self.data_files(run), self.data_files(self.first), "the very same files")
        self.assertEqual(self.manifest(run)["reused_run"], self.first)
        self.assertTrue(any(f"masked data of run {self.first}" in note for note in outcome.json()["notes"]), outcome.json()["notes"])
        self.assertEqual(self.godwit("verify", run).code, 0)
        # And once more, from the run that took it: the data is still that of the first.
        self.assertEqual(self.godwit("rollback", run, "--confirm", run).code, 0)
        again = self.reuse("--json", run=run)
        self.assertEqual(again.code, 0, again.stderr)
        self.assertEqual(self.manifest(again.json()["run"])["reused_run"], self.first)
        self.assertEqual(self.dump_target(), after)

    def test_checks_and_strategy_may_change(self):
        self.edit("checks.yml", "rules:", "rules:\n  - {name: has_an_id, store: ids, table: students, severity: ERROR, condition: \"id IS NOT NULL\", "
                                          "message: no id}")
        outcome = self.reuse("--strategy", "upsert", "--skip-load", "--json")
        self.assertEqual((outcome.code, outcome.json()["status"]), (0, "checked"), outcome.stderr)

    def test_masks_may_not(self):
        self.edit("masks.yml", "{strategy: token, length: 32}", "{strategy: token, length: 31}")
        self.assert_not_taken(self.reuse(), 2, f"the data of run {self.first} was extracted by another plan", "run without --from-run")

    def test_the_key_may_not(self):
        pathlib.Path(self.folder, "masking.key").write_text("another key for made-up people, never for real ones: 000000000000\n")
        self.assert_not_taken(self.reuse(), 2, "extracted by another plan: the masking key is not the same")

    def test_only_data_of_this_pipeline_and_scope(self):
        self.assert_not_taken(self.reuse(scope="district-002"), 2, f"run {self.first} is of pipeline district and scope district-001")
        self.assert_not_taken(self.reuse(run="mig-20260101-000000-001"), 2, "the ledger knows no run")

    def test_only_whole_data(self):
        manifest = self.manifest(self.first)
        manifest["stores"].pop()
        (self.folder_of(self.first) / "manifest.json").write_text(json.dumps(manifest))
        self.assert_not_taken(self.reuse(), 2, f"run {self.first} has no complete data on this machine")

    def test_only_files_that_were_extracted(self):
        path = self.folder_of(self.first) / sorted(self.data_files(self.first))[0]
        content = bytearray(path.read_bytes())
        content[-20] ^= 1
        path.write_bytes(content)
        self.assert_not_taken(self.reuse(), 1, "is not the file that was extracted")

    def test_only_young_data(self):
        manifest = self.manifest(self.first)
        manifest["stores"][1]["snapshot_us"] -= 25 * 3600 * 1_000_000
        (self.folder_of(self.first) / "manifest.json").write_text(json.dumps(manifest))
        self.assert_not_taken(self.reuse(), 6, f"the data of run {self.first} was read 25", "reuse_max_age_hours allows 24 h",
                              "raise reuse_max_age_hours of pipeline district")
        self.edit("godwit.yml", "    stores: [", "    reuse_max_age_hours: 26\n    stores: [")
        self.assertEqual(self.reuse("--skip-load").code, 0)

    def test_options_that_do_not_go_together(self):
        self.assert_refused(self.reuse("--dry-run"), 2, "excludes")


if __name__ == "__main__":
    unittest.main()
