"""The built program as tests see it: run it, read its one JSON document, look at what it left behind."""
import hashlib
import json
import os
import pathlib
import shutil
import sqlite3
import subprocess
import tempfile
import unittest

BINARY = os.environ["GODWIT_BINARY"]
FIXTURE = os.environ.get("GODWIT_FIXTURE", str(pathlib.Path(BINARY).parent / "godwit_fixture"))
STORES = ["ids", "hcp1", "hcp2", "adb"]
# Never a secret of anybody: 256 bits that stand in this file.
TEST_KEY = "dGVzdC1rZXktb2YtdGhlLWdvZHdpdC10ZXN0LXN1aXRlLTAx"


class Outcome:
    def __init__(self, process):
        self.code = process.returncode
        self.stdout = process.stdout
        self.stderr = process.stderr

    def json(self):
        return json.loads(self.stdout)


def write_fixture(folder, *options):
    """The K-12 world in SQLite stores; districts 2 and 3 stand in the target already."""
    subprocess.run([FIXTURE, str(folder), "--cert", "2,3", *options], check=True, capture_output=True)


def run(*arguments, cwd=None, environment=None, timeout=300):
    process = subprocess.run([BINARY, *arguments], cwd=cwd, env={**os.environ, **(environment or {})},
                             stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=timeout)
    return Outcome(process)


def dump_store(path):
    """Every row of every table of a SQLite store but godwit's own, as one digest per table."""
    digests = {}
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as store:
        names = [row[0] for row in store.execute(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'godwit%' AND name NOT LIKE 'sqlite%'")]
        for name in names:
            rows = sorted(repr(row) for row in store.execute(f'SELECT * FROM "{name}"'))
            digests[name] = hashlib.sha256("\n".join(rows).encode()).hexdigest()
    return digests


class World(unittest.TestCase):
    """A fresh folder with the K-12 world in SQLite stores, before any run. Written once, copied per test."""

    scale = "0.3"
    violate = []
    _template = None

    @classmethod
    def setUpClass(cls):
        cls._template = tempfile.mkdtemp(prefix="godwit-world-")
        write_fixture(cls._template, "--scale", cls.scale, "--example", "--oracle",
                      *(["--violate", ",".join(cls.violate)] if cls.violate else []))

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls._template, ignore_errors=True)

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="godwit-test-")
        shutil.copytree(self._template, self.folder, dirs_exist_ok=True)

    def tearDown(self):
        shutil.rmtree(self.folder, ignore_errors=True)

    def godwit(self, *arguments, environment=None):
        return run(*arguments, cwd=self.folder, environment=environment)

    def edit(self, name, old, new):
        path = pathlib.Path(self.folder) / name
        text = path.read_text()
        self.assertIn(old, text)
        path.write_text(text.replace(old, new, 1))

    def dump_target(self):
        return {store: dump_store(f"{self.folder}/cert/{store}.db") for store in STORES}

    def assert_refused(self, outcome, code, *words):
        """The exit code, and a message that says what, and a hint or place."""
        self.assertEqual(outcome.code, code, outcome.stderr)
        for word in words:
            self.assertIn(word, outcome.stderr)
