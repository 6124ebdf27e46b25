#!/usr/bin/env python3
"""The password of a database and the key of its backups stand in no command line of ours or of a program that we start, and in
nothing that a run leaves behind or says."""
import os
import pathlib
import stat
import threading
import unittest
import urllib.parse

from migrated_database import SERVER, Migrated, psql

KEY = "c2VjcmV0LWtleS1vZi10aGUtYmFja3Vwcy0wMTIzNDU2"


class CommandLines(threading.Thread):
    """Every command line of this machine's processes that are new since it began, as often as can be read."""

    def __init__(self):
        super().__init__(daemon=True)
        self.before = set(self.processes())
        self.seen = set()
        self.end = threading.Event()

    @staticmethod
    def processes():
        return [name for name in os.listdir("/proc") if name.isdigit()]

    def run(self):
        while not self.end.is_set():
            for process in self.processes():
                if process in self.before:
                    continue
                try:
                    self.seen.add(pathlib.Path(f"/proc/{process}/cmdline").read_bytes())
                except OSError:
                    pass

    def stop(self):
        self.end.set()
        self.join()
        return b"\n".join(self.seen)


class Secrets(Migrated):
    kind = "postgres"

    def setUp(self):
        super().setUp()
        self.password = os.environ["GODWIT_TEST_PG_PASSWORD"]
        psql(SERVER, f"GRANT CREATE ON DATABASE {self.name} TO godwit_password_test")
        psql(self.url, "GRANT ALL ON SCHEMA public TO godwit_password_test")
        # CREATEDB for the verification of the backup, which restores it.
        psql(SERVER, "ALTER ROLE godwit_password_test CREATEDB")
        self.addCleanup(psql, SERVER, "ALTER ROLE godwit_password_test NOCREATEDB")
        server = urllib.parse.urlparse(SERVER)
        self.secret_url = f"postgresql://godwit_password_test:{self.password}@{server.hostname}:{server.port}/{self.name}"
        # The real programs, started by scripts that note what they were given: a short one is seen as well.
        self.notes = self.folder / "started"
        settings = self.folder / "godwit.yml"
        text = settings.read_text().replace("project: test\n", 'project: test\nkeys: {backup: "${env:BACKUP_KEY}"}\n')
        programs = []
        for name in ("pg_dump", "pg_restore", "psql"):
            script = self.folder / f"our_{name}"
            script.write_text(f'#!/bin/sh\ntr "\\0" " " </proc/$$/cmdline >>{self.notes}\necho >>{self.notes}\n'
                              f'exec {os.environ["GODWIT_TEST_PG_BIN"]}/{name} "$@"\n')
            script.chmod(script.stat().st_mode | stat.S_IXUSR)
            programs.append(f"{name}: {script}")
        settings.write_text(text.replace("    environments:", f"    backup: {{directory: backups, verify: true, {', '.join(programs)}}}\n    environments:"))

    def test_upgrade_with_backup(self):
        self.write("1_t.sql", "CREATE TABLE t (id int);\nINSERT INTO t SELECT generate_series(1, 1000);\nSELECT pg_sleep(0.3);\n")
        self.write("2_bad.sql", "SELECT pg_sleep(0.3);\nINSERT INTO nowhere VALUES (1);\n")
        looking = CommandLines()
        looking.start()
        secrets = {"DATABASE_URL": self.secret_url, "BACKUP_KEY": KEY}
        first = self.godwit("db", "upgrade", "--to", "1", "--backup", "--ci", environment=secrets)
        failed = self.godwit("db", "upgrade", "--backup", "--ci", "--verbose", environment=secrets, code=1)
        health = self.godwit("health", "--json", environment=secrets)
        refused = self.godwit("db", "status", environment={**secrets, "DATABASE_URL": self.secret_url.replace(self.password, "wrong" + self.password)},
                              code=5)
        lines = looking.stop()
        # What was looked for was there to be seen.
        self.assertIn(b"\0db\0upgrade\0", lines)
        started = self.notes.read_text()
        self.assertIn("our_pg_dump", started)
        self.assertIn("our_pg_restore", started)
        left = {"command lines": lines, "started": started.encode()}
        for outcome, name in ((first, "first"), (failed, "failed"), (health, "health"), (refused, "refused")):
            left[name] = (outcome.stdout + outcome.stderr).encode()
        files = [path for folder in (".godwit", "backups") for path in (self.folder / folder).rglob("*") if path.is_file()]
        self.assertTrue(any(path.name.startswith("ledger.db") for path in files), files)
        self.assertTrue(any(path.name == "report.json" for path in files), files)
        self.assertTrue(any(path.name.endswith(".manifest.json") for path in files), files)
        for path in files:
            left[str(path)] = path.read_bytes()
        left["tables of the run"] = psql(self.url, "SELECT * FROM godwit.migration; SELECT * FROM godwit.migration_event").encode()
        for where, text in left.items():
            for secret in (self.password, KEY):
                self.assertNotIn(secret.encode(), text, where)


if __name__ == "__main__":
    unittest.main()
