#!/usr/bin/env python3
"""One person is one person: after a run every column that is linked to a subject tells the same, in every table and store.

What may differ is stated: a fake that would be its original is drawn again, and a store that holds another original than
its neighbour (the fixture's warehouse does) draws again by itself."""
import pathlib
import re
import sqlite3
import unittest

from godwit_program import World
from masked_data import FIRST, PLACES as ALL_PLACES

DISTRICT = "district-001"
STATES = ("OH", "TX", "OR", "NY", "CO", "GA")


PLACES = [entry for entry in ALL_PLACES if entry[1] in STATES]

def plain(name):
    return re.sub(r"[^a-z0-9]", "", name.lower())


class Persons(World):
    scale = "0.5"

    def setUp(self):
        super().setUp()
        # The state refers to a list of six: places of those, so that street, city, state and ZIP code can agree.
        (pathlib.Path(self.folder) / "places.txt").write_text("\n".join(",".join(entry) for entry in PLACES) + "\n")
        rules = "".join(f"""  - name: states of {subject}s
    match: {{table: "{subject}_addresses", column: state}}
    mask: {{strategy: dictionary, dictionary: state, subject: {subject}}}
""" for subject in ("student", "staff"))
        self.edit("masks.yml", "rules:\n", "rules:\n" + rules)
        self.edit("masks.yml", "subjects:\n", "dictionaries: {place: places.txt}\nsubjects:\n")
        outcome = self.godwit("run", "district", DISTRICT, "--json")
        self.assertEqual(outcome.code, 0, outcome.stderr)
        self.drawn_again = 0

    def test_everyone_is_one_person_everywhere(self):
        for check in (self.check_that_students_agree_in_every_store, self.check_that_staff_agree_in_every_store,
                      self.check_that_addresses_are_one_place_each):
            with self.subTest(check.__name__):
                check()

    def rows(self, side, store, table, person):
        """{the person's number: row} of one district in one environment."""
        owners = {"student_addresses": "students", "student_demographics": "students", "staff_addresses": "staff"}
        if table in owners:
            whose = self.rows(side, store, owners[table], "id")
        key = "district_key" if store == "hcp1" else "district_id"
        with sqlite3.connect(f"file:{self.folder}/{side}/{store}.db?mode=ro", uri=True) as database:
            database.row_factory = sqlite3.Row
            columns = [row["name"] for row in database.execute(f"PRAGMA table_info({table})")]
            where = f" WHERE {key} = '{DISTRICT}'" if key in columns else ""
            found = {row[person]: dict(row) for row in database.execute(f"SELECT * FROM {table}{where}")
                     if table not in owners or row[person] in whose}
        self.assertTrue(found, f"{store}.{table}")
        return found

    def same_unless_drawn_again(self, fake, other, originals, what):
        """Two fakes of one person; where they differ, one of them would have been an original."""
        if fake is None or other is None or fake == other:
            return
        self.assertTrue({fake.lower(), other.lower()} & {str(original).lower() for original in originals}, what)
        self.drawn_again += 1

    def assert_name(self, first, last, gender, email, who):
        if first is not None and gender in ("M", "F"):
            self.assertIn(FIRST[first], ("n", gender.lower()), f"{who}: {gender} beside the first name")
        if first is not None and last is not None and email:
            self.assertTrue(email.startswith(f"{plain(first)}.{plain(last)}."), f"{who}: the e-mail's names")

    def check_that_students_agree_in_every_store(self):
        ids, was = self.rows("cert", "ids", "students", "id"), self.rows("prod", "ids", "students", "id")
        clinic, warehouse = self.rows("cert", "hcp1", "students", "external_id"), self.rows("cert", "adb", "dim_student", "student_ref")
        warehouse_was = self.rows("prod", "adb", "dim_student", "student_ref")
        facts = self.rows("cert", "ids", "student_demographics", "student_id")
        self.assertEqual(set(ids), set(clinic))
        self.assertEqual(set(ids), set(warehouse))
        self.assertGreater(len(ids), 100)
        for number, student in ids.items():
            who = f"student {number}"
            seen, other = clinic[number], warehouse[number]
            for column in ("first_name", "last_name", "email", "birth_date", "gender"):
                self.assertEqual(student[column], seen[column], f"{who}: {column} in the clinic")
            self.assertEqual(student["birth_date"], other["birth_date"], who)
            genders = {row[column] for row, column in [(student, "gender"), (seen, "gender"), (facts[number], "gender"), (other, "gender_code")]}
            self.assertLessEqual(len(genders - {None}), 1, f"{who}: {genders}")
            self.assert_name(student["first_name"], student["last_name"], max(genders - {None}, default=None), student["email"], who)
            originals = warehouse_was[number]["full_name"].split(" ") + [was[number]["first_name"], was[number]["last_name"]]
            for name, shown in zip(("first_name", "last_name"), other["full_name"].rsplit(" ", 1)):
                self.same_unless_drawn_again(student[name], shown, originals, f"{who}: {name} in the warehouse")
        self.assertLess(self.drawn_again, len(ids) / 20, "drawing again is rare")

    def check_that_staff_agree_in_every_store(self):
        ids, was = self.rows("cert", "ids", "staff", "id"), self.rows("prod", "ids", "staff", "id")
        warehouse, warehouse_was = self.rows("cert", "adb", "dim_staff", "staff_ref"), self.rows("prod", "adb", "dim_staff", "staff_ref")
        self.assertEqual(set(ids), set(warehouse))
        for number, person in ids.items():
            who = f"staff {number}"
            self.assert_name(person["first_name"], person["last_name"], person["gender"], person["email"], who)
            shown = warehouse[number]["full_name"].rsplit(" ", 1)
            self.assert_name(shown[0], shown[1], person["gender"], warehouse[number]["email"], who + " in the warehouse")
            originals = warehouse_was[number]["full_name"].split(" ") + [was[number]["first_name"], was[number]["last_name"]]
            for name, fake in zip(("first_name", "last_name"), shown):
                self.same_unless_drawn_again(person[name], fake, originals, f"{who}: {name} in the warehouse")

    def check_that_addresses_are_one_place_each(self):
        for table, person, code in [("student_addresses", "student_id", "zip_code"), ("staff_addresses", "staff_id", "postal_code")]:
            cert, prod = self.rows("cert", "ids", table, person), self.rows("prod", "ids", table, person)
            for number, address in cert.items():
                self.assertIn([address["city"], address["state"], address[code][:5]], PLACES, f"{table} of {number}")
                self.assertNotEqual(address[code], prod[number][code])
                self.assertNotEqual(address["city"], prod[number]["city"])
        warehouse, was = self.rows("cert", "adb", "dim_student", "student_ref"), self.rows("prod", "adb", "dim_student", "student_ref")
        cert, prod = self.rows("cert", "ids", "student_addresses", "student_id"), self.rows("prod", "ids", "student_addresses", "student_id")
        for number, address in cert.items():
            fake, drawn = warehouse.get(number, address)["zip_code"], address["zip_code"]
            if fake == drawn or number not in warehouse:
                continue
            # The address had to give way to its own original city or ZIP code, or the warehouse to its own.
            self.drawn_again += 1
            shown = {entry[0] for entry in PLACES if entry[2] == fake[:5]}
            clash = prod[number]["city"] in shown or prod[number]["zip_code"] == fake or was[number]["zip_code"] == drawn
            self.assertTrue(clash, f"ZIP code of {number} in the warehouse")


if __name__ == "__main__":
    unittest.main()
