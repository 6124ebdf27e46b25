#!/usr/bin/env python3
"""godwit mask --explain: what happens to a column and why, on a made-up value."""
import json
import pathlib
import re
import sqlite3
import unittest

from godwit_program import World

ROOT = pathlib.Path(__file__).resolve().parents[2]
PUBLISHED = json.loads((ROOT / "tests/golden/masking/vectors.json").read_text(encoding="utf-8"))


def paths(value, at=""):
    """Every field of a document, as docs/CLI_JSON.md writes them."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield at + name
            yield from paths(inner, f"{at}{name}.")


class MaskExplain(World):
    scale = "0.1"

    def explain(self, column, *options, environment=None):
        outcome = self.godwit("mask", "--explain", column, "--json", *options, environment=environment)
        self.assertEqual(outcome.code, 0, outcome.stderr)
        return outcome.json()

    def line_of(self, rule):
        lines = (pathlib.Path(self.folder) / "masks.yml").read_text().splitlines()
        return 1 + next(i for i, line in enumerate(lines) if f"- name: {rule}" in line)

    def test_a_rule_of_the_file_with_subject_and_unique_column(self):
        column = self.explain("ids.students.email")
        self.assertEqual(column["decided"]["rule"], "e-mail of students")
        self.assertRegex(column["decided"]["where"], rf"masks\.yml:{self.line_of('e-mail of students')}:\d+$")
        self.assertEqual([rule["rule"] for rule in column["lost"]], ["other e-mail", "e-mail addresses"])
        self.assertTrue(column["lost"][1]["shipped"])
        mask = column["mask"]
        self.assertEqual((mask["strategy"], mask["options"]), ("template", {"template": "email"}))
        self.assertEqual((mask["domain"], mask["subject"], mask["subject_column"], mask["subject_domain"]),
                         ("email", "student", "id", "person@student"))
        self.assertEqual((mask["injective"], mask["mac_bits"], mask["reserved"]), (True, 80, True))
        self.assertEqual(len(column["unique_in"]), 1)
        self.assertEqual(mask["collision_odds"], column["estimated_rows"] ** 2 / 2 ** 81)
        example = column["example"]
        self.assertTrue(example["output"].endswith("@example.org"))
        name = self.explain("hcp1.main.students.first_name")["example"]
        self.assertEqual((name["subject"], name["output"].lower()), (example["subject"], example["output"].split(".")[0]))

    def test_the_example_is_no_value_of_the_store(self):
        email = self.explain("ids.students.email")["example"]["input"]
        with sqlite3.connect(f"file:{self.folder}/prod/ids.db?mode=ro", uri=True) as store:
            self.assertEqual(store.execute("SELECT count(*) FROM students WHERE email = ?", (email,)).fetchone()[0], 0)

    def test_a_bijection_has_no_odds(self):
        column = self.explain("ids.staff.ssn")
        self.assertEqual((column["mask"]["strategy"], column["mask"]["mac_bits"], column["mask"]["collision_odds"]), ("fpe", 0, 0))
        self.assertEqual((column["mask"]["injective"], column["mask"]["reserved"]), (True, False))

    def test_a_foreign_key_brings_the_mask_of_its_parent(self):
        with sqlite3.connect(f"{self.folder}/prod/ids.db") as store:
            store.executescript("""CREATE TABLE explained_parent (code TEXT PRIMARY KEY, district_id TEXT NOT NULL);
                CREATE TABLE explained_child (id INTEGER PRIMARY KEY, district_id TEXT NOT NULL, note_code TEXT,
                  CONSTRAINT to_parent FOREIGN KEY (note_code) REFERENCES explained_parent (code));""")
        self.edit("masks.yml", "rules:\n", """rules:
  - name: codes of the parent
    match: {table: explained_parent, column: code}
    mask: {strategy: token, length: 20}
""")
        column = self.explain("ids.explained_child.note_code")
        self.assertEqual(column["decided"]["rule"], "codes of the parent")
        self.assertRegex(column["decided"]["where"], rf"masks\.yml:{self.line_of('codes of the parent')}:")
        self.assertIn("ids.main.explained_parent.code", column["decided"]["why"])
        self.assertEqual(column["mask"]["strategy"], "token")

    def test_a_column_that_would_refuse_the_run(self):
        self.edit("masks.yml", "rules:\n", """rules:
  - name: too few
    match: {store: ids, table: students, column: email}
    mask: {strategy: dictionary, dictionary: job}
""")
        column = self.explain("ids.students.email")
        self.assertIn("not unique by construction", column["refused"])
        self.assertIsNone(column["example"]["output"])

    def test_names_that_are_not_there_are_usage_errors(self):
        self.assert_refused(self.godwit("mask", "--explain", "ids.students.emial"), 2, "did you mean email?")
        self.assert_refused(self.godwit("mask", "--explain", "ids.studnets.email"), 2, "did you mean ids.students?")
        self.assert_refused(self.godwit("mask", "--explain", "students.email"), 2, "ids.main.students", "hcp1.main.students")
        self.assert_refused(self.godwit("mask", "--explain", "email"), 2, "table.column")
        self.assert_refused(self.godwit("mask", "--explain", "ids.students.email", "--pipeline", "dsitrict"), 2, "district")
        self.assert_refused(self.godwit("mask"), 2, "--explain")

    def test_without_a_key_the_published_one_stands_in(self):
        self.edit("godwit.yml", "${file:masking.key}", "${env:GODWIT_TEST_NO_SUCH_KEY}")
        column = self.explain("ids.students.email")
        self.assertEqual((column["example"]["key"], column["example"]["key_fingerprint"]), ("published", PUBLISHED["fingerprint"]))
        text = self.godwit("mask", "--explain", "ids.students.email").stdout
        self.assertIn("published test key", text)
        configured = self.explain("ids.students.email", environment={"GODWIT_TEST_NO_SUCH_KEY": "b5vK2mNq8RtYw4ZcXe7LpHs3JdFg6TaU"})
        self.assertEqual(configured["example"]["key"], "configured")
        self.assertNotEqual(configured["example"]["output"], column["example"]["output"])

    def test_a_store_that_cannot_be_read_is_explained_by_name(self):
        (pathlib.Path(self.folder) / "prod/ids.db").rename(pathlib.Path(self.folder) / "prod/gone.db")
        column = self.explain("ids.students.email")
        self.assertEqual((column["from_catalog"], column["type"], column["decided"]["rule"]), (False, "text", "e-mail of students"))
        self.assertTrue(any("store ids cannot be read" in note for note in column["notes"]), column["notes"])
        self.assertTrue(self.explain("hcp1.students.last_name")["from_catalog"])

    def plan_hash(self):
        outcome = self.godwit("run", "district", "district-001", "--dry-run", "--json")
        self.assertEqual(outcome.code, 0, outcome.stderr)
        return json.loads(outcome.stdout)["hash"]

    def test_a_locale_pack_gives_the_words_of_a_rule(self):
        pack = pathlib.Path(self.folder) / "de-DE.txt"
        pack.write_text((ROOT / "examples/locales/de-DE.txt").read_text(encoding="utf-8"), encoding="utf-8")
        words = pack.read_text(encoding="utf-8").splitlines()
        before = self.plan_hash()
        self.edit("masks.yml", "subjects:\n", "locales: {de: de-DE.txt}\nsubjects:\n")
        named = self.plan_hash()
        self.assertNotEqual(before, named, "the pack stands in the plan's hash")
        for column in ("first_name", "last_name"):
            self.edit("masks.yml", f"dictionary: {column}, subject: staff", f"dictionary: {column}, subject: staff, locale: de")
        self.edit("masks.yml", "dictionary: full_name, subject: staff", "dictionary: full_name, subject: staff, locale: de")
        refused = self.godwit("mask", "--explain", "ids.staff.last_name")
        self.assert_refused(refused, 2, "masks.yml:", "subject staff takes its words from locale")
        self.edit("masks.yml", "template: email, subject: staff", "template: email, subject: staff, locale: de")
        for old in ("gender, subject: staff", "street, subject: staff", "city, subject: staff", "zip, subject: staff"):
            self.edit("masks.yml", f"dictionary: {old}", f"dictionary: {old}, locale: de")
        column = self.explain("ids.staff.last_name")
        self.assertEqual(column["mask"]["options"]["locale"], "de")
        self.assertIn(column["example"]["output"], words)
        self.assertNotIn("locale", self.explain("ids.students.last_name")["mask"]["options"])

    def test_a_locale_pack_is_refused_with_its_place(self):
        pack = pathlib.Path(self.folder) / "de-DE.txt"
        good = (ROOT / "examples/locales/de-DE.txt").read_text(encoding="utf-8")
        self.edit("masks.yml", "subjects:\n", "locales: {de: de-DE.txt}\nsubjects:\n")
        line = 1 + good.splitlines().index("Schmidt")
        pack.write_text(good.replace("Schneider\n", "SCHMIDT\n", 1), encoding="utf-8")
        self.assert_refused(self.godwit("mask", "--explain", "ids.staff.email"), 2, f"de-DE.txt:{line + 1}:1:", "twice", f"line {line}")
        pack.write_bytes(good.encode("utf-8").replace("Müller\n".encode(), b"M\xfcller\n", 1))
        self.assert_refused(self.godwit("mask", "--explain", "ids.staff.email"), 2, f"de-DE.txt:{line - 1}:2:", "UTF-8")

    def test_the_page_names_every_field_and_no_other(self):
        page = (ROOT / "docs/CLI_JSON.md").read_text(encoding="utf-8")
        table = page.partition("<!-- fields of mask --explain -->")[2].partition("<!-- end of the fields of mask --explain -->")[0]
        documented = set(re.findall(r"^\| `([^`]+)` \|", table, re.MULTILINE))
        column = self.explain("ids.students.email")
        printed = {path for path in paths(column) if not path.startswith("mask.options.")}
        self.assertEqual(documented, printed)
        self.assertEqual(set(column["lost"][0]), set(column["decided"]))


if __name__ == "__main__":
    unittest.main()
