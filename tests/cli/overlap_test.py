"""Loading beside extraction: what is masked enters the target's transaction while the rest is still being read; the
checks decide between commit and abandon. The table is large enough to be read in parts."""
import json
import os
import pathlib
import secrets
import shutil
import signal
import subprocess
import tempfile
import unittest

from godwit_program import BINARY, TEST_KEY, run
from postgres_world import dump_database, psql, url

ROWS = 230_000
SCHEMA = """
    CREATE TABLE districts (id text PRIMARY KEY);
    CREATE TABLE readings (id int PRIMARY KEY, district_id text NOT NULL REFERENCES districts, last_name text NOT NULL,
      amount numeric(12,2) NOT NULL, note text NOT NULL);"""
FILL = f"""
    INSERT INTO districts VALUES ('d1');
    INSERT INTO readings SELECT n, 'd1', 'Planted' || n, n / 4.0, repeat(md5(n::text), 14) FROM generate_series(1, {ROWS}) n;
    VACUUM ANALYZE readings;"""
MASKS = """version: 1
defaults: true
rules:
  - {name: names, match: {column: last_name}, mask: {strategy: dictionary, dictionary: last_name}}
  - {name: kept, match: {column: "id|district_id|amount|note"}, mask: {strategy: keep, reason: made up for a test}}
"""


class Overlap(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.token = "overlap_" + secrets.token_hex(4)
        cls.prod, cls.cert = cls.token + "_prod", cls.token + "_cert"
        psql("postgres", f"CREATE DATABASE {cls.prod}")
        psql(cls.prod, SCHEMA)
        psql(cls.prod, FILL)

    @classmethod
    def tearDownClass(cls):
        for database in [cls.prod, cls.cert]:
            psql("postgres", f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="godwit-test-")
        psql("postgres", f"DROP DATABASE IF EXISTS {self.cert} WITH (FORCE)")
        psql("postgres", f"CREATE DATABASE {self.cert}")
        psql(self.cert, SCHEMA)
        self.write("masks.yml", MASKS)
        self.settings("auto")

    def tearDown(self):
        shutil.rmtree(self.folder, ignore_errors=True)

    def write(self, name, text):
        (pathlib.Path(self.folder) / name).write_text(text)

    def settings(self, overlap, checks=None):
        self.write("godwit.yml", f"""version: 1
project: overlap
keys: {{masking: "${{env:GODWIT_TEST_KEY}}"}}
environments: {{prod: {{read_only: true}}, cert: {{}}}}
stores:
  ids: {{kind: postgres, prod: {{url: "{url(self.prod)}?sslmode=disable"}}, cert: {{url: "{url(self.cert)}?sslmode=disable"}}}}
pipelines:
  district:
    from: prod
    to: cert
    stores: [ids]
    scope: {{name: district, root: ids.districts.id, keys: {{"*": district_id}}}}
    load: {{overlap: {overlap}}}
    masks: masks.yml
{'    checks: checks.yml' if checks else ''}
""")
        if checks:
            self.write("checks.yml", f'version: 1\nrules:\n  - {{name: rule, store: ids, table: readings, condition: "{checks}", message: no}}\n')

    def godwit(self, *arguments, environment=None):
        return run(*arguments, cwd=self.folder, environment={"GODWIT_TEST_KEY": TEST_KEY, **(environment or {})})

    def migrate(self, *arguments, **options):
        return self.godwit("run", "district", "d1", "--json", *arguments, **options)

    def report(self, outcome):
        return json.loads(pathlib.Path(outcome.json()["artifacts"]["report.json"]).read_text())

    def in_target(self):
        return int(psql(self.cert, "SELECT count(*) FROM readings")[0][0])

    @staticmethod
    def phase(report, name):
        return next(phase for phase in report["phases"] if phase["phase"] == name)

    def expected(self):
        """What a load after the checks leaves, in a database of its own."""
        self.settings("never")
        outcome = self.migrate()
        self.assertEqual(outcome.code, 0, outcome.stderr)
        report = self.report(outcome)
        self.assertGreaterEqual(self.phase(report, "load")["started_us"], self.phase(report, "check")["finished_us"])
        left = dump_database(self.cert)
        self.assertEqual(left["public.readings"][0], str(ROWS))
        self.assertEqual(self.godwit("rollback", report["run"], "--confirm", report["run"]).code, 0)
        shutil.rmtree(f"{self.folder}/.godwit")
        return left

    def test_the_target_is_fed_while_the_rest_is_read_and_ends_the_same(self):
        expected = self.expected()
        self.settings("auto")
        outcome = self.migrate()
        self.assertEqual(outcome.code, 0, outcome.stderr)
        report = self.report(outcome)
        self.assertLess(self.phase(report, "load")["started_us"], self.phase(report, "extract")["finished_us"])
        self.assertEqual(dump_database(self.cert), expected)
        files = list(pathlib.Path(self.folder, ".godwit", "runs", report["run"], "data").rglob("*readings/part-*.parquet"))
        self.assertGreaterEqual(len(files), 2)
        table = next(table for table in report["tables"] if table["table"].endswith("readings"))
        self.assertEqual((table["inserted"], table["proved_rows"], table["verified_rows"]), (ROWS, ROWS, ROWS))
        self.assertEqual(self.godwit("rollback", report["run"], "--confirm", report["run"]).code, 0)
        self.assertEqual(self.in_target(), 0)

    def test_a_failing_check_abandons_what_was_loaded(self):
        self.settings("auto", f"id <> {ROWS}")
        outcome = self.migrate()
        self.assertEqual(outcome.code, 3, outcome.stderr)
        report = self.report(outcome)
        self.assertEqual(report["status"], "check_failed")
        self.assertEqual([store["commit_state"] for store in report["stores"]], ["abandoned"])
        self.assertEqual([table["inserted"] for table in report["tables"]], [0] * len(report["tables"]))
        self.assertEqual(self.in_target(), 0)
        self.settings("auto", "id > 0")
        self.assertEqual(self.migrate().code, 0)
        self.assertEqual(self.in_target(), ROWS)

    def test_a_value_that_needs_another_form_after_the_first_part(self):
        psql(self.prod, f"UPDATE readings SET amount = 'NaN' WHERE id = {ROWS // 2}")
        try:
            outcome = self.migrate()
            self.assertEqual(outcome.code, 0, outcome.stderr)
            self.assertIn("staged as text", outcome.stderr)
            self.assertEqual(self.in_target(), ROWS)
            self.assertEqual(psql(self.cert, f"SELECT amount FROM readings WHERE id = {ROWS // 2}"), [["NaN"]])
            sums = "SELECT count(*), sum(id), sum(amount) FILTER (WHERE amount <> 'NaN'), md5(string_agg(note, '' ORDER BY id)) FROM readings"
            self.assertEqual(psql(self.cert, sums), psql(self.prod, sums))
        finally:
            psql(self.prod, f"UPDATE readings SET amount = id / 4.0 WHERE id = {ROWS // 2}; VACUUM FULL readings; ANALYZE readings")

    def test_a_key_that_is_taken_refuses_as_it_does_after_the_checks(self):
        taken = f"INSERT INTO districts VALUES ('d2'); INSERT INTO readings VALUES ({ROWS - 5}, 'd2', 'Other', 1, 'kept')"
        psql(self.cert, taken)
        refused = {}
        for overlap in ["never", "auto"]:
            self.settings(overlap)
            outcome = self.migrate()
            refused[overlap] = (outcome.code, self.report(outcome)["error"].splitlines()[-1], self.report(outcome)["status"])
            self.assertEqual(self.in_target(), 1)
        self.assertNotEqual(refused["auto"][0], 0)
        self.assertEqual(refused["auto"], refused["never"])

    def test_killed_beside_the_extraction_nothing_is_visible_and_resume_completes(self):
        environment = {**os.environ, "GODWIT_TEST_KEY": TEST_KEY, "GODWIT_TEST_KILL_AT": "loaded:ids.public.districts"}
        process = subprocess.run([BINARY, "run", "district", "d1"], cwd=self.folder, env=environment, capture_output=True, text=True)
        self.assertEqual(process.returncode, -signal.SIGKILL, process.stderr)
        self.assertEqual(psql(self.cert, "SELECT count(*) FROM districts"), [["0"]])
        killed = self.godwit("runs", "--json").json()["runs"][0]
        self.assertEqual(killed["status"], "extracting")
        outcome = self.migrate("--resume", killed["run"])
        self.assertEqual(outcome.code, 0, outcome.stderr)
        self.assertEqual(self.in_target(), ROWS)

    def test_what_is_loaded_before_the_checks_is_seen_by_nobody(self):
        environment = {**os.environ, "GODWIT_TEST_KEY": TEST_KEY, "GODWIT_TEST_STOP_AT": "checked"}
        process = subprocess.Popen([BINARY, "run", "district", "d1"], cwd=self.folder, env=environment, text=True,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        try:
            self.assertTrue(any("stopped at checked" in line for line in process.stderr))
            self.assertEqual(self.in_target(), 0)
            self.assertEqual(psql(self.cert, "SELECT count(*) FROM districts"), [["0"]])
            held = psql(self.cert, "SELECT count(*) FROM pg_locks WHERE relation = 'readings'::regclass AND mode = 'RowExclusiveLock'")
            self.assertEqual(held, [["1"]])
        finally:
            process.kill()
            process.wait()
            process.stderr.close()
        self.assertEqual(self.in_target(), 0)


if __name__ == "__main__":
    unittest.main()
