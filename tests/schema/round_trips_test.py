#!/usr/bin/env python3
"""How often an upgrade waits for the server: what a slow network makes of it."""
import pathlib
import sys
import unittest
import urllib.parse

from migrated_database import Migrated

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from slow_wire import SlowWire  # noqa: E402


class RoundTrips(Migrated):
    kind = "postgres"

    def setUp(self):
        super().setUp()
        settings = self.folder / "godwit.yml"
        settings.write_text(settings.read_text().replace("tls: prefer", "tls: disable"))  # a handshake takes its own
        parts = urllib.parse.urlparse(self.url)
        # Slow enough that what is sent without waiting is under way before the first answer comes, on a busy machine too.
        self.wire = SlowWire(parts.port, round_trip_ms=100)
        self.addCleanup(self.wire.close)
        self.slow_url = f"postgresql://{parts.username}@127.0.0.1:{self.wire.port}{parts.path}"

    def waits_of_an_upgrade(self):
        """Of its first connection: another one watches a migration that takes long, and nothing waits for it."""
        before = len(self.wire.round_trips)
        self.godwit("db", "upgrade", "--ci", environment={"DATABASE_URL": self.slow_url})
        return self.wire.round_trips[before]

    def write_tables(self, first, last):
        for number in range(first, last + 1):
            self.write(f"{number}_t.sql", f"CREATE TABLE t{number} (id int);\nCREATE INDEX ON t{number} (id);\n")

    def test_nothing_to_do_is_three(self):
        self.write_tables(1, 5)
        self.waits_of_an_upgrade()
        self.assertEqual(self.waits_of_an_upgrade(), 3)

    def test_a_migration_is_one(self):
        self.write_tables(1, 1)
        self.waits_of_an_upgrade()
        self.write_tables(2, 2)
        one = self.waits_of_an_upgrade()
        self.write_tables(3, 22)
        self.assertEqual(self.waits_of_an_upgrade() - one, 19)


if __name__ == "__main__":
    unittest.main()
