#!/usr/bin/env python3
"""Killed at every boundary between two statements of a plan with ordinary and concurrent-index migrations: the next upgrade ends
where an undisturbed one does, nothing is applied twice, nothing is recorded that is not there.

crash_test.py [MIGRATIONS]: how many migrations the plan has; every third one builds an index concurrently."""
import os
import subprocess
import sys
import unittest

from migrated_database import Migrated

from godwit_program import BINARY

MIGRATIONS = int(sys.argv.pop(1)) if len(sys.argv) > 1 and sys.argv[1].isdigit() else 6

CATALOG = """SELECT c.relkind, c.relname, coalesce(pg_get_indexdef(i.indexrelid), ''), coalesce(i.indisvalid::text, '')
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_index i ON i.indexrelid = c.oid
WHERE n.nspname = 'public' ORDER BY 1, 2"""


class Crash(Migrated):
    kind = "postgres"

    def plan(self):
        moments = []
        for i in range(1, MIGRATIONS + 1):
            if i % 3 == 0:
                self.write(f"{i}_t.sql", f"INSERT INTO counted VALUES ('t{i} before');\nCREATE INDEX CONCURRENTLY t{i}_i ON t{i - 1} (id);\n"
                                         f"INSERT INTO counted VALUES ('t{i} after');\n")
                moments += [f"{i} {moment}" for moment in ("statement 1", "statement 2", "done 2", "statement 3", "record", "committed")]
            else:
                self.write(f"{i}_t.sql", ("CREATE TABLE counted (what text);\n" if i == 1 else "")
                           + f"CREATE TABLE t{i} (id int);\nINSERT INTO counted VALUES ('t{i}');\n")
                moments += [f"{i} message", f"{i} committed"]
        return moments

    def upgrade(self, kill_at=None):
        environment = {**os.environ, "DATABASE_URL": self.url}
        if kill_at:
            environment["GODWIT_TEST_KILL_AT"] = kill_at
        return subprocess.run([BINARY, "db", "upgrade", "--ci"], cwd=self.folder, env=environment, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=120)

    def test_every_boundary(self):
        moments = self.plan()
        killed = 0
        # One database that is killed at every moment in turn: each run goes on where the one before was killed.
        for moment in moments:
            outcome = self.upgrade(kill_at=moment)
            self.assertEqual(outcome.returncode, -9, f"{moment}: {outcome.stdout}{outcome.stderr}")
            killed += 1
            recorded = {row[0] for row in self.sql("SELECT version FROM godwit.migration")} if self.sql(
                "SELECT to_regclass('godwit.migration')")[0][0] else set()
            for version in recorded:
                self.assertEqual(self.sql(f"SELECT count(*) FROM counted WHERE what IN ('t{version}', 't{version} after')"), [["1"]], moment)
        outcome = self.upgrade()
        self.assertEqual(outcome.returncode, 0, outcome.stdout + outcome.stderr)
        self.assertEqual(killed, len(moments))
        self.check_against_undisturbed()

    def check_against_undisturbed(self):
        counted = self.sql("SELECT what FROM counted ORDER BY what")
        catalog = self.sql(CATALOG)
        history = self.sql("SELECT version, checksum FROM godwit.migration ORDER BY rank")
        self.assertEqual(self.sql("SELECT count(*) FROM godwit.migration_progress"), [["0"]])
        self.sql("DROP SCHEMA godwit CASCADE; DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        self.assertEqual(self.upgrade().returncode, 0)
        self.assertEqual(self.sql("SELECT what FROM counted ORDER BY what"), counted)
        self.assertEqual(self.sql(CATALOG), catalog)
        self.assertEqual(self.sql("SELECT version, checksum FROM godwit.migration ORDER BY rank"), history)


if __name__ == "__main__":
    unittest.main()
