#!/usr/bin/env python3
"""The servers of source and target stop at once in the midst of a run, and are started again before the run goes on, or only
after it ended: the exit code says how much is owed, status tells the truth, the run is completed or taken back. Two-phase
commit. In a server of its own. GODWIT_TEST_SEED draws other points; scripts/soak crash takes them all."""
import itertools
import random
import unittest

import own_server
from broken_connections import PARTIAL, UNREACHABLE, BrokenConnections
from postgres_world import psql

# Where the run is suspended, and how it ends: that a store is unreachable is all, until one has prepared its transaction.
POINTS = {"planned": UNREACHABLE, "extracted-store:people": UNREACHABLE, "checked": UNREACHABLE, "loaded:health.public.visits": UNREACHABLE,
          "loaded-store:scores": UNREACHABLE, "before-prepare:people": UNREACHABLE, "prepared:people": PARTIAL,
          "before-prepare:scores": PARTIAL, "prepared:scores": PARTIAL, "before-commit:people": PARTIAL, "after-commit:people": PARTIAL,
          "before-commit:scores": PARTIAL}
STOPS = 3


class ServerStop(BrokenConnections):
    def stopped(self, point, started_before, resume):
        self.as_before()
        process = self.suspended_at(point)
        run = self.newest_run()
        own_server.stop()
        if started_before:
            own_server.start()
        code = self.goes_on(process)
        if not started_before:
            own_server.start()
        self.assertEqual(code, POINTS[point], self.said())
        self.assertIn("hint:", self.said())
        self.assert_recovers(run, resume)

    @staticmethod
    def stops():
        return list(itertools.product(POINTS, [True, False]))

    def test_it_stops_and_the_run_recovers(self):
        self.assertEqual(psql("postgres", "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'godwit'"), [["0"]],
                         "the server is not this test's own")
        for number, (point, started_before) in enumerate(random.Random(self.seed).sample(self.stops(), STOPS)):
            with self.subTest(point=point, started_before=started_before, seed=self.seed):
                self.stopped(point, started_before, number % 2 == 0)


if __name__ == "__main__":
    unittest.main()
