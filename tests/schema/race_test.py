#!/usr/bin/env python3
"""Many upgrades at once: each migration exactly once, the others wait and find nothing to do."""
import json
import os
import signal
import subprocess
import time
import unittest

from migrated_database import Migrated

from godwit_program import BINARY


class Race:
    runners = 20
    migrations_count = 8

    def plan(self):
        for i in range(1, self.migrations_count + 1):
            self.write(f"{i}_t.sql", f"CREATE TABLE t{i} (id int PRIMARY KEY);\nINSERT INTO t{i} VALUES (1);\n")

    def start(self, *arguments):
        return subprocess.Popen([BINARY, "db", *arguments, "--ci", "--json"], cwd=self.folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, text=True, env={**os.environ, "DATABASE_URL": getattr(self, "url", "")})

    def race(self):
        processes = [self.start("upgrade") for _ in range(self.runners)]
        reports = []
        for process in processes:
            out, err = process.communicate(timeout=300)
            self.assertEqual(process.returncode, 0, out + err)
            reports.append(json.loads(out))
        return reports

    def test_each_migration_exactly_once(self):
        self.plan()
        reports = self.race()
        self.assertEqual(sum(report["applied"] for report in reports), self.migrations_count)
        self.assertEqual(sorted(report["outcome"] for report in reports), ["already current"] * (self.runners - 1) + ["applied"])
        self.assertEqual(self.json("db", "status")["applied"], self.migrations_count)
        events = "godwit.migration_event" if self.kind == "postgres" else "godwit_migration_event"
        self.assertEqual(self.sql(f"SELECT count(*), count(DISTINCT revision) FROM {events}"), [[str(self.migrations_count)] * 2])


class OnSqlite(Race, Migrated):
    kind = "sqlite"


class OnPostgres(Race, Migrated):
    kind = "postgres"

    def plan(self):
        super().plan()
        # A statement that waits for every older transaction: nobody may hold one while waiting for the lock.
        self.write(f"{self.migrations_count}_t.sql", "CREATE TABLE last (id int);\nCREATE INDEX CONCURRENTLY last_id ON last (id);\n")

    def test_a_lock_that_is_held_too_long_is_told_with_its_holder(self):
        self.plan()
        (self.folder / "godwit.yml").write_text((self.folder / "godwit.yml").read_text().replace(
            "      directory: migrations\n", "      directory: migrations\n      wait_ms: 300\n"))
        self.godwit("db", "upgrade", "--to", "1", "--ci")
        first = self.start_stopped()
        try:
            refused = self.godwit("db", "upgrade", "--ci", code=7)
            self.assertRegex(refused.stderr, r"another run migrates this database: pid \d+ \(godwit db, from .*connected for \d+ s\)")
            self.assertEqual(self.json("db", "status")["applied"], 1)
        finally:
            first.kill()
            first.communicate()
        # Its session is gone, and with it the lock.
        deadline = time.monotonic() + 60
        while self.sql("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'") != [["0"]]:
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.05)
        self.assertEqual(self.json("db", "upgrade", "--ci")["applied"], self.migrations_count - 1)

    def test_sigterm_ends_the_migration_under_way_and_gives_the_lock_back(self):
        self.write("1_t.sql", "CREATE TABLE t1 (id int);\n")
        slow = self.write("2_t.sql", "CREATE TABLE t2 (id int);\nSELECT pg_sleep(120);\n")
        process = Migrated.start(self, "db", "upgrade", "--ci")
        self.wait_until("SELECT count(*) > 0 FROM pg_stat_activity WHERE query LIKE '%pg_sleep(120)%' AND state = 'active' AND pid <> pg_backend_pid()")
        process.send_signal(signal.SIGTERM)
        report, _ = self.finish(process, code=75)
        self.assertEqual((report["outcome"], [step["state"] for step in report["steps"]]), ("interrupted", ["applied", "failed"]))
        self.assertEqual(self.tables(), ["t1"])
        slow.write_text("CREATE TABLE t2 (id int);\n")
        self.assertEqual(self.json("db", "upgrade", "--ci")["applied"], 1)

    def start_stopped(self):
        """An upgrade that stops, holding the lock, before its first message."""
        process = subprocess.Popen([BINARY, "db", "upgrade", "--ci"], cwd=self.folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True,
                                   env={**os.environ, "DATABASE_URL": self.url, "GODWIT_TEST_STOP_AT": "2 message"})
        for line in process.stderr:
            if "stopped at" in line:
                return process
        raise AssertionError("it did not stop")


if __name__ == "__main__":
    unittest.main()
