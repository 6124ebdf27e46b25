#!/usr/bin/env python3
"""documents_test.py GOLDEN_FOLDER CLI_JSON_MD: holds the golden reports to their formats.

golden_test.cpp proves that the reports are these files; here, that the files are what their formats demand: JUnit and
the page parse as XML, SARIF has what SARIF 2.1.0 requires, CSV reads back with equal columns, the page runs nothing,
fetches nothing and can be read, and docs/CLI_JSON.md names every field of report.json and no other.
"""
import csv
import io
import json
import pathlib
import re
import sys
import unittest
import xml.etree.ElementTree as ElementTree

FOLDER = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "tests/golden/report")
CONTRACT = pathlib.Path(sys.argv[2] if len(sys.argv) > 2 else "docs/CLI_JSON.md")
CASES = ["empty", "nasty", "rollback", "stopped", "verification"]
ACTIVE_SCHEMES = ("javascript:", "vbscript:", "http:", "https:", "//")


def text_of(case: str, name: str) -> str:
    return (FOLDER / case / name).read_bytes().decode("utf-8")


def luminance(colour: str) -> float:
    """Relative luminance, WCAG 2.1."""
    parts = [int(colour[i:i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(a: str, b: str) -> float:
    high, low = sorted((luminance(a), luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def fields(value, path: str = "") -> set[str]:
    """Every field of a document: "tables[].masks[].column". Names inside artifacts are data."""
    if isinstance(value, dict):
        found = set()
        for key, inner in value.items():
            name = f"{path}.{key}" if path else key
            found.add(name)
            if name != "artifacts":
                found |= fields(inner, name)
        return found
    if isinstance(value, list):
        return set().union(*(fields(inner, path + "[]") for inner in value)) if value else set()
    return set()


class Folder(unittest.TestCase):
    def test_holds_the_cases(self):
        self.assertEqual(sorted(path.name for path in FOLDER.iterdir() if path.is_dir()), CASES)


class Junit(unittest.TestCase):
    def test_counts_are_those_of_the_cases(self):
        for case in CASES:
            root = ElementTree.fromstring(text_of(case, "checks.junit.xml"))
            self.assertEqual(root.tag, "testsuites")
            total = {"tests": 0, "failures": 0, "errors": 0, "skipped": 0}
            for suite in root:
                self.assertEqual(suite.tag, "testsuite")
                self.assertTrue(suite.get("name"))
                counted = {"tests": len(suite.findall("testcase")), "failures": len(suite.findall("testcase/failure")),
                           "errors": len(suite.findall("testcase/error")), "skipped": len(suite.findall("testcase/skipped"))}
                for name, count in counted.items():
                    self.assertEqual(suite.get(name), str(count), f"{case} {suite.get('name')} {name}")
                    total[name] += count
                for entry in suite:
                    self.assertTrue(entry.get("name") and entry.get("classname"), case)
            for name, count in total.items():
                self.assertEqual(root.get(name), str(count), f"{case} {name}")

    def test_agrees_with_the_report(self):
        for case in CASES:
            root = ElementTree.fromstring(text_of(case, "checks.junit.xml"))
            checks = json.loads(text_of(case, "report.json"))["checks"]
            self.assertEqual(root.get("failures"), str(checks["failed"]), case)
            self.assertEqual(root.get("skipped"), str(checks["skipped"]), case)


class Sarif(unittest.TestCase):
    def test_has_what_sarif_requires(self):
        for case in CASES:
            log = json.loads(text_of(case, "checks.sarif"))
            self.assertEqual(log["version"], "2.1.0")
            self.assertTrue(log["$schema"].endswith("sarif-2.1.0.json"))
            self.assertEqual(len(log["runs"]), 1)
            run = log["runs"][0]
            driver = run["tool"]["driver"]
            self.assertEqual(driver["name"], "godwit")
            self.assertIsInstance(run["results"], list)
            self.assertIsInstance(run["invocations"][0]["executionSuccessful"], bool)
            ids = [rule["id"] for rule in driver["rules"]]
            self.assertEqual(len(ids), len(set(ids)))
            for rule in driver["rules"]:
                self.assertTrue(rule["shortDescription"]["text"])
            for result in run["results"]:
                self.check_result(result, ids)

    def check_result(self, result: dict, ids: list[str]):
        self.assertEqual(ids[result["ruleIndex"]], result["ruleId"])
        self.assertIn(result["level"], ("none", "note", "warning", "error"))
        self.assertTrue(result["message"]["text"])
        self.assertIsInstance(result["locations"], list)
        place = result["locations"][0]["physicalLocation"]
        self.assertRegex(place["artifactLocation"]["uri"], r"^[A-Za-z0-9._~%-]+$")
        self.assertGreaterEqual(place["region"]["startLine"], 1)
        logical = result["locations"][0]["logicalLocations"]
        self.assertIsInstance(logical, list)
        self.assertTrue(logical[0]["fullyQualifiedName"])

    def test_says_what_the_report_says(self):
        for case in CASES:
            found = json.loads(text_of(case, "report.json"))["checks"]["findings"]
            run = json.loads(text_of(case, "checks.sarif"))["runs"][0]
            self.assertEqual(len(run["results"]), len(found), case)
            self.assertEqual(run["invocations"][0]["exitCode"], json.loads(text_of(case, "report.json"))["exit_code"])
            failed = [entry for entry in found if entry["verdict"] in ("failed", "skipped")]
            self.assertEqual(len([r for r in run["results"] if r["level"] == "error"]), len(failed), case)


class Csv(unittest.TestCase):
    def test_reads_back_and_is_no_formula(self):
        for case in CASES:
            for name, rows in (("tables.csv", "tables"), ("checks.csv", None)):
                text = text_of(case, name)
                self.assertTrue(text.endswith("\r\n"))
                self.assertNotIn("\n", text.replace("\r\n", ""))
                lines = list(csv.reader(io.StringIO(text, newline=""), strict=True))
                self.assertEqual(len(lines), text.count("\r\n"), "a field spans lines")
                self.assertEqual({len(line) for line in lines}, {len(lines[0])}, f"{case} {name}")
                if rows:
                    self.assertEqual(len(lines) - 1, len(json.loads(text_of(case, "report.json"))[rows]))
                for field in (field for line in lines[1:] for field in line):
                    self.assertNotRegex(field, r"^\s*[=+@-]", f"{case} {name}")

    def test_checks_are_all_there(self):
        for case in CASES:
            checks = json.loads(text_of(case, "report.json"))["checks"]
            lines = list(csv.DictReader(io.StringIO(text_of(case, "checks.csv"), newline="")))
            self.assertEqual(len(lines), checks["evaluated"] + checks["skipped"], case)


class Markdown(unittest.TestCase):
    def test_tables_keep_their_columns(self):
        for case in CASES:
            width = None
            for line in text_of(case, "report.md").split("\n"):
                if not line.startswith("|"):
                    width = None
                    continue
                cells = len(re.findall(r"(?<!\\)\|", line))
                width = width or cells
                self.assertEqual(cells, width, f"{case}: {line}")

    def test_nothing_acts(self):
        text = text_of("nasty", "report.md")
        for raw in ("<script", "<img", "<a ", "](", "@everybody"):
            found = [m.start() for m in re.finditer(re.escape(raw), text)]
            self.assertFalse([at for at in found if text[at - 1] != "\\" and raw != "]("], raw)
        self.assertNotRegex(text, r"(?<!\\)\]\(")


class Page(unittest.TestCase):
    def page(self, case: str) -> ElementTree.Element:
        text = text_of(case, "report.html")
        self.assertTrue(text.startswith("<!DOCTYPE html>\n"))
        return ElementTree.fromstring(text)

    def test_runs_nothing_and_fetches_nothing(self):
        for case in CASES:
            for element in self.page(case).iter():
                self.assertNotIn(element.tag, ("script", "iframe", "object", "embed", "form", "img", "base", "foreignObject"), case)
                for name, value in element.attrib.items():
                    self.assertFalse(name.startswith("on"), f"{case}: {name}")
                    self.assertNotIn(name, ("src", "srcset", "style", "action", "formaction"), case)
                    if "href" in name:
                        self.assertRegex(value, r"^(#[a-z]+|\./[^/:]+|data:,)$", case)
            style = self.page(case).find("head/style").text
            self.assertNotRegex(style, r"url\(|@import|expression\(|@font-face")
            self.assertIn("default-src 'none'", text_of(case, "report.html"))

    def test_nothing_of_a_name_became_markup(self):
        page = self.page("nasty")
        self.assertIn("<script>alert('scope')</script>", "".join(page.find("body/header").itertext()))
        self.assertIn("Schüler we\"ird | na'me with <img src=x onerror=alert(1)>", "".join(page.find("body/main").itertext()))
        self.assertNotRegex(text_of("nasty", "report.html"), "[\u202a-\u202e\u2066-\u2069\x00-\x09\x0b-\x1f]")

    def test_is_accessible(self):
        for case in CASES:
            page = self.page(case)
            self.assertEqual(page.get("lang"), "en")
            self.assertEqual(len(list(page.iter("h1"))), 1)
            self.assertTrue("".join(page.find("head/title").itertext()).strip())
            ids = [element.get("id") for element in page.iter() if element.get("id")]
            self.assertEqual(len(ids), len(set(ids)), f"{case}: an id is there twice")
            for element in page.iter():
                for name in element.get("aria-labelledby", "").split():
                    self.assertIn(name, ids, case)
                if element.tag == "a" and element.get("href").startswith("#"):
                    self.assertIn(element.get("href")[1:], ids, case)
            for heading in page.iter("th"):
                self.assertIn(heading.get("scope"), ("col", "row", "rowgroup"))
            for table in page.iter("table"):
                self.assertTrue(table.find("caption").text)
                self.check_grid(table)
            for picture in page.iter("svg"):
                if picture.get("aria-hidden") != "true":
                    self.assertEqual([child.tag for child in picture][:2], ["title", "desc"])
                    self.assertTrue(picture.find("desc").text.strip())

    def check_grid(self, table: ElementTree.Element):
        columns = len(table.findall("thead/tr/th"))
        spanned = 0
        for row in table.findall("tbody/tr"):
            self.assertEqual(len(row) + (1 if spanned > 0 else 0), columns, table.find("caption").text)
            spanned -= 1
            if row[0].get("rowspan"):
                spanned = int(row[0].get("rowspan")) - 1

    def test_pictures_stay_inside_their_frame(self):
        drawn = 0
        for case in CASES:
            for rect in (rect for picture in self.page(case).iter("svg") for rect in picture.iter("rect")):
                x = float(rect.get("x").rstrip("%"))
                if not rect.get("width").endswith("%"):
                    continue
                width = float(rect.get("width").rstrip("%"))
                drawn += 1
                self.assertGreaterEqual(x, 0)
                self.assertGreater(width, 0)
                self.assertLessEqual(x + width, 100.01)
        self.assertGreater(drawn, 20)

    def test_colours_can_be_read(self):
        style = self.page("nasty").find("head/style").text
        light, dark = re.findall(r":root \{(.*?)\}", style, re.DOTALL)[:2]
        compared = 0
        for block in (light, dark):
            colour = dict(re.findall(r"--([a-z0-9-]+): (#[0-9a-f]{6})", block))
            for ink in ("ink", "dim", "accent", "good", "warn", "bad", "info", "off"):
                for ground in ("page", "surface"):
                    self.assertGreaterEqual(contrast(colour[ink], colour[ground]), 4.5, f"{ink} on {ground}")
                    compared += 1
            for tone in ("good", "warn", "bad", "info"):
                self.assertGreaterEqual(contrast(colour[tone], colour[tone + "-soft"]), 4.5, tone)
                self.assertGreaterEqual(contrast(colour["ink"], colour[tone + "-soft"]), 4.5, tone)
            self.assertGreaterEqual(contrast(colour["ink"], colour["plain-soft"]), 4.5)
            for number in range(8):
                for ground in ("surface", "track"):
                    self.assertGreaterEqual(contrast(colour[f"store-{number}"], colour[ground]), 3, f"store-{number} on {ground}")
            for tone in ("accent", "good", "warn", "bad", "off"):
                self.assertGreaterEqual(contrast(colour[tone], colour["track"]), 3, f"{tone} on track")
        self.assertEqual(compared, 32)


class Contract(unittest.TestCase):
    def test_names_every_field_and_no_other(self):
        text = CONTRACT.read_text(encoding="utf-8")
        begin, end = text.index("<!-- fields of report.json -->"), text.index("<!-- end of the fields -->")
        described = set(re.findall(r"^\| `([^`]+)` \|", text[begin:end], re.MULTILINE))
        written = set().union(*(fields(json.loads(text_of(case, "report.json"))) for case in CASES))
        self.assertGreater(len(written), 70)
        self.assertEqual(sorted(written - described), [], "fields that the contract does not name")
        self.assertEqual(sorted(described - written), [], "fields that no report has")

    def test_every_report_has_the_same_top(self):
        tops = {tuple(json.loads(text_of(case, "report.json"))) for case in CASES}
        self.assertEqual(len(tops), 1)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
