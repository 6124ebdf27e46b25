#!/usr/bin/env python3
"""Exactness on PostgreSQL: a district arrives whole and alone, masked, and leaves without a trace. What must be there is
taken from the fixture's oracle and proved with SQL of this test's own."""
import collections
import csv
import ctypes
import ctypes.util
import json
import pathlib
import subprocess
import unittest

from godwit_program import STORES
from postgres_world import BIN, DISTRICTS, PostgresWorld, literal, psql, quoted, tables_of, url

LINKS = [("hcp1", "students", "external_id", "ids", "students", "id"), ("hcp2", "schools", "school_ref", "ids", "schools", "id"),
         ("adb", "dim_school", "school_ref", "ids", "schools", "id"), ("adb", "dim_student", "student_ref", "ids", "students", "id")]

# Primary keys that are masked: their rows are told apart by what is kept.
MASKED_KEYS = {
    "public.student_identifiers": "(SELECT s.id::text FROM students s WHERE s.student_number = student_identifiers.student_number)",
    "public.meal_accounts": "student_ref::text"}


def rows_of(database):
    """{schema.table: how often each row, as text, is there}."""
    parts = [f"SELECT {literal(schema + '.' + table)}, t::text FROM {quoted(schema, table)} AS t" for schema, table in tables_of(database)]
    rows = {f"{schema}.{table}": collections.Counter() for schema, table in tables_of(database)}
    for table, row in psql(database, "\nUNION ALL\n".join(parts)):
        rows[table][row] += 1
    return rows


def keys_of(database):
    """{schema.table: the primary keys as the oracle writes them}."""
    primary = collections.defaultdict(list)
    for schema, table, column in psql(database, """
            SELECT n.nspname, c.relname, a.attname FROM pg_constraint p JOIN pg_class c ON c.oid = p.conrelid
            JOIN pg_namespace n ON n.oid = c.relnamespace CROSS JOIN LATERAL unnest(p.conkey) WITH ORDINALITY AS k(attnum, place)
            JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.attnum
            WHERE p.contype = 'p' AND NOT c.relispartition AND n.nspname NOT IN ('godwit', 'pg_catalog') ORDER BY c.oid, k.place"""):
        primary[schema, table].append(column)

    def key_of(schema, table, columns):
        joined = f"concat_ws('|', {', '.join(quoted(column) + '::text' for column in columns)})"
        return MASKED_KEYS.get(f"{schema}.{table}", joined)

    parts = [f"SELECT {literal(schema + '.' + table)}, {key_of(schema, table, columns)} FROM {quoted(schema, table)}"
             for (schema, table), columns in primary.items()]
    keys = {f"{schema}.{table}": set() for schema, table in primary}
    for table, key in psql(database, "\nUNION ALL\n".join(parts)):
        keys[table].add(key)
    return keys


def orphans_of(database):
    """Every foreign key looked at again, whatever pg_constraint says about its validity."""
    foreign_keys = psql(database, """
        SELECT f.conname, quote_ident(cn.nspname) || '.' || quote_ident(c.relname), quote_ident(pn.nspname) || '.' || quote_ident(p.relname),
          (SELECT string_agg(format('c.%I = p.%I', ca.attname, pa.attname), ' AND ') FROM unnest(f.conkey, f.confkey) AS k(child, parent)
           JOIN pg_attribute ca ON ca.attrelid = c.oid AND ca.attnum = k.child JOIN pg_attribute pa ON pa.attrelid = p.oid AND pa.attnum = k.parent),
          (SELECT string_agg(format('c.%I IS NOT NULL', ca.attname), ' AND ') FROM unnest(f.conkey) AS k(child)
           JOIN pg_attribute ca ON ca.attrelid = c.oid AND ca.attnum = k.child), f.convalidated
        FROM pg_constraint f JOIN pg_class c ON c.oid = f.conrelid JOIN pg_namespace cn ON cn.oid = c.relnamespace
        JOIN pg_class p ON p.oid = f.confrelid JOIN pg_namespace pn ON pn.oid = p.relnamespace
        WHERE f.contype = 'f' AND f.conparentid = 0 AND cn.nspname <> 'godwit'""")
    parts = [f"SELECT {literal(name)}, count(*) FROM {child} c WHERE {filled} AND NOT EXISTS (SELECT FROM {parent} p WHERE {same})"
             for name, child, parent, same, filled, _ in foreign_keys]
    orphans = {name: int(count) for name, count in psql(database, "\nUNION ALL\n".join(parts)) if count != "0"}
    return len(foreign_keys), orphans, [row[0] for row in foreign_keys if row[5] != "t"]


def schema_of(database):
    dump = subprocess.run([f"{BIN}/pg_dump", "--schema-only", "--exclude-schema=godwit", url(database)], check=True,
                          capture_output=True).stdout
    # pg_dump guards its output with a random word.
    return [line for line in dump.splitlines() if not line.startswith((b"\\restrict ", b"\\unrestrict "))]


def dump_of(database):
    return subprocess.run([f"{BIN}/pg_dump", "--inserts", url(database)], check=True, capture_output=True).stdout


class Unpacked:
    """The pages of a Parquet file, which are zstd frames: what a byte scan of the file alone would not see."""

    def __init__(self):
        self.zstd = ctypes.CDLL(ctypes.util.find_library("zstd") or "libzstd.so.1")
        self.zstd.ZSTD_getFrameContentSize.restype = ctypes.c_ulonglong
        for function in (self.zstd.ZSTD_findFrameCompressedSize, self.zstd.ZSTD_decompress):
            function.restype = ctypes.c_size_t

    def pages(self, content):
        at = content.find(b"\x28\xb5\x2f\xfd")
        while at >= 0:
            frame = content[at:]
            size = self.zstd.ZSTD_findFrameCompressedSize(frame, ctypes.c_size_t(len(frame)))
            whole = self.zstd.ZSTD_getFrameContentSize(frame, ctypes.c_size_t(len(frame)))
            if size <= len(frame) and whole < 1 << 30:
                page = ctypes.create_string_buffer(whole + 1)
                written = self.zstd.ZSTD_decompress(page, ctypes.c_size_t(whole), frame, ctypes.c_size_t(size))
                if written == whole:
                    yield page.raw[:whole]
            at = content.find(b"\x28\xb5\x2f\xfd", at + 4)


class District(PostgresWorld):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with open(f"{cls.template}/oracle.csv", newline="") as file:
            cls.oracle = list(csv.DictReader(file))
        cls.keep_what_tells_apart()
        cls.canaries = [line.encode() for line in pathlib.Path(f"{cls.template}/canaries.txt").read_text().splitlines() if line]
        cls.templates = {cls.districts_in_cert}
        # A canary that is not in the source proves nothing.
        source = b"".join(dump_of(cls.database("prod", store)) for store in STORES)
        missing = [canary for canary in cls.canaries if canary not in source]
        if missing or len(cls.canaries) < 20:
            raise AssertionError(f"the source lacks {len(missing)} of {len(cls.canaries)} canaries")

    @classmethod
    def keep_what_tells_apart(cls):
        for store, table, key in [("ids", "student_identifiers", "student_number"), ("hcp2", "meal_accounts", "account_no")]:
            name = f"public.{table}"
            kept = dict(psql(cls.database("prod", store), f"SELECT {key}, {MASKED_KEYS[name]} FROM {table}"))
            for row in cls.oracle:
                if (row["store"], row["table"]) == (store, name):
                    row["key"] = kept[row["key"]]

    def closure_of(self, district):
        """{store: {table: keys}} that must be there when the district is."""
        closure = {store: collections.defaultdict(set) for store in STORES}
        for row in self.oracle:
            owner = row["owner"]
            needed = owner.startswith("needed:") and district in owner.removeprefix("needed:").split("|")
            if owner in (district, "shared") or needed:
                closure[row["store"]][row["table"]].add(row["key"])
        return closure

    def fresh_target_with(self, districts):
        if districts not in self.templates:
            self.write_fixture(districts)
            self.make_template(districts)
            self.templates.add(districts)
        self.fresh_target(districts)

    def look(self):
        return ({store: rows_of(self.database("cert", store)) for store in STORES},
                {store: keys_of(self.database("cert", store)) for store in STORES})

    def load(self, district, *options):
        outcome = self.godwit("run", "district", district, "--json", *options)
        self.assertEqual(outcome.code, 0, outcome.stderr)
        self.assertEqual(outcome.json()["status"], "completed")
        return outcome

    def roll_back(self, run):
        outcome = self.godwit("rollback", run, "--confirm", run, "--json")
        self.assertEqual(outcome.code, 0, outcome.stderr)
        return outcome

    def assert_exactly(self, district, before, after):
        """The target holds what it held, byte for byte, and the closure of the district; nothing else."""
        (rows_before, keys_before), (rows_after, keys_after) = before, after
        closure = self.closure_of(district)
        added = 0
        for store in STORES:
            self.assertEqual(set(rows_before[store]), set(rows_after[store]))
            for table, rows in rows_before[store].items():
                gone = rows - rows_after[store][table]
                self.assertEqual(gone.total(), 0, f"{store}.{table}: rows of others are gone or were changed")
            for table, keys in keys_before[store].items():
                expected = closure[store][table] - keys
                arrived = keys_after[store][table] - keys
                self.assertEqual(len(arrived - expected), 0, f"{store}.{table}: rows that {district} does not own or need")
                self.assertEqual(len(expected - arrived), 0, f"{store}.{table}: rows of {district} are missing")
                self.assertEqual(rows_after[store][table].total() - rows_before[store][table].total(), len(expected), f"{store}.{table}")
                added += len(expected)
        self.assertGreater(added, 1000)
        return added

    def assert_whole(self):
        """Every foreign key holds, those that no database knows too."""
        for store in STORES:
            count, orphans, not_valid = orphans_of(self.database("cert", store))
            self.assertGreater(count, 20)
            self.assertEqual((orphans, not_valid), ({}, []), store)
        for child_store, child, column, parent_store, parent, key in LINKS:
            children = {row[0] for row in psql(self.database("cert", child_store), f"SELECT {column} FROM {child} WHERE {column} IS NOT NULL")}
            parents = {row[0] for row in psql(self.database("cert", parent_store), f"SELECT {key} FROM {parent}")}
            self.assertGreater(len(children), 0)
            self.assertEqual(len(children - parents), 0, f"{child_store}.{child}.{column}")

    def assert_no_canary(self, *outcomes):
        searched = {}
        for store in STORES:
            searched[f"database {store}"] = dump_of(self.database("cert", store))
        unpacked, pages = Unpacked(), 0
        for path in pathlib.Path(self.folder).rglob("*"):
            if not path.is_file():
                continue
            content = path.read_bytes()
            searched[str(path)] = content
            if path.suffix == ".parquet":
                inside = list(unpacked.pages(content))
                pages += len(inside)
                searched[f"{path}, unpacked"] = b"\0".join(inside)
        for number, outcome in enumerate(outcomes):
            searched[f"output {number}"] = (outcome.stdout + outcome.stderr).encode()
        self.assertGreater(pages, 500)
        self.assertGreater(sum(b"district-" in content for place, content in searched.items() if place.endswith("unpacked")), 50,
                           "the pages are not read at all")
        for place, content in searched.items():
            for canary in self.canaries:
                self.assertFalse(canary in content, f"{place} holds a planted value")

    def test_each_district_arrives_whole_and_alone(self):
        for district, others in zip(DISTRICTS, ["2,3", "1,3", "1,2"]):
            with self.subTest(district=district):
                self.fresh_target_with(others)
                before = self.look()
                schemas = {store: schema_of(self.database("cert", store)) for store in STORES}
                digests = self.dump_target()
                outcome = self.load(district)
                added = self.assert_exactly(district, before, self.look())
                document = outcome.json()
                self.assertEqual(document["checks"]["failed"] + document["checks"]["skipped"], 0)
                self.assertGreaterEqual(document["checks"]["evaluated"], 785)
                self.assertEqual(sum(table["inserted"] for table in document["tables"]), added, "the report counts what happened")
                self.assert_whole()
                self.assert_no_canary(outcome)
                undone = self.roll_back(document["run"])
                self.assertEqual(self.look(), before)
                self.assertEqual(self.dump_target(), digests)
                for store in STORES:
                    self.assertTrue(schema_of(self.database("cert", store)) == schemas[store],
                                    f"{store}: constraints, triggers and defaults are not as they were")
                self.assert_no_canary(undone)

    def test_the_first_of_two_leaves_and_the_second_stays(self):
        self.fresh_target_with("3")
        empty = self.look()
        first = self.load("district-001").json()["run"]
        with_first = self.look()
        self.assert_exactly("district-001", empty, with_first)
        second = self.load("district-002").json()["run"]
        with_both = self.look()
        self.assert_exactly("district-002", with_first, with_both)
        self.roll_back(first)
        left = self.look()
        self.assert_exactly("district-002", empty, left)
        for store in STORES:
            for table, rows in left[0][store].items():
                self.assertEqual((rows - with_both[0][store][table]).total(), 0, f"{store}.{table}: a row of the second changed")
        self.assert_whole()
        self.assertEqual(self.godwit("verify", second).code, 0)
        self.roll_back(second)
        self.assertEqual(self.look(), empty, "what both needed left with the last of them")

    def test_upsert_overwrites_its_own_rows_and_rollback_brings_them_back(self):
        self.load("district-001")
        loaded = self.look()[0]
        # Somebody works in certification: on rows of the district, on its neighbours', and removes a few of the district's.
        psql(self.database("cert", "ids"), """
            UPDATE students SET last_name = 'Handmade', photo = '\\x00ff', profile = '{"by": "hand"}', nicknames = '{NULL,"a,b",""}'
              WHERE district_id = 'district-001' AND id % 2 = 0;
            UPDATE students SET last_name = 'Neighbour', middle_name = NULL WHERE district_id = 'district-002';
            DELETE FROM student_notes n USING students s WHERE s.id = n.student_id AND s.district_id = 'district-001' AND n.id % 2 = 0;""",
             "admin_user")
        psql(self.database("cert", "adb"), "UPDATE fact_meal SET price_paid = price_paid + 1", "admin_user")
        worked_on = self.look()
        outcome = self.load("district-001", "--strategy", "upsert")
        document = outcome.json()
        after = self.look()
        tables = {table["table"]: table for table in document["tables"]}
        self.assertGreater(tables["ids.public.student_notes"]["inserted"], 0)
        self.assertGreater(tables["ids.public.students"]["updated"], 10)
        self.assertEqual(sum(table["inserted"] for table in document["tables"]), tables["ids.public.student_notes"]["inserted"])
        for store in STORES:
            for table, rows in after[0][store].items():
                # What is not as loaded is a neighbour's, as it was worked on.
                touched = rows - loaded[store][table]
                self.assertEqual((touched - worked_on[0][store][table]).total(), 0, f"{store}.{table}")
                if (store, table) == ("ids", "public.students"):
                    self.assertTrue(all(",district-002," in row for row in touched))
                    self.assertGreater(touched.total(), 10)
        self.assert_whole()
        self.assert_no_canary(outcome)
        self.roll_back(document["run"])
        self.assertEqual(self.look(), worked_on)


if __name__ == "__main__":
    unittest.main()
