#!/usr/bin/env python3
"""Knex: its two tables, its batches, its lock row; each goes on where the other stopped."""
import json
import subprocess
import unittest

import history_world
from history_world import BIN, HistoryTest, Postgres

JS = "exports.up = (knex) => knex.schema.createTable('{0}', (t) => {{ t.integer('id'); }});\n" \
     "exports.down = (knex) => knex.schema.dropTable('{0}');\n"
FILES = {
    "001_person.js": JS.format("person"),
    "002_note.js": JS.format("note"),
    "003_tag.js": JS.format("tag"),
    "004_unseen.sql": "SELECT broken;\n",
}
ROWS = "SELECT id, name, batch, migration_time IS NOT NULL AS timed FROM knex_migrations ORDER BY id"
LOCK = "SELECT * FROM knex_migrations_lock"


class Knex(HistoryTest):
    tool = "knex"
    files = FILES

    def knex(self, database, *command, code=0):
        home = history_world.rival("knex")
        (self.root / "knexfile.js").write_text(
            f"module.exports = {{client: 'pg', connection: {json.dumps(database.url)}, migrations: {{directory: './migrations'}}}};")
        if not (self.root / "node_modules").exists():
            (self.root / "node_modules").symlink_to(home / "node_modules")
        return self.call(self.root / "node_modules/.bin/knex", *command, code=code)

    def adopt(self, database, revision):
        """What the file would have done, and our row."""
        record = self.probe(database, "record", revision, rows=self.recorded(database))
        database.run(f"BEGIN; CREATE TABLE {revision[4:-3]} (id integer); {record} COMMIT;")

    def test_postgres(self):
        theirs, ours = Postgres(self), Postgres(self)
        tag = self.folder / "003_tag.js"
        tag.unlink()
        self.knex(theirs, "migrate:latest")
        tag.write_text(FILES[tag.name])
        self.create(ours)
        self.assertEqual([m["revision"] for m in self.migrations(ours)], ["001_person.js", "002_note.js", "003_tag.js"])
        self.adopt(ours, "001_person.js")
        self.adopt(ours, "002_note.js")
        tables = ("knex_migrations", "knex_migrations_lock")
        self.assertEqual(ours.shape(*tables), theirs.shape(*tables))
        self.assertEqual(ours.rows(ROWS), theirs.rows(ROWS))
        self.assertEqual(ours.rows(LOCK), theirs.rows(LOCK))
        self.assertEqual(self.state(theirs), {"applied": ["001_person.js", "002_note.js"], "failed": [], "changed": []})
        self.assertIn("Batch 2 run: 1 migrations", self.knex(ours, "migrate:latest"))
        self.assertEqual(self.state(ours)["applied"], ["001_person.js", "002_note.js", "003_tag.js"])
        # Undone by us, it is pending for Knex again.
        self.knex(theirs, "migrate:latest")
        record = self.probe(theirs, "unrecord", "003_tag.js", rows=self.recorded(theirs))
        theirs.run(f"BEGIN; DROP TABLE tag; {record} COMMIT;")
        self.assertIn("Batch 2 run: 1 migrations", self.knex(theirs, "migrate:latest"))
        self.assertIn("Batch 2 rolled back: 1 migrations", self.knex(ours, "migrate:rollback"))

    # While we hold its row, Knex waits or refuses, and changes nothing; a lock that was left behind is told.
    def test_lock(self):
        database = Postgres(self)
        self.knex(database, "migrate:status")
        lock = json.loads(self.probe(database, "lock", database.name))
        with subprocess.Popen([f"{BIN}/psql", "-XAtq", database.url], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              text=True) as holder:
            holder.stdin.write(f"BEGIN; {lock['row']} RETURNING 'held';\n")
            holder.stdin.flush()
            self.assertEqual(holder.stdout.readline(), "held\n")
            impatient = type("Impatient", (), {"url": database.url + "&options=-c%20lock_timeout%3D1000"})
            self.assertIn("lock timeout", self.knex(impatient, "migrate:latest", code=1))
            self.assertEqual(database.rows("SELECT name FROM knex_migrations"), [])
        self.assertEqual(database.rows(lock["holder"]), [])
        self.assertIn("3 migrations", self.knex(database, "migrate:latest"))
        database.run("UPDATE knex_migrations_lock SET is_locked = 1")
        self.assertEqual(database.run(f"{lock['row']} RETURNING 1;"), "")
        self.assertIn("migrate:unlock", database.rows(lock["holder"])[0][0])


if __name__ == "__main__":
    unittest.main()
