#!/usr/bin/env python3
"""A run that is asked to stop, by a signal or by `godwit cancel`: it stops within two seconds, leaves the target as it was,
exits with 75, is told to be cancelled, and --resume completes it."""
import os
import signal
import sqlite3
import subprocess
import time
import unittest

from godwit_program import BINARY, World

STOPS_WITHIN_S = 2 * float(os.environ.get("GODWIT_TEST_SLOWNESS", "1"))
BEFORE_THE_COMMITS = ["planned", "extracted-store:hcp1", "checked", "loaded-store:ids", "loaded-store:adb"]


class Cancel(World):
    scale = "0.05"

    def start(self, stop_at=None):
        process = subprocess.Popen([BINARY, "run", "district", "district-001"], cwd=self.folder, text=True, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                   env={**os.environ, **({"GODWIT_TEST_STOP_AT": stop_at} if stop_at else {})})
        self.addCleanup(self.end, process)
        return process

    @staticmethod
    def end(process):
        if process.poll() is None:
            process.kill()
        process.communicate()

    def started(self, stop_at):
        process = self.start(stop_at)
        for line in process.stderr:
            if f"stopped at {stop_at}" in line:
                return process
        self.fail(f"{stop_at} was not reached")

    def newest(self):
        runs = self.godwit("runs", "--json", "--limit", "1").json()["runs"]
        return runs[0] if runs else {"status": "not there yet"}

    def wait_for_state(self, process, state):
        deadline_s = time.monotonic() + 60
        while self.newest()["status"] != state:
            self.assertIsNone(process.poll(), f"ended before it was {state}: {process.communicate()[1] if process.poll() else ''}")
            self.assertLess(time.monotonic(), deadline_s, f"never {state}: {self.newest()}")
            time.sleep(0.02)

    def ask(self, process, how):
        if how == "cancel":
            asked = self.godwit("cancel", self.newest()["run"])
            self.assertEqual(asked.code, 0, asked.stderr)
            self.assertIn("is asked to stop", asked.stdout)
        else:
            process.send_signal(how)

    def assert_stops(self, process, how):
        started_s = time.monotonic()
        self.ask(process, how)
        _, said = process.communicate(timeout=60)
        self.assertLess(time.monotonic() - started_s, STOPS_WITHIN_S)
        self.assertEqual(process.returncode, 75, said)
        self.assertIn("the run was cancelled", said)
        run = self.newest()
        self.assertIn(f"--resume {run['run']}", said)
        self.assertEqual(run["exit_code"], 75)
        return run

    def undisturbed(self):
        """What the target holds before and after a run that nobody stops."""
        if not hasattr(Cancel, "reference"):
            before = self.dump_target()
            outcome = self.godwit("run", "district", "district-001")
            self.assertEqual(outcome.code, 0, outcome.stderr)
            Cancel.reference = (before, self.dump_target())
            self.fresh()
        return Cancel.reference

    def fresh(self):
        self.tearDown()
        self.setUp()

    def assert_resumes(self, run):
        resumed = self.godwit("run", "district", "district-001", "--resume", run)
        self.assertEqual(resumed.code, 0, resumed.stderr)
        self.assertEqual(self.dump_target(), self.undisturbed()[1])
        self.assertEqual(self.newest()["status"], "completed")

    def test_before_the_commits(self):
        before, _ = self.undisturbed()
        ways = [signal.SIGTERM, "cancel", signal.SIGINT]
        for number, point in enumerate(BEFORE_THE_COMMITS):
            how = ways[number % len(ways)]
            with self.subTest(point=point, how=how):
                self.fresh()
                run = self.assert_stops(self.started(point), how)
                self.assertEqual(run["status"], "cancelled")
                self.assertEqual(self.dump_target(), before)
                self.assert_resumes(run["run"])

    def test_commits_are_not_interrupted(self):
        _, after = self.undisturbed()
        for point in ["before-commit:ids", "after-commit:hcp1"]:
            with self.subTest(point=point):
                self.fresh()
                run = self.assert_stops(self.started(point), signal.SIGTERM)
                self.assertEqual(run["status"], "committed", "it only has to be verified")
                self.assertEqual(self.dump_target(), after)
                self.assert_resumes(run["run"])

    def test_a_second_signal_is_like_a_crash(self):
        before, _ = self.undisturbed()
        process = self.started("loaded-store:hcp1")
        process.send_signal(signal.SIGTERM)
        process.send_signal(signal.SIGTERM)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
        self.assertEqual(process.returncode, 75)
        run = self.newest()["run"]
        self.assertEqual(self.godwit("status", run).code, 0)
        self.assertEqual(self.dump_target(), before)
        self.assert_resumes(run)

    def test_while_it_waits_for_the_lock_of_somebody_else(self):
        before, _ = self.undisturbed()
        for how in [signal.SIGINT, "cancel"]:
            with self.subTest(how=how):
                self.fresh()
                writer = sqlite3.connect(f"{self.folder}/cert/ids.db", isolation_level=None)
                writer.execute("BEGIN IMMEDIATE")
                process = self.start()
                self.wait_for_state(process, "loading")
                time.sleep(0.5)
                run = self.assert_stops(process, how)
                writer.close()
                self.assertEqual(run["status"], "cancelled")
                self.assertEqual(self.dump_target(), before)
                self.assert_resumes(run["run"])

    def test_a_run_that_does_nothing_still_lives(self):
        process = self.started("planned")
        run = self.newest()["run"]
        beats = set()
        deadline_s = time.monotonic() + 30
        while len(beats) < 3:
            self.assertLess(time.monotonic(), deadline_s, "the heart does not beat")
            with sqlite3.connect(f"{self.folder}/.godwit/ledger.db") as ledger:
                beats.add(ledger.execute("SELECT heartbeat_us FROM run WHERE run = ?", [run]).fetchone())
            time.sleep(0.1)
        self.assert_stops(process, "cancel")

    def test_what_cannot_be_stopped(self):
        self.assert_refused(self.godwit("cancel", "mig-1"), 2, "is not a run id")
        self.assert_refused(self.godwit("cancel", "mig-20260101-000000-001"), 2, "the ledger knows no run", "godwit runs")
        process = self.started("planned")
        dead = self.newest()["run"]
        process.kill()
        process.wait()
        self.assert_refused(self.godwit("cancel", dead), 2, f"nobody works on run {dead} any more", f"godwit status {dead}")
        outcome = self.godwit("run", "district", "district-001", "--json")
        self.assertEqual(outcome.code, 0, outcome.stderr)
        ended = outcome.json()["run"]
        self.assert_refused(self.godwit("cancel", ended), 2, f"run {ended} is completed: there is nothing to stop")

    def test_asked_twice(self):
        process = self.started("planned")
        run = self.assert_stops(process, "cancel")["run"]
        again = self.godwit("cancel", run, "--json")
        self.assertEqual((again.code, again.json()), (0, {"version": 1, "run": run, "status": "cancelled", "asked_to_stop": False}))


if __name__ == "__main__":
    unittest.main()
