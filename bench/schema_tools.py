"""Who applies migrations in bench schema: godwit, the floor, psql, and the tools whose histories godwit continues.

Each writes the same tables and indexes as files of its own kind, and applies what is pending into a database of its own.
The tools come from scripts/install-rival, in pinned versions."""
import os
import pathlib
import subprocess
import tempfile
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parents[1]
RUNNERS = ROOT / "tests" / "histories"


def statements(number):
    return (f"CREATE TABLE item_{number} (id bigint PRIMARY KEY, name text NOT NULL, at timestamptz);",
            f"CREATE INDEX item_{number}_name ON item_{number} (name);")


def rival(name):
    subprocess.run([ROOT / "scripts" / "install-rival", name], check=True, capture_output=True)
    path = subprocess.run([ROOT / "scripts" / "install-rival", "--path", name], check=True, capture_output=True, text=True)
    return pathlib.Path(path.stdout.strip())


class Tool:
    """Writes into `folder`; `apply` brings the database behind a URL up to date."""
    name = ""
    keeps_history = True  # so a second run finds nothing to do

    def __init__(self, folder, count):
        self.folder = pathlib.Path(folder) / self.name.split()[0]
        self.migrations = self.folder / "migrations"
        self.migrations.mkdir(parents=True)
        self.count = count
        self.prepare()
        for number in range(1, count + 1):
            self.write(number, *statements(number))

    def prepare(self):
        """What there is besides the migrations."""

    def file(self, name, text):
        (self.migrations / name).write_text(text)

    def call(self, *command, environment=None):
        done = subprocess.run([str(word) for word in command], cwd=self.folder, env={**os.environ, **(environment or {})},
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if done.returncode != 0:
            raise SystemExit(f"bench: {self.name} ended with {done.returncode}:\n{done.stdout[-2000:]}")
        return done.stdout


class Floor(Tool):
    name = "floor"

    def prepare(self):
        self.program = self.folder / "schema_floor"
        headers = subprocess.run(["pg_config", "--includedir"], check=True, capture_output=True, text=True).stdout.strip()
        self.call("c++", "-std=c++20", "-O2", f"-I{headers}", ROOT / "bench" / "schema_floor.cpp", "-o", self.program, "-lpq")

    def write(self, number, table, index):
        self.file(f"{number:05}_item.sql", f"{table}\n{index}\n")

    def apply(self, url):
        self.call(self.program, url, self.migrations)


class Godwit(Tool):
    name = "godwit"

    def prepare(self):
        (self.folder / "godwit.yml").write_text(
            "version: 1\nproject: bench\ndatabases:\n  app:\n    migrations: {directory: migrations, format: sql}\n"
            '    environments:\n      bench: {url: "${env:BENCH_URL}"}\n')

    def write(self, number, table, index):
        self.file(f"{number:05}_item.sql", f"{table}\n{index}\n")

    def apply(self, url):
        self.call(os.environ["GODWIT_BINARY"], "db", "upgrade", "--ci", environment={"BENCH_URL": url})


class Psql(Tool):
    """One file, and nothing that remembers that it was run."""
    name = "psql -f"
    keeps_history = False

    def write(self, number, table, index):
        with open(self.folder / "all.sql", "a") as out:
            out.write(f"BEGIN;\n{table}\n{index}\nCOMMIT;\n")

    def apply(self, url):
        self.call(os.path.join(os.environ["GODWIT_TEST_PG_BIN"], "psql"), "-Xq", "-v", "ON_ERROR_STOP=1", "-d", url, "-f", "all.sql")


class Dbmate(Tool):
    name = "dbmate"

    def prepare(self):
        self.program = rival("dbmate") / "node_modules/.bin/dbmate"

    def write(self, number, table, index):
        self.file(f"{number:05}_item.sql", f"-- migrate:up\n{table}\n{index}\n-- migrate:down\nDROP TABLE item_{number};\n")

    def apply(self, url):
        self.call(self.program, "--no-dump-schema", "--migrations-dir", self.migrations, "--url", url, "migrate")


class Goose(Tool):
    name = "goose"

    def prepare(self):
        self.program = rival("goose") / "bin/goose"

    def write(self, number, table, index):
        self.file(f"{number:05}_item.sql", f"-- +goose Up\n{table}\n{index}\n-- +goose Down\nDROP TABLE item_{number};\n")

    def apply(self, url):
        self.call(self.program, "-dir", self.migrations, "postgres", url, "up")


class GolangMigrate(Tool):
    name = "golang-migrate"

    def prepare(self):
        self.program = rival("golang-migrate") / "bin/migrate"

    def write(self, number, table, index):
        self.file(f"{number:05}_item.up.sql", f"{table}\n{index}\n")

    def apply(self, url):
        self.call(self.program, "-path", self.migrations, "-database", url, "up")


class Knex(Tool):
    name = "knex"

    def prepare(self):
        (self.folder / "node_modules").symlink_to(rival("knex") / "node_modules")
        (self.folder / "knexfile.js").write_text(
            "module.exports = {client: 'pg', connection: process.env.BENCH_URL, migrations: {directory: './migrations'}};\n")

    def write(self, number, table, index):
        self.file(f"{number:05}_item.js", f"exports.up = (knex) => knex.raw(`{table} {index}`);\n"
                                          f"exports.down = (knex) => knex.raw(`DROP TABLE item_{number}`);\n")

    def apply(self, url):
        self.call("node_modules/.bin/knex", "migrate:latest", environment={"BENCH_URL": url})


class Alembic(Tool):
    name = "alembic"

    def prepare(self):
        self.python = rival("alembic") / "bin/python"
        versions = self.migrations / "versions"
        versions.mkdir()
        (self.folder / "alembic.ini").write_text("[alembic]\nscript_location = migrations\n")
        (self.migrations / "env.py").write_text(
            "import os\nfrom alembic import context\nfrom sqlalchemy import create_engine\n"
            "with create_engine(os.environ['BENCH_URL']).connect() as connection:\n"
            "    context.configure(connection=connection, transaction_per_migration=True)\n"
            "    with context.begin_transaction():\n        context.run_migrations()\n")

    def write(self, number, table, index):
        before = f"'{number - 1:05}'" if number > 1 else "None"
        self.file(f"versions/{number:05}_item.py",
                  f"from alembic import op\nrevision = '{number:05}'\ndown_revision = {before}\n"
                  f"def upgrade():\n    op.execute('''{table}''')\n    op.execute('''{index}''')\n"
                  f"def downgrade():\n    op.execute('DROP TABLE item_{number}')\n")

    def apply(self, url):
        address = "postgresql+psycopg2" + url[url.index(":"):]
        self.call(self.python, "-m", "alembic", "upgrade", "head", environment={"BENCH_URL": address})


class Java(Tool):
    """Tools for the JVM, started through the same runner as in the tests of their histories."""
    runner = ""

    def prepare(self):
        jars = rival(self.name) / "jars"
        self.class_path = f"{self.folder}:{jars}/*"
        self.call("javac", "-cp", f"{jars}/*", "-d", self.folder, RUNNERS / f"{self.runner}.java")

    def run(self, url, *arguments):
        parts = urllib.parse.urlparse(url)
        self.call("java", "-cp", self.class_path, self.runner, f"jdbc:postgresql://{parts.hostname}:{parts.port}{parts.path}?sslmode=disable",
                  parts.username, self.migrations, *arguments)


class Flyway(Java):
    name = "flyway"
    runner = "FlywayRunner"

    def write(self, number, table, index):
        self.file(f"V{number}__item.sql", f"{table}\n{index}\n")

    def apply(self, url):
        self.run(url, "latest", "migrate")


class Liquibase(Java):
    name = "liquibase"
    runner = "LiquibaseRunner"

    def prepare(self):
        super().prepare()
        self.file("changelog.sql", "--liquibase formatted sql\n")

    def write(self, number, table, index):
        with open(self.migrations / "changelog.sql", "a") as out:
            out.write(f"\n--changeset bench:{number}\n{table}\n{index}\n--rollback DROP TABLE item_{number};\n")

    def apply(self, url):
        self.run(url, "changelog.sql", "update", str(self.count))


OWN = [Floor, Godwit]
PEERS = [Psql, Dbmate, Goose, GolangMigrate, Knex, Alembic, Flyway, Liquibase]


class Folder:
    """A temporary folder with every tool's migrations in it."""

    def __init__(self, count, peers):
        self.temporary = tempfile.TemporaryDirectory(prefix="godwit-bench-schema-")
        self.tools = [kind(self.temporary.name, count) for kind in OWN + peers]

    def close(self):
        self.temporary.cleanup()
