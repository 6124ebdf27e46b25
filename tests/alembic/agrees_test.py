#!/usr/bin/env python3
"""agrees_test.py PROBE: godwit and the real Alembic agree on random graphs.

Heads, labels, order, listings, the rows after every step and every error, on seeded folders of revisions; and a check of the
check: a probe that answers wrongly is found out. The real Alembic comes from scripts/install-rival.
"""
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
GRAPHS = 100
PROBE = sys.argv.pop() if len(sys.argv) > 1 else ""


class AlembicAgrees(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        installer = ROOT / "scripts" / "install-rival"
        subprocess.run([installer, "alembic"], check=True, stdout=subprocess.DEVNULL)
        home = subprocess.run([installer, "--path", "alembic"], check=True, capture_output=True, text=True).stdout.strip()
        cls.python = pathlib.Path(home, "bin", "python")

    def compare(self, probe, seed, graphs):
        return subprocess.run([self.python, "-B", HERE / "differential.py", probe, str(seed), str(graphs)],
                              capture_output=True, text=True, timeout=500)

    def test_random_graphs(self):
        done = self.compare(PROBE, 20261121, GRAPHS)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        counts = json.loads(done.stdout)
        self.assertEqual(counts["folders"], GRAPHS)
        self.assertGreater(counts["moves"], 3 * GRAPHS)
        self.assertGreater(counts["steps"], 8 * GRAPHS)
        self.assertGreater(counts["errors"], GRAPHS)
        self.assertGreater(counts["folders refused by both"], 3)
        self.assertLess(counts.get("crashes of alembic where godwit goes on", 0), GRAPHS // 8, counts)

    def test_wrong_answers_are_found_out(self):
        with tempfile.TemporaryDirectory() as folder:
            wrong = pathlib.Path(folder, "probe")
            wrong.write_text(f"#!/bin/sh\nexec '{PROBE}' \"$@\" | sed -u 's/\"steps\":\\[\\[\"./\"steps\":[[\"_/'\n",
                             encoding="utf-8")
            wrong.chmod(0o755)
            done = self.compare(wrong, 20261121, 20)
            self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
            self.assertIn("difference in", done.stdout)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], "-v"])
