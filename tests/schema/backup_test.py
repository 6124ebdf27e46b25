#!/usr/bin/env python3
"""godwit db backup: with the real pg_dump and SQLite's own backup; what must stop an upgrade; what must not be seen."""
import json
import os
import pathlib
import re
import subprocess
import time
import unittest

from migrated_database import SERVER, Migrated, psql

SEARCH_PATH = os.environ["PATH"]
BINARY = os.environ["GODWIT_BINARY"]
KEY = "bm90LWEtc2VjcmV0LW9mLWFueWJvZHkh"  # of this file alone


class Backup:
    def settle(self, old, new):
        path = self.folder / "godwit.yml"
        text = path.read_text()
        self.assertIn(old, text)
        path.write_text(text.replace(old, new, 1))

    def backups(self):
        folder = self.folder / ".godwit/backups"
        return sorted(path.name for path in folder.iterdir()) if folder.exists() else []

    def gate(self, words):
        self.settle(self.ending, self.ending[:-1] + ", " + words + "}")

    def program(self, name, script):
        path = self.folder / name
        path.write_text("#!/bin/sh\n" + script)
        path.chmod(0o755)
        return path

    def filled(self):
        self.write("1_a.sql", "CREATE TABLE people (id int, name text);\nINSERT INTO people VALUES (1, 'CanarySmith'), (2, NULL);\n")
        self.godwit("db", "upgrade", "--ci")

    def test_manifest_modes_names_and_verification(self):
        self.filled()
        first = self.json("db", "backup", "--verify")
        second = self.json("db", "backup")
        self.assertNotEqual(first["path"], second["path"])
        path = pathlib.Path(first["path"])
        self.assertRegex(path.name, r"^app-local-\d{8}-\d{6}-[0-9a-f]{8}\.")
        self.assertEqual((path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777), (0o600, 0o700))
        manifest = json.loads(pathlib.Path(str(path) + ".manifest.json").read_text())
        self.assertEqual((manifest["version"], manifest["file"], manifest["bytes"], manifest["verified"], manifest["applied_revisions"]),
                         (1, path.name, path.stat().st_size, True, ["1"]))
        digest = subprocess.run(["sha256sum", str(path)], capture_output=True, text=True, check=True).stdout.split()[0]
        self.assertEqual(manifest["sha256"], digest)
        self.assertIn(2, [table["rows"] for table in manifest["tables"] if table["name"] == "people"])
        self.assertEqual(len(self.backups()), 4)

    def test_encrypted(self):
        self.filled()
        self.settle("databases:", 'keys: {backup: "${env:BACKUP_KEY}"}\ndatabases:')
        made = self.json("db", "backup", "--verify", environment={"BACKUP_KEY": KEY})
        self.assertTrue(made["encrypted"] and made["verified"])
        content = pathlib.Path(made["path"]).read_bytes()
        self.assertTrue(content.startswith(b"GODWITE1"))
        self.assertNotIn(b"Canary", content)
        self.assertNotIn(b"people", content)
        self.assertIn("BACKUP_KEY is not set", self.godwit("db", "backup", code=2).stderr)

    def test_retention_never_takes_the_newest(self):
        self.filled()
        self.settle("    environments:\n", "    backup: {keep: 2}\n    environments:\n")
        made = [pathlib.Path(self.json("db", "backup")["path"]).name]
        for _ in range(2):
            time.sleep(1.1)  # names and manifests count in seconds
            made.append(pathlib.Path(self.json("db", "backup")["path"]).name)
        self.assertEqual([name for name in self.backups() if not name.endswith(".json")], sorted(made[1:]))

    def test_before_an_upgrade_and_a_downgrade(self):
        self.filled()
        self.write("2_b.sql", "CREATE TABLE b (id int);\n")
        self.write("2_b.down.sql", "DROP TABLE b;\n")
        report = self.json("db", "upgrade", "--ci", "--backup")
        manifest = json.loads(pathlib.Path(report["backup_file"] + ".manifest.json").read_text())
        self.assertEqual((manifest["run"], manifest["applied_revisions"]), (report["run"], ["1"]))
        self.gate("backup: required")
        down = self.json("db", "downgrade", "--ci")
        self.assertTrue(pathlib.Path(down["backup_file"]).exists())
        self.settle("backup: required", "backup: none")
        self.assertIn("takes no backups", self.godwit("db", "upgrade", "--ci", "--backup", code=2).stderr)
        self.assertIsNone(self.json("db", "upgrade", "--ci")["backup_file"])

    def test_killed_in_the_middle_leaves_no_finished_name(self):
        self.filled()
        process = subprocess.run([BINARY, "db", "backup"], cwd=self.folder, capture_output=True, timeout=120,
                                 env={**os.environ, "DATABASE_URL": getattr(self, "url", ""), "GODWIT_TEST_KILL_AT": "backup"})
        self.assertEqual(process.returncode, -9)
        self.assertEqual([name for name in self.backups() if not name.endswith((".partial", ".copy"))], [])
        self.godwit("db", "backup", "--verify")


class OnSqlite(Backup, Migrated):
    kind = "sqlite"
    ending = "{path: app.db}"

    def test_others_may_write_and_zstd_reads_it(self):
        self.filled()
        made = self.json("db", "backup")
        self.assertTrue(made["path"].endswith(".db.zst"))
        copy = self.folder / "copy.db"
        subprocess.run(["zstd", "-q", "-d", made["path"], "-o", str(copy)], check=True)
        self.path = copy
        self.assertEqual(self.sql("SELECT id, name FROM people ORDER BY id"), [["1", "CanarySmith"], ["2", ""]])

    def test_the_first_migration_where_a_backup_is_required(self):
        self.write("1_a.sql", "CREATE TABLE a (id int);\n")
        self.gate("backup: required")
        report = self.json("db", "upgrade", "--ci")
        self.assertEqual((report["applied"], pathlib.Path(report["backup_file"]).exists()), (1, True))


class OnPostgres(Backup, Migrated):
    kind = "postgres"
    ending = 'tls: prefer}'

    def test_plain_is_sql(self):
        self.filled()
        self.settle("    environments:\n", "    backup: {compress: none}\n    environments:\n")
        made = self.json("db", "backup", "--format", "plain", "--verify")
        self.assertTrue(made["path"].endswith(".sql"))
        self.assertIn("COPY public.people", pathlib.Path(made["path"]).read_text())
        self.assertTrue(made["verified"])

    def test_a_required_backup_that_fails(self):
        self.filled()
        self.write("2_b.sql", "CREATE TABLE b (id int);\n")
        self.gate("backup: required")
        (self.folder / "bin").mkdir()
        self.program("bin/pg_dump", 'test "$1" = --version && echo "pg_dump (PostgreSQL) 15.4" && exit 0\nprintf partial; echo "pg_dump: error: broken" >&2; exit 1\n')
        refused = self.godwit("db", "upgrade", "--ci", "--yes", "--json", code=6, environment={"PATH": f"{self.folder}/bin:{SEARCH_PATH}"})
        self.assertIn("the backup that this environment requires failed: pg_dump ended with 1: pg_dump: error: broken; nothing was changed", refused.stderr)
        report = json.loads(refused.stdout)
        self.assertEqual((report["success"], report["backup_file"], report["steps"][0]["state"]), (False, None, "planned"))
        self.assertEqual(self.tables(), ["people"])
        self.assertEqual(self.json("db", "status")["applied"], 1)
        self.assertEqual(self.backups(), [])

    def test_a_server_newer_than_pg_dump(self):
        self.filled()
        old = self.program("old_dump", 'echo "pg_dump (PostgreSQL) 9.6.24"\n')
        self.settle("    environments:\n", f"    backup: {{pg_dump: {old}}}\n    environments:\n")
        self.assertIn("9.6.24 cannot dump a server that is newer: PostgreSQL 15", self.godwit("db", "backup", code=2).stderr)

    def test_the_password_is_nowhere(self):
        self.filled()
        psql(SERVER, f"GRANT ALL ON DATABASE {self.name} TO godwit_password_test")
        self.sql("GRANT USAGE ON SCHEMA godwit TO PUBLIC; GRANT SELECT ON ALL TABLES IN SCHEMA public, godwit TO PUBLIC; "
                 "GRANT SELECT ON ALL SEQUENCES IN SCHEMA godwit TO PUBLIC")
        password = os.environ["GODWIT_TEST_PG_PASSWORD"]
        url = re.sub(r"//[^@/]*@", f"//godwit_password_test:{password}@", self.url)
        slow = self.program("slow_dump", 'test "$1" = --version || sleep 1\nexec pg_dump "$@"\n')
        self.settle("    environments:\n", f"    backup: {{pg_dump: {slow}}}\n    environments:\n")
        process = subprocess.Popen([BINARY, "db", "backup", "--json"], cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                   env={**os.environ, "DATABASE_URL": url})
        seen = set()
        while process.poll() is None:
            for line in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
                try:
                    seen.add(line.read_bytes())
                except OSError:
                    continue
        stdout, stderr = process.communicate()
        self.assertEqual(process.returncode, 0, stderr)
        self.assertTrue(any(b"slow_dump" in one for one in seen))
        self.assertFalse(any(password.encode() in one for one in seen))
        self.assertNotIn(password, stdout + stderr)
        for path in (self.folder / ".godwit").rglob("*"):
            self.assertFalse(path.is_file() and password.encode() in path.read_bytes(), path)


if __name__ == "__main__":
    unittest.main()
