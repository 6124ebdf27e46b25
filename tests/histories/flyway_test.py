#!/usr/bin/env python3
"""Flyway: its table, ranks and checksums; it finds our rows valid and goes on; its lock is ours."""
import json
import unittest

import history_world
from history_world import HistoryTest, Postgres, Sqlite, SERVER

FILES = {
    "V1__person_of_${name}.sql": "CREATE TABLE person (id int);\r\n-- ${name}\r\n",
    "V1_2__note.sql": "\ufeffCREATE TABLE note (x text DEFAULT 'é ${name}');  \n",
    "sub/V002.0__tag.sql": "CREATE TABLE tag (id int);",
    "V10__last.sql": "CREATE TABLE last_one (id int);\n",
    "R__view.sql": "DROP VIEW IF EXISTS people; CREATE VIEW people AS SELECT '${name}' AS name;\n",
    "beforeMigrate__nothing.sql": "SELECT 1;",
    "v3__unseen.sql": "SELECT broken;",
}
ROWS = "SELECT installed_rank, version, description, type, script, checksum, installed_by, success FROM flyway_schema_history " \
       "ORDER BY installed_rank"


class Flyway(HistoryTest):
    tool = "flyway"
    files = FILES
    options = ("--placeholder.name=somebody",)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.classes = history_world.java_classes(cls, "FlywayRunner", history_world.rival("flyway"))

    def flyway(self, database, *command, target="latest", code=0):
        url = database.url if database.dialect == "postgres" else ""
        jdbc = f"jdbc:postgresql://127.0.0.1:{SERVER.port}/{database.name}" if url else f"jdbc:sqlite:{database.path}"
        return self.call("java", "-XX:TieredStopAtLevel=1", "-cp", self.classes, "FlywayRunner", jdbc, "postgres" if url else "", self.folder, target, *command,
                         "name=somebody", code=code)

    def compare(self, kind):
        theirs, ours = kind(self), kind(self)
        self.flyway(theirs, "migrate", target="2")
        self.create(ours)
        first, second, third, last, view = self.migrations(ours)
        for migration in (first, second, third, view):
            self.apply(ours, migration)
        self.assertEqual(ours.shape("flyway_schema_history"), theirs.shape("flyway_schema_history"))
        self.assertEqual(ours.rows(ROWS), theirs.rows(ROWS))
        self.assertEqual(self.state(theirs), {"applied": ["1", "1.2", "002.0", "R__view"], "failed": [], "changed": []})
        self.assertIn("executed 1", self.flyway(ours, "migrate"))
        self.apply(theirs, last)
        self.assertEqual(ours.rows(ROWS), theirs.rows(ROWS))
        self.flyway(theirs, "validate")
        # Edited: they say so, we say so.
        self.write("V10__last.sql", "CREATE TABLE last_one (id bigint);\n")
        self.assertIn("checksum mismatch", self.flyway(theirs, "validate", code=1))
        self.assertEqual(self.state(theirs)["changed"], ["10"])
        # A repeatable script that changed is pending for both.
        self.write("V10__last.sql", FILES["V10__last.sql"])
        self.write("R__view.sql", FILES["R__view.sql"] + "-- changed\n")
        self.assertEqual(self.state(theirs)["changed"], ["R__view"])
        self.assertIn("executed 1", self.flyway(theirs, "migrate"))
        self.assertEqual(self.state(theirs)["changed"], [])

    def test_postgres(self):
        self.compare(Postgres)

    def test_sqlite(self):
        self.compare(Sqlite)

    # A baseline stands for what lies below it.
    def test_baseline(self):
        database = Sqlite(self)
        self.flyway(database, "baseline")
        self.assertEqual(self.state(database)["applied"], ["1"])

    # What we take back, Flyway applies again.
    def test_undone(self):
        database = Sqlite(self)
        self.flyway(database, "migrate")
        last = next(migration for migration in self.migrations(database) if migration["revision"] == "10")
        last["down"] = {"sql": "DROP TABLE last_one;"}
        self.undo(database, last)
        self.assertNotIn("10", self.state(database)["applied"])
        self.assertIn("executed 1", self.flyway(database, "migrate"))

    # While it migrates, it holds the key that we take.
    def test_lock(self):
        database = Postgres(self)
        self.write("V10__last.sql", """
            CREATE TABLE last_one AS SELECT (classid::bigint << 32) | objid::bigint AS key FROM pg_locks
            WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database());""")
        self.flyway(database, "migrate")
        held = [int(row[0]) for row in database.rows("SELECT DISTINCT key FROM last_one")]
        self.assertEqual(held, json.loads(self.probe(database, "lock", database.name))["keys"])


if __name__ == "__main__":
    unittest.main()
