#!/usr/bin/env python3
"""`godwit init --from FILE`: what it writes, `godwit db status` takes at once; no password is in it; and `-c devflow.yml` in
every command that reads it."""
import json
import pathlib
import shutil
import tempfile
import unittest
import urllib.parse
import uuid

from migrated_database import SERVER, psql
from godwit_program import run

HOST, PORT = urllib.parse.urlparse(SERVER).hostname, urllib.parse.urlparse(SERVER).port
HUSH = "hush4711"


class Conversion(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="godwit-conversion-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.name = "conversion_" + uuid.uuid4().hex[:12]
        psql(SERVER, f"CREATE DATABASE {self.name}")
        self.addCleanup(psql, SERVER, f"DROP DATABASE IF EXISTS {self.name} WITH (FORCE)")
        self.url = f"postgres://postgres@{HOST}:{PORT}/{self.name}?sslmode=prefer"

    def write(self, path, text):
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def godwit(self, *arguments, code=0, environment=None):
        outcome = run(*arguments, cwd=self.folder, environment=environment)
        self.assertEqual(outcome.code, code, f"{arguments}: {outcome.stdout}{outcome.stderr}")
        return outcome

    def convert(self, file, environment=None):
        """The notes; the file that was written has no secret."""
        said = json.loads(self.godwit("init", "--from", file, "--json", environment=environment).stdout)
        text = (self.folder / "godwit.yml").read_text()
        for part in (text, json.dumps(said)):
            self.assertNotIn(HUSH, part)
        self.settings = text
        return "\n".join(said["notes"])

    def status(self, tool, pending, *options, environment=None):
        status = json.loads(self.godwit("db", "status", *options, "--json", environment=environment).stdout)
        self.assertEqual((status["executor"], status["applied"], status["pending"]), (tool, 0, pending))

    def test_devflow(self):
        self.write("devflow.yml", "version: '1'\nproject: {name: shop}\ndatabase:\n  migrations: {directory: db, tracking_table: changes}\n"
                                  "  environments:\n    local: {url_env: SHOP_URL}\n    production: {url_env: SHOP_URL, require_approval: true}\n"
                                  "    elsewhere: {host: web-1}\n")
        self.write("db/20260101000000_person.sql", "CREATE TABLE person (id int);")
        notes = self.convert("devflow.yml")
        self.assertIn("environment elsewhere has neither", notes)
        self.assertIn("require_approval: true", self.settings)
        self.status("devflow", 1, environment={"SHOP_URL": self.url})
        self.godwit("db", "upgrade", "--ci", "--env", "production", code=6, environment={"SHOP_URL": self.url})

    # Every command works with devflow.yml alone.
    def test_devflow_as_it_stands(self):
        self.write("sub/devflow.yml", "project: {name: shop}\ndatabase:\n  migrations: {directory: db, tracking_schema: audit, tracking_table: changes}\n"
                                      "  environments: {local: {url_env: SHOP_URL}, production: {url_env: SHOP_URL, require_approval: true}, lost: {}}\n")
        self.write("sub/db/20260101000000_person.sql", "CREATE TABLE person (id int);")
        self.write("sub/db/20260101000000_person.down.sql", "DROP TABLE person;")
        psql(self.url, "CREATE SCHEMA audit")
        environment = {"SHOP_URL": self.url}
        for command in (["status"], ["check"], ["history"], ["heads"], ["lint"], ["upgrade", "--dry-run"], ["rehearse"], ["upgrade", "--ci"], ["drift"],
                        ["backup"], ["new", "A note"], ["downgrade", "--ci"], ["health"]):
            words = command if command == ["health"] else ["db", *command]
            with self.subTest(command=command):
                self.godwit(*words, "-c", "sub/devflow.yml", environment=environment, code=3 if command == ["check"] else 0)
        self.assertEqual(psql(self.url, "SELECT name, rolled_back_at IS NOT NULL FROM audit.changes"), "20260101000000_person.sql|t")
        self.assertFalse((self.folder / "godwit.yml").exists() or (self.folder / "sub/godwit.yml").exists())
        refused = self.godwit("db", "upgrade", "--ci", "--env", "production", "-c", "sub/devflow.yml", environment=environment, code=6)
        self.assertIn("approv", refused.stderr)
        lost = self.godwit("db", "status", "--env", "lost", "-c", "sub/devflow.yml", environment=environment, code=2)
        self.assertIn("environment lost has no address", lost.stderr)

    # The lock of devflow itself, whose key its specification gives.
    def test_devflow_lock(self):
        self.write("devflow.yml", "project: {name: aosentry}\ndatabase: {environments: {local: {url_env: SHOP_URL}}}\n")
        self.write("migrations/20260101000000_keys.sql",
                   "CREATE TABLE keys AS SELECT (classid::bigint << 32) | objid::bigint AS key FROM pg_locks WHERE locktype = 'advisory' "
                   "AND database = (SELECT oid FROM pg_database WHERE datname = current_database());")
        self.godwit("db", "upgrade", "--ci", "-c", "devflow.yml", environment={"SHOP_URL": self.url})
        self.assertIn("-8835714406236567165", psql(self.url, "SELECT key FROM keys").split("\n"))

    def test_alembic(self):
        self.write("alembic.ini", f"[alembic]\nscript_location = alembic\nsqlalchemy.url = postgresql+psycopg2://postgres:{HUSH}@{HOST}:{PORT}/{self.name}\n")
        self.write("alembic/versions/1_person.py", "revision = '0001'\ndown_revision = None\ndef upgrade():\n    pass\n")
        self.assertIn("set DB_PASSWORD", self.convert("alembic.ini"))
        self.status("alembic", 1, environment={"DB_PASSWORD": HUSH})

    # What env.py knows, the file does not.
    def test_alembic_without_a_url(self):
        self.write("alembic.ini", "[alembic]\nscript_location = %(here)s/db\nsqlalchemy.url = driver://user:pass@localhost/dbname\n")
        self.write("db/versions/1_person.py", "revision = '0001'\ndown_revision = None\ndef upgrade():\n    pass\n")
        self.assertIn("set DATABASE_URL", self.convert("alembic.ini"))
        self.status("alembic", 1, environment={"DATABASE_URL": self.url})

    def test_flyway_conf(self):
        self.write("conf/flyway.conf", f"flyway.url=jdbc:postgresql://{HOST}:{PORT}/{self.name}\nflyway.user=postgres\nflyway.password={HUSH}\n"
                                       "flyway.locations=filesystem:sql,classpath:db\nflyway.placeholders.who=me\nflyway.table=changes\n"
                                       "flyway.sqlMigrationPrefix=M\nflyway.outOfOrder=true\nflyway.placeholderSuffix=%\n")
        self.write("sql/M1__person.sql", "CREATE TABLE person (id int); -- ${who}")
        notes = self.convert("conf/flyway.conf")
        for part in ("set FLYWAY_PASSWORD", "classpath:db is not read", "flyway.placeholderSuffix is not carried over"):
            self.assertIn(part, notes)
        self.assertIn("late: apply", self.settings)
        self.assertIn("sql_migration_prefix: M", self.settings)
        self.status("flyway", 1, environment={"FLYWAY_PASSWORD": HUSH})

    def test_flyway_toml(self):
        self.write("flyway.toml", f'[environments.default]\nurl = "jdbc:postgresql://{HOST}:{PORT}/{self.name}"\nuser = "postgres"\npassword = "${{env.SHOP_PW}}"\n'
                                  '[environments.test]\nurl = "jdbc:mysql://h/d"\n[flyway]\nlocations = ["filesystem:db"]\nencoding = "ISO-8859-1"\n'
                                  '[flyway.placeholders]\nwho = "me"\n')
        self.write("db/V1__person.sql", "CREATE TABLE person (id int); -- ${who}")
        self.assertIn("the database of test is of another kind", self.convert("flyway.toml"))
        self.assertIn("encoding: ISO-8859-1", self.settings)
        self.status("flyway", 1, environment={"SHOP_PW": HUSH})

    def test_supabase(self):
        self.write("supabase/config.toml", f'project_id = "shop"\n\n[db]\nport = {PORT}\nmajor_version = 15\n')
        self.write("supabase/migrations/20260101000000_person.sql", "CREATE TABLE person (id int);")
        notes = self.convert("supabase/config.toml")
        self.assertIn("SUPABASE_DB_PASSWORD", notes)
        self.assertIn("project: shop", self.settings)
        self.status("supabase", 1, environment={"SUPABASE_DB_PASSWORD": HUSH})

    def test_dotenv_with_a_url(self):
        self.write(".env", f'# secrets\nexport DATABASE_URL="postgres://postgres:{HUSH}@{HOST}:{PORT}/{self.name}"\n')
        self.write("db/migrations/001_person.sql", "-- migrate:up\nCREATE TABLE person (id int);\n-- migrate:down\nDROP TABLE person;\n")
        self.assertIn("set -a; . ./.env; set +a", self.convert(".env"))
        self.status("dbmate", 1, environment={"DATABASE_URL": self.url.partition("?")[0]})

    def test_dotenv_with_fields(self):
        self.write(".env.test", f"DB_HOST={HOST}\nDB_PORT={PORT}\nDB_NAME={self.name}\nDB_USER=postgres\nDB_PASSWORD='{HUSH}'\n")
        self.convert(".env.test")
        fields = {"DB_HOST": HOST, "DB_PORT": str(PORT), "DB_NAME": self.name, "DB_USER": "postgres", "DB_PASSWORD": HUSH}
        self.status("godwit", 0, "--env", "test", environment=fields)

    KNEXFILE = """
const base = {client: 'postgresql', migrations: {tableName: 'knex_migrations', directory: './db/migrations'}};
const fields = name => ({host: process.env.DB_HOST || 'localhost', port: parseInt(process.env.DB_PORT) || 5432, user: process.env.DB_USER || 'me',
                         password: process.env.DB_PASSWORD || 'hush4711', database: process.env.DB_NAME || name});
module.exports = {
  development: {...base, connection: process.env.DATABASE_URL || fields('dev')},
  test: {...base, connection: {...fields('test'), password: 'hush4711', database: process.env.TEST_DB_NAME}},
  production: {...base, connection: {connectionString: process.env.PRODUCTION_URL, ssl: {rejectUnauthorized: false}}},
  embedded: {client: 'sqlite3', connection: {filename: './dev.db'}},
};
console.log('something of its own');
"""

    def test_knexfile(self):
        self.write("knexfile.js", self.KNEXFILE)
        self.write("db/migrations/001_person.js", "exports.up = async () => {};\nexports.down = async () => {};\n")
        notes = self.convert("knexfile.js")
        for part in ("a password stands in the knexfile", "environment embedded (sqlite3) is left out", "not set while the knexfile was read"):
            self.assertIn(part, notes)
        self.assertIn('production: {url: "${env:PRODUCTION_URL}"}', self.settings)
        fields = {"DB_HOST": HOST, "DB_PORT": str(PORT), "DB_NAME": self.name, "TEST_DB_NAME": self.name, "DB_USER": "postgres", "DB_PASSWORD": HUSH}
        self.status("knex", 1, "--env", "development", environment=fields)
        self.status("knex", 1, "--env", "test", environment=fields)
        self.status("knex", 1, "--env", "production", environment={"PRODUCTION_URL": self.url})

    # A variable that is set is one that the file chooses by.
    def test_knexfile_beside_a_url(self):
        self.write("knexfile.cjs", self.KNEXFILE)
        self.write("db/migrations/001_person.js", "exports.up = async () => {};\nexports.down = async () => {};\n")
        self.convert("knexfile.cjs", environment={"DATABASE_URL": f"postgres://u:{HUSH}@h/d"})
        self.assertIn('development: {url: "${env:DATABASE_URL}"}', self.settings)

    def test_knexfile_without_node(self):
        self.write("knexfile.js", self.KNEXFILE)
        empty = self.folder / "bin"
        empty.mkdir()
        refused = self.godwit("init", "--from", "knexfile.js", code=2, environment={"PATH": str(empty)})
        self.assertIn("node", refused.stderr)
        self.assertIn("write godwit.yml by hand", refused.stderr)
        self.write("knexfile.ts", "export default {}")
        self.assertIn("by hand", self.godwit("init", "--from", "knexfile.ts", code=2).stderr)
        self.write("knexfile.js", "throw new Error('it is broken')")
        self.assertIn("it is broken", self.godwit("init", "--from", "knexfile.js", code=2).stderr)

    def test_what_is_not_known(self):
        self.write("settings.json", "{}")
        self.assertIn("known are", self.godwit("init", "--from", "settings.json", code=2).stderr)
        self.assertIn("there is no file", self.godwit("init", "--from", "flyway.conf", code=2).stderr)
        self.write(".env", "PORT=3000\n")
        self.assertIn("no address", self.godwit("init", "--from", ".env", code=2).stderr)
        self.write("godwit.yml", "version: 1\n")
        self.assertIn("--force", self.godwit("init", "--from", ".env", code=2).stderr)


if __name__ == "__main__":
    unittest.main()
