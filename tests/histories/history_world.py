"""The tool itself on one database, our SQL on another: the same tables, the same rows, and each goes on where the
other stopped. What our side says comes from history_probe; it is run with psql or sqlite3."""
import json
import os
import pathlib
import secrets
import sqlite3
import subprocess
import tempfile
import unittest
import urllib.parse

HERE = pathlib.Path(__file__).resolve().parent
PROBE = os.environ["GODWIT_HISTORY_PROBE"]
SERVER = urllib.parse.urlparse(os.environ["GODWIT_TEST_PG"])
BIN = os.environ["GODWIT_TEST_PG_BIN"]


def rival(name):
    """The folder that scripts/install-rival put it in."""
    path = subprocess.run(["scripts/install-rival", "--path", name], check=True, capture_output=True, text=True).stdout.strip()
    if not os.path.isdir(path):
        raise AssertionError(f"{name} is not there: run scripts/install-rival {name}")
    return pathlib.Path(path)


def java_classes(test_class, name, rival_folder):
    """The class path with our runner NAME.java compiled, for as long as the class of tests lives."""
    folder = tempfile.TemporaryDirectory(prefix="godwit-history-")
    test_class.addClassCleanup(folder.cleanup)
    subprocess.run(["javac", "-cp", f"{rival_folder}/jars/*", "-d", folder.name, HERE / f"{name}.java"], check=True,
                   capture_output=True)
    return f"{folder.name}:{rival_folder}/jars/*"


class Postgres:
    dialect = "postgres"

    def __init__(self, test):
        self.name = "history_" + secrets.token_hex(4)
        self.url = f"postgres://postgres@127.0.0.1:{SERVER.port}/{self.name}?sslmode=disable"
        self.admin(f"CREATE DATABASE {self.name}")
        test.addCleanup(self.admin, f"DROP DATABASE {self.name} WITH (FORCE)")

    def admin(self, sql):
        subprocess.run([f"{BIN}/psql", "-Xqc", sql, os.environ["GODWIT_TEST_PG"]], check=True, capture_output=True)

    def run(self, sql):
        process = subprocess.run([f"{BIN}/psql", "-XAtq", "--set=ON_ERROR_STOP=1", "--file=-", self.url], input=sql,
                                 capture_output=True, text=True)
        if process.returncode != 0:
            raise AssertionError(f"{process.stderr}\n{sql}")
        return process.stdout

    def rows(self, select):
        """Each value as the server prints it."""
        answer = json.loads(self.run(f"SELECT coalesce(json_agg(r), '[]') FROM ({select.rstrip(';')}) r;"))
        text = {True: "t", False: "f", None: None}
        return [[text[value] if value is None or isinstance(value, bool) else
                 value if isinstance(value, str) else json.dumps(value) for value in row.values()] for row in answer]

    def shape(self, *tables):
        """pg_dump of the tables, without what it says of itself."""
        arguments = [f"--table={table}" for table in tables]
        dump = subprocess.run([f"{BIN}/pg_dump", "--schema-only", "--no-owner", *arguments, self.url], check=True,
                              capture_output=True, text=True).stdout
        return [line for line in dump.splitlines() if line and not line.startswith(("--", "SET ", "\\", "SELECT "))]


class Sqlite:
    dialect = "sqlite"

    def __init__(self, test):
        folder = tempfile.TemporaryDirectory(prefix="godwit-history-")
        test.addCleanup(folder.cleanup)
        self.path = f"{folder.name}/store.db"
        self.connect().close()

    def connect(self):
        return sqlite3.connect(self.path, isolation_level=None)

    def run(self, sql):
        connection = self.connect()
        try:
            connection.executescript(sql)
        finally:
            connection.close()

    def rows(self, select):
        connection = self.connect()
        try:
            return [[None if value is None else str(value) for value in row] for row in connection.execute(select)]
        finally:
            connection.close()

    def shape(self, *tables):
        """Columns and indexes as SQLite itself describes them."""
        return {table: (self.rows(f"SELECT * FROM pragma_table_info('{table}')"),
                        self.rows(f"SELECT name, \"unique\", origin FROM pragma_index_list('{table}') ORDER BY 1"))
                for table in tables}


class HistoryTest(unittest.TestCase):
    """tool, options, files: what the test is about."""

    tool = None
    options = ()
    files = {}

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="godwit-history-")
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        self.folder = self.root / "migrations"
        for path, text in self.files.items():
            self.write(path, text)

    def write(self, path, text):
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def call(self, *command, env=None, code=0):
        """The tool itself."""
        process = subprocess.run([str(word) for word in command], capture_output=True, text=True, cwd=self.root,
                                 env={**os.environ, **(env or {})}, stdin=subprocess.DEVNULL)
        self.assertEqual(process.returncode, code, process.stdout + process.stderr)
        return process.stdout + process.stderr

    def probe(self, database, *command, rows=None):
        process = subprocess.run([PROBE, *self.options, self.tool, self.folder, database.dialect, *command],
                                 input=json.dumps(rows or []), capture_output=True, text=True)
        self.assertEqual(process.returncode, 0, process.stderr)
        return process.stdout

    def migrations(self, database):
        return json.loads(self.probe(database, "folder"))["migrations"]

    def recorded(self, database):
        return database.rows(self.probe(database, "select"))

    def state(self, database):
        """{applied, failed, changed} as we read them."""
        return json.loads(self.probe(database, "rows", rows=self.recorded(database)))

    def create(self, database):
        database.run(self.probe(database, "create"))
        database.run(self.probe(database, "create"))  # safe to repeat

    def apply(self, database, migration):
        """Ours: body and row in one transaction."""
        record = self.probe(database, "record", migration["revision"], rows=self.recorded(database))
        database.run(f"BEGIN;\n{migration['up']['sql']}\n;{record}\nCOMMIT;")

    def undo(self, database, migration):
        record = self.probe(database, "unrecord", migration["revision"], rows=self.recorded(database))
        database.run(f"BEGIN;\n{migration['down']['sql']}\n;{record}\nCOMMIT;")


class AdoptionTest(HistoryTest):
    """godwit from outside, on self.database; the project is self.folder. `environment`: what its calls see besides."""

    tool = "godwit"
    environment = {}

    def godwit(self, *arguments, code=0):
        where = {"DATABASE_URL": self.database.url} if self.database.dialect == "postgres" else {}
        done = subprocess.run([os.environ["GODWIT_BINARY"], *arguments, "--json"], cwd=self.folder, capture_output=True, text=True,
                              stdin=subprocess.DEVNULL, timeout=300, env={**os.environ, **where, **self.environment})
        self.assertEqual(done.returncode, code, done.stderr + done.stdout[-2000:])
        self.said = done.stderr
        return json.loads(done.stdout) if done.stdout else None

    def adopt(self, tool, *, applied, pending, match=0):
        path = () if self.database.dialect == "postgres" else ("--path", self.database.path)
        found = self.godwit("db", "adopt", *path)
        self.assertEqual((found["tool"], found["applied"], found["pending"]), (tool, applied, pending))
        self.assertEqual((found["checksums_match"], found["checksums_differ"]), (match, 0))
        status = self.godwit("db", "status")
        self.assertEqual((status["executor"], status["applied"], status["pending"]), (tool, applied, pending))

    def upgrade(self, applied):
        report = self.godwit("db", "upgrade", "--ci")
        self.assertEqual((report["outcome"], report["applied"]), ("applied", applied))
        self.assertEqual(self.godwit("db", "upgrade", "--ci")["outcome"], "already current")
        return report
