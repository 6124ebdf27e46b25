#!/usr/bin/env python3
"""godwit db restore: into a new database, compared, exchanged; and what it refuses."""
import json
import hashlib
import pathlib
import subprocess
import unittest

from migrated_database import SERVER, Migrated, psql


class Restore:
    def made(self, *options):
        self.write("1_a.sql", "CREATE TABLE people (id int, name text);\nINSERT INTO people VALUES (1, 'Ann'), (2, NULL);\n")
        self.godwit("db", "upgrade", "--ci")
        path = self.json("db", "backup", *options)["path"]
        self.sql("DELETE FROM people WHERE id = 1")
        return path

    def test_dry_run_new_and_swap(self):
        path = self.made()
        plan = self.json("db", "restore", path, "--swap", "--dry-run")
        self.assertTrue(plan["dry_run"])
        self.assertIn(f"rename {self.database()} to {plan['kept_as']}", plan["steps"][-1])
        self.assertEqual(self.sql("SELECT count(*) FROM people"), [["1"]])
        self.assertIn("--yes", self.godwit("db", "restore", path, "--swap", code=6).stderr)
        done = self.json("db", "restore", path, "--swap", "--yes")
        try:
            self.assertEqual(self.sql("SELECT id FROM people ORDER BY id"), [["1"], ["2"]])
            self.assertEqual(self.json("db", "status")["applied"], 1)
            self.assertEqual(self.count_in(done["kept_as"]), "1")
        finally:
            self.remove(done["kept_as"])

    def test_a_damaged_file_is_found_by_its_sha256(self):
        path = pathlib.Path(self.made())
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 1
        path.write_bytes(content)
        self.assertIn("SHA-256", self.godwit("db", "restore", str(path), code=1).stderr)

    def test_what_differs_from_the_manifest_is_not_kept(self):
        path = pathlib.Path(self.made())
        manifest = pathlib.Path(str(path) + ".manifest.json")
        said = json.loads(manifest.read_text())
        people = [table for table in said["tables"] if table["name"] == "people"]
        self.assertEqual([table["rows"] for table in people], [2])
        people[0]["rows"] = 3
        manifest.write_text(json.dumps(said))
        into = self.fresh()
        self.assertIn("people has 2 rows, the backup 3", self.godwit("db", "restore", str(path), "--into", into, code=1).stderr)
        self.assertFalse(self.exists(into))


class OnSqlite(Restore, Migrated):
    kind = "sqlite"

    def database(self):
        return str(self.path)

    def fresh(self):
        return str(self.folder / "fresh.db")

    def exists(self, name):
        return pathlib.Path(name).exists()

    def count_in(self, name):
        return subprocess.run(["sqlite3", name, "SELECT count(*) FROM people"], capture_output=True, text=True, check=True).stdout.strip()

    def remove(self, name):
        pathlib.Path(name).unlink()


class OnPostgres(Restore, Migrated):
    kind = "postgres"

    def database(self):
        return self.name

    def fresh(self):
        return self.name + "_fresh"

    def exists(self, name):
        return psql(SERVER, f"SELECT count(*) FROM pg_database WHERE datname = '{name}'") == "1"

    def count_in(self, name):
        return psql(self.url.replace(self.name, name), "SELECT count(*) FROM people")

    def remove(self, name):
        psql(SERVER, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def test_plain_with_restrict(self):
        path = self.made("--format", "plain")
        into = self.fresh()
        try:
            self.godwit("db", "restore", path, "--into", into)
            self.assertEqual(self.count_in(into), "2")
            self.assertEqual(self.sql("SELECT count(*) FROM people"), [["1"]])
        finally:
            self.remove(into)

    def test_rows_do_not_show_when_the_server_refuses_them(self):
        path = pathlib.Path(self.made("--format", "plain"))
        text = subprocess.run(["zstd", "-q", "-d", "-c", str(path)], capture_output=True, text=True, check=True).stdout
        changed = subprocess.run(["zstd", "-q", "-c"], input=text.replace("1\tAnn", "CanarySmith\tAnn").encode(), capture_output=True, check=True).stdout
        manifest = pathlib.Path(str(path) + ".manifest.json")
        manifest.write_text(manifest.read_text().replace(hashlib.sha256(path.read_bytes()).hexdigest(), hashlib.sha256(changed).hexdigest()))
        manifest.write_text(manifest.read_text().replace(f'"bytes": {path.stat().st_size}', f'"bytes": {len(changed)}'))
        path.write_bytes(changed)
        outcome = self.godwit("db", "restore", str(path), "--into", self.fresh(), code=1)
        self.assertIn("psql ended with 3", outcome.stderr)
        self.assertNotIn("Canary", outcome.stdout + outcome.stderr)
        self.assertFalse(self.exists(self.fresh()))

    def test_others_are_connected(self):
        path = self.made()
        with subprocess.Popen(["psql", "-X", "-q", "-A", "-t", "-d", self.url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              text=True) as other:
            other.stdin.write("SELECT 'ready';\n")
            other.stdin.flush()
            self.assertEqual(other.stdout.readline().strip(), "ready")
            self.assertIn("1 session(s) of others", self.godwit("db", "restore", path, "--swap", "--yes", code=7).stderr)
            done = self.json("db", "restore", path, "--swap", "--yes", "--force")
            other.stdin.close()
        self.remove(done["kept_as"])
        self.assertEqual(self.sql("SELECT count(*) FROM people"), [["2"]])


if __name__ == "__main__":
    unittest.main()
