"""A folder with migrations and a database of its own for each test, PostgreSQL or SQLite, and the built program."""
import json
import os
import pathlib
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import unittest
import uuid

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "cli"))
from godwit_program import run  # noqa: E402

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
