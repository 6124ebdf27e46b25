#!/usr/bin/env python3
"""load: {atomic: table}: a store over several connections ends as over one; killed between their commits it is told, resumed
and rolled back like any other; a connection that fails leaves nothing; where it cannot be, it is said why. The server
says whether the connections commit in two phases, so the same test is run on a server that can and on one that cannot.

The large table has few rows on many pages, and the statistics of a large one, so that it is read and loaded in parts."""
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
from postgres_world import dump_database, prepared_transactions, psql, url

ROWS = 13_000
SCHEMA = """
    CREATE TABLE districts (id text PRIMARY KEY);
    CREATE TABLE schools (id int PRIMARY KEY, district_id text NOT NULL REFERENCES districts);
    CREATE TABLE pupils (id int PRIMARY KEY, district_id text NOT NULL, school_id int NOT NULL REFERENCES schools);
    CREATE TABLE readings (id bigserial PRIMARY KEY, district_id text NOT NULL, code text NOT NULL UNIQUE,
      amount int NOT NULL, note text NOT NULL);"""
FILL = f"""
    ALTER TABLE readings SET (fillfactor = 10, autovacuum_enabled = off);
    INSERT INTO districts VALUES ('d1');
    INSERT INTO schools SELECT n, 'd1' FROM generate_series(1, 50) n;
    INSERT INTO pupils SELECT n, 'd1', 1 + n % 50 FROM generate_series(1, 2000) n;
    INSERT INTO readings (district_id, code, amount, note) SELECT 'd1', 'code ' || n, n % 97, repeat(md5(n::text), 14) FROM generate_series(1, {ROWS}) n;
    VACUUM ANALYZE;
    UPDATE pg_class SET reltuples = 300000 WHERE relname = 'readings';"""
MASKS = """version: 1
defaults: true
rules:
  - {name: kept, match: {column: "id|district_id|school_id|code|amount|note"}, mask: {strategy: keep, reason: made up for a test}}
"""
TABLES = ["districts", "schools", "pupils", "readings"]


class AtomicTable(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.token = "atomic_" + secrets.token_hex(4)
        cls.prod, cls.cert = cls.token + "_prod", cls.token + "_cert"
        psql("postgres", f"CREATE DATABASE {cls.prod}")
        psql(cls.prod, SCHEMA)
        psql(cls.prod, FILL)
        cls.two_phase = psql("postgres", "SELECT current_setting('max_prepared_transactions')::int > 0") == [["t"]]

    @classmethod
    def tearDownClass(cls):
        for database in [cls.prod, cls.cert]:
            psql("postgres", f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="godwit-test-")
        self.fresh_target()
        pathlib.Path(self.folder, "masks.yml").write_text(MASKS)
        self.settings()

    def tearDown(self):
        for (gid,) in prepared_transactions(self.cert):
            psql(self.cert, f"ROLLBACK PREPARED '{gid}'")
        shutil.rmtree(self.folder, ignore_errors=True)

    def fresh_target(self, more=""):
        psql("postgres", f"DROP DATABASE IF EXISTS {self.cert} WITH (FORCE)")
        psql("postgres", f"CREATE DATABASE {self.cert}")
        psql(self.cert, SCHEMA + more)

    def settings(self, atomic="table", overlap="never", strategy="insert", jobs=2):
        pathlib.Path(self.folder, "godwit.yml").write_text(f"""version: 1
project: atomic
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
    load: {{atomic: {atomic}, overlap: {overlap}, strategy: {strategy}}}
    jobs: {jobs}
    masks: masks.yml
""")

    def godwit(self, *arguments):
        return run(*arguments, cwd=self.folder, environment={"GODWIT_TEST_KEY": TEST_KEY})

    def migrate(self, *arguments):
        return self.godwit("run", "district", "d1", "--json", *arguments)

    def report(self, outcome):
        return json.loads(pathlib.Path(outcome.json()["artifacts"]["report.json"]).read_text())

    def completed(self, outcome):
        self.assertEqual(outcome.code, 0, outcome.stderr)
        return self.report(outcome)

    def rolled_back(self, run_id):
        undone = self.godwit("rollback", run_id, "--confirm", run_id)
        self.assertEqual(undone.code, 0, undone.stderr)
        self.assert_nothing()

    def assert_nothing(self):
        self.assertEqual({table: psql(self.cert, f"SELECT count(*) FROM {table}") for table in TABLES}, dict.fromkeys(TABLES, [["0"]]))
        self.assertEqual(prepared_transactions(self.cert), [])

    def expected(self):
        """What one connection leaves: the rows, and where the sequence goes on."""
        if not hasattr(type(self), "undisturbed"):
            self.settings(atomic="store")
            report = self.completed(self.migrate())
            self.assertEqual((report["stores"][0]["connections"], report["stores"][0]["load_note"]), (1, ""))
            type(self).undisturbed = self.left()
            type(self).digests = {table["table"]: table["digest"] for table in report["tables"]}
            self.assertEqual(self.undisturbed[0]["public.readings"][0], str(ROWS))
            self.rolled_back(report["run"])
            shutil.rmtree(f"{self.folder}/.godwit")
            self.fresh_target()
            self.settings()
        return self.undisturbed

    def left(self):
        return dump_database(self.cert), psql(self.cert, "SELECT last_value FROM readings_id_seq")

    def transactions(self):
        """How many transactions wrote the rows of each table."""
        return {table: int(psql(self.cert, f"SELECT count(DISTINCT xmin::text) FROM {table}")[0][0]) for table in TABLES}

    def test_several_connections_leave_what_one_leaves(self):
        expected = self.expected()
        for overlap in ["never", "always"]:
            for strategy in ["insert", "auto"]:
                with self.subTest(overlap=overlap, strategy=strategy):
                    jobs = 3 if overlap == "always" and strategy == "auto" else 2  # one of them gets no part
                    self.settings(overlap=overlap, strategy=strategy, jobs=jobs)
                    outcome = self.migrate()
                    report = self.completed(outcome)
                    self.assertEqual(self.left(), expected)
                    self.assertEqual(self.transactions(), {"districts": 1, "schools": 1, "pupils": 1, "readings": 2})
                    store = report["stores"][0]
                    self.assertEqual(store["connections"], jobs)
                    self.assertIn(f"loaded over {jobs} connections, a transaction each: public.readings", store["load_note"])
                    self.assertIn(store["load_note"], outcome.stderr)
                    self.assertIn(store["load_note"], pathlib.Path(report["artifacts"]["report.md"]).read_text().replace("\\", ""))
                    self.assertEqual(len(store["transaction_id"].split(",")), jobs)
                    readings = next(table for table in report["tables"] if table["table"].endswith("readings"))
                    self.assertEqual((readings["inserted"], readings["proved_rows"], readings["verified_rows"]), (ROWS, ROWS, ROWS))
                    self.assertEqual({table["table"]: table["digest"] for table in report["tables"]}, self.digests)
                    self.assertEqual(self.godwit("verify", report["run"]).code, 0)
                    self.rolled_back(report["run"])
                    self.fresh_target()

    def test_the_plan_says_it_and_its_hash_is_another(self):
        def planned(**settings):
            self.settings(**settings)
            outcome = self.godwit("run", "district", "d1", "--dry-run")
            self.assertEqual(outcome.code, 0, outcome.stderr)
            return outcome.stdout
        table, store, alone = planned(), planned(atomic="store"), planned(jobs=1)
        self.assertIn("loaded over 2 connections, a transaction each, if its tables are empty; divided where large: ids.public.readings", table)
        self.assertNotIn("transaction each", store)
        self.assertIn("loaded in one transaction, although atomic is table: jobs is 1", alone)
        hashes = {text.splitlines()[0] for text in [table, store, alone]}
        self.assertEqual(len(hashes), 3)
        self.settings(atomic="tables")
        refused = self.godwit("run", "district", "d1", "--dry-run")
        self.assertEqual(refused.code, 2)
        self.assertIn("atomic", refused.stderr)

    def killed_at(self, point):
        environment = {**os.environ, "GODWIT_TEST_KEY": TEST_KEY, "GODWIT_TEST_KILL_AT": point}
        process = subprocess.run([BINARY, "run", "district", "d1"], cwd=self.folder, env=environment, capture_output=True, text=True)
        self.assertEqual(process.returncode, -signal.SIGKILL, f"{point} was not reached: {process.stderr}")
        return self.godwit("runs", "--json").json()["runs"][0]["run"]

    def visible(self):
        """Whether each connection's rows are there: the first one's, the second one's."""
        rows = int(psql(self.cert, "SELECT count(*) FROM readings")[0][0])
        first = psql(self.cert, "SELECT count(*) FROM pupils") == [["2000"]]
        return first, rows == ROWS or (rows > 0 and not first)

    def killed(self):
        """Point, what is visible, how many wait prepared, what status tells of the run and of the store."""
        if self.two_phase:
            return [("lane-prepared:ids:0", (False, False), 1, "committing", "prepared"),
                    ("prepared:ids", (False, False), 2, "committing", "prepared"),
                    ("lane-committed:ids:0", (True, False), 1, "partial", "committing"),
                    ("lane-committed:ids:1", (True, True), 0, "committed", "committed")]
        return [("before-commit:ids", (False, False), 0, "committing", "committing"),
                ("lane-committed:ids:0", (True, False), 0, "partial", "committing"),
                ("lane-committed:ids:1", (True, True), 0, "committed", "committed")]

    def test_killed_between_the_commits_status_is_true_and_resume_completes(self):
        expected = self.expected()
        for point, visible, prepared, state, store_state in self.killed():
            with self.subTest(point):
                run_id = self.killed_at(point)
                self.assertEqual((self.visible(), len(prepared_transactions(self.cert))), (visible, prepared))
                told = self.godwit("status", run_id, "--json").json()["runs"][0]
                self.assertEqual((told["status"], told["stores"][0]["state"]), (state, store_state))
                self.assertEqual((self.visible(), len(prepared_transactions(self.cert))), (visible, prepared), "asking changes nothing")
                report = self.completed(self.migrate("--resume", run_id))
                self.assertEqual(self.left(), expected)
                self.assertEqual(self.transactions(), {"districts": 1, "schools": 1, "pupils": 1, "readings": 2})
                self.assertEqual(prepared_transactions(self.cert), [])
                store, table = report["stores"][0], next(table for table in report["tables"] if table["table"].endswith("readings"))
                self.assertEqual((store["connections"], store["commit_state"]), (2, "committed"))
                for transaction in store["transaction_id"].split(","):
                    self.assertEqual(psql(self.cert, f"SELECT pg_xact_status('{transaction}'::xid8)"), [["committed"]])
                self.assertEqual((table["inserted"], table["proved_rows"], table["verified_rows"]), (ROWS, ROWS, ROWS))
                self.assertEqual(self.godwit("status", run_id, "--json").json()["runs"][0]["status"], "completed")
                self.rolled_back(run_id)
                self.fresh_target()

    def test_killed_between_the_commits_it_can_be_rolled_back(self):
        for point, visible, prepared, _, _ in self.killed():
            with self.subTest(point):
                run_id = self.killed_at(point)
                self.assertEqual((self.visible(), len(prepared_transactions(self.cert))), (visible, prepared))
                self.rolled_back(run_id)
                self.assertEqual(self.godwit("status", run_id, "--json").json()["runs"][0]["status"], "rolled_back")
                again = self.migrate("--resume", run_id)
                self.assertEqual(again.code, 2, again.stderr)

    def test_a_connection_that_fails_leaves_nothing(self):
        for overlap in ["never", "always"]:
            with self.subTest(overlap=overlap):
                self.settings(overlap=overlap)
                self.fresh_target(f"ALTER TABLE readings ADD CHECK (id <> {ROWS - 10});")
                outcome = self.migrate()
                self.assertEqual(outcome.code, 1, outcome.stderr)
                self.assertIn("readings", outcome.stderr)
                self.assert_nothing()
                self.assertEqual(self.report(outcome)["stores"][0]["commit_state"], "abandoned")

    def test_keys_that_meet_across_connections_are_found(self):
        """The server would let the second wait for the first, which waits for both to be proved."""
        self.fresh_target("CREATE UNIQUE INDEX ON readings ((CASE WHEN id IN (10, " + str(ROWS - 10) + ") THEN 0 ELSE id END));")
        outcome = self.migrate()
        self.assertEqual(outcome.code, 1, outcome.stderr)
        self.assertIn("rows of public.readings that go over different connections have the same unique key", outcome.stderr)
        self.assert_nothing()

    def refused(self, reason, settings=None, more="", others=0):
        self.fresh_target(more)
        self.settings(**(settings or {}))
        outcome = self.migrate()
        report = self.completed(outcome)
        store = report["stores"][0]
        self.assertEqual(store["connections"], 1)
        self.assertIn("loaded in one transaction, although atomic is table: " + reason, store["load_note"])
        self.assertIn(reason, outcome.stderr)
        self.assertEqual(self.transactions()["readings"], 1 + others)
        return report

    def test_where_it_cannot_be_it_is_said_why(self):
        self.refused("rows are in public.readings of the target already",
                     more="INSERT INTO readings VALUES (0, 'd2', 'other', 1, 'kept');", others=1)
        self.refused("public.districts is loaded by upsert", {"strategy": "upsert"})
        self.refused("public.readings has triggers in the target", more="""
            CREATE FUNCTION same() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
            CREATE TRIGGER t BEFORE INSERT ON readings FOR EACH ROW EXECUTE FUNCTION same();""")
        # The rows of a parent that another connection wrote cannot be seen: the large table stays with it.
        report = self.refused("no table can be divided: public.districts is referred to by public.", more="""
            ALTER TABLE readings ADD FOREIGN KEY (district_id) REFERENCES districts;""")
        self.rolled_back(report["run"])


if __name__ == "__main__":
    unittest.main()
