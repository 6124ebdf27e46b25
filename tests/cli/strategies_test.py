#!/usr/bin/env python3
"""What each load strategy makes of rows that the target has already, on PostgreSQL and on SQLite alike: what the scope
holds afterwards, that a rollback brings back what was there and keeps what neighbours did meanwhile, and what is refused."""
import json
import pathlib
import secrets
import shutil
import sqlite3
import tempfile
import unittest

from godwit_program import TEST_KEY, run
from postgres_world import psql, url

SCHEMA = """
CREATE TABLE towns (id integer PRIMARY KEY, name text NOT NULL);
CREATE TABLE pupils (id integer PRIMARY KEY, town_id integer NOT NULL REFERENCES towns, mentor_id integer REFERENCES pupils,
  email text NOT NULL UNIQUE, nickname text, phone text);
CREATE TABLE scores (pupil_id integer NOT NULL REFERENCES pupils, subject text NOT NULL, points integer NOT NULL,
  PRIMARY KEY (pupil_id, subject));
CREATE TABLE notes (pupil_id integer NOT NULL REFERENCES pupils, body text);
CREATE TABLE fees (id integer PRIMARY KEY, town_id integer NOT NULL REFERENCES towns, pupil_id integer NOT NULL REFERENCES pupils);
"""
TABLES = ["towns", "pupils", "scores", "notes", "fees"]
NEIGHBOUR = """
INSERT INTO towns VALUES (2, 'neighbour');
INSERT INTO pupils VALUES (21, 2, NULL, 'p21', 'n21', NULL);
INSERT INTO scores VALUES (21, 'art', 1);
INSERT INTO notes VALUES (21, 'same'), (21, 'same');
"""
SOURCE = NEIGHBOUR + """
INSERT INTO towns VALUES (1, 'new name');
INSERT INTO pupils VALUES (11, 1, 12, 'p11', 'nick', 'new'), (12, 1, NULL, 'moves', NULL, 'new'), (14, 1, 11, 'p14', NULL, NULL);
INSERT INTO scores VALUES (11, 'art', 5), (12, 'art', 6), (14, 'math', 7);
INSERT INTO notes VALUES (11, 'same'), (11, 'same'), (12, 'new');
"""
# Pupil 13 is not in the source any more, and pupil 12 has its address now.
OLD = """
INSERT INTO towns VALUES (1, 'old name');
INSERT INTO pupils VALUES (11, 1, NULL, 'p11', 'kept', NULL), (12, 1, 11, 'p12', NULL, 'old'), (13, 1, 12, 'moves', NULL, NULL);
INSERT INTO scores VALUES (11, 'art', 1), (13, 'art', 2);
INSERT INTO notes VALUES (11, 'same'), (13, 'old');
"""
MASKS = """version: 1
defaults: false
rules:
  - {name: kept, match: {column: ".*"}, mask: {strategy: keep, reason: made up for a test}}
"""


class Strategies:
    """Mixed into a TestCase, once per kind of store."""

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="godwit-test-")
        (pathlib.Path(self.folder) / "masks.yml").write_text(MASKS)
        for side in ["prod", "cert"]:
            self.create(side)
            self.execute(side, SCHEMA)
        self.execute("prod", SOURCE)
        self.execute("cert", NEIGHBOUR)

    def settings(self, load):
        (pathlib.Path(self.folder) / "godwit.yml").write_text(f"""version: 1
project: strategies
keys: {{masking: "${{env:GODWIT_TEST_KEY}}"}}
environments: {{prod: {{read_only: true}}, cert: {{}}}}
stores:
  ids: {{kind: {self.kind}, prod: {self.address('prod')}, cert: {self.address('cert')}}}
pipelines:
  town:
    from: prod
    to: cert
    stores: [ids]
    scope: {{name: town, root: ids.towns.id, keys: {{"*": town_id}}}}
    owner: {{pupils: town_id, fees: town_id}}
    masks: masks.yml
    load: {load}
""")

    def godwit(self, *arguments):
        return run(*arguments, cwd=self.folder, environment={"GODWIT_TEST_KEY": TEST_KEY})

    def dump(self):
        return {table: self.rows("cert", table) for table in TABLES}

    def of_town(self, side):
        pupils = "pupil_id IN (SELECT id FROM pupils WHERE town_id = 1)"
        return {"towns": self.rows(side, "towns", "id = 1"), "pupils": self.rows(side, "pupils", "town_id = 1"),
                "scores": self.rows(side, "scores", pupils), "notes": self.rows(side, "notes", pupils)}

    def moved(self, load):
        """A run that succeeds; its id and its report."""
        self.settings(load)
        outcome = self.godwit("run", "town", "1", "--json")
        self.assertEqual(outcome.code, 0, outcome.stderr)
        report = outcome.json()
        verified = self.godwit("verify", report["run"])
        self.assertEqual(verified.code, 0, verified.stderr)
        return report["run"], {table["table"].split(".")[-1]: table for table in report["tables"]}

    def refused(self, load, code, *words):
        before = self.dump()
        self.settings(load)
        outcome = self.godwit("run", "town", "1")
        self.assertEqual(outcome.code, code, outcome.stderr)
        for word in words:
            self.assertIn(word, outcome.stderr)
        self.assertEqual(self.dump(), before)

    def taken_back(self, run_id, before):
        """Neighbours change meanwhile, and keep what they did."""
        self.execute("cert", "UPDATE pupils SET nickname = 'since' WHERE id = 21; INSERT INTO notes VALUES (21, 'since');")
        outcome = self.godwit("rollback", run_id, "--confirm", run_id)
        self.assertEqual(outcome.code, 0, outcome.stderr)
        self.assertIn("since", str(self.rows("cert", "pupils")))
        self.execute("cert", "UPDATE pupils SET nickname = 'n21' WHERE id = 21; DELETE FROM notes WHERE body = 'since';")
        self.assertEqual(self.dump(), before)

    def rollback_refused(self, run_id, *words):
        before = self.dump()
        outcome = self.godwit("rollback", run_id, "--confirm", run_id)
        self.assertEqual(outcome.code, 6, outcome.stderr)
        for word in words:
            self.assertIn(word, outcome.stderr)
        self.assertEqual(self.dump(), before)

    def test_insert(self):
        before = self.dump()
        run_id, tables = self.moved("{strategy: insert}")
        self.assertEqual(self.of_town("cert"), self.of_town("prod"))
        self.assertEqual(tables["pupils"]["inserted"], 3)
        self.taken_back(run_id, before)
        self.execute("cert", OLD)
        self.refused("{strategy: insert}", 1, "towns")

    def test_replace(self):
        self.execute("cert", OLD)
        before = self.dump()
        run_id, tables = self.moved("{strategy: replace}")
        self.assertEqual(self.of_town("cert"), self.of_town("prod"))
        figures = {name: [table[what] for what in ["inserted", "updated", "deleted"]] for name, table in tables.items()}
        self.assertEqual(figures, {"towns": [0, 1, 0], "pupils": [1, 2, 1], "scores": [2, 1, 1], "notes": [2, 0, 1], "fees": [0, 0, 0]})
        loaded = json.loads((pathlib.Path(self.folder) / ".godwit" / "runs" / run_id / "load.json").read_text())
        self.assertEqual(sum(table["deleted"] for table in loaded["tables"]), 3)
        self.taken_back(run_id, before)

    def test_replace_refuses_while_others_refer_to_what_goes(self):
        self.execute("cert", OLD + "INSERT INTO fees VALUES (1, 2, 13), (2, 2, 13);")
        self.refused("{strategy: replace}", 6, "2 rows that stay refer to rows of ids.", "pupils that the run does not bring", "fees over")

    def test_replace_refuses_to_delete_what_runs_of_other_scopes_need(self):
        self.execute("prod", "INSERT INTO fees VALUES (1, 2, 14);")
        self.execute("cert", "DELETE FROM notes; DELETE FROM scores; DELETE FROM pupils; DELETE FROM towns;")
        self.settings("{strategy: insert}\n    outside: include")
        outcome = self.godwit("run", "town", "2")
        self.assertEqual(outcome.code, 0, outcome.stderr)
        self.execute("prod", "DELETE FROM fees; DELETE FROM scores WHERE pupil_id = 14; DELETE FROM pupils WHERE id = 14;")
        self.execute("cert", "DELETE FROM fees;")
        self.refused("{strategy: replace}\n    outside: include", 6, "runs of other scopes need 1 rows of ids.", "pupils that the run does not")

    def test_rollback_of_replace_refuses_a_row_under_a_deleted_key_and_a_missing_parent(self):
        self.execute("cert", OLD)
        before = self.dump()
        run_id, _ = self.moved("{strategy: replace}")
        self.execute("cert", "INSERT INTO pupils VALUES (13, 2, NULL, 'by hand', NULL, NULL);")
        self.rollback_refused(run_id, "pupils changed since the run: 13")
        self.execute("cert", "DELETE FROM pupils WHERE id = 13; UPDATE pupils SET phone = 'by hand' WHERE id = 12;")
        self.rollback_refused(run_id, "pupils changed since the run: 12")
        self.execute("cert", "UPDATE pupils SET phone = 'new' WHERE id = 12;")
        self.taken_back(run_id, before)

    def test_rollback_of_replace_refuses_when_a_parent_is_gone(self):
        self.execute("cert", OLD + "INSERT INTO fees VALUES (1, 1, 21);")
        run_id, tables = self.moved("{strategy: replace}")
        self.assertEqual(tables["fees"]["deleted"], 1)
        self.execute("cert", "DELETE FROM notes WHERE pupil_id = 21; DELETE FROM scores WHERE pupil_id = 21; DELETE FROM pupils WHERE id = 21;")
        self.rollback_refused(run_id, "1 rows of ids.", "fees cannot come back, their parents are gone", "pupils over")

    def test_upsert_keeps_what_the_run_does_not_bring(self):
        self.execute("cert", OLD)
        self.execute("cert", "UPDATE pupils SET email = 'p13' WHERE id = 13;")
        before = self.dump()
        run_id, tables = self.moved("{strategy: upsert}")
        self.assertEqual(self.rows("cert", "pupils", "town_id = 1 AND id <> 13"), self.rows("prod", "pupils", "town_id = 1"))
        self.assertEqual(self.rows("cert", "pupils", "id = 13"), [row for row in before["pupils"] if "13" in map(str, row[:1])])
        self.assertEqual(tables["pupils"]["deleted"], 0)
        self.taken_back(run_id, before)

    def test_unique_values_change_places(self):
        self.execute("cert", OLD)
        self.execute("cert", "UPDATE pupils SET email = 'x' WHERE id = 13; UPDATE pupils SET email = 'moves' WHERE id = 11; "
                             "UPDATE pupils SET email = 'p11' WHERE id = 12;")
        before = self.dump()
        run_id, _ = self.moved("{strategy: upsert}")
        self.assertEqual(self.rows("cert", "pupils", "town_id = 1 AND id <> 13"), self.rows("prod", "pupils", "town_id = 1"))
        self.taken_back(run_id, before)

    def test_merge_resolves_by_column(self):
        self.execute("cert", OLD)
        self.execute("cert", "UPDATE pupils SET email = 'p13' WHERE id = 13;")
        before = self.dump()
        run_id, tables = self.moved('{strategy: merge, resolve: {"ids.pupils.nick*": target, "*.phone": fill, "towns.name": target}}')
        pupils = {int(row[0]): [row[3], row[4], row[5]] for row in self.rows("cert", "pupils", "town_id = 1")}
        none = self.none
        self.assertEqual(pupils, {11: ["p11", "kept", "new"], 12: ["moves", none, "old"], 13: ["p13", none, none], 14: ["p14", none, none]})
        self.assertEqual(self.rows("cert", "towns", "id = 1")[0][1], "old name")
        self.assertEqual(tables["towns"]["updated"], 0)
        self.taken_back(run_id, before)

    def test_resolutions_that_make_no_sense_are_refused_where_they_stand(self):
        for load, words in {
                "{strategy: merge, resolve: {pupils.nothing: target}}": ["godwit.yml:15:", "'pupils.nothing' is no column"],
                "{strategy: merge, resolve: {pupils.id: target}}": ["godwit.yml:15:", "part of the primary key"],
                "{strategy: merge, resolve: {pupils.email: fill}}": ["godwit.yml:15:", "part of the unique key"],
                "{strategy: merge, resolve: {pupils.town_id: target}}": ["godwit.yml:15:", "decides whose the row is"],
                "{strategy: replace, resolve: {pupils.phone: target}}": ["godwit.yml:15:", "for the strategies merge and auto"]}.items():
            with self.subTest(load):
                self.refused(load, 2, *words)

    def test_auto_chooses_by_what_is_there(self):
        self.execute("cert", OLD)
        self.execute("cert", "UPDATE pupils SET email = 'p13' WHERE id = 13; DELETE FROM notes;")
        before = self.dump()
        run_id, tables = self.moved("{strategy: auto}")
        chosen = {name: (table["strategy"], table["existing"], table["brought"]) for name, table in tables.items() if table["brought"]}
        self.assertEqual(chosen, {"towns": ("merge", 1, 1), "pupils": ("merge", 2, 3), "scores": ("upsert", 1, 3), "notes": ("insert", 0, 3)})
        self.taken_back(run_id, before)

    def test_a_strategy_per_table(self):
        self.execute("cert", OLD)
        self.execute("cert", "DELETE FROM scores; UPDATE pupils SET email = 'p13' WHERE id = 13;")
        before = self.dump()
        run_id, tables = self.moved("{strategy: insert, strategies: {ids.towns: upsert, pupils: upsert, ids.notes: replace}}")
        self.assertEqual([tables[name]["deleted"] for name in ["pupils", "notes"]], [0, 1])
        self.assertEqual(self.of_town("cert")["notes"], self.of_town("prod")["notes"])
        self.taken_back(run_id, before)
        self.refused("{strategies: {ids.nothing: upsert}}", 2, "'ids.nothing' is no table")

    def test_a_row_that_an_earlier_run_brought_along_is_adopted(self):
        """Fees of town 2 need pupil 11 of town 1: the run of town 2 brings it, and that of town 1 takes it over."""
        for side in ["prod", "cert"]:
            self.execute(side, "DELETE FROM fees;")
        self.execute("prod", "INSERT INTO fees VALUES (1, 2, 14);")
        self.execute("cert", "DELETE FROM notes; DELETE FROM scores; DELETE FROM pupils; DELETE FROM towns;")
        before = self.dump()
        self.settings("{strategy: insert}\n    outside: include")
        runs = {}
        for town in ["2", "1"]:
            outcome = self.godwit("run", "town", town, "--json")
            self.assertEqual(outcome.code, 0, outcome.stderr)
            runs[town] = outcome.json()["run"]
        self.assertEqual(self.of_town("cert"), self.of_town("prod"))
        for town in ["2", "1"]:
            outcome = self.godwit("rollback", runs[town], "--confirm", runs[town])
            self.assertEqual(outcome.code, 0, outcome.stderr)
        self.assertEqual(self.dump(), before)


class OnSqlite(Strategies, unittest.TestCase):
    kind = "sqlite"
    none = None

    def tearDown(self):
        shutil.rmtree(self.folder, ignore_errors=True)

    def create(self, side):
        self.execute(side, "")

    def address(self, side):
        return f"{{path: {side}.db}}"

    def execute(self, side, script):
        with sqlite3.connect(f"{self.folder}/{side}.db") as store:
            store.executescript(script)
        store.close()

    def rows(self, side, table, where="TRUE"):
        store = sqlite3.connect(f"{self.folder}/{side}.db")
        try:
            return sorted((list(row) for row in store.execute(f"SELECT * FROM {table} WHERE {where}")), key=repr)
        finally:
            store.close()


class OnPostgres(Strategies, unittest.TestCase):
    kind = "postgres"
    none = "~"

    @classmethod
    def setUpClass(cls):
        cls.token = "strategies_" + secrets.token_hex(4)

    def tearDown(self):
        shutil.rmtree(self.folder, ignore_errors=True)
        for side in ["prod", "cert"]:
            psql("postgres", f"DROP DATABASE IF EXISTS {self.token}_{side} WITH (FORCE)")

    def create(self, side):
        psql("postgres", f"CREATE DATABASE {self.token}_{side}")

    def address(self, side):
        return f'{{url: "{url(f"{self.token}_{side}")}?sslmode=disable"}}'

    def execute(self, side, script):
        psql(f"{self.token}_{side}", script)

    def rows(self, side, table, where="TRUE"):
        columns = psql(f"{self.token}_{side}", f"SELECT attname FROM pg_attribute WHERE attrelid = '{table}'::regclass AND attnum > 0 ORDER BY attnum")
        values = ", ".join(f"coalesce({name}::text, '~')" for (name,) in columns)
        return sorted(psql(f"{self.token}_{side}", f"SELECT {values} FROM {table} WHERE {where}"))


if __name__ == "__main__":
    unittest.main()
