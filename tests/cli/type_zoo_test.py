#!/usr/bin/env python3
"""Every type of PostgreSQL goes through the whole program, masks and Parquet included, and arrives bit for bit: one
table per type, compared by what COPY writes at both ends. The two databases number their types differently, write
values in different styles and order objects differently, so nothing arrives by accident."""
import os
import shutil
import tempfile
import unittest

import compared_tables
from compared_tables import database_url, sql
from godwit_program import TEST_KEY, run
from type_zoo import SETUP, ZOO

PROD, CERT = f"zoo_prod_{os.getpid()}", f"zoo_cert_{os.getpid()}"
# Other numbers for every type and relation that is made after these.
JUNK = "CREATE SCHEMA junk; " + "".join(f"CREATE TYPE junk.t{n} AS ENUM (); CREATE TABLE junk.r{n} (); DROP TABLE junk.r{n};" for n in range(20))
# What an administrator may have said of a database; none of it may change a value on its way.
STYLES = {
    PROD: {"DateStyle": "'German, DMY'", "IntervalStyle": "iso_8601", "TimeZone": "'Asia/Kathmandu'", "extra_float_digits": "'-15'",
           "bytea_output": "escape", "search_path": "zoo, public", "xmloption": "document", "array_nulls": "off", "xmlbinary": "hex"},
    CERT: {"DateStyle": "'SQL, MDY'", "IntervalStyle": "sql_standard", "TimeZone": "'America/St_Johns'", "extra_float_digits": "0",
           "bytea_output": "escape", "search_path": "public", "xmloption": "document", "array_nulls": "off",
           "standard_conforming_strings": "off", "default_text_search_config": "'pg_catalog.german'"},
}
CONFIGURATION = f"""
version: 1
project: zoo
ledger: .godwit/ledger.db
keys: {{masking: "${{env:GODWIT_MASKING_KEY}}"}}
environments: {{prod: {{read_only: true}}, cert: {{}}}}
stores:
  zoo: {{kind: postgres, prod: {{url: "{database_url(PROD)}?sslmode=disable"}}, cert: {{url: "{database_url(CERT)}?sslmode=disable"}}}}
pipelines:
  move:
    from: prod
    to: cert
    stores: [zoo]
    scope: {{name: keeper, root: zoo.zoo.keeper.id, keys: {{"*": keeper}}}}
    skip: [zoo.zoo.named, 'zoo.zoo."Odd Table"']
    masks: masks.yml
    load: {{strategy: insert}}
"""
MASKS = """
version: 1
defaults: false
rules:
  - name: animals
    match: {table: ".*", column: ".*"}
    mask: {strategy: keep, reason: "made for a test, nobody's"}
"""
READ_PLAINLY = """SET xmloption = content; SET array_nulls = on; SET standard_conforming_strings = on; SET DateStyle = ISO;
SET IntervalStyle = postgres;
"""


def columns_sql(rows):
    """A table per type, found again by a number."""
    statements = []
    for name, declared, values in ZOO:
        statements.append(f"CREATE TABLE t_{name} (id int PRIMARY KEY, keeper int NOT NULL REFERENCES keeper, v {declared});")
        if rows:
            statements += [f"INSERT INTO t_{name} SELECT {number}, 1, CAST({value} AS {declared});" for number, value in enumerate(values)]
            statements.append(f"INSERT INTO t_{name} VALUES (1000, 1, NULL);")
    return "\n".join(statements)


def keys_sql(rows):
    """A table per type that can be a key, and one without any key, whose rows are found again by all they hold. The
    server says what can be a key, and which values are too long for an index or equal to one another."""
    statements = []

    def where_possible(statement):
        statements.append(f"DO $zoo$ BEGIN {statement}; EXCEPTION WHEN undefined_object OR undefined_table OR undefined_function OR ambiguous_function OR program_limit_exceeded OR unique_violation "
                          "THEN NULL; END $zoo$;")

    for name, declared, values in ZOO:
        # Arrays of what cannot be compared have a key until a second row comes.
        where_possible(f"CREATE TABLE t_k_{name} (v {declared} PRIMARY KEY, keeper int NOT NULL REFERENCES keeper, n int); "
                       f"PERFORM CAST({values[-1]} AS {declared}) = CAST({values[-1]} AS {declared})")
        statements.append(f"CREATE TABLE t_u_{name} (v {declared}, keeper int NOT NULL REFERENCES keeper);")
        for value in values if rows else []:
            where_possible(f"INSERT INTO t_k_{name} SELECT CAST({value} AS {declared}), 1, 0")
            statements.append(f"INSERT INTO t_u_{name} SELECT CAST({value} AS {declared}), 1 FROM generate_series(1, 2);")
    return "\n".join(statements)


def zoo_sql(tables_sql, rows):
    keepers = "INSERT INTO keeper VALUES (1), (2);" if rows else ""
    return f"{READ_PLAINLY}{SETUP}CREATE TABLE keeper (id int PRIMARY KEY);{keepers}\n{tables_sql(rows)}"


class TypeZoo(unittest.TestCase):
    maxDiff = None

    def open_zoo(self, tables_sql):
        for database, rows in ((PROD, True), (CERT, False)):
            sql("postgres", f"DROP DATABASE IF EXISTS {database} WITH (FORCE);")
            sql("postgres", f"CREATE DATABASE {database};")
            sql(database, ("" if rows else JUNK) + zoo_sql(tables_sql, rows))
            sql("postgres", "".join(f"ALTER DATABASE {database} SET {name} = {value};" for name, value in STYLES[database].items()))
        self.tables = {name: columns for name, columns in compared_tables.tables_of(PROD).items() if name[1].startswith("t_")}

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="godwit-zoo-")
        for name, text in {"godwit.yml": CONFIGURATION, "masks.yml": MASKS}.items():
            with open(os.path.join(self.folder, name), "w") as file:
                file.write(text)

    def tearDown(self):
        shutil.rmtree(self.folder, ignore_errors=True)
        for name in (PROD, CERT):
            sql("postgres", f"DROP DATABASE IF EXISTS {name} WITH (FORCE);")

    def godwit(self, *arguments, code=0):
        outcome = run(*arguments, cwd=self.folder, environment={"GODWIT_MASKING_KEY": TEST_KEY})
        self.assertEqual(outcome.code, code, outcome.stderr)
        return outcome

    def assert_arrived(self):
        found, in_binary = compared_tables.differences(PROD, CERT, self.tables)
        self.assertEqual(found, [])
        self.assertEqual(in_binary, len(self.tables))  # the number of the keeper at least

    def rows(self, database):
        counts = " UNION ALL ".join(f"SELECT '{table}', count(*) FROM zoo.{table}" for _, table in self.tables)
        return {table: int(count) for table, count in sql(database, counts)}

    def test_every_type_arrives_bit_for_bit_and_leaves_again(self):
        self.open_zoo(columns_sql)
        self.assertEqual(len(self.tables), len(ZOO))
        moved = self.godwit("run", "move", "1", "--json").json()["run"]
        self.assert_arrived()
        self.godwit("verify", moved)
        self.godwit("rollback", moved, "--confirm", moved)
        self.assertEqual(set(self.rows(CERT).values()), {0})

    def test_rows_are_found_again_by_keys_of_every_type_and_by_all_that_they_hold(self):
        self.open_zoo(keys_sql)
        keyed = sum(table.startswith("t_k_") for _, table in self.tables)
        self.assertGreater(keyed, 100)
        self.assertNotIn(0, self.rows(PROD).values())
        moved = self.godwit("run", "move", "1", "--json").json()["run"]
        self.assert_arrived()
        self.godwit("rollback", moved, "--confirm", moved)
        self.assertEqual(set(self.rows(CERT).values()), {0})

    def test_a_type_that_the_server_does_not_read_is_refused_and_nothing_is_written(self):
        self.open_zoo(lambda rows: "CREATE TABLE t_tree (id int PRIMARY KEY, keeper int NOT NULL REFERENCES keeper, v pg_node_tree);" + (
            "INSERT INTO t_tree SELECT 1, 1, ev_action FROM pg_rewrite LIMIT 1;" if rows else ""))
        outcome = self.godwit("run", "move", "1", code=1)
        self.assertIn("zoo.zoo.t_tree", outcome.stderr)
        self.assertEqual(sql(CERT, "SELECT count(*) FROM zoo.keeper"), [["0"]])

    def test_a_table_without_a_column_is_refused_with_what_to_do(self):
        self.open_zoo(lambda rows: "CREATE TABLE t_nothing ();")
        with open(os.path.join(self.folder, "godwit.yml"), "a") as file:
            file.write("    shared: [zoo.zoo.t_nothing]\n")
        outcome = self.godwit("run", "move", "1", code=2)
        self.assertIn("no column to move:\n  zoo.zoo.t_nothing", outcome.stderr)
        self.assertIn("skip", outcome.stderr)


if __name__ == "__main__":
    unittest.main()
