#!/usr/bin/env python3
"""The Supabase CLI: its table, with the statements of each file; `db push` goes on where we stopped."""
import unittest

import history_world
from history_world import HistoryTest, Postgres

FILES = {
    "20260101000000_person.sql": "-- people; and more\nCREATE TABLE person (id int);\n\n/* a; b */ INSERT INTO person VALUES (1) "
                                 "/* c; d */ ; ;\nINSERT INTO person VALUES (2)\n",
    "20260102000000_note.sql": "CREATE FUNCTION one() RETURNS text LANGUAGE sql AS $body$ SELECT 'a;b'; $body$;\n"
                               "CREATE TABLE note (\"x;y\" text DEFAULT 'it''s; so', z text DEFAULT E'\\\\n');\n-- the end;\n",
    "20260103000000_tag.sql": "CREATE TABLE tag (id int);",
}
ROWS = "SELECT version, name, CAST(statements AS text) FROM supabase_migrations.schema_migrations ORDER BY 1"


class Supabase(HistoryTest):
    tool = "supabase"
    files = FILES

    def setUp(self):
        super().setUp()
        (self.root / "supabase").mkdir()
        (self.root / "supabase/config.toml").write_text('project_id = "history"\n')
        self.folder.rename(self.root / "supabase/migrations")
        self.folder = self.root / "supabase/migrations"

    def push(self, database):
        return self.call(history_world.rival("supabase") / "node_modules/.bin/supabase", "db", "push", "--yes", "--workdir", self.root,
                         "--db-url", database.url, env={"DO_NOT_TRACK": "1", "SUPABASE_TELEMETRY_DISABLED": "1"})

    def test_postgres(self):
        theirs, ours = Postgres(self), Postgres(self)
        last = self.folder / "20260103000000_tag.sql"
        last.unlink()
        self.push(theirs)
        last.write_text(FILES[last.name])
        self.create(ours)
        first, second, third = self.migrations(ours)
        self.apply(ours, first)
        self.apply(ours, second)
        self.assertEqual(ours.shape("supabase_migrations.schema_migrations"),
                         theirs.shape("supabase_migrations.schema_migrations"))
        self.assertEqual(ours.rows(ROWS), theirs.rows(ROWS))
        self.assertEqual(self.state(theirs), {"applied": ["20260101000000", "20260102000000"], "failed": [], "changed": []})
        output = self.push(ours)
        self.assertIn("Applying migration 20260103000000_tag.sql", output)
        self.assertNotIn("note.sql", output)
        self.apply(theirs, third)
        self.assertEqual(ours.rows(ROWS), theirs.rows(ROWS))
        self.assertIn("up to date", self.push(theirs))


if __name__ == "__main__":
    unittest.main()
