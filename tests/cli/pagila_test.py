#!/usr/bin/env python3
"""Pagila, one store at a time, on PostgreSQL: exactly the closure arrives, masked, under all constraints of the
target; the two stores stand beside each other with shared rows kept once; each is rolled back without the other
noticing. What must be there is decided by SQL that stands here, not by the program's planner."""
import contextlib
import lzma
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

from godwit_program import TEST_KEY, run

ROOT = pathlib.Path(__file__).resolve().parents[2]
DATA = ROOT / "tests" / "data" / "pagila"
SERVER = os.environ["GODWIT_TEST_PG"]
PSQL = os.path.join(os.environ["GODWIT_TEST_PG_BIN"], "psql")
NAMES = {"prod": f"pagila_prod_{os.getpid()}", "cert": f"pagila_cert_{os.getpid()}"}

# What a store owns, and what those rows need, by joins. The last steps are repeated until nothing is added: stores
# need their managers, who work in stores, which need their managers.
CLOSURE = """
CREATE TEMP TABLE w_inventory AS SELECT * FROM inventory WHERE store_id IN ({scopes});
CREATE TEMP TABLE w_rental AS SELECT r.* FROM rental r JOIN w_inventory USING (inventory_id);
CREATE TEMP TABLE w_payment AS SELECT p.tableoid::regclass::text AS part, p.* FROM payment p JOIN w_rental r USING (rental_id);
CREATE TEMP TABLE w_customer AS SELECT * FROM customer WHERE store_id IN ({scopes})
  OR customer_id IN (SELECT customer_id FROM w_rental) OR customer_id IN (SELECT customer_id FROM w_payment);
CREATE TEMP TABLE w_staff AS SELECT * FROM staff WHERE store_id IN ({scopes})
  OR staff_id IN (SELECT staff_id FROM w_rental) OR staff_id IN (SELECT staff_id FROM w_payment);
CREATE TEMP TABLE w_store AS SELECT * FROM store WHERE store_id IN ({scopes})
  OR store_id IN (SELECT store_id FROM w_customer);
""" + 3 * """
INSERT INTO w_store SELECT * FROM store WHERE store_id IN (SELECT store_id FROM w_staff) AND store_id NOT IN (SELECT store_id FROM w_store);
INSERT INTO w_staff SELECT * FROM staff WHERE staff_id IN (SELECT manager_staff_id FROM w_store) AND staff_id NOT IN (SELECT staff_id FROM w_staff);
""" + """
CREATE TEMP TABLE w_address AS SELECT * FROM address WHERE address_id IN (SELECT address_id FROM w_customer)
  OR address_id IN (SELECT address_id FROM w_staff) OR address_id IN (SELECT address_id FROM w_store);
CREATE TEMP TABLE w_city AS SELECT * FROM city WHERE city_id IN (SELECT city_id FROM w_address);
CREATE TEMP TABLE w_country AS SELECT * FROM country WHERE country_id IN (SELECT country_id FROM w_city);
"""
# What is compared, per table: every column that no mask touches.
KEPT = {
    "store": "*", "inventory": "*", "rental": "*", "payment": "*", "city": "*", "country": "*",
    "customer": "customer_id, store_id, address_id, activebool, create_date, last_update, active, email IS NULL",
    "staff": "staff_id, address_id, store_id, active, last_update",
    "address": "address_id, address2 IS NULL, city_id, postal_code IS NULL, last_update",
    "film": "*", "language": "*", "actor": "*", "category": "*", "film_actor": "*", "film_category": "*",
}
SHARED = ["film", "language", "actor", "category", "film_actor", "film_category"]


def url(name):
    return SERVER.rsplit("/", 1)[0] + "/" + name


def sql(environment, text):
    database = url(NAMES[environment]) if environment in NAMES else SERVER
    process = subprocess.run([PSQL, "-XqAt", "-v", "ON_ERROR_STOP=1", "-d", database], input=text, capture_output=True, text=True)
    if process.returncode != 0:
        raise AssertionError(process.stderr)
    return process.stdout.splitlines()


def schema():
    """As a server before version 17 understands it."""
    text = (DATA / "pagila-schema.sql").read_text().replace("SET transaction_timeout = 0;\n", "")
    return re.sub(r"CREATE VIEW public\.films_per_customer_rental.*?;\s*ALTER VIEW public\.films_per_customer_rental[^\n]*\n", "", text, flags=re.S)


def empty_target():
    sql("server", f'DROP DATABASE IF EXISTS {NAMES["cert"]};')
    sql("server", f'CREATE DATABASE {NAMES["cert"]};')
    sql("cert", schema())


class Pagila(unittest.TestCase):
    maxDiff = 2000

    @classmethod
    def setUpClass(cls):
        sql("server", f'DROP DATABASE IF EXISTS {NAMES["prod"]};')
        sql("server", f'CREATE DATABASE {NAMES["prod"]};')
        sql("prod", schema())
        sql("prod", lzma.decompress((DATA / "pagila-data.sql.xz").read_bytes()).decode())
        sql("prod", "ANALYZE")

    @classmethod
    def tearDownClass(cls):
        for name in NAMES.values():
            with contextlib.suppress(AssertionError):
                sql("server", f"DROP DATABASE IF EXISTS {name};")

    def setUp(self):
        empty_target()
        self.folder = tempfile.mkdtemp(prefix="godwit-pagila-")
        for name in ["godwit.yml", "masks.yml", "checks.yml"]:
            shutil.copy(ROOT / "examples" / "pagila" / name, self.folder)
        self.empty = self.dump()

    def tearDown(self):
        shutil.rmtree(self.folder, ignore_errors=True)

    def godwit(self, *arguments):
        return run(*arguments, cwd=self.folder, environment={
            "GODWIT_MASKING_KEY": TEST_KEY, "PAGILA_PROD": url(NAMES["prod"]) + "?sslmode=disable",
            "PAGILA_CERT": url(NAMES["cert"]) + "?sslmode=disable"})

    def move(self, scope):
        outcome = self.godwit("run", "store", str(scope), "--json")
        self.assertEqual(outcome.code, 0, outcome.stderr)
        document = outcome.json()
        self.assertEqual(document["status"], "completed")
        self.assertEqual(document["checks"]["failed"] + document["checks"]["skipped"], 0)
        return document["run"]

    def roll_back(self, name):
        outcome = self.godwit("rollback", name, "--confirm", name)
        self.assertEqual(outcome.code, 0, outcome.stderr)

    def dump(self):
        """Every row of the target, masked columns too, with its partition."""
        return {table: sql("cert", f"SELECT tableoid::regclass, x.* FROM {table} x ORDER BY x::text") for table in KEPT}

    def expected(self, *scopes):
        rows = {}
        for table, columns in KEPT.items():
            source = table if table in SHARED else f"w_{table}"
            closure = "" if table in SHARED else CLOSURE.format(scopes=", ".join(map(str, scopes)))
            rows[table] = sql("prod", closure + f"SELECT {columns} FROM {source} x ORDER BY x.*::text")
        return rows

    def arrived(self):
        rows = {}
        for table, columns in KEPT.items():
            of = "(SELECT tableoid::regclass::text AS part, * FROM payment)" if table == "payment" else table
            rows[table] = sql("cert", f"SELECT {columns} FROM {of} x ORDER BY x.*::text")
        return rows

    def assert_closure(self, *scopes):
        expected, arrived = self.expected(*scopes), self.arrived()
        for table in KEPT:
            self.assertGreater(len(expected[table]), 0, table)
            self.assertEqual(len(arrived[table]), len(expected[table]), table)
            self.assertEqual(sorted(arrived[table]), sorted(expected[table]), table)

    def assert_sound(self):
        """All constraints stand as they stood, enforced, and every foreign key is asked again."""
        catalog = "SELECT conrelid::regclass, conname, contype, convalidated, pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace = 'public'::regnamespace ORDER BY 1, 2"
        self.assertEqual(sql("cert", catalog), sql("prod", catalog))
        triggers = "SELECT tgrelid::regclass, CASE WHEN tgisinternal THEN '' ELSE tgname END, tgenabled FROM pg_trigger ORDER BY 1, 2, 3"
        self.assertEqual(sql("cert", triggers), sql("prod", triggers))
        keys = sql("cert", "SELECT format('SELECT %L, count(*) FROM %s c WHERE c.%I IS NOT NULL AND NOT EXISTS (SELECT FROM %s p WHERE p.%I = c.%I)', "
                   "conname, conrelid::regclass, a.attname, confrelid::regclass, p.attname, a.attname) FROM pg_constraint k "
                   "JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1] "
                   "JOIN pg_attribute p ON p.attrelid = k.confrelid AND p.attnum = k.confkey[1] WHERE contype = 'f' AND array_length(conkey, 1) = 1")
        self.assertEqual(len(keys), int(sql("cert", "SELECT count(*) FROM pg_constraint WHERE contype = 'f'")[0]))
        self.assertGreater(len(keys), 30)
        for line in sql("cert", ";".join(keys)):
            self.assertTrue(line.endswith("|0"), f"orphans: {line}")

    def assert_nobody_is_known(self):
        people = "".join(f"{glue}SELECT '{table}' || {table}_id, lower(first_name), lower(last_name), lower(email) FROM {table}"
                         for table, glue in [("customer", ""), ("staff", " UNION ALL ")])
        source = [line.split("|") for line in sql("prod", people)]
        target = [line.split("|") for line in sql("cert", people)]
        self.assertGreater(len(source), 600)
        # A fake name comes from a list of real-looking ones and may be another customer's: what must not happen is
        # that somebody keeps their own. E-mails are searched for as a set, everywhere.
        own = {person: (first, last) for person, first, last, _ in source}
        for person, first, last, _ in target:
            self.assertNotEqual(first, own[person][0], person)
            self.assertNotEqual(last, own[person][1], person)
        everything = "\n".join(line.lower() for rows in self.dump().values() for line in rows)
        for _, _, _, email in source:
            self.assertNotIn(email, everything)
        for password in sql("prod", "SELECT lower(password) FROM staff WHERE password IS NOT NULL"):
            self.assertNotIn(f"|{password}|", everything)
        usernames = "SELECT lower(username) FROM staff"
        self.assertEqual(set(sql("cert", usernames)) & set(sql("prod", usernames)), set())
        addresses = "SELECT address FROM address WHERE address_id IN (SELECT address_id FROM customer)"
        streets = set(sql("prod", addresses))
        self.assertEqual([street for street in sql("cert", addresses) if street in streets], [])
        for path in pathlib.Path(self.folder, ".godwit").rglob("*"):
            if path.is_file() and path.suffix != ".parquet":
                content = path.read_bytes().lower()
                for _, _, _, email in source:
                    self.assertNotIn(email.encode(), content, path.name)

    def assert_sequences_go_on(self):
        for table in ["rental", "inventory", "customer", "store", "staff", "address", "payment"]:
            highest, following = sql("cert", f"SELECT max({table}_id) FROM {table}; SELECT nextval('{table}_{table}_id_seq')")
            self.assertGreater(int(following), int(highest), table)

    def test_one_store(self):
        first = self.move(1)
        self.assert_closure(1)
        self.assert_sound()
        self.assert_nobody_is_known()
        self.assert_sequences_go_on()
        verified = self.godwit("verify", first)
        self.assertEqual(verified.code, 0, verified.stderr)
        self.roll_back(first)
        self.assertEqual(self.dump(), self.empty)

    def test_the_other_store_beside_it_and_the_first_leaves_first(self):
        second = self.move(2)
        alone = self.dump()
        self.assert_closure(2)
        self.roll_back(second)
        self.assertEqual(self.dump(), self.empty)

        first = self.move(1)
        second = self.move(2)
        self.assert_closure(1, 2)
        self.assert_sound()
        self.assert_nobody_is_known()
        self.roll_back(first)
        self.assertEqual(self.dump(), alone)
        self.assert_sound()
        self.roll_back(second)
        self.assertEqual(self.dump(), self.empty)

    def test_the_last_one_leaves_first(self):
        first = self.move(1)
        alone = self.dump()
        second = self.move(2)
        self.assert_closure(1, 2)
        self.roll_back(second)
        self.assertEqual(self.dump(), alone)
        self.assert_sound()
        self.roll_back(first)
        self.assertEqual(self.dump(), self.empty)

    def test_a_store_comes_back_after_the_other_kept_its_rows(self):
        first = self.move(1)
        self.move(2)
        both = self.dump()
        self.roll_back(first)
        again = self.move(1)
        self.assertEqual(self.dump(), both)
        self.roll_back(again)
        self.assert_closure(2)


if __name__ == "__main__":
    unittest.main()
