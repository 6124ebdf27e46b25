#!/usr/bin/env python3
"""A run that changes a structure leaves the reports that every run leaves, and a dry run shows what the structure will be."""
import json
import unittest
import xml.etree.ElementTree as ElementTree

from migrated_database import Migrated

ACTIONS = {"GITHUB_ACTIONS": "true", "GITHUB_RUN_ID": "4711", "GITHUB_RUN_ATTEMPT": "3", "GITHUB_REPOSITORY": "octo/repo",
           "GITHUB_SERVER_URL": "https://github.com", "GITHUB_SHA": "abc123", "GITHUB_ACTOR": "ann", "GITHUB_REF": "refs/heads/main"}
URL = "https://github.com/octo/repo/actions/runs/4711"


def page(text):
    """The page as a tree; every text in it, and that nothing of it acts or fetches."""
    tree = ElementTree.fromstring(text.replace("<!DOCTYPE html>", "", 1))
    for element in tree.iter():
        assert element.tag not in ("script", "iframe", "object", "embed", "form", "link") or element.get("href") == "data:,", element.tag
        assert not [name for name in element.attrib if name.startswith("on")]
    for style in tree.iter("style"):
        style.text = ""
    return "".join(tree.itertext())


class Reports:
    def start(self):
        self.write("1_a.sql", "CREATE TABLE a (id integer PRIMARY KEY, name text);\n")
        self.write("1_a.down.sql", "DROP TABLE a;\n")

    def test_every_form_of_a_run(self):
        self.start()
        self.write("2_<b>.sql", "CREATE TABLE b (id integer);\nCREATE INDEX b_id ON b (id);\n")
        report = self.json("db", "upgrade", "--ci", "--backup", environment=ACTIONS)
        run = report["run"]
        self.assertEqual([report[key] for key in ("actor", "commit", "ci_run_id", "ci_url", "ci_attempt")],
                         ["ann", "abc123", "4711", URL, "3"])
        self.assertEqual(json.loads(self.godwit("report", run, "--json").stdout), report)
        html = self.godwit("report", run, "--format", "html").stdout
        markdown = self.godwit("report", run, "--format", "md").stdout
        words = page(html)
        for said in (run, "Applied 2 migration(s).", "ann", "abc123", "4711", URL, "1_a.sql", "2_<b>.sql", report["plan_hash"],
                     report["steps"][0]["sha256"][:12], report["backup_file"]):
            self.assertIn(said, words)
        self.assertNotIn("<b>.sql", html.replace("&lt;b&gt;", ""))
        for said in (run, URL, "| Attempt | 3 |", "1\\_a.sql"):
            self.assertIn(said, markdown)
        listed = {one["run"]: one for one in json.loads(self.godwit("runs", "--json").stdout)["runs"]}
        self.assertEqual((listed[run]["kind"], listed[run]["pipeline"], listed[run]["scope"], listed[run]["status"]),
                         ("db", "app", "local", "completed"))
        self.assertEqual((listed[run]["requester"], listed[run]["plan_hash"]), ("ann", report["plan_hash"]))
        self.assertIn(run, self.godwit("runs", "--pipeline", "app", "--scope", "local").stdout)
        self.assertIn("completed", self.godwit("status", run).stdout)
        # Going back is a run of its own, about that one.
        back = self.json("db", "downgrade", "--run", run, "--ci", "--skip-validation", code=2)
        self.assertEqual(back["run"], None)
        self.write("2_<b>.down.sql", "DROP TABLE b;\n")
        back = self.json("db", "downgrade", "--run", run, "--ci")
        self.assertIn("Rolled back 2 migration(s).", page(self.godwit("report", back["run"], "--format", "html").stdout))
        # Checks are none of a schema change's forms.
        self.assertIn("has no checks.junit.xml", self.godwit("report", run, "--format", "junit", code=2).stderr)

    def test_a_failure_is_told_with_its_place_and_what_to_do(self):
        self.start()
        self.write("2_b.sql", "CREATE TABLE b (id integer);\nINSERT INTO nowhere VALUES (1);\n")
        report = json.loads(self.godwit("db", "upgrade", "--ci", "--json", code=4).stdout)
        html = self.godwit("report", report["run"], "--format", "html").stdout
        words = page(html)
        for said in ("2_b.sql:2", "1 of 2 migration(s) done", "INSERT INTO nowhere VALUES (1);", "left nothing behind",
                     f"godwit db downgrade --run {report['run']}"):
            self.assertIn(said, words)
        self.assertEqual(json.loads(self.godwit("runs", "--json").stdout)["runs"][0]["status"], "partial")

    def test_a_dry_run_shows_the_structure_before_and_after(self):
        self.start()
        self.godwit("db", "upgrade", "--ci")
        self.write("2_b.sql", "ALTER TABLE a ADD COLUMN email text;\nCREATE TABLE b (id integer);\n")
        report = self.json("db", "upgrade", "--dry-run")
        structure = report["structure"]
        self.assertEqual((structure["rehearsed"], structure["why_not"]), (True, None))
        added = {(one["what"], one["name"].split(".", 1)[-1]) for one in structure["changes"]}
        self.assertIn(("added", "b"), added)
        self.assertTrue(any("email" in one["after"] and "email" not in one["before"] for one in structure["changes"]))
        said = self.godwit("db", "upgrade", "--dry-run").stdout
        self.assertIn("[DRY RUN] The structure before and after, from a rehearsal in", said)
        self.assertRegex(said, r"(?m)^    \+ .*email")
        self.assertIn("ALTER TABLE a ADD COLUMN email text;", said)
        self.assertEqual(self.tables(), ["a"])
        # What it ends at is what the upgrade ends at.
        self.godwit("db", "upgrade", "--ci")
        self.assertEqual(self.json("db", "drift")["live_fingerprint"], structure["end_fingerprint"])

    def test_a_dry_run_says_why_there_is_no_structure_to_show(self):
        self.start()
        self.write("2_b.sql", "INSERT INTO nowhere VALUES (1);\n")
        report = self.json("db", "upgrade", "--dry-run")
        self.assertFalse(report["structure"]["rehearsed"])
        self.assertIn("2_b.sql:1", report["structure"]["why_not"])
        self.assertIn("is not known: ", self.godwit("db", "upgrade", "--dry-run").stdout)
        report = self.json("db", "upgrade", "--dry-run", "--skip-rehearsal")
        self.assertEqual((report["structure"], report["skipped"]), (None, ["rehearsal"]))


class OnSqlite(Reports, Migrated):
    kind = "sqlite"


class OnPostgres(Reports, Migrated):
    kind = "postgres"


class Devflow(Migrated):
    kind = "postgres"
    settings = "      format: devflow\n"

    def test_the_column_of_the_ci_run_is_filled(self):
        self.write("001_a.sql", "CREATE TABLE a (id integer);\n")
        self.write("002_b.sql", "CREATE TABLE b (id integer);\n")
        self.godwit("db", "upgrade", "--ci", "--to", "001_a.sql", environment=ACTIONS)
        self.godwit("db", "upgrade", "--ci", environment={"GITHUB_RUN_ID": ""})
        rows = self.sql("SELECT name, coalesce(ci_run_id, 'NULL'), applied_from FROM schema_migrations ORDER BY 1")
        self.assertEqual(rows, [["001_a.sql", "4711", "ci"], ["002_b.sql", "NULL", "cli"]])


if __name__ == "__main__":
    unittest.main()
