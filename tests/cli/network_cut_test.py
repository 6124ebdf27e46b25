#!/usr/bin/env python3
"""The network is cut at COMMIT, PREPARE TRANSACTION or COMMIT PREPARED: before the statement arrives, while the server works,
before its answer arrives, in the midst of the answer. The run ends in doubt (exit 8), status finds out what happened, the
run is completed or taken back. The server says whether stores commit in two phases, so that it is run on both kinds.
GODWIT_TEST_SEED draws other cuts; scripts/soak crash makes them all."""
import itertools
import random
import unittest

from broken_connections import IN_DOUBT, BrokenConnections
from cutting_proxy import BEFORE_IT_ARRIVES, PLACES, WHILE_IT_WORKS, CuttingProxy
from postgres_world import PORT, psql
from three_stores import STORES

# The point after which the statement is the next of its kind.
TWO_PHASE = [("before-prepare", "PREPARE TRANSACTION"), ("before-commit", "COMMIT PREPARED")]
ONE_PHASE = [("before-commit", "COMMIT")]
CUTS = 3


class NetworkCut(BrokenConnections):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.proxy = CuttingProxy(PORT)
        cls.addClassCleanup(cls.proxy.close)

    def endpoint(self, side, store, **options):
        if side == "prod":
            return super().endpoint(side, store, **options)
        return f"{{host: 127.0.0.1, port: {self.proxy.port}, database: {self.database(side, store)}, user: admin_user, tls: disable}}"

    @classmethod
    def cuts(cls):
        return list(itertools.product(TWO_PHASE if cls.two_phase else ONE_PHASE, STORES, PLACES))

    def cut(self, point, statement, store, place, resume):
        self.as_before()
        process = self.suspended_at(f"{point}:{store}")
        run = self.newest_run()
        self.proxy.arm(self.database("cert", store), statement, place)
        code = self.goes_on(process)
        self.assertTrue(self.proxy.fired.is_set(), f"there was no {statement}: {self.said()}")
        self.assertEqual(code, IN_DOUBT, self.said())
        self.assertIn("the answer to the commit did not arrive", self.said())
        self.assertIn("hint:", self.said())
        self.wait_for_sessions_to_end()
        held = self.held(run)[store].outcome
        if place == BEFORE_IT_ARRIVES:
            self.assertEqual(held, "prepared" if statement == "COMMIT PREPARED" else "")
        elif place != WHILE_IT_WORKS:  # there the server may notice first that nobody waits
            self.assertEqual(held, "prepared" if statement == "PREPARE TRANSACTION" else "committed")
        self.assert_recovers(run, resume)

    def test_a_cut_leaves_a_doubt_that_status_removes(self):
        drawn = random.Random(self.seed).sample(self.cuts(), CUTS)
        for number, ((point, statement), store, place) in enumerate(drawn):
            with self.subTest(statement=statement, store=store, place=place, seed=self.seed):
                self.cut(point, statement, store, place, number % 2 == 0)

    def test_a_rollback_that_is_cut_is_finished_by_the_next(self):
        place = random.Random(self.seed).choice(PLACES)
        with self.subTest(place=place, seed=self.seed):
            self.cut_rollback("health", place)

    def cut_rollback(self, store, place):
        self.as_before()
        before, after = self.undisturbed()
        outcome = self.godwit("run", "district", "district-001", "--json")
        self.assertEqual(outcome.code, 0, outcome.stderr)
        run = outcome.json()["run"]
        process = self.suspended_at(f"before-undo:{store}", "rollback", run, "--confirm", run)
        self.proxy.arm(self.database("cert", store), "COMMIT", place)
        code = self.goes_on(process)
        self.assertTrue(self.proxy.fired.is_set(), self.said())
        self.assertEqual(code, IN_DOUBT, self.said())
        self.wait_for_sessions_to_end()
        target = self.dump()
        for each in STORES:
            self.assertIn(target[each], (before[each], after[each]), f"{each} is half undone")
        undone = sum(target[each] == before[each] for each in STORES)
        self.assertEqual(self.told(run), "committed" if undone == 0 else "rollback_partial" if undone < len(STORES) else "rolled_back")
        self.rolled_back(run)
        type(self).clean = True


if __name__ == "__main__":
    unittest.main()
