#!/usr/bin/env python3
"""The password of a database and the key of its backups stand in no command line of ours or of a program that we start, and in
nothing that a run leaves behind or says."""
import os
import pathlib
import shlex
import shutil
import stat
import subprocess
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
        server = urllib.parse.urlparse(SERVER)
        self.secret_url = f"postgresql://godwit_password_test:{self.password}@{server.hostname}:{server.port}/{self.name}"
        self.secrets = {"DATABASE_URL": self.secret_url, "BACKUP_KEY": KEY}
        self.notes = self.folder / "started"
        self.looking = CommandLines()
        self.looking.start()

    def noted(self, name, *command):
        """The real program, started by a script that notes its command line: a short one is seen as well."""
        script = self.folder / f"our_{name}"
        words = " ".join(shlex.quote(str(word)) for word in command)
        script.write_text(f'#!/bin/sh\ntr "\\0" " " </proc/$$/cmdline >>{self.notes}\necho >>{self.notes}\nexec {words} "$@"\n')
        script.chmod(script.stat().st_mode | stat.S_IXUSR)
        return script

    def nowhere(self, outcomes, programs, tables):
        """Neither secret stands in what was said, started or left."""
        lines = self.looking.stop()
        # What was looked for was there to be seen.
        self.assertIn(b"\0db\0upgrade\0", lines)
        started = self.notes.read_text()
        for name in programs:
            self.assertIn("our_" + name, started)
        left = {"command lines": lines, "started": started.encode()}
        for number, outcome in enumerate(outcomes):
            left[f"what run {number} said"] = (outcome.stdout + outcome.stderr).encode()
        files = [path for folder in (".godwit", "backups") for path in (self.folder / folder).rglob("*") if path.is_file()]
        self.assertTrue(any(path.name.startswith("ledger.db") for path in files), files)
        self.assertTrue(any(path.name == "report.json" for path in files), files)
        for path in files:
            left[str(path)] = path.read_bytes()
        left["tables"] = psql(self.url, "; ".join(f"SELECT * FROM {table}" for table in tables)).encode()
        for where, text in left.items():
            for secret in (self.password, KEY):
                self.assertNotIn(secret.encode(), text, where)
        return files

    def test_upgrade_with_backup(self):
        # CREATEDB for the verification of the backup, which restores it.
        psql(SERVER, "ALTER ROLE godwit_password_test CREATEDB")
        self.addCleanup(psql, SERVER, "ALTER ROLE godwit_password_test NOCREATEDB")
        settings = self.folder / "godwit.yml"
        programs = [f"{name}: {self.noted(name, os.environ['GODWIT_TEST_PG_BIN'] + '/' + name)}" for name in ("pg_dump", "pg_restore", "psql")]
        settings.write_text(settings.read_text().replace("project: test\n", 'project: test\nkeys: {backup: "${env:BACKUP_KEY}"}\n').replace(
            "    environments:", f"    backup: {{directory: backups, verify: true, {', '.join(programs)}}}\n    environments:"))
        self.write("1_t.sql", "CREATE TABLE t (id int);\nINSERT INTO t SELECT generate_series(1, 1000);\nSELECT pg_sleep(0.3);\n")
        self.write("2_bad.sql", "SELECT pg_sleep(0.3);\nINSERT INTO nowhere VALUES (1);\n")
        wrong = self.secret_url.replace(self.password, "wrong" + self.password)
        files = self.nowhere([
            self.godwit("db", "upgrade", "--to", "1", "--backup", "--ci", environment=self.secrets),
            self.godwit("db", "upgrade", "--backup", "--ci", "--verbose", environment=self.secrets, code=1),
            self.godwit("health", "--json", environment=self.secrets),
            self.godwit("db", "status", environment={**self.secrets, "DATABASE_URL": wrong}, code=5),
        ], ["pg_dump", "pg_restore"], ["godwit.migration", "godwit.migration_event"])
        self.assertTrue(any(path.name.endswith(".manifest.json") for path in files), files)

    def test_alembic_runs_python(self):
        python = pathlib.Path(rival("alembic")) / "bin/python"
        self.configure(format="alembic", directory="python/versions", bodies="run",
                       command=self.noted("alembic", python, "-B", "-m", "alembic"))
        subprocess.run([python, "-B", "-m", "alembic", "init", self.folder / "python"], cwd=self.folder, check=True, capture_output=True)
        ini = self.folder / "alembic.ini"
        ini.write_text(ini.read_text().replace("driver://", "postgresql+psycopg2://"))
        for name, down, body in (("one", None, "CREATE TABLE t1 (id int)"), ("two", "one", "INSERT INTO nowhere VALUES (1)")):
            (self.folder / f"python/versions/{name}.py").write_text(
                f'"""{name}"""\nfrom alembic import op\nrevision = {name!r}\ndown_revision = {down!r}\nbranch_labels = None\ndepends_on = None\n\n\n'
                f'def upgrade():\n    op.execute("{body}")\n\n\ndef downgrade():\n    pass\n')
        outcome = self.godwit("db", "upgrade", "--ci", environment=self.secrets, code=4)
        self.assertEqual(self.sql("SELECT version_num FROM alembic_version"), [["one"]])
        self.nowhere([outcome], ["alembic"], ["alembic_version", "godwit.migration_event"])

    def test_knex_runs_javascript(self):
        (self.folder / "node_modules").mkdir()
        for module in (pathlib.Path(rival("knex")) / "node_modules").iterdir():
            (self.folder / "node_modules" / module.name).symlink_to(module)
        (self.folder / "knexfile.js").write_text("module.exports = {client: 'pg', connection: process.env.DATABASE_URL};\n")
        self.configure(format="knex", command=self.noted("node", shutil.which("node")))
        self.write("001_t.js", "exports.up = (knex) => knex.schema.createTable('t1', (t) => { t.integer('id'); });\nexports.down = () => {};\n")
        self.write("002_t.js", "exports.up = (knex) => knex('nowhere').insert({id: 1});\nexports.down = () => {};\n")
        outcome = self.godwit("db", "upgrade", "--ci", environment=self.secrets, code=4)
        self.assertEqual(self.sql("SELECT name FROM knex_migrations"), [["001_t.js"]])
        self.nowhere([outcome], ["node"], ["knex_migrations", "godwit.migration_event"])


def rival(name):
    """The folder that scripts/install-rival put it in."""
    return subprocess.run(["scripts/install-rival", "--path", name], check=True, capture_output=True, text=True).stdout.strip()


if __name__ == "__main__":
    unittest.main()
