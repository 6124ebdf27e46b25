#!/usr/bin/env python3
"""dbmate: its table of versions; it goes on where we stopped, and we where it did."""
import unittest

import history_world
from history_world import HistoryTest, Postgres, Sqlite

FILES = {
    "001_person.sql": "-- migrate:up\nCREATE TABLE person (id int);\n-- migrate:down\nDROP TABLE person;\n",
    "002_note.sql": "-- migrate:up transaction:false\nCREATE TABLE note (id int);\n\n-- migrate:down\nDROP TABLE note;\n",
    "003_tag.sql": "-- migrate:up\nCREATE TABLE tag (id int);\n-- migrate:down\nDROP TABLE tag;\n",
}
ROWS = "SELECT version FROM schema_migrations ORDER BY 1"


class Dbmate(HistoryTest):
    tool = "dbmate"
    files = FILES

    def dbmate(self, database, *command, code=0):
        url = database.url if database.dialect == "postgres" else f"sqlite:{database.path}"
        return self.call(history_world.rival("dbmate") / "node_modules/.bin/dbmate", "--no-dump-schema", "--migrations-dir",
                         self.folder, "--url", url, *command, code=code)

    def compare(self, kind):
        theirs, ours = kind(self), kind(self)
        (self.folder / "003_tag.sql").unlink()
        self.dbmate(theirs, "up")
        self.write("003_tag.sql", FILES["003_tag.sql"])
        self.create(ours)
        first, second, third = self.migrations(ours)
        self.assertFalse(second["up"]["transaction"])
        self.apply(ours, first)
        self.apply(ours, second)
        self.assertEqual(ours.shape("schema_migrations"), theirs.shape("schema_migrations"))
        self.assertEqual(ours.rows(ROWS), theirs.rows(ROWS))
        self.assertEqual(self.state(theirs), {"applied": ["001", "002"], "failed": [], "changed": []})
        self.assertIn("003_tag.sql", self.dbmate(ours, "up"))
        self.apply(theirs, third)
        self.assertEqual(ours.rows(ROWS), theirs.rows(ROWS))
        self.undo(ours, third)
        self.dbmate(theirs, "rollback")
        self.assertEqual(ours.rows(ROWS), theirs.rows(ROWS))
        self.assertEqual(self.state(theirs)["applied"], ["001", "002"])

    def test_postgres(self):
        self.compare(Postgres)

    def test_sqlite(self):
        self.compare(Sqlite)

    def test_files_that_dbmate_refuses(self):
        database = Sqlite(self)
        for text in ["", "SELECT 1;\n", "-- migrate:up\nSELECT 1;\n", "-- migrate:down\n-- migrate:up\n",
                     "SELECT 1;\n-- migrate:up\n-- migrate:down\n"]:
            self.write("001_person.sql", text)
            with self.subTest(text):
                self.assertIn("dbmate", self.dbmate(database, "up", code=2))
                with self.assertRaisesRegex(AssertionError, "001_person.sql:"):
                    self.migrations(database)


if __name__ == "__main__":
    unittest.main()
