#!/usr/bin/env python3
"""tests/golden/adoption/TOOL: tools whose engines cannot be had. project/ as the tool has it; recorded.sql, what it wrote for
the first two migrations, and undone.sql, what it writes when it takes the third one back: table, rows and checksums as the
tool's own source and documents define them. expected.json says what adopt, and the row of our third migration, must say."""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest
import uuid

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "schema"))
from migrated_database import SERVER, psql  # noqa: E402
from godwit_program import run  # noqa: E402

BINARY = os.environ["GODWIT_BINARY"]


class Adoption(unittest.TestCase):
    def setUp(self):
        self.name = "adoption_" + uuid.uuid4().hex[:12]
        psql(SERVER, f"CREATE DATABASE {self.name}")
        self.addCleanup(psql, SERVER, f"DROP DATABASE IF EXISTS {self.name} WITH (FORCE)")
        self.url = SERVER.partition("?")[0].rsplit("/", 1)[0] + "/" + self.name + "?sslmode=prefer"

    def project(self, tool):
        folder = pathlib.Path(tempfile.mkdtemp(prefix="godwit-adoption-"))
        self.addCleanup(shutil.rmtree, folder, ignore_errors=True)
        shutil.copytree(HERE / tool / "project", folder, dirs_exist_ok=True)
        return folder

    def godwit(self, *arguments, folder, code=0):
        done = subprocess.run([BINARY, *arguments, "--json"], cwd=folder, capture_output=True, text=True, timeout=120, stdin=subprocess.DEVNULL,
                              env={**os.environ, "DATABASE_URL": self.url, "GITHUB_RUN_ID": "4711"})
        self.assertEqual(done.returncode, code, f"{arguments}: {done.stdout}{done.stderr}")
        return json.loads(done.stdout)

    def go_on(self, tool, *options, folder):
        """From what status says on: the rest is applied, taken back by the tool, and seen."""
        expected = json.loads((HERE / tool / "expected.json").read_text())
        status = self.godwit("db", "status", *options, folder=folder)
        self.assertEqual((status["executor"], status["applied"], status["pending"]), (tool, expected["applied"], expected["pending"]))
        self.assertEqual(status["pending_files"], [expected["pending_file"]])
        self.assertEqual(self.godwit("db", "upgrade", "--ci", *options, folder=folder)["applied"], 1)
        self.assertEqual(self.godwit("db", "upgrade", "--ci", *options, folder=folder)["outcome"], "already current")
        self.assertEqual(psql(self.url, expected["rows"]).split("|"), expected["new_row"])
        psql(self.url, (HERE / tool / "undone.sql").read_text())
        self.assertEqual(self.godwit("db", "status", *options, folder=folder)["pending_files"], [expected["pending_file"]])
        self.assertEqual(self.godwit("db", "upgrade", "--ci", *options, folder=folder)["applied"], 1)

    def adopt(self, tool):
        folder = self.project(tool)
        psql(self.url, (HERE / tool / "recorded.sql").read_text())
        found = self.godwit("db", "adopt", folder=folder)
        expected = json.loads((HERE / tool / "expected.json").read_text())
        for key in ("tool", "folder", "applied", "pending", "checksums_match", "checksums_differ", "unchecked"):
            self.assertEqual((key, found[key]), (key, expected[key]))
        return folder, found

    def test_prisma(self):
        folder, _ = self.adopt("prisma")
        self.go_on("prisma", folder=folder)
        # Edited since: Prisma would say so.
        (folder / "prisma/migrations/20260101000000_person/migration.sql").write_text('CREATE TABLE "Person" ("id" BIGSERIAL);\n')
        self.assertEqual(self.godwit("db", "adopt", "--dry-run", folder=folder)["checksums_differ"], 1)

    def test_atlas(self):
        folder, _ = self.adopt("atlas")
        self.go_on("atlas", folder=folder)
        # atlas.sum and the folder must agree.
        (folder / "migrations/20260101000000_person.sql").write_text("CREATE TABLE person (id bigint);\n")
        refused = run("db", "status", cwd=folder, environment={"DATABASE_URL": self.url})
        self.assertEqual((refused.code, "atlas.sum" in refused.stderr), (2, True))

    def test_devflow(self):
        folder, found = self.adopt("devflow")
        self.assertIn("project: aosentry", found["settings"])
        self.go_on("devflow", folder=folder)

    # The same with devflow's own configuration, and no godwit.yml.
    def test_devflow_by_its_own_configuration(self):
        folder = self.project("devflow")
        psql(self.url, (HERE / "devflow/recorded.sql").read_text())
        self.go_on("devflow", "-c", "devflow.yml", folder=folder)
        self.assertFalse((folder / "godwit.yml").exists())


if __name__ == "__main__":
    unittest.main()
