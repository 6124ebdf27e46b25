#!/usr/bin/env python3
"""The same key makes the same data, however many jobs work at it; another key makes other data.

Chance is bounded: a count is refused only where chance alone would reach it less often than once in 10^9 tries. Keys and
rows are fixed, so a run either holds or does not."""
import collections
import math
import sqlite3
import unittest

from godwit_program import World
from masked_data import PLACES, FIRST, LAST, digests_of, set_jobs

ONE_KEY = "pQ3xV7nL2kR9wT5yB8mD4hJ6cF1gS0aZ"
OTHER_KEY = "z9Y8x7W6v5U4t3S2r1Q0p9O8n7M6l5K4"
CHANCE = 1e-9


def most_by_chance(rows, share):
    """The smallest count that `rows` independent draws, each hitting with probability `share`, reach with less than CHANCE."""
    below = 0.0
    for count in range(rows + 1):
        if 1 - below < CHANCE:
            return count
        below += math.exp(math.lgamma(rows + 1) - math.lgamma(count + 1) - math.lgamma(rows - count + 1)
                          + count * math.log(share) + (rows - count) * math.log1p(-share))
    return rows + 1


def share_of(weights):
    """How often two independent draws by these weights agree."""
    total = sum(weights)
    return sum((weight / total) ** 2 for weight in weights)


def first_name_share():
    """A coin for the gender, then a name of its list."""
    size = {g: sum(gender in ("n", g) for gender in FIRST.values()) for g in "fm"}
    return share_of([sum(0.5 / size[g] for g in "fm" if gender in ("n", g)) for gender in FIRST.values()])


class Determinism(World):
    scale = "0.1"

    def setUp(self):
        super().setUp()
        self.edit("godwit.yml", "${file:masking.key}", "${env:GODWIT_TEST_KEY}")

    def load(self, key, *options):
        outcome = self.godwit("run", "district", "district-001", "--json", *options, environment={"GODWIT_TEST_KEY": key})
        self.assertEqual(outcome.code, 0, outcome.stderr)
        return outcome.json()["run"]

    def test_the_number_of_jobs_does_not_matter(self):
        digests = {}
        for jobs in (1, 2, 4):
            set_jobs(self.folder, jobs)
            digests[jobs] = digests_of(self.folder, self.load(ONE_KEY, "--skip-load"))
        self.assertEqual(len(digests[1]), 157)
        self.assertGreater(sum(rows for rows, _ in digests[1].values()), 1000)
        self.assertEqual(digests[1], digests[2])
        self.assertEqual(digests[1], digests[4])

    def fakes(self, key):
        """Loads under a key, takes the masked columns, and takes the load back."""
        loaded = self.load(key)
        found = {}
        for store, table, person, columns in TABLES:
            found[store, table] = self.rows("cert", store, table, person, columns)
        outcome = self.godwit("rollback", loaded, "--confirm", loaded, environment={"GODWIT_TEST_KEY": key})
        self.assertEqual(outcome.code, 0, outcome.stderr)
        return found

    def rows(self, side, store, table, person, columns):
        with sqlite3.connect(f"file:{self.folder}/{side}/{store}.db?mode=ro", uri=True) as database:
            names = ", ".join([person, *columns])
            where = "student_id IN (SELECT id FROM students WHERE {})" if table == "student_addresses" else "{}"
            where = where.format("district_id = 'district-001'")
            return {row[0]: dict(zip(columns, row[1:])) for row in database.execute(f"SELECT {names} FROM {table} WHERE {where}")}

    def test_another_key_leaves_nothing_alike(self):
        one, other = self.fakes(ONE_KEY), self.fakes(OTHER_KEY)
        for store, table, person, columns in TABLES:
            was = self.rows("prod", store, table, person, columns)
            moved = {key: (one[store, table][key], other[store, table][key]) for key in was}
            self.assertGreaterEqual(len(moved), 12, table)
            for column in columns:
                with self.subTest(f"{store}.{table}.{column}"):
                    pairs = [(a[column], b[column], was[key][column]) for key, (a, b) in moved.items() if was[key][column]]
                    self.assertTrue(pairs)
                    self.assert_alike_by_chance(column, pairs)

    def assert_alike_by_chance(self, column, pairs):
        alike = sum(a == b for a, b, _ in pairs)
        if column in SHARES:
            self.assertLess(alike, most_by_chance(len(pairs), SHARES[column]()))
        elif column == "email":
            self.assertEqual(alike, 0, "80 bits of hash")
        else:
            # A bijection of numbers of the same form: one in 10^digits.
            share = max(10.0 ** -sum(c.isdigit() for c in str(was)) for _, _, was in pairs)
            self.assertLess(alike, most_by_chance(len(pairs), share))
        if column == "gender":
            differ = len(pairs) - alike
            self.assertLess(differ, most_by_chance(len(pairs), 0.5))

    def test_the_bound_is_a_bound(self):
        self.assertEqual(most_by_chance(100, 1e-12), 1)
        self.assertGreater(most_by_chance(100, 0.5), 50)
        self.assertLess(most_by_chance(100, 0.5), 90)
        self.assertAlmostEqual(share_of([1] * 500), 1 / 500)
        with self.assertRaises(AssertionError):
            self.assert_alike_by_chance("last_name", [("Lopez", "Lopez", "Kim")] * 8)
        with self.assertRaises(AssertionError):
            self.assert_alike_by_chance("email", [("a", "b", "c"), ("a", "a", "c")])


TABLES = [
    ("ids", "students", "id", ["first_name", "last_name", "gender", "email", "student_number", "badge_number"]),
    ("ids", "staff", "id", ["first_name", "last_name", "gender", "email", "employee_number", "ssn"]),
    ("ids", "student_addresses", "id", ["city"]),
]
SHARES = {"first_name": first_name_share, "last_name": lambda: 1 / len(LAST), "gender": lambda: 0.5,
          "city": lambda: share_of(collections.Counter(place[0] for place in PLACES).values())}


if __name__ == "__main__":
    unittest.main()
