#!/usr/bin/env python3
"""goose: its table, its rows; it goes on where we stopped, and we where it did."""
import unittest

import history_world
from history_world import HistoryTest, Postgres, Sqlite

FILES = {
    "00001_person.sql": "-- +goose Up\nCREATE TABLE person (id int);\n-- +goose Down\nDROP TABLE person;\n",
    "00002_note.sql": "-- +goose Up\n-- +goose StatementBegin\nCREATE TABLE note (id int);\n-- +goose StatementEnd\n"
                      "-- +goose Down\nDROP TABLE note;\n",
    "00003_tag.sql": "-- +goose Up\nCREATE TABLE tag (id int);\n-- +goose Down\nDROP TABLE tag;\n",
}
ROWS = "SELECT id, version_id, is_applied FROM goose_db_version ORDER BY id"


class Goose(HistoryTest):
    tool = "goose"
    files = FILES

    def goose(self, database, *command):
        driver, url = ("postgres", database.url) if database.dialect == "postgres" else ("sqlite3", database.path)
        return self.call(history_world.rival("goose") / "bin/goose", "-dir", self.folder, driver, url, *command)

    def compare(self, kind):
        theirs, ours = kind(self), kind(self)
        self.goose(theirs, "up-to", "2")
        self.create(ours)
        first, second, third = self.migrations(ours)
        self.apply(ours, first)
        self.apply(ours, second)
        self.assertEqual(ours.shape("goose_db_version"), theirs.shape("goose_db_version"))
        self.assertEqual(ours.rows(ROWS), theirs.rows(ROWS))
        self.assertEqual(self.state(theirs), {"applied": ["1", "2"], "failed": [], "changed": []})
        # Each goes on with what the other began.
        self.assertIn("OK   00003_tag.sql", self.goose(ours, "up"))
        self.apply(theirs, third)
        self.assertEqual(ours.rows(ROWS), theirs.rows(ROWS))
        self.assertIn("no migrations to run", self.goose(theirs, "up"))
        # And back.
        self.undo(ours, third)
        self.goose(theirs, "down")
        self.assertEqual(ours.rows(ROWS), theirs.rows(ROWS))
        self.assertIn("current version: 2", self.goose(ours, "up-to", "2"))
        self.assertEqual(self.state(theirs)["applied"], ["1", "2"])

    def test_postgres(self):
        self.compare(Postgres)

    def test_sqlite(self):
        self.compare(Sqlite)

    # What goose refuses, we refuse; what it takes, we take.
    def test_files_that_goose_refuses(self):
        database = Sqlite(self)
        for text in ["-- nothing\n", "SELECT 1;\n-- +goose Up\n", "-- +goose Up\nSELECT 1\n", "-- +goose Up\nSELECT ';'\n",
                     "-- +goose Up\n-- +goose Up\n", "-- +goose Down\n", "-- +goose Up\n  -- +goose Down\n",
                     "-- +goose Up\n-- +goose StatementBegin\nSELECT 1;\n", "-- +goose Up\n-- +goose Other\n"]:
            self.write("00001_person.sql", text)
            with self.subTest(text):
                self.assertIn("00001_person.sql", self.call(
                    history_world.rival("goose") / "bin/goose", "-dir", self.folder, "sqlite3", database.path, "up", code=1))
                with self.assertRaisesRegex(AssertionError, "00001_person.sql:"):
                    self.migrations(database)


if __name__ == "__main__":
    unittest.main()
