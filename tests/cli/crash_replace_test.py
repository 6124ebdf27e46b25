#!/usr/bin/env python3
"""Replacing a scope in three stores, killed with -9 before, between and after their commits: status tells the truth, run
--resume completes, rollback brings back what was deleted and overwritten."""
import pathlib
import unittest

from crashed_runs import CrashedRuns
from postgres_world import psql
from three_stores import STORES, rows

# Rows of district 1 that production does not have, or has with other values.
STALE = {
    "people": """UPDATE staff SET email = email || 'x' WHERE id % 3 = 0 AND district_id = 'district-001';
        INSERT INTO staff OVERRIDING SYSTEM VALUE SELECT 1500 + n, 'district-001', 1001, 'Stale', 'stale' || n || '@canary.example'
        FROM generate_series(1, 5) n;""",
    "health": "INSERT INTO visits SELECT 1500 + n, 'district-001', 11, 9 FROM generate_series(1, 5) n;",
    "scores": "UPDATE scores SET points = -1 WHERE id = 1001; INSERT INTO scores VALUES (1500, 'district-001', 1, '2026-01-01');"}


class Replaced(CrashedRuns):
    def write_settings(self):
        super().write_settings()
        path = pathlib.Path(self.folder) / "godwit.yml"
        path.write_text(path.read_text() + "    load: {strategy: replace}\n")

    def fresh_target(self):
        super().fresh_target()
        for store in STORES:
            psql(self.database("cert", store), rows(1)[store] + STALE[store], "admin_user")

    def test_kills_between_the_stores_are_resumed_and_rolled_back(self):
        self.undisturbed()
        for point in [f"loaded-store:{STORES[1]}", f"after-commit:{STORES[0]}", f"before-commit:{STORES[2]}"]:
            with self.subTest(point):
                run = self.killed_at(point)
                self.wait_for_sessions_to_end()
                self.assert_truth(run)
                self.rolled_back(self.resumed(run))
        run = self.killed_at(f"after-commit:{STORES[0]}")
        self.wait_for_sessions_to_end()
        self.rolled_back(run)


if __name__ == "__main__":
    unittest.main()
