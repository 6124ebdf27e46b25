#!/usr/bin/env python3
"""The same rows and the same key give the same fakes, whether PostgreSQL or SQLite holds them, and however many jobs read."""
import pathlib
import tempfile
import unittest

from godwit_program import run, write_fixture
from masked_data import digests_of, masked_columns, set_jobs, staging_of
from postgres_world import PostgresWorld


class Sources(PostgresWorld):
    scale = "0.05"

    def extract(self, folder, jobs):
        set_jobs(folder, jobs)
        outcome = run("run", "district", "district-001", "--skip-load", "--json", cwd=folder, environment=self.environment())
        self.assertEqual(outcome.code, 0, outcome.stderr)
        return outcome.json()["run"]

    def test_digests_are_those_of_the_rows_and_the_key(self):
        runs = {jobs: self.extract(self.folder, jobs) for jobs in (1, 4)}
        digests = digests_of(self.folder, runs[1])
        self.assertEqual(digests, digests_of(self.folder, runs[4]))
        self.assertEqual(len(digests), 157)
        with tempfile.TemporaryDirectory(prefix="godwit-test-") as folder:
            write_fixture(folder, "--scale", self.scale, "--example")
            path = pathlib.Path(folder, "godwit.yml")
            path.write_text(path.read_text().replace("${file:masking.key}", "${env:ANONYMIZATION_SALT}"))
            embedded_run = self.extract(folder, 2)
            embedded, staged = digests_of(folder, embedded_run), staging_of(folder, embedded_run)
        here, masked = staging_of(self.folder, runs[1]), masked_columns(self.folder, runs[1])
        # A digest tells types apart: tables that both stores stage alike must have the same one. SQLite pads no char(n) and
        # has no NaN, so that tables with such columns do not hold the same rows.
        alike = [table for table in here if here[table] == staged.get(table)
                 and all(kind not in [("text", True), ("floating", False)] for _, kind, _ in here[table].values())]
        self.assertGreaterEqual(len(alike), 50)
        self.assertGreaterEqual(sum(len(masked[table]) for table in alike), 20, "masked columns among them")
        self.assertEqual([table for table in alike if digests[table] != embedded[table]], [])
        self.assertEqual({table: digests[table][0] for table in here if table in staged},
                         {table: embedded[table][0] for table in here if table in staged}, "rows")


if __name__ == "__main__":
    unittest.main()
