#!/usr/bin/env python3
"""godwit db rehearse: what is said of each statement is what it does, and nothing of the rehearsal is left behind."""
import json
import os
import pathlib
import signal
import subprocess
import time
import unittest

from migrated_database import SERVER, Migrated, psql


def rehearsal_folders():
    return {path for base in ("/dev/shm", os.environ.get("TMPDIR", "/tmp")) for path in pathlib.Path(base).glob("godwit-rehearsal.*")}


class Rehearsed:
    def start(self):
        self.write("1_a.sql", "CREATE TABLE a (id integer PRIMARY KEY, name text);\nINSERT INTO a VALUES (1, 'x');\n")
        self.godwit("db", "upgrade", "--ci")

    def test_nothing_pending(self):
        self.start()
        self.assertEqual(self.json("db", "rehearse")["migrations"], [])

    def test_up_down_up_and_a_kill_everywhere(self):
        self.start()
        before = self.tables()
        self.write("2_b.sql", "CREATE TABLE b (id integer);\nCREATE INDEX b_id ON b (id);\n")
        self.write("2_b.down.sql", "DROP TABLE b;\n")
        found = self.json("db", "rehearse")
        self.assertEqual((found["start_from"], found["findings"], found["irreversible"]), ("replay", [], []))
        self.assertEqual(found["live_fingerprint"], found["start_fingerprint"])
        self.assertEqual(found["after_down_fingerprint"], found["start_fingerprint"])
        self.assertEqual(found["after_up_again_fingerprint"], found["end_fingerprint"])
        self.assertNotEqual(found["end_fingerprint"], found["start_fingerprint"])
        # After each of two statements, and after the commit.
        self.assertEqual((found["kills"], found["not_converged"]), (3, []))
        self.assertEqual([one["command"] for one in found["statements"]], ["CREATE TABLE", "CREATE INDEX"])
        self.assertEqual(self.tables(), before)
        receipt = json.loads((self.folder / ".godwit" / "receipts" / (found["plan_hash"] + ".json")).read_text())
        self.assertEqual((receipt["end_fingerprint"], receipt["signature"]), (found["end_fingerprint"], None))
        # The rehearsal said how it ends, and so it does.
        self.assertEqual(self.json("db", "upgrade", "--dry-run")["plan_hash"], found["plan_hash"])
        self.godwit("db", "upgrade", "--ci")
        self.assertEqual(self.json("db", "drift")["live_fingerprint"], found["end_fingerprint"])

    def test_a_way_down_that_leaves_something_behind(self):
        self.start()
        self.write("2_b.sql", "CREATE TABLE b (id integer);\nCREATE TABLE IF NOT EXISTS c (id integer);\n")
        self.write("2_b.down.sql", "DROP TABLE b;\n")
        found = self.json("db", "rehearse", code=3)
        self.assertEqual(found["findings"], ["the way down does not lead back to the structure of the start"])

    def test_no_way_down_is_said(self):
        self.start()
        self.write("2_b.sql", "CREATE TABLE b (id integer);\n")
        found = self.json("db", "rehearse")
        self.assertEqual((found["irreversible"], found["after_down_fingerprint"]), (["2"], ""))

    def test_what_fails_is_told_with_its_place(self):
        self.start()
        self.write("2_b.sql", "CREATE TABLE b (id integer);\nINSERT INTO nowhere VALUES (1);\n")
        self.assertIn("2_b.sql:2", self.godwit("db", "rehearse", code=1).stderr)
        self.assertEqual(self.tables(), ["a"])

    def test_a_database_that_drifted_is_copied(self):
        self.start()
        self.sql("CREATE TABLE by_hand (id integer)")
        self.write("2_b.sql", "ALTER TABLE by_hand ADD COLUMN b integer;\n")
        found = self.json("db", "rehearse")
        self.assertEqual((found["start_from"], found["start_differs"]), ("live structure", []))
        self.assertEqual(found["live_fingerprint"], found["start_fingerprint"])


class OnSqlite(Rehearsed, Migrated):
    kind = "sqlite"


class OnPostgres(Rehearsed, Migrated):
    kind = "postgres"

    def test_locks_rewrites_and_wal_are_what_the_server_says(self):
        self.start()
        self.write("2_b.sql", "ALTER TABLE a ALTER COLUMN id TYPE bigint;\n")
        self.write("3_c.sql", "CREATE INDEX by_name ON a (name);\nALTER TABLE a ADD COLUMN z int;\n")
        self.write("4_d.sql", "CREATE INDEX CONCURRENTLY by_z ON a (z);\nDROP TABLE a;\n")
        found = self.json("db", "rehearse")["statements"]
        self.assertEqual([(one["revision"], one["line"], [(lock["table"], lock["mode"]) for lock in one["locks"]], one["rewritten"], one["observed"])
                          for one in found],
                         [("2", 1, [("public.a", "ACCESS EXCLUSIVE")], ["public.a"], True),
                          ("3", 1, [("public.a", "SHARE")], [], True),
                          ("3", 2, [("public.a", "ACCESS EXCLUSIVE")], [], True),
                          ("4", 1, [("a", "SHARE UPDATE EXCLUSIVE")], [], False),
                          ("4", 2, [("a", "ACCESS EXCLUSIVE")], [], False)])
        self.assertTrue(all(one["wal_bytes"] > 0 for one in found))

    def test_on_a_given_server_nothing_is_left(self):
        self.start()
        self.write("2_b.sql", "CREATE TABLE b (id integer);\n")
        query = "" if "sslmode" in SERVER else ("&" if "?" in SERVER else "?") + "sslmode=disable"
        found = self.json("db", "rehearse", "--server", "${env:SCRATCH}", environment={"SCRATCH": SERVER + query})
        self.assertEqual((found["findings"], found["where"]), ([], "databases of its own on the given server"))
        self.assertEqual(psql(SERVER, "SELECT count(*) FROM pg_database WHERE datname LIKE 'godwit_rehearsal_%'"), "0")

    def test_a_password_on_the_command_line_is_refused(self):
        self.start()
        self.write("2_b.sql", "CREATE TABLE b (id integer);\n")
        refused = self.godwit("db", "rehearse", "--server", "postgres://u:secret@localhost/x", code=2)
        self.assertNotIn("secret", refused.stderr)

    def test_killed_it_leaves_no_server_and_no_folder(self):
        self.start()
        self.write("2_b.sql", "SELECT pg_sleep(60);\n")
        before = rehearsal_folders()
        environment = {**os.environ, "DATABASE_URL": self.url}
        program = subprocess.Popen([os.environ["GODWIT_BINARY"], "db", "rehearse"], cwd=self.folder, env=environment,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            mine = self.wait_for(lambda: {path for path in rehearsal_folders() - before if (path / ".s.PGSQL.5432").exists()})
        finally:
            program.send_signal(signal.SIGKILL)
            program.wait()
        self.assertTrue(mine)
        self.wait_for(lambda: not any(path.exists() for path in mine))
        running = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
        for path in mine:
            self.assertNotIn(str(path), running)

    def wait_for(self, condition, seconds=60):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if found := condition():
                return found
            time.sleep(0.05)
        self.fail("it never came to that")


if __name__ == "__main__":
    unittest.main()
