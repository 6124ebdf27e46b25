#!/usr/bin/env python3
"""How a database is named: by a URL, by parts of one, or by fields, each from the environment; with a password and a name of a
database that a URL cannot hold as they are. On a server that demands the password."""
import subprocess
import urllib.parse
import uuid

from migrated_database import SERVER, Migrated, psql, unittest

PASSWORD = "p@s:s/w%41?x#1 &=é+'\"\\ ü"
HOST, PORT = urllib.parse.urlparse(SERVER).hostname, urllib.parse.urlparse(SERVER).port


class Address(Migrated):
    kind = "postgres"

    def setUp(self):
        super().setUp()
        self.role = f"Rôle {uuid.uuid4().hex[:8]}@x"
        self.odd_name = f"db {uuid.uuid4().hex[:8]}/?#%é"
        literal = PASSWORD.replace("'", "''")
        psql(SERVER, f"""SET standard_conforming_strings = on;
            CREATE ROLE "{self.role}" LOGIN PASSWORD '{literal}' IN ROLE godwit_password_test;""")
        psql(SERVER, f'CREATE DATABASE "{self.odd_name}" OWNER "{self.role}"')
        self.write("1_person.sql", "CREATE TABLE person (id int);")
        self.write("1_person.down.sql", "DROP TABLE person;")

    def tearDown(self):
        psql(SERVER, f'DROP DATABASE IF EXISTS "{self.odd_name}" WITH (FORCE)')
        psql(SERVER, f'DROP ROLE IF EXISTS "{self.role}"')
        super().tearDown()

    def configure(self, address):
        (self.folder / "godwit.yml").write_text(
            "version: 1\nproject: test\ndatabases:\n  app:\n    migrations: {directory: migrations}\n"
            f"    environments:\n      local: {{{address}, tls: prefer}}\n")

    def parts(self, **changed):
        return {"DB_HOST": HOST, "DB_PORT": str(PORT), "DB_NAME": self.odd_name, "DB_USER": self.role, "DB_PASSWORD": PASSWORD, **changed}

    def works(self, **environment):
        self.assertEqual(self.json("db", "status", environment=environment)["pending"], 1)
        self.assertEqual(self.json("db", "upgrade", "--ci", environment=environment)["applied"], 1)
        self.assertEqual(self.json("db", "downgrade", "--ci", environment=environment)["rolled_back"], 1)

    FIELDS = 'host: "${env:DB_HOST}", port: "${env:DB_PORT}", database: "${env:DB_NAME}", user: "${env:DB_USER}", password: "${env:DB_PASSWORD}"'

    def test_fields(self):
        self.configure(self.FIELDS)
        self.works(**self.parts())
        wrong = self.godwit("db", "status", environment=self.parts(DB_PASSWORD="wrong"), code=5)
        self.assertNotIn("wrong", wrong.stdout + wrong.stderr)

    # pg_dump and pg_restore reach it too, and nothing of the password stands in a report.
    def test_programs_of_postgresql(self):
        self.configure(self.FIELDS)
        psql(SERVER, f'ALTER ROLE "{self.role}" CREATEDB')
        self.json("db", "upgrade", "--ci", "--backup", environment=self.parts())
        self.json("db", "backup", "--verify", environment=self.parts())
        found = subprocess.run(["grep", "-rlF", PASSWORD, self.folder], capture_output=True, text=True)
        self.assertEqual(found.stdout, "")

    def test_a_url_of_parts(self):
        # In front of the '@' what a reference stands for is encoded; the name of the database behind it is not.
        quoted = urllib.parse.quote(self.odd_name, safe="")
        self.configure(f'url: "postgresql://${{env:DB_USER}}:${{env:DB_PASSWORD}}@{HOST}:{PORT}/{quoted}"')
        self.works(**self.parts())

    def test_a_whole_url(self):
        self.configure('url: "${env:DATABASE_URL}"')
        encoded = [urllib.parse.quote(text, safe="") for text in (self.role, PASSWORD, self.odd_name)]
        self.works(DATABASE_URL=f"postgres://{encoded[0]}:{encoded[1]}@{HOST}:{PORT}/{encoded[2]}")

    def test_a_port_that_is_none(self):
        self.configure(self.FIELDS)
        for port in ("five", "0", "70000", "5432x"):
            refused = self.godwit("db", "status", environment=self.parts(DB_PORT=port), code=2)
            self.assertIn("what port refers to is no number from 1 to 65535", refused.stderr)
        refused = self.godwit("db", "status", environment=self.parts(DB_PORT=""), code=2)
        self.assertIn("DB_PORT is set but empty", refused.stderr)

    # `schema` is where names without a schema go.
    def test_schema(self):
        self.configure('url: "${env:DATABASE_URL}", schema: Other')
        psql(self.url, 'CREATE SCHEMA "Other"')
        self.json("db", "upgrade", "--ci")
        self.assertEqual(self.sql("SELECT schemaname FROM pg_tables WHERE tablename = 'person'"), [["Other"]])


if __name__ == "__main__":
    unittest.main()
