"""A folder with migrations and a database of its own for each test, PostgreSQL or SQLite, and the built program."""
import json
import os
import pathlib
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
import unittest
import uuid

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "cli"))
from godwit_program import BINARY, run  # noqa: E402

SERVER = os.environ.get("GODWIT_TEST_PG", "")


def psql(url, sql):
    done = subprocess.run(["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", url], input=sql, capture_output=True,
                          text=True, timeout=120)
    if done.returncode != 0:
        raise AssertionError(done.stderr)
    return done.stdout.strip()


class Migrated(unittest.TestCase):
    """`kind` says which database; `self.sql` asks it, `self.godwit` runs the program in the folder."""

    kind = "sqlite"
    settings = ""  # more lines below migrations:

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="godwit-schema-"))
        self.migrations = self.folder / "migrations"
        self.migrations.mkdir()
        if self.kind == "postgres":
            self.name = "schema_" + uuid.uuid4().hex[:12]
            psql(SERVER, f"CREATE DATABASE {self.name}")
            base, _, query = SERVER.partition("?")
            self.url = base.rsplit("/", 1)[0] + "/" + self.name + ("?" + query if query else "")
            address = 'url: "${env:DATABASE_URL}", tls: prefer' if "sslmode" not in query else 'url: "${env:DATABASE_URL}"'
        else:
            self.path = self.folder / "app.db"
            address = "path: app.db"
        (self.folder / "godwit.yml").write_text(
            f"version: 1\nproject: test\ndatabases:\n  app:\n    migrations:\n      directory: migrations\n{self.settings}"
            f"    environments:\n      local: {{{address}}}\n")

    def tearDown(self):
        if self.kind == "postgres":
            psql(SERVER, f"DROP DATABASE IF EXISTS {self.name} WITH (FORCE)")
        shutil.rmtree(self.folder, ignore_errors=True)

    def configure(self, **keys):
        """Sets keys of migrations: in godwit.yml."""
        file = self.folder / "godwit.yml"
        for key, value in keys.items():
            lines = [line for line in file.read_text().split("\n") if not line.startswith(f"      {key}: ")]
            lines.insert(lines.index("    migrations:") + 1, f"      {key}: {value}")
            file.write_text("\n".join(lines))

    def start(self, *arguments, url=None, **environment):
        """The program in the background, with --json; killed at the end of the test."""
        process = subprocess.Popen([BINARY, *arguments, "--json"], cwd=self.folder, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                   env={**os.environ, "DATABASE_URL": url or getattr(self, "url", ""), **environment})
        self.addCleanup(self.end, process)
        return process

    @staticmethod
    def end(process):
        if process.poll() is None:
            process.kill()
        process.communicate()

    def finish(self, process, code=0):
        """Its report, and what it told meanwhile."""
        out, err = process.communicate(timeout=300)
        self.assertEqual(process.returncode, code, out + err)
        return json.loads(out), err

    def wait_until(self, question, process=None):
        """Until the database answers the question with a true value; `process` must go on meanwhile."""
        deadline = time.monotonic() + 60
        while self.sql(question) != [["t"]]:
            self.assertLess(time.monotonic(), deadline, question)
            if process is not None:
                self.assertIsNone(process.poll())
            time.sleep(0.03)

    def godwit(self, *arguments, environment=None, code=0, timeout=300):
        outcome = run(*arguments, cwd=self.folder, timeout=timeout,
                      environment={"DATABASE_URL": getattr(self, "url", ""), **(environment or {})})
        self.assertEqual(outcome.code, code, f"{arguments}: {outcome.stdout}{outcome.stderr}")
        return outcome

    def json(self, *arguments, **options):
        return json.loads(self.godwit(*arguments, "--json", **options).stdout)

    def sql(self, text):
        """The rows as lines of fields, or nothing."""
        if self.kind == "postgres":
            out = psql(self.url, text)
            return [line.split("|") for line in out.split("\n")] if out else []
        with sqlite3.connect(self.path) as database:
            return [[("" if field is None else str(field)) for field in row] for row in database.execute(text)]

    def write(self, name, text):
        path = self.migrations / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def tables(self):
        if self.kind == "postgres":
            query = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
        else:
            query = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'godwit%' AND name NOT LIKE 'sqlite%' ORDER BY 1"
        return [row[0] for row in self.sql(query)]


class Session:
    """A psql of somebody else's that stays open."""

    def __init__(self, test, application):
        self.process = subprocess.Popen(["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-d", test.url], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True, env={**os.environ, "PGAPPNAME": application})
        test.addCleanup(self.close)
        self.pid = int(self.ask("SELECT pg_backend_pid();"))

    def ask(self, sql):
        """The one line that it answers."""
        self.process.stdin.write(sql + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()
