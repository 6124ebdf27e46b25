#!/usr/bin/env python3
"""A run on PostgreSQL that is asked to stop while a server works for it or keeps it waiting: it stops within two seconds,
nothing of it is left in the target, and --resume completes it."""
import os
import pathlib
import signal
import subprocess
import time
import unittest

from godwit_program import BINARY, TEST_KEY
from postgres_world import BIN, CA, PORT, literal, psql, url
from three_stores import ThreeStores

STOPS_WITHIN_S = 2 * float(os.environ.get("GODWIT_TEST_SLOWNESS", "1"))


class Cancel(ThreeStores):
    def setUp(self):
        super().setUp()
        self.before = self.dump()

    def start(self, *arguments, stop_at=None):
        command = [BINARY, *(arguments or ("run", "district", "district-001"))]
        environment = {**os.environ, "GODWIT_TEST_KEY": TEST_KEY, **({"GODWIT_TEST_STOP_AT": stop_at} if stop_at else {})}
        process = subprocess.Popen(command, cwd=self.folder, text=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.PIPE, env=environment)
        self.addCleanup(self.end, process)
        return process

    @staticmethod
    def end(process):
        if process.poll() is None:
            process.kill()
        process.communicate()

    def hold(self, database, sql):
        """Another session with an open transaction, until the test ends or lets it go."""
        session = subprocess.Popen([f"{BIN}/psql", "--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--file=-", url(database)],
                                   text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.addCleanup(self.let_go, session)
        session.stdin.write(f"BEGIN;\n{sql};\n\\echo held\n")
        session.stdin.flush()
        self.assertEqual(session.stdout.readline(), "held\n")
        return session

    @staticmethod
    def let_go(session):
        if session.poll() is None:
            session.communicate("ROLLBACK;\n")

    def wait_until(self, database, condition):
        deadline_s = time.monotonic() + 60
        while psql("postgres", f"SELECT count(*) > 0 FROM pg_stat_activity WHERE datname = {literal(database)} AND "
                               f"application_name = 'godwit' AND {condition}") != [["t"]]:
            self.assertLess(time.monotonic(), deadline_s, f"never {condition}")
            time.sleep(0.02)

    def newest(self):
        return self.godwit("runs", "--json", "--limit", "1").json()["runs"][0]

    def assert_stops(self, process, how):
        started_s = time.monotonic()
        if how == "cancel":
            asked = self.godwit("cancel", self.newest()["run"])
            self.assertEqual(asked.code, 0, asked.stderr)
        else:
            process.send_signal(how)
        _, said = process.communicate(timeout=60)
        self.assertLess(time.monotonic() - started_s, STOPS_WITHIN_S)
        self.assertEqual(process.returncode, 75, said)
        self.assertIn("the run was cancelled", said)
        run = self.newest()
        self.assertEqual((run["status"], run["exit_code"]), ("cancelled", 75))
        self.assertEqual(self.dump(), self.before)
        self.assertEqual(self.prepared(), [])
        return run["run"]

    def assert_resumes(self, run):
        resumed = self.godwit("run", "district", "district-001", "--resume", run, "--json")
        self.assertEqual(resumed.code, 0, resumed.stderr)
        self.assertEqual(resumed.json()["status"], "completed")
        self.assertEqual(self.prepared(), [])

    def test_a_source_that_keeps_it_waiting(self):
        database = self.database("prod", "scores")
        for how in [signal.SIGTERM, "cancel"]:
            with self.subTest(how=how):
                self.fresh_target()
                session = self.hold(database, "LOCK TABLE scores IN ACCESS EXCLUSIVE MODE")
                process = self.start()
                self.wait_until(database, "wait_event_type = 'Lock'")
                self.assert_stops(process, how)
                self.let_go(session)

    def test_a_target_that_keeps_a_copy_waiting(self):
        database = self.database("cert", "scores")
        for how in [signal.SIGINT, "cancel"]:
            with self.subTest(how=how):
                self.fresh_target()
                session = self.hold(database, "INSERT INTO scores VALUES (1040, 'district-002', 0, '2026-01-01')")
                process = self.start()
                self.wait_until(database, "wait_event_type = 'Lock' AND query LIKE 'COPY%'")
                run = self.assert_stops(process, how)
                self.let_go(session)
                self.assert_resumes(run)

    def test_a_target_that_takes_its_time(self):
        database = self.database("cert", "scores")
        psql(database, """CREATE FUNCTION slowly() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(1); RETURN NEW; END $$;
            CREATE TRIGGER slowly BEFORE INSERT ON scores FOR EACH ROW EXECUTE FUNCTION slowly();""", "admin_user")
        process = self.start()
        self.wait_until(database, "wait_event = 'PgSleep'")
        run = self.assert_stops(process, signal.SIGTERM)
        psql(database, "DROP TRIGGER slowly ON scores")
        self.assert_resumes(run)

    def test_with_prepared_transactions(self):
        if not self.two_phase:
            self.assertEqual(psql("postgres", "SELECT count(*) FROM pg_prepared_xacts"), [["0"]])
            return
        run = None
        for how in [signal.SIGTERM, "cancel"]:
            process = self.start(*(("run", "district", "district-001", "--resume", run) if run else ()), stop_at="loaded-store:scores")
            for line in process.stderr:
                if "stopped at" in line:
                    break
            run = self.assert_stops(process, how)
        self.assert_resumes(run)

    def test_through_a_shared_ledger(self):
        ledger = f"{self.token}_ledger"
        psql("postgres", f"CREATE DATABASE {ledger}")
        settings = pathlib.Path(self.folder) / "godwit.yml"
        settings.write_text(f'{settings.read_text()}ledger: "{url(ledger)}?sslmode=verify-full&sslrootcert={CA}"\n')
        process = self.start(stop_at="checked")
        for line in process.stderr:
            if "stopped at" in line:
                break
        self.assert_resumes(self.assert_stops(process, "cancel"))

    def test_a_server_that_does_not_answer(self):
        """A port that takes connections and says nothing."""
        import socket
        with socket.create_server(("127.0.0.1", 0)) as silent:
            self.addresses["cert", "people"] = self.endpoint("cert", "people").replace(f"port: {PORT}", f"port: {silent.getsockname()[1]}")
            self.write_settings()
            process = self.start()
            connection, _ = silent.accept()
            with connection:
                self.assert_stops(process, signal.SIGTERM)


if __name__ == "__main__":
    unittest.main()
