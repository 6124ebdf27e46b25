"""The peers of the benchmark of moving data, doing what each of them does, into a database of its own.

pg_dump and pg_restore, and pgcopydb (Debian) move the table and mask nothing. pganonymize (PyPI) masks in place: it
gets a database that pgcopydb has just copied, as its users do, and fakes the same four columns. Installed by name when
missing; a peer that cannot be installed is told, never guessed."""
import os
import pathlib
import shutil
import subprocess
import time
import urllib.parse

PGANONYMIZE = "0.13.0"

# The same four columns as in masks.yml. Faker's e-mail and phone number are as good as its users get them.
PGANONYMIZE_SCHEMA = """tables:
 - students:
    primary_key: id
    fields:
     - first_name: {provider: {name: fake.first_name}}
     - last_name: {provider: {name: fake.last_name}}
     - email: {provider: {name: fake.email}}
     - phone: {provider: {name: fake.numerify, kwargs: {text: "+1 303 555 01##"}}}
"""


class Missing(Exception):
    """The peer is not there and cannot be installed."""


def timed(*command, environment=None, cwd=None):
    started = time.monotonic()
    done = subprocess.run([str(word) for word in command], cwd=cwd, env={**os.environ, **(environment or {})},
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        raise SystemExit(f"bench: {command[0]} ended with {done.returncode}:\n{done.stdout[-2000:]}")
    return time.monotonic() - started


class Peers:
    def __init__(self, world):
        self.world = world
        self.bin = pathlib.Path(os.environ["GODWIT_TEST_PG_BIN"])
        self.folder = world.folder / "peers"
        self.folder.mkdir()
        self.pganonymize = None

    def empty(self, database):
        self.world.sql("postgres", f"DROP DATABASE IF EXISTS {database}")
        self.world.sql("postgres", f"CREATE DATABASE {database}")
        self.world.sql("postgres", "CHECKPOINT")

    def check(self, database, rows):
        held = self.world.sql(database, "SELECT count(*) FROM students")
        if held != str(rows):
            raise SystemExit(f"bench: {database} holds {held} rows, not {rows}")

    def pg_dump(self):
        """Custom format, compressed lightly, through a file, as a CI job does it; two jobs on the way back."""
        self.empty("peer")
        file = self.folder / "dump"
        took = timed(self.bin / "pg_dump", "--format=custom", "--compress=1", f"--file={file}", self.world.url("prod"))
        took += timed(self.bin / "pg_restore", "--jobs=2", f"--dbname={self.world.url('peer')}", file)
        file.unlink()
        return took

    def pgcopydb(self):
        if shutil.which("pgcopydb") is None:
            raise Missing("pgcopydb: apt-get install pgcopydb")
        self.empty("peer")
        work = self.folder / "pgcopydb"
        shutil.rmtree(work, ignore_errors=True)
        return timed("pgcopydb", "clone", "--table-jobs", 2, "--index-jobs", 2, "--dir", work, "--source", self.world.url("prod"),
                     "--target", self.world.url("peer"))

    def pgcopydb_and_pganonymize(self):
        took = self.pgcopydb()
        if self.pganonymize is None:
            self.pganonymize = self.install_pganonymize()
        schema = self.folder / "pganonymize.yml"
        schema.write_text(PGANONYMIZE_SCHEMA)
        server = urllib.parse.urlparse(self.world.url("peer"))
        return took + timed(self.pganonymize, "--schema", schema, "--dbname", "peer", "--user", server.username, "--host", server.hostname,
                            "--port", server.port, "--parallel", environment={"PGHOST": server.hostname, "PGPORT": str(server.port)})

    def install_pganonymize(self):
        home = self.folder / "venv"
        for command in [["python3", "-m", "venv", home], [home / "bin" / "pip", "install", "--quiet", f"pganonymize=={PGANONYMIZE}"]]:
            done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            if done.returncode != 0:
                raise Missing(f"pganonymize: {done.stdout.strip().splitlines()[-1] if done.stdout.strip() else 'not installed'}")
        return home / "bin" / "pganonymize"
