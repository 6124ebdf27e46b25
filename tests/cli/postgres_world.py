"""The K-12 world on a real PostgreSQL: four databases a side, in the scratch server of scripts/with-postgres.

Production is loaded once per test class and only read; every test gets a certification side of its own, copied from a
template. Rows are looked at with psql, never with the product."""
import csv
import os
import pathlib
import re
import secrets
import shutil
import subprocess
import tempfile
import unittest
import urllib.parse

from godwit_program import BINARY, FIXTURE, STORES, TEST_KEY, run

SERVER = urllib.parse.urlparse(os.environ["GODWIT_TEST_PG"])
PORT = str(SERVER.port)
BIN = os.environ["GODWIT_TEST_PG_BIN"]
CA = os.environ["GODWIT_TEST_PG_CA"]
# Accounts of the example. The scratch server trusts them: what stands here opens nothing, and must be printed nowhere.
ACCOUNTS = {"prod": ("readonly_user", "prod-password-never-printed"), "cert": ("admin_user", "cert-password-never-printed")}
DISTRICTS = ["district-001", "district-002", "district-003"]


def url(database, user="postgres", host="127.0.0.1", port=PORT):
    return f"postgresql://{user}@{host}:{port}/{database}"


def psql(database, sql, user="postgres"):
    """The answer's rows, each a list of texts; NULL is ''."""
    process = subprocess.run([f"{BIN}/psql", "--no-psqlrc", "--quiet", "--csv", "--tuples-only", "--set=ON_ERROR_STOP=1",
                              "--file=-", url(database, user)], input=sql, capture_output=True, text=True)
    if process.returncode != 0:
        raise AssertionError(f"psql {database}: {process.stderr}")
    return list(csv.reader(process.stdout.splitlines()))


def psql_files(database, user, *files):
    subprocess.run([f"{BIN}/psql", "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--single-transaction",
                    *[f"--file={file}" for file in files], url(database, user)], check=True, capture_output=True, text=True)


def tables_of(database):
    """Every table that holds rows under its own name: ordinary and partitioned ones, not partitions, not godwit's."""
    return [tuple(row) for row in psql(database, """
        SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition
          AND n.nspname NOT IN ('godwit', 'pg_catalog', 'information_schema') AND n.nspname !~ '^pg_toast' ORDER BY 1, 2""")]


def quoted(*names):
    return ".".join('"' + name.replace('"', '""') + '"' for name in names)


def literal(text):
    return "'" + text.replace("'", "''") + "'"


def dump_database(database):
    """One digest per table over all its rows in a fixed order."""
    parts = [f"""SELECT {literal(schema + '.' + table)}, count(*), encode(sha256(convert_to(
                 coalesce(string_agg(t::text, E'\\n' ORDER BY t::text COLLATE "C"), ''), 'UTF8')), 'hex')
                 FROM {quoted(schema, table)} AS t""" for schema, table in tables_of(database)]
    return {name: (rows, digest) for name, rows, digest in psql(database, "\nUNION ALL\n".join(parts))}


def prepared_transactions(*databases):
    return psql("postgres", "SELECT gid FROM pg_prepared_xacts WHERE database IN (" + ", ".join(map(literal, databases)) + ")")


def make_accounts():
    """The example's two accounts; several test programs may make them at once."""
    psql("postgres", """
        SELECT pg_advisory_lock(7120031);
        DO $$ BEGIN
          IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'admin_user') THEN
            CREATE ROLE readonly_user LOGIN; GRANT pg_read_all_data TO readonly_user;
            CREATE ROLE admin_user LOGIN;
          END IF;
        END $$;""")


class PostgresWorld(unittest.TestCase):
    """A fresh folder with the example's configuration and fresh certification databases for every test."""

    scale = "0.1"
    districts_in_cert = "2,3"

    @classmethod
    def setUpClass(cls):
        make_accounts()
        cls.token = "k12_" + secrets.token_hex(4)
        cls.template = tempfile.mkdtemp(prefix="godwit-pg-world-")
        cls.write_fixture(cls.districts_in_cert)
        for store in STORES:
            files = [f"{cls.template}/{store}.schema.sql", f"{cls.template}/{store}.data.sql"]
            psql("postgres", f"CREATE DATABASE {cls.database('prod', store)}")
            psql_files(cls.database("prod", store), "postgres", *files)
        cls.make_template(cls.districts_in_cert)

    @classmethod
    def write_fixture(cls, districts):
        subprocess.run([FIXTURE, cls.template, "--dialect", "postgres", "--scale", cls.scale, "--cert", districts, "--example",
                        "--oracle"], check=True, capture_output=True)

    @classmethod
    def template_name(cls, store, districts):
        return f"{cls.token}_template_{districts.replace(',', '_')}_{store}"

    @classmethod
    def make_template(cls, districts):
        """What certification holds before a run, loaded by the account that owns it."""
        for store in STORES:
            database = cls.template_name(store, districts)
            psql("postgres", f"CREATE DATABASE {database} OWNER admin_user")
            psql_files(database, "admin_user", f"{cls.template}/{store}.schema.sql", f"{cls.template}/{store}.cert.sql")

    @classmethod
    def tearDownClass(cls):
        for (database,) in psql("postgres", f"SELECT datname FROM pg_database WHERE datname LIKE '{cls.token}%'"):
            psql("postgres", f"DROP DATABASE {database} WITH (FORCE)")
        shutil.rmtree(cls.template, ignore_errors=True)

    @classmethod
    def database(cls, environment, store):
        return f"{cls.token}_{environment}_{store}"

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="godwit-test-")
        for name in ["godwit.yml", "masks.yml", "checks.yml"]:
            shutil.copy(f"{self.template}/{name}", self.folder)
        self.point_at_the_scratch_server()
        self.fresh_target()

    def fresh_target(self, districts=None):
        for store in STORES:
            database = self.database("cert", store)
            self.forget_prepared(database)
            psql("postgres", f"""DROP DATABASE IF EXISTS {database} WITH (FORCE);
                CREATE DATABASE {database} OWNER admin_user TEMPLATE
                {self.template_name(store, districts or self.districts_in_cert)} STRATEGY file_copy;""")

    @staticmethod
    def forget_prepared(database):
        for (gid,) in prepared_transactions(database):
            psql(database, f"ROLLBACK PREPARED {literal(gid)}")

    def tearDown(self):
        for store in STORES:
            self.forget_prepared(self.database("cert", store))
        shutil.rmtree(self.folder, ignore_errors=True)

    def point_at_the_scratch_server(self):
        """The example as it is shipped, but for port, database and the authority to trust."""
        path = pathlib.Path(self.folder) / "godwit.yml"

        def here(match):
            environment, store = match.group(1).lower(), match.group(2).lower()
            return (f'host: "${{env:{match.group(1)}_{match.group(2)}_HOST}}", port: {PORT}, tls_root_certificate: "{CA}", '
                    f"database: {self.database(environment, store)}")

        text, places = re.subn(r'host: "\$\{env:(PROD|CERT)_(\w+)_HOST\}", database: \w+', here, path.read_text())
        self.assertEqual(places, 2 * len(STORES))
        path.write_text(text)

    def environment(self):
        settings = {"ANONYMIZATION_SALT": TEST_KEY}
        for environment, (_, password) in ACCOUNTS.items():
            for store in STORES:
                settings[f"{environment}_{store}_HOST".upper()] = "127.0.0.1"
                settings[f"{environment}_{store}_PASSWORD".upper()] = password
        return settings

    def godwit(self, *arguments, environment=None):
        outcome = run(*arguments, cwd=self.folder, environment={**self.environment(), **(environment or {})})
        for _, password in ACCOUNTS.values():
            self.assertNotIn(password, outcome.stdout + outcome.stderr)
        return outcome

    def start(self, *arguments, environment=None, **options):
        return subprocess.Popen([BINARY, *arguments], cwd=self.folder, text=True, stdin=subprocess.DEVNULL,
                                env={**os.environ, **self.environment(), **(environment or {})}, **options)

    def edit(self, name, old, new):
        path = pathlib.Path(self.folder) / name
        text = path.read_text()
        self.assertIn(old, text)
        path.write_text(text.replace(old, new, 1))

    def targets(self):
        return [self.database("cert", store) for store in STORES]

    def dump_target(self):
        return {store: dump_database(self.database("cert", store)) for store in STORES}

    def assert_refused(self, outcome, code, *words):
        self.assertEqual(outcome.code, code, outcome.stderr)
        for word in words:
            self.assertIn(word, outcome.stderr)
