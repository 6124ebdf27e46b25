#!/usr/bin/env python3
"""kill -9 at ten moments, five of them between the first COMMIT and the ledger's last word: status tells the truth,
--resume completes, rollback restores."""
import os
import random
import subprocess
import unittest

from godwit_program import BINARY, World

SEED = int(os.environ.get("GODWIT_TEST_SEED", "20261121"))
# Between the first COMMIT and the ledger's last word.
AFTER_THE_FIRST_COMMIT = ["after-commit:ids", "before-commit:hcp1", "after-commit:hcp1", "before-commit:adb", "after-commit:adb"]
BEFORE = ["planned", "extracted-store:ids", "loaded-store:ids", "loaded-store:adb", "before-commit:ids"]


class Crash(World):
    scale = "0.1"

    def killed_at(self, point):
        process = subprocess.run([BINARY, "run", "district", "district-001"], cwd=self.folder, capture_output=True, text=True,
                                 env={**os.environ, "GODWIT_TEST_KILL_AT": point}, stdin=subprocess.DEVNULL, timeout=300)
        self.assertEqual(process.returncode, -9, f"{point} was not reached: {process.stderr}")
        runs = self.godwit("runs", "--json").json()["runs"]
        self.assertEqual(len(runs), 1)
        return runs[0]["run"]

    def undisturbed(self):
        """What the target holds after a run that nobody kills."""
        if not hasattr(Crash, "reference"):
            before = self.dump_target()
            outcome = self.godwit("run", "district", "district-001")
            self.assertEqual(outcome.code, 0, outcome.stderr)
            Crash.reference = (before, self.dump_target())
            self.tearDown()
            self.setUp()
        return Crash.reference

    def check(self, point):
        before, after = self.undisturbed()
        self.tearDown()
        self.setUp()
        with self.subTest(point=point, seed=SEED):
            run = self.killed_at(point)
            status = self.godwit("status", run, "--json", )
            self.assertEqual(status.code, 0, status.stderr)
            told = status.json()["runs"][0]["status"]
            target = self.dump_target()
            loaded = [store for store in target if target[store] == after[store] and after[store] != before[store]]
            for store in target:
                self.assertIn(target[store], (before[store], after[store]), f"half of {store} is visible")
            if 0 < len(loaded) < len(target):
                self.assertEqual(told, "partial")
            elif len(loaded) == len(target):
                self.assertEqual(told, "committed")
            else:
                self.assertNotIn(told, ("committed", "completed", "partial"))
            resumed = self.godwit("run", "district", "district-001", "--resume", run)
            if point == "planned" or told != "planned":
                self.assertEqual(resumed.code, 0, resumed.stderr)
                self.assertEqual(self.dump_target(), after)
                self.assertEqual(self.godwit("runs", "--json").json()["runs"][0]["status"], "completed")
            undone = self.godwit("rollback", run, "--confirm", run)
            self.assertEqual(undone.code, 0, undone.stderr)
            self.assertEqual(self.dump_target(), before)

    def test_between_the_first_commit_and_the_last_word(self):
        for point in AFTER_THE_FIRST_COMMIT:
            self.check(point)

    def test_before_the_first_commit(self):
        for point in BEFORE:
            self.check(point)

    def test_rollback_without_resume(self):
        before, _ = self.undisturbed()
        point = random.Random(SEED).choice(AFTER_THE_FIRST_COMMIT)
        run = self.killed_at(point)
        undone = self.godwit("rollback", run, "--confirm", run)
        self.assertEqual(undone.code, 0, f"{point} (seed {SEED}): {undone.stderr}")
        self.assertEqual(self.dump_target(), before)

    def test_killed_while_rolling_back(self):
        before, _ = self.undisturbed()
        outcome = self.godwit("run", "district", "district-001", "--json")
        run = outcome.json()["run"]
        killed = subprocess.run([BINARY, "rollback", run, "--confirm", run], cwd=self.folder, capture_output=True,
                                env={**os.environ, "GODWIT_TEST_KILL_AT": "after-undo:hcp2"}, stdin=subprocess.DEVNULL, timeout=300)
        self.assertEqual(killed.returncode, -9)
        undone = self.godwit("rollback", run, "--confirm", run)
        self.assertEqual(undone.code, 0, undone.stderr)
        self.assertEqual(self.dump_target(), before)


if __name__ == "__main__":
    unittest.main()
