#!/usr/bin/env python3
"""golang-migrate: its one row, dirty and clean; each goes on where the other stopped; the lock is the tool's own."""
import json
import unittest

import history_world
from history_world import HistoryTest, Postgres, Sqlite

FILES = {
    "000001_person.up.sql": "CREATE TABLE person (id int);\n",
    "000001_person.down.sql": "DROP TABLE person;\n",
    "000002_note.up.sql": "CREATE TABLE note (id int);\n",
    "000002_note.down.sql": "DROP TABLE note;\n",
    "000003_tag.up.sql": "CREATE TABLE tag (id int);\n",
    "000003_tag.down.sql": "DROP TABLE tag;\n",
}
ROWS = "SELECT version, dirty FROM schema_migrations"


class GolangMigrate(HistoryTest):
    tool = "golang-migrate"
    files = FILES

    def migrate(self, database, *command, code=0):
        url = database.url if database.dialect == "postgres" else f"sqlite://{database.path}"
        return self.call(history_world.rival("golang-migrate") / "bin/migrate", "-path", self.folder, "-database", url, *command,
                         code=code)

    def compare(self, kind):
        theirs, ours = kind(self), kind(self)
        self.migrate(theirs, "up", "2")
        self.create(ours)
        first, second, third = self.migrations(ours)
        self.apply(ours, first)
        self.apply(ours, second)
        self.assertEqual(ours.shape("schema_migrations"), theirs.shape("schema_migrations"))
        self.assertEqual(ours.rows(ROWS), theirs.rows(ROWS))
        self.assertEqual(self.state(theirs), {"applied": ["1", "2"], "failed": [], "changed": []})
        self.migrate(ours, "up")
        self.apply(theirs, third)
        self.assertEqual(ours.rows(ROWS), theirs.rows(ROWS))
        for migration in (third, second, first):
            self.undo(ours, migration)
            self.migrate(theirs, "down", "1")
            self.assertEqual(ours.rows(ROWS), theirs.rows(ROWS))
        self.assertEqual(self.state(theirs)["applied"], [])
        # What fails leaves it dirty, on the way up and on the way down.
        self.write("000001_person.up.sql", "CREATE TABLE person (broken;\n")
        self.migrate(theirs, "up", code=1)
        ours.run(self.probe(ours, "begin-up", "1"))
        self.assertEqual(ours.rows(ROWS), theirs.rows(ROWS))
        self.assertEqual(self.state(theirs)["failed"], ["1"])
        self.migrate(theirs, "force", "1")
        self.write("000001_person.down.sql", "DROP TABLE broken broken;\n")
        self.migrate(theirs, "down", "1", code=1)
        ours.run(self.probe(ours, "begin-down", "1"))
        self.assertEqual(ours.rows(ROWS), theirs.rows(ROWS))
        self.assertEqual(self.state(theirs)["failed"], ["-1"])

    def test_postgres(self):
        self.compare(Postgres)

    def test_sqlite(self):
        self.compare(Sqlite)

    # While it migrates, the tool holds one of the keys that we take.
    def test_lock(self):
        database = Postgres(self)
        self.write("000001_person.up.sql", """
            CREATE TABLE seen AS SELECT (classid::bigint << 32) | objid::bigint AS key FROM pg_locks
            WHERE locktype = 'advisory' AND pid = pg_backend_pid();""")
        self.migrate(database, "up", "1")
        held = [int(row[0]) for row in database.rows("SELECT key FROM seen")]
        keys = json.loads(self.probe(database, "lock", database.name))["keys"]
        self.assertEqual(len(held), 1)
        self.assertIn(held[0], keys)


if __name__ == "__main__":
    unittest.main()
