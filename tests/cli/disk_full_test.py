#!/usr/bin/env python3
"""No room on the disk: of this machine, where run folder and ledger lie, and of the target's server. The run says which file
or store it was and what to do, nothing half is left, and it is resumed when there is room. The room is taken away by limits
on the size of files, which need no mount: of this process, and of a server of the test's own whose files may not grow.
GODWIT_TEST_SEED draws other sizes; scripts/soak disk tries many."""
import math
import os
import random
import resource
import subprocess
import unittest

import own_server
from broken_connections import FAILED, BrokenConnections
from godwit_program import BINARY, TEST_KEY, Outcome
from postgres_world import psql

ROWS = 40_000
SERVER_BYTES_MAX = (1 << 20) + 4096  # not a whole page: the server then knows that it is the disk
SMALLEST_BYTES, LARGEST_BYTES = 512, 150_000  # of this machine's files: from none at all to less than the largest needs


class DiskFull(BrokenConnections):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        psql(cls.database("prod", "scores"), f"""INSERT INTO scores SELECT 5000000 + n, 'district-001', sqrt(n), DATE '2026-01-01' + n % 1000
            FROM generate_series(1, {ROWS}) n""")
        # The server's sorts stay in memory: it does not say of its temporary files that the disk is full.
        psql("postgres", "ALTER SYSTEM SET work_mem = '256MB'")
        psql("postgres", "SELECT pg_reload_conf()")

    def run_with_room(self, bytes_max):
        """A run whose files may grow to so much."""
        process = subprocess.run([BINARY, "run", "district", "district-001"], cwd=self.folder, stdin=subprocess.DEVNULL, capture_output=True,
                                 text=True, timeout=300, env={**os.environ, "GODWIT_TEST_KEY": TEST_KEY},
                                 preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (bytes_max, resource.getrlimit(resource.RLIMIT_FSIZE)[1])))
        return Outcome(process)

    def no_room_here(self, bytes_max, resume):
        self.as_before()
        last = self.newest_run()
        outcome = self.run_with_room(bytes_max)
        self.assertEqual(outcome.code, FAILED, outcome.stderr)
        self.assertIn(".godwit/", outcome.stderr)
        self.assertIn("free disk space", outcome.stderr)
        run = self.newest_run()
        if run == last:
            self.assertEqual(self.dump(), self.undisturbed()[0])
            type(self).clean = True
        else:
            self.assert_recovers(run, resume)
        return run != last

    def drawn_room(self, number):
        return round(math.exp(random.Random(f"{self.seed}/{number}").uniform(math.log(SMALLEST_BYTES), math.log(LARGEST_BYTES))))

    def test_none_on_this_machine(self):
        for number, bytes_max in enumerate([LARGEST_BYTES, self.drawn_room(0)]):
            with self.subTest(bytes_max=bytes_max, seed=self.seed):
                self.no_room_here(bytes_max, number == 0)

    def no_room_there(self, bytes_max, resume):
        self.undisturbed()
        type(self).clean = False  # its files have grown already
        self.as_before()
        self.addCleanup(own_server.limit_files, None)
        own_server.limit_files(bytes_max)
        outcome = self.godwit("run", "district", "district-001")
        own_server.limit_files(None)
        self.assertEqual(outcome.code, FAILED, outcome.stderr)
        for words in ["store scores (cert)", "scores.public.scores", "disk_full", "free disk space on the database server"]:
            self.assertIn(words, outcome.stderr)
        self.assertEqual(self.prepared(), [])
        self.assert_recovers(self.newest_run(), resume)

    def test_none_on_the_server(self):
        with self.subTest(bytes_max=SERVER_BYTES_MAX):
            self.no_room_there(SERVER_BYTES_MAX, True)


if __name__ == "__main__":
    unittest.main()
