#!/usr/bin/env python3
"""`godwit db` through a PgBouncer that gives every transaction another session: locks of a session mean nothing there, a
lease does."""
import os
import signal
import subprocess
import time
import unittest

from migrated_database import Migrated, Session
from pooler import Pooler

LEASE = "SELECT fence, expires_at > clock_timestamp() FROM godwit.migration_lease"


class Pooled(Migrated):
    kind = "postgres"
    settings = "      lease_ms: 1500\n      lock_timeout_ms: 1000\n"
    sessions = 4  # of the server, for everybody

    @classmethod
    def setUpClass(cls):
        cls.pooler = Pooler(cls.sessions)
        cls.addClassCleanup(cls.pooler.stop)

    def setUp(self):
        super().setUp()
        self.direct = self.url  # self.sql asks the server itself
        self.pooled = self.pooler.url(self.name)

    def godwit(self, *arguments, environment=None, **options):
        return super().godwit(*arguments, environment={"DATABASE_URL": self.pooled, **(environment or {})}, **options)

    def upgrade(self, url=None, **environment):
        return self.start("db", "upgrade", "--ci", url=url or self.pooled, **environment)

    def suspended_at(self, moment):
        """An upgrade that suspends itself (SIGSTOP), with all its threads, at a named moment, holding the lease."""
        process = self.upgrade(GODWIT_TEST_SUSPEND_AT=moment)
        _, status = os.waitpid(process.pid, os.WUNTRACED)
        self.assertTrue(os.WIFSTOPPED(status), status)
        return process

    def tables_of(self, count):
        for i in range(1, count + 1):
            self.write(f"{i}_t.sql", f"CREATE TABLE t{i} (id int PRIMARY KEY);\nINSERT INTO t{i} VALUES (1);\n")

    def once_each(self, count):
        self.assertEqual(self.sql("SELECT count(*), count(DISTINCT revision) FROM godwit.migration_event"), [[str(count)] * 2])
        for i in range(1, count + 1):
            self.assertEqual(self.sql(f"SELECT count(*) FROM t{i}"), [["1"]])


class ThroughAPooler(Pooled):
    def test_twenty_at_once_apply_each_migration_once(self):
        self.tables_of(6)
        self.write("7_t.sql", "CREATE TABLE t7 (id int);\nINSERT INTO t7 VALUES (1);\nCREATE INDEX CONCURRENTLY t7_id ON t7 (id);\n")
        # Half of them connect past the pooler: both kinds of lock keep each other out.
        processes = [self.upgrade(url=self.direct if i % 2 else None) for i in range(20)]
        reports = [self.finish(process)[0] for process in processes]
        self.assertEqual(sum(report["applied"] for report in reports), 7)
        worker = next(report for report in reports if report["applied"])
        self.assertEqual(worker["skipped"], [])
        self.assertEqual({check["state"] for check in worker["health_checks"]} - {"skipped"}, {"ok"})
        self.assertEqual(sorted(report["outcome"] for report in reports), ["already current"] * 19 + ["applied"])
        self.once_each(7)

    def test_a_killed_holder_is_followed_when_its_lease_has_expired(self):
        self.tables_of(3)
        self.write("4_t.sql", "CREATE TABLE t4 (id int);\nINSERT INTO t4 VALUES (1);\nCREATE INDEX CONCURRENTLY t4_id ON t4 (id);\n")
        for moment, left in (("2 message", 3), ("4 statement 2", 1), ("4 done 3", 1), ("4 record", 1), ("3 committed", 1)):
            with self.subTest(moment):
                killed = self.upgrade(GODWIT_TEST_KILL_AT=moment)
                killed.communicate(timeout=120)
                self.assertEqual(killed.returncode, -signal.SIGKILL)
                self.assertEqual([row[0] for row in self.sql(LEASE)], ["1"])
                report, told = self.finish(self.upgrade())
                self.assertRegex(told, r"waiting: another run migrates this database: db-\S+ \(process \d+ on .*\) has a lease since")
                self.assertEqual((report["applied"], report["outcome"]), (left, "applied"))
                self.once_each(4)
                self.assertEqual(self.sql("SELECT count(*) FROM pg_index WHERE indrelid = 't4'::regclass AND indisvalid"), [["1"]])
                self.assertEqual(self.sql(LEASE), [["2", "f"]])
            self.sql("DROP TABLE t1, t2, t3, t4; DROP SCHEMA godwit CASCADE")

    def test_a_run_that_lost_its_lease_cannot_commit(self):
        self.tables_of(3)
        zombie = self.suspended_at("2 message")
        report, _ = self.finish(self.upgrade())
        self.assertEqual(report["applied"], 2)
        os.kill(zombie.pid, signal.SIGCONT)
        refused, _ = self.finish(zombie, code=7)
        self.assertIn("another run took over", refused["error"])
        self.assertEqual([step["state"] for step in refused["steps"]], ["applied", "failed", "not begun"])
        self.once_each(3)
        self.assertEqual(self.json("db", "status")["applied"], 3)

    # The same outside a transaction, and for somebody who connects past the pooler.
    def test_a_zombie_between_two_statements_is_kept_out_by_a_direct_run(self):
        self.write("1_t.sql", "CREATE TABLE t1 (id int);\nINSERT INTO t1 VALUES (1);\nCREATE INDEX CONCURRENTLY t1_id ON t1 (id);\n")
        zombie = self.suspended_at("1 statement 2")
        report, told = self.finish(self.upgrade(url=self.direct))
        self.assertIn("has a lease since", told)
        self.assertEqual(report["applied"], 1)
        os.kill(zombie.pid, signal.SIGCONT)
        self.finish(zombie, code=7)
        self.once_each(1)

    def test_a_lease_is_renewed_while_a_migration_works(self):
        self.write("1_slow.sql", "CREATE TABLE t1 (id int);\nINSERT INTO t1 VALUES (1);\nSELECT pg_sleep(0.2);\nCREATE INDEX CONCURRENTLY t1_id ON t1 (id);\n")
        slow = self.write("2_slow.sql", "SELECT pg_sleep(4);\n")
        self.assertTrue(slow.exists())
        process = self.upgrade()
        # Longer than a lease lasts, its row says that it lasts.
        deadline, seen = time.monotonic() + 60, []
        while process.poll() is None and time.monotonic() < deadline:
            if self.sql("SELECT to_regclass('godwit.migration_lease') IS NOT NULL") == [["t"]]:
                seen += [row[1] for row in self.sql(LEASE)]
            time.sleep(0.1)
        self.finish(process)
        self.assertGreater(len(seen), 10)
        self.assertEqual(set(seen[:-1]), {"t"})

    def test_what_is_meant_for_a_session_is_refused_outside_a_transaction(self):
        self.write("1_t.sql", "CREATE TABLE t1 (id int);\n")
        self.write("2_t.sql", "SET search_path = other;\nCREATE INDEX CONCURRENTLY t1_id ON t1 (id);\n")
        refused = self.godwit("db", "upgrade", "--ci", code=2)
        self.assertIn("2_t.sql:1:1: SET is meant for the session", refused.stderr)
        self.assertEqual(self.tables(), [])
        # Who knows that the pooler pools by session, says so.
        self.configure(lock="session")
        self.godwit("db", "upgrade", "--dry-run")

    def test_settings_of_a_migration_stay_in_its_transaction(self):
        self.write("1_t.sql", "CREATE SCHEMA other;\nSET search_path = other;\nSET lock_timeout = 12345;\nCREATE TABLE inside (id int);\n")
        self.write("2_t.sql", "CREATE TABLE outside (id int);\n")
        self.godwit("db", "upgrade", "--ci")
        self.assertEqual(self.tables(), ["outside"])
        # Whatever session the pooler gives next has the account's own settings.
        for _ in range(8):
            shown = subprocess.run(["psql", "-XAtq", self.pooled, "-c", "SHOW search_path", "-c", "SHOW lock_timeout", "-c",
                                    "SHOW client_connection_check_interval"], capture_output=True, text=True, check=True).stdout.split("\n")
            self.assertEqual(shown[:3], ['"$user", public', "0", "0"])

    def test_nobody_watches_through_a_pooler_and_that_is_told(self):
        self.configure(block_budget_ms=500)
        self.tables_of(1)
        self.assertEqual(self.json("db", "upgrade", "--ci")["skipped"], ["watching who waits: a transaction pooler stands between"])

    def test_health_sees_a_lease(self):
        self.configure(lease_ms=600000)
        self.tables_of(1)
        holder = self.suspended_at("1 message")
        for url in (self.pooled, self.direct):
            locks = next(check for check in self.json("health", environment={"DATABASE_URL": url})["checks"] if check["name"] == "locks")
            self.assertEqual(locks["state"], "failed")
            self.assertRegex(locks["message"], rf"the lock of the history: db-.* \(process {holder.pid} on .*\) has a lease since")

    def test_vacuum_full_is_refused(self):
        self.write("1_t.sql", "VACUUM FULL pg_class;\n")
        self.assertIn("VACUUM lets others queue behind it", self.godwit("db", "upgrade", "--ci", code=2).stderr)

    def test_a_tool_is_kept_out_by_the_lock_that_it_knows(self):
        self.configure(format="flyway", wait_ms=500)
        self.write("V1__t.sql", "CREATE TABLE t1 (id int);\nINSERT INTO t1 VALUES (1);\n")
        # A concurrent index waits for every snapshot there is: the transaction that holds Flyway's lock must have none.
        self.write("V2__t.sql", "CREATE INDEX CONCURRENTLY t1_id ON t1 (id);\n")
        flyway = Session(self, "Flyway")
        self.assertEqual(flyway.ask("SELECT pg_try_advisory_lock(77433833903597);"), "t")
        self.assertIn(f"pid {flyway.pid} (Flyway", self.godwit("db", "upgrade", "--ci", code=7).stderr)
        self.assertEqual(flyway.ask("SELECT pg_advisory_unlock(77433833903597);"), "t")
        ours = self.suspended_at("1 message")
        self.assertEqual(flyway.ask("SELECT pg_try_advisory_lock(77433833903597);"), "f")
        os.kill(ours.pid, signal.SIGCONT)
        self.assertEqual(self.finish(ours)[0]["applied"], 2)
        self.assertEqual(flyway.ask("SELECT pg_try_advisory_lock(77433833903597);"), "t")

    def test_a_transaction_whose_client_sleeps_is_ended(self):
        self.write("1_t.sql", "CREATE TABLE t1 (id int);\nCOPY t1 FROM stdin;\n1\n\\.\n")
        zombie = self.suspended_at("1 in transaction 2")
        report, _ = self.finish(self.upgrade())
        self.assertEqual(report["applied"], 1)
        os.kill(zombie.pid, signal.SIGCONT)
        self.assertNotEqual(zombie.wait(timeout=120), 0)
        self.once_each(1)

    def test_sigterm_gives_the_lease_back(self):
        self.tables_of(1)
        self.write("2_slow.sql", "CREATE TABLE slow (id int);\nSELECT pg_sleep(120);\n")
        process = self.upgrade()
        self.wait_until("SELECT count(*) > 0 FROM pg_stat_activity WHERE query LIKE '%pg_sleep(120)%' AND state = 'active' AND pid <> pg_backend_pid()")
        process.send_signal(signal.SIGTERM)
        report, _ = self.finish(process, code=75)
        self.assertEqual([step["state"] for step in report["steps"]], ["applied", "failed"])
        self.assertEqual(self.tables(), ["t1"])
        self.assertEqual(self.sql(LEASE), [["1", "f"]])


class ThroughOneSession(Pooled):
    """While a migration has the only session, nobody can renew the lease."""

    sessions = 1

    def test_nobody_takes_over_before_the_transaction_has_ended(self):
        self.configure(lease_ms=1000)
        self.write("1_t.sql", "CREATE TABLE t1 (id int);\nINSERT INTO t1 VALUES (1);\nSELECT pg_sleep(8);\n")
        first = self.upgrade()
        self.wait_until("SELECT count(*) > 0 FROM pg_stat_activity WHERE query LIKE '%pg_sleep(8)%' AND state = 'active' AND pid <> pg_backend_pid()")
        self.wait_until("SELECT expires_at < clock_timestamp() FROM godwit.migration_lease")
        self.configure(wait_ms=0)
        refused, _ = self.finish(self.upgrade(url=self.direct), code=7)
        self.assertIn("a transaction of a run whose lease has expired has not ended: db-", refused["error"])
        self.assertEqual(self.finish(first)[0]["applied"], 1)
        self.once_each(1)


if __name__ == "__main__":
    unittest.main()
