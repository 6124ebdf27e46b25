#!/usr/bin/env python3
"""tests/golden/lint/CASE/{lint.txt,lint.json,lint.sarif,lint.github}: every form of what `godwit db lint` says of
input.sql. UPDATE_GOLDEN=1 rewrites them; a mismatch leaves FORM.FAIL beside it."""
import json
import os
import pathlib
import re
import subprocess
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
BINARY = os.environ["GODWIT_BINARY"]
FORMS = {"text": "lint.txt", "json": "lint.json", "sarif": "lint.sarif", "github": "lint.github"}


def said(case, form):
    with tempfile.TemporaryDirectory() as folder:
        (pathlib.Path(folder) / "input.sql").write_bytes((case / "input.sql").read_bytes())
        done = subprocess.run([BINARY, "db", "lint", "input.sql", "--format", form], cwd=folder, capture_output=True, timeout=60)
    assert done.returncode == 3, (done.returncode, done.stderr)
    # The version is the build's.
    return re.sub(rb'"(godwit_)?version": "\d[^"]*"', rb'"\1version": "0"', done.stdout)


class Golden(unittest.TestCase):
    def test_every_form_of_every_case(self):
        cases = [path.parent for path in sorted(HERE.glob("*/input.sql"))]
        self.assertGreaterEqual(len(cases), 2)
        for case in cases:
            for form, name in FORMS.items():
                with self.subTest(case=case.name, form=form):
                    actual, file = said(case, form), case / name
                    if os.environ.get("UPDATE_GOLDEN") == "1":
                        file.write_bytes(actual)
                        continue
                    same = file.exists() and file.read_bytes() == actual
                    if not same:
                        file.with_name(name + ".FAIL").write_bytes(actual)
                    self.assertTrue(same, f"{file} is not what lint says now: compare it with {name}.FAIL")

    def test_sarif_says_what_code_scanning_needs(self):
        run = json.loads(said(HERE / "allowances", "sarif"))["runs"][0]
        rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
        self.assertEqual(len(rules), len(set(rules)))
        for result in run["results"]:
            self.assertEqual(rules[result["ruleIndex"]], result["ruleId"])
            self.assertIn(result["level"], ("error", "warning", "note"))
            self.assertGreaterEqual(result["locations"][0]["physicalLocation"]["region"]["startLine"], 1)
        suppressed = [one for one in run["results"] if "suppressions" in one]
        self.assertEqual([one["suppressions"][0]["justification"] for one in suppressed], ["both have been empty since release 12"])

    def test_annotations_are_one_line_each(self):
        for case in ("locks", "allowances"):
            for line in said(HERE / case, "github").decode().splitlines():
                self.assertRegex(line, r"^::(error|warning|notice) file=input\.sql,line=\d+,col=\d+,title=[a-z-]+::.")


if __name__ == "__main__":
    unittest.main()
