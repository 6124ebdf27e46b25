#!/usr/bin/env python3
"""Adopting, from outside: the tool itself applies what it has, godwit adopts and goes on, the tool agrees and takes one back,
godwit sees it. PostgreSQL; the tools are the real ones (scripts/install-rival)."""
import unittest

import history_world
from history_world import AdoptionTest, Postgres


class Adoption(AdoptionTest):
    def setUp(self):
        super().setUp()
        self.database = Postgres(self)

    def test_dbmate(self):
        def dbmate(*command):
            return self.call(history_world.rival("dbmate") / "node_modules/.bin/dbmate", "--no-dump-schema", "--migrations-dir",
                             self.folder / "db/migrations", "--url", self.database.url, *command)

        for number, name in ((1, "person"), (2, "note"), (3, "tag")):
            self.write(f"db/migrations/00{number}_{name}.sql", f"-- migrate:up\nCREATE TABLE {name} (id int);\n-- migrate:down\nDROP TABLE {name};\n")
            if number == 2:
                dbmate("up")
        self.adopt("dbmate", applied=2, pending=1)
        self.upgrade(1)
        self.assertIn("Pending: 0", dbmate("status"))
        dbmate("rollback")
        self.assertEqual(self.godwit("db", "status")["pending_files"], ["003_tag.sql"])
        self.assertEqual(self.godwit("db", "downgrade", "--ci")["rolled_back"], 1)
        self.assertIn("Applied: 1", dbmate("status"))

    def test_goose(self):
        def goose(*command):
            return self.call(history_world.rival("goose") / "bin/goose", "-dir", self.folder / "migrations", "postgres", self.database.url, *command)

        for number, name in ((1, "person"), (2, "note"), (3, "tag")):
            self.write(f"migrations/0000{number}_{name}.sql", f"-- +goose Up\nCREATE TABLE {name} (id int);\n-- +goose Down\nDROP TABLE {name};\n")
            if number == 2:
                goose("up")
        self.adopt("goose", applied=2, pending=1)
        self.upgrade(1)
        goose("up")
        self.assertEqual(self.database.rows("SELECT max(version_id) AS v FROM goose_db_version"), [["3"]])
        goose("down")
        self.assertEqual(self.godwit("db", "status")["pending"], 1)
        self.assertEqual(self.godwit("db", "downgrade", "--ci")["rolled_back"], 1)
        self.assertEqual(self.database.rows("SELECT max(version_id) AS v FROM goose_db_version"), [["1"]])

    def test_golang_migrate(self):
        def migrate(*command):
            return self.call(history_world.rival("golang-migrate") / "bin/migrate", "-path", self.folder / "migrations", "-database",
                             self.database.url, *command)

        for number, name in ((1, "person"), (2, "note"), (3, "tag")):
            self.write(f"migrations/{number}_{name}.up.sql", f"CREATE TABLE {name} (id int);\n")
            self.write(f"migrations/{number}_{name}.down.sql", f"DROP TABLE {name};\n")
            if number == 2:
                migrate("up")
        self.adopt("golang-migrate", applied=2, pending=1)
        self.upgrade(1)
        self.assertEqual(self.database.rows("SELECT version, dirty FROM schema_migrations"), [["3", "f"]])
        migrate("down", "1")
        self.assertEqual(self.godwit("db", "status")["pending"], 1)
        self.assertEqual(self.godwit("db", "downgrade", "--ci")["rolled_back"], 1)
        self.assertEqual(self.database.rows("SELECT version, dirty FROM schema_migrations"), [["1", "f"]])


if __name__ == "__main__":
    unittest.main()
