#!/usr/bin/env python3
"""godwit demo, and what one does after it: runs, status, report, inspect, verify, rollback."""
import json
import pathlib
import shutil
import sqlite3
import tempfile
import unittest
import xml.etree.ElementTree

from godwit_program import STORES, dump_store, run, write_fixture


class Demo(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="godwit-demo-test-") + "/world"
        cls.outcome = run("demo", "--json", "--directory", cls.folder)

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(pathlib.Path(cls.folder).parent, ignore_errors=True)

    def test_a_whole_migration(self):
        self.assertEqual(self.outcome.code, 0, self.outcome.stderr)
        document = self.outcome.json()
        self.assertEqual(document["status"], "completed")
        checks = document["checks"]
        self.assertGreaterEqual(checks["evaluated"], 785)
        self.assertEqual(checks["skipped"], 0)
        self.assertEqual(checks["failed"], 0)
        self.assertEqual(checks["evaluated"], checks["passed"] + checks["warned"])
        counted = json.loads(pathlib.Path(document["artifacts"]["checks.json"]).read_text())["checks"]
        self.assertEqual(len(counted), checks["evaluated"], "the number printed is the number counted")
        self.assertEqual(len({check["id"] for check in counted}), len(counted), "ids are unique")
        self.assertEqual(len(document["tables"]), len({table["table"] for table in document["tables"]}))
        self.assertGreaterEqual(len(document["tables"]), 100)
        for table in document["tables"]:
            # Rows of no district that stood in the target before, with other values: kept there, and counted.
            self.assertEqual(table["verified_rows"] + table["different"], table["rows"], table["table"])
            if table["membership"] == "owned":
                self.assertEqual(table["different"], 0, table["table"])
            self.assertEqual(table["foreign_rows"], 0)
        self.assertEqual([phase["phase"] for phase in document["phases"]], ["plan", "extract", "check", "load", "commit", "verify"])
        shared = sum(table["rows"] for table in document["tables"] if table["membership"] == "shared")
        owned, needed = (sum(table[name] for table in document["tables"]) for name in ("owned_rows", "needed_rows"))
        self.assertEqual(owned + needed + shared, sum(table["rows"] for table in document["tables"]))
        self.assertGreater(min(owned, needed, shared), 0)
        page = pathlib.Path(document["artifacts"]["report.html"]).read_text()
        self.assertIn(f"{owned:,} owned · {needed:,} needed · {shared:,} shared", page)
        for store in document["stores"]:
            self.assertEqual(store["connection_notes"], ["prod, cert: rollback journal: writers of the file wait while it is read"])
        self.assertLess(len(document["notes"]), 25, "one note per kind, not one per column or connection")
        self.assertIn("ids.main.staff.ssn", "".join(document["notes"]))
        for path in document["artifacts"].values():
            self.assertTrue(pathlib.Path(path).exists(), path)

    def test_reports_are_well_formed(self):
        artifacts = self.outcome.json()["artifacts"]
        junit = xml.etree.ElementTree.parse(artifacts["checks.junit.xml"]).getroot()
        self.assertEqual(int(junit.get("tests")), self.outcome.json()["checks"]["evaluated"])
        self.assertEqual(json.loads(pathlib.Path(artifacts["checks.sarif"]).read_text())["version"], "2.1.0")
        page = pathlib.Path(artifacts["report.html"]).read_text()
        self.assertIn("<svg", page)
        self.assertNotIn("<script", page)
        self.assertNotIn("http://", page.replace("http://www.w3.org/", ""))

    def test_no_canary_anywhere(self):
        with tempfile.TemporaryDirectory() as oracle:
            write_fixture(oracle, "--oracle")
            canaries = [line for line in (pathlib.Path(oracle) / "canaries.txt").read_text().splitlines() if line]
        self.assertGreater(len(canaries), 20)
        source = b"".join((pathlib.Path(self.folder) / "prod" / f"{store}.db").read_bytes() for store in STORES)
        for canary in canaries:
            self.assertIn(canary.encode(), source, "a canary that is not in the source proves nothing")
        searched = 0
        for path in pathlib.Path(self.folder).rglob("*"):
            if not path.is_file() or "prod" in path.parts:
                continue
            searched += 1
            content = path.read_bytes()
            for canary in canaries:
                self.assertNotIn(canary.encode(), content, f"{path.name} holds a planted value")
        self.assertGreater(searched, 100)
        for canary in canaries:
            self.assertNotIn(canary, self.outcome.stderr + self.outcome.stdout)

    def test_runs_status_report_inspect(self):
        name = self.outcome.json()["run"]
        runs = run("runs", "--json", cwd=self.folder).json()["runs"]
        self.assertEqual([(entry["run"], entry["status"]) for entry in runs if entry["kind"] == "mig"], [(name, "completed")])
        self.assertEqual(run("status", "--json", cwd=self.folder).code, 0)
        for kind in ["html", "md", "json", "junit", "sarif"]:
            self.assertEqual(run("report", name, "--format", kind, cwd=self.folder).code, 0)
        profile = run("inspect", name, "--table", "ids.students", "--limit", "2", "--json", cwd=self.folder).json()
        self.assertEqual(len(profile["tables"][0]["samples"]), 2)

    def test_verify_finds_what_changed_since(self):
        name = self.outcome.json()["run"]
        copy = tempfile.mkdtemp(prefix="godwit-demo-copy-")
        try:
            shutil.copytree(self.folder, copy, dirs_exist_ok=True)
            self.assertEqual(run("verify", name, cwd=copy).code, 0)
            with sqlite3.connect(f"{copy}/cert/ids.db") as store:
                store.execute("UPDATE students SET grade_level = (grade_level + 1) % 12 WHERE district_id = 'district-001' AND id = (SELECT min(id) FROM students WHERE district_id = 'district-001')")
            outcome = run("verify", name, "--json", cwd=copy)
            self.assertEqual(outcome.code, 3, outcome.stderr)
            wrong = [(table["table"], table["mismatched_rows"]) for table in outcome.json()["tables"] if table["mismatched_rows"] > 0]
            self.assertEqual(wrong, [("ids.main.students", 1)])
        finally:
            shutil.rmtree(copy, ignore_errors=True)

    def test_rollback_restores_every_byte(self):
        name = self.outcome.json()["run"]
        copy = tempfile.mkdtemp(prefix="godwit-demo-copy-")
        try:
            shutil.copytree(self.folder, copy, dirs_exist_ok=True)
            fresh = tempfile.mkdtemp(prefix="godwit-demo-before-")
            write_fixture(fresh)
            before = {store: dump_store(f"{fresh}/cert/{store}.db") for store in STORES}
            shutil.rmtree(fresh)
            loaded = {store: dump_store(f"{copy}/cert/{store}.db") for store in STORES}
            self.assertNotEqual(before, loaded)
            refused = run("rollback", name, "--yes", cwd=copy)
            self.assertEqual(refused.code, 6, "--yes answers questions, it opens no gate")
            preview = run("rollback", name, "--dry-run", "--json", cwd=copy)
            self.assertEqual(preview.code, 0, preview.stderr)
            self.assertGreater(sum(table["deleted"] for table in preview.json()["tables"]), 1000)
            self.assertEqual({store: dump_store(f"{copy}/cert/{store}.db") for store in STORES}, loaded, "a preview changes nothing")
            done = run("rollback", name, "--confirm", name, cwd=copy)
            self.assertEqual(done.code, 0, done.stderr)
            self.assertEqual({store: dump_store(f"{copy}/cert/{store}.db") for store in STORES}, before)
            again = run("rollback", name, "--confirm", name, cwd=copy)
            self.assertEqual(again.code, 0, again.stderr)
            self.assertEqual({store: dump_store(f"{copy}/cert/{store}.db") for store in STORES}, before, "undoing twice undoes once")
        finally:
            shutil.rmtree(copy, ignore_errors=True)


if __name__ == "__main__":
    unittest.main()
