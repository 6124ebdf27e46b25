#!/usr/bin/env python3
"""kill -9 at every point of the commit protocol on PostgreSQL: status tells the truth, --resume completes, rollback
restores, and no prepared transaction is left behind. Three small stores; the server says whether they commit in two
phases, so the same test is run on a server that can and on one that cannot."""
import random
import unittest

from crashed_runs import CrashedRuns
from postgres_world import psql
from three_stores import STORES


class Crash(CrashedRuns):
    def check(self, point, loaded, prepared):
        before, after = self.undisturbed()
        with self.subTest(point=point):
            self.fresh_target()
            run = self.killed_at(point)
            self.assertEqual(self.assert_truth(run), (loaded, prepared))
            known = {store: transaction for store, (state, transaction) in self.stores(run).items() if state in ("prepared", "committed")}
            resumed = self.godwit("run", "district", "district-001", "--resume", run, "--json")
            self.assertEqual(resumed.code, 0, resumed.stderr)
            self.assertEqual(self.dump(), after)
            self.assertEqual(self.told(run), "completed")
            self.assert_transactions_are_named(run, resumed.json(), known)
            self.assertEqual(self.prepared(), [])
            undone = self.godwit("rollback", run, "--confirm", run)
            self.assertEqual(undone.code, 0, undone.stderr)
            self.assertEqual(self.dump(), before)

    def assert_transactions_are_named(self, run, document, known):
        """Ledger and report name every store's transaction, the one that was prepared where it was prepared before."""
        stores = self.stores(run)
        self.assertEqual({store: state for store, (state, _) in stores.items()}, dict.fromkeys(STORES, "committed"))
        self.assertEqual({store["store"]: (store["commit_state"], store["transaction_id"]) for store in document["stores"]}, stores)
        for store, (_, transaction) in stores.items():
            self.assertEqual(psql(self.database("cert", store), f"SELECT pg_xact_status('{transaction}'::xid8)"), [["committed"]])
            self.assertEqual(transaction, known.get(store, transaction))

    def test_a_run_that_nobody_kills_names_its_transactions(self):
        outcome = self.godwit("run", "district", "district-001", "--json")
        self.assertEqual(outcome.code, 0, outcome.stderr)
        run = outcome.json()["run"]
        self.assert_transactions_are_named(run, outcome.json(), {})
        before = self.stores(run)
        self.assertEqual(self.godwit("rollback", run, "--confirm", run).code, 0)
        self.assertEqual(self.stores(run), {store: ("undone", transaction) for store, (_, transaction) in before.items()})
        self.assertIn("undone  transaction " + before["people"][1], self.godwit("status", run).stdout)

    def test_before_anything_is_decided(self):
        for point in ["planned", "extracted-store:health", "checked", "loaded-store:people", "loaded-store:scores"]:
            self.check(point, 0, 0)

    def test_between_the_stores(self):
        if self.two_phase:
            points = {"before-prepare:people": (0, 0), "prepared:people": (0, 1), "before-prepare:scores": (0, 2), "prepared:scores": (0, 3),
                      "before-commit:people": (0, 3), "after-commit:people": (1, 2), "before-commit:health": (1, 2),
                      "after-commit:health": (2, 1), "after-commit:scores": (3, 0)}
        else:
            points = {"before-commit:people": (0, 0), "after-commit:people": (1, 0), "before-commit:health": (1, 0),
                      "after-commit:health": (2, 0), "before-commit:scores": (2, 0), "after-commit:scores": (3, 0)}
        for point, (loaded, prepared) in points.items():
            self.check(point, loaded, prepared)

    def test_rollback_without_resume(self):
        before, _ = self.undisturbed()
        points = ["after-commit:people", "after-commit:health"] + (["prepared:health", "before-commit:people"] if self.two_phase else [])
        for point in random.Random(self.seed).sample(points, 2):
            with self.subTest(point=point, seed=self.seed):
                self.fresh_target()
                run = self.killed_at(point)
                undone = self.godwit("rollback", run, "--confirm", run)
                self.assertEqual(undone.code, 0, undone.stderr)
                self.assertEqual(self.dump(), before)
                self.assertEqual(self.prepared(), [])
                self.assertEqual(self.told(run), "rolled_back")
                again = self.godwit("run", "district", "district-001", "--resume", run)
                self.assertEqual(again.code, 2, again.stderr)
                self.assertIn("was rolled back", again.stderr)

    def test_killed_while_rolling_back(self):
        before, after = self.undisturbed()
        outcome = self.godwit("run", "district", "district-001", "--json")
        self.assertEqual(outcome.code, 0, outcome.stderr)
        run = outcome.json()["run"]
        self.killed_at("after-undo:health", "rollback", run, "--confirm", run)
        self.assertEqual(self.told(run), "rollback_partial")
        target = self.dump()
        self.assertEqual(target, {"people": after["people"], "health": before["health"], "scores": before["scores"]})
        undone = self.godwit("rollback", run, "--confirm", run)
        self.assertEqual(undone.code, 0, undone.stderr)
        self.assertEqual(self.dump(), before)

    def test_a_resume_that_fails_leaves_nothing_prepared(self):
        if not self.two_phase:
            self.assertEqual(psql("postgres", "SELECT count(*) FROM pg_prepared_xacts"), [["0"]])
            return
        self.undisturbed()
        run = self.killed_at("prepared:people")
        self.assertEqual(len(self.prepared()), 1)
        # A key of the district is taken meanwhile by somebody else.
        psql(self.database("cert", "scores"), "INSERT INTO scores VALUES (1001, 'district-002', 0, '2026-01-01')")
        before = self.dump()
        resumed = self.godwit("run", "district", "district-001", "--resume", run)
        self.assertNotEqual(resumed.code, 0)
        self.assertIn("scores", resumed.stderr)
        self.assertEqual(self.prepared(), [])
        self.assertEqual(self.dump(), before, "exit 1 says that the target is unchanged")
        self.assertEqual(resumed.code, 1, resumed.stderr)


if __name__ == "__main__":
    unittest.main()
