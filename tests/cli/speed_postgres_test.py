#!/usr/bin/env python3
"""The line that says how much of the servers' speed a run reached: measured where rows stream, and it follows them."""
import pathlib
import re
import unittest

from metrics_test import read_metrics
from postgres_world import psql
from three_stores import ThreeStores

LINE = re.compile(r"speed, of what the servers can do: (\d+) % while reading \(.* of .* waited for them\), "
                  r"(\d+) % while writing \(.* of .* waited for them\)")


class Speed(ThreeStores):
    def run_it(self):
        outcome = self.godwit("run", "district", "district-001", "--metrics", "run.prom")
        self.assertEqual(outcome.code, 0, outcome.stderr)
        found = LINE.search(outcome.stdout)
        self.assertTrue(found, outcome.stdout)
        samples = read_metrics(pathlib.Path(self.folder, "run.prom").read_text())
        streams = {(name, dict(labels)["direction"]): value for (name, labels), value in samples.items() if name.startswith("godwit_stream")}
        for direction, share in zip(["read", "write"], map(int, found.groups())):
            total, waited = streams["godwit_stream_duration_seconds", direction], streams["godwit_stream_waited_seconds", direction]
            self.assertTrue(0 <= waited <= total, streams)
            self.assertEqual(share, int(100 * waited / total + 1e-6))
        return int(found.group(2)), streams["godwit_stream_duration_seconds", "write"]

    def test_it_follows_the_servers(self):
        psql(self.database("cert", "scores"), """CREATE FUNCTION slowly() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.02); RETURN NEW; END $$;
            CREATE TRIGGER slowly BEFORE INSERT ON scores FOR EACH ROW EXECUTE FUNCTION slowly();""", "admin_user")
        share, seconds = self.run_it()
        self.assertGreater(seconds, 80 * 0.02, "eighty rows of 20 ms each")
        self.assertGreaterEqual(share, 80, "the server took its time, nobody else")


if __name__ == "__main__":
    unittest.main()
