#!/usr/bin/env python3
"""godwit health and the checks before an upgrade: every check is shown failing, on a real server."""
import json
import os
import re
import socket
import subprocess
import unittest
import uuid

from migrated_database import SERVER, Migrated, psql


class Holder:
    """A psql session that has done `sql` and keeps what it got."""

    def __init__(self, url, sql):
        self.process = subprocess.Popen(["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", url],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.process.stdin.write(sql + "\n\\echo ready\n")
        self.process.stdin.flush()
        while (line := self.process.stdout.readline()).strip() != "ready":
            if not line:
                raise AssertionError("psql ended")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait(timeout=60)


class Health(Migrated):
    def settle(self, old, new):
        path = self.folder / "godwit.yml"
        text = path.read_text()
        self.assertIn(old, text)
        path.write_text(text.replace(old, new, 1))

    def thresholds(self, lines):
        self.settle("    environments:\n", "    health:\n" + "".join(f"      {line}\n" for line in lines) + "    environments:\n")

    def checks(self, code=0, **options):
        document = self.json("health", code=code, **options)
        self.assertEqual((document["version"], document["database"], document["environment"], document["success"], document["exit_code"]),
                         (1, "app", "local", code == 0, code))
        return {check["name"]: check for check in document["checks"]}

    def states(self, **options):
        return {name: check["state"] for name, check in self.checks(**options).items()}


class OnSqlite(Health):
    kind = "sqlite"

    def test_healthy_before_and_after_the_first_migration(self):
        self.write("1_a.sql", "CREATE TABLE a (id int);\n")
        states = self.states()
        self.assertEqual(states, {"connect": "ok", "integrity": "skipped", "journal": "skipped", "history": "skipped", "disk_space": "ok"})
        self.assertFalse(self.path.exists())
        report = self.json("db", "upgrade", "--ci")
        self.assertEqual([check["success"] for check in report["health_checks"] if check["name"] == "connect"], [True])
        self.assertEqual(set(self.states().values()), {"ok"})
        self.assertEqual(self.checks()["history"]["measured"], "1 applied, 0 pending")

    def test_a_damaged_file(self):
        self.write("1_a.sql", "CREATE TABLE a (t text);\nCREATE INDEX a_t ON a (t);\n"
                   "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000) INSERT INTO a SELECT 'Canary' || i FROM n;\n")
        self.godwit("db", "upgrade", "--ci")
        with open(self.path, "r+b") as file:
            size = file.seek(0, 2)
            file.seek(size - 4096 * 3)
            file.write(b"\xff" * 4096)
        outcome = self.godwit("health", "--json", code=3)
        found = {check["name"]: check for check in json.loads(outcome.stdout)["checks"]}["integrity"]
        self.assertEqual((found["state"], found["success"], found["severity"]), ("failed", False, "error"))
        self.assertNotIn("Canary", outcome.stdout + outcome.stderr)
        self.write("2_b.sql", "CREATE TABLE b (id int);\n")
        self.assertIn("integrity", self.godwit("db", "upgrade", "--ci", code=6).stderr)

    def test_disk_threshold(self):
        self.write("1_a.sql", "CREATE TABLE a (id int);\n")
        self.godwit("db", "upgrade", "--ci")
        self.thresholds(["disk_space: {limit: 1.0e12}"])
        self.assertEqual(self.checks(code=3)["disk_space"]["state"], "failed")


class OnPostgres(Health):
    kind = "postgres"

    def test_all_checks_and_the_text_form(self):
        self.write("1_a.sql", "CREATE EXTENSION IF NOT EXISTS plpgsql;\nCREATE TABLE a (id int);\n")
        checks = self.checks()
        self.assertEqual(list(checks), ["connect", "tls", "credentials", "server_version", "recovery", "privileges", "long_transactions", "locks",
                                        "replication_lag", "connections", "disk_space", "server_disk", "history", "extensions"])
        self.assertEqual({name for name, check in checks.items() if check["state"] != "ok"} - {"server_disk"}, set())
        self.assertEqual(checks["extensions"]["message"], "the server offers plpgsql")
        self.assertEqual(set(checks["connect"]), {"check", "success", "message", "name", "severity", "state", "measured", "threshold", "duration_ms"})
        text = self.godwit("health").stdout
        self.assertIn("Checking Database Connection... PASS - Database connection successful\n", text)
        # Looking leaves nothing behind.
        self.assertEqual(self.tables(), [])
        self.assertEqual(self.sql("SELECT count(*) FROM pg_namespace WHERE nspname = 'godwit'"), [["0"]])

    def test_lock_holder_and_long_transaction(self):
        self.write("1_a.sql", "CREATE TABLE a (id int);\n")
        self.godwit("db", "upgrade", "--ci")
        self.thresholds(["long_transactions: {limit: 0, severity: error}", "locks: {severity: error}"])
        self.assertEqual(self.states()["locks"], "ok")
        with Holder(self.url, "BEGIN; LOCK TABLE a IN SHARE MODE; SELECT pg_sleep(1.1);") as holder:
            del holder
            checks = self.checks(code=3)
            self.assertRegex(checks["locks"]["message"], r"ShareLock on a is held by pid \d+ \(psql\)")
            self.assertEqual(checks["long_transactions"]["state"], "failed")
            self.assertRegex(checks["long_transactions"]["message"], r"pid \d+ \(psql, idle in transaction\)")
            self.write("2_b.sql", "CREATE TABLE b (id int);\n")
            refused = self.godwit("db", "upgrade", "--ci", "--json", code=6)
            self.assertIn("nothing was changed", refused.stderr)
            report = json.loads(refused.stdout)
            self.assertEqual((report["run"], report["steps"][0]["state"]), (None, "planned"))
            self.assertIn("failed", [check["state"] for check in report["health_checks"]])
        self.assertEqual(self.tables(), ["a"])

    def test_thresholds_severities_and_off(self):
        self.write("1_a.sql", "CREATE TABLE a (id int);\n")
        self.thresholds(["server_version: {limit: 99, severity: warning}", "connections: {limit: 100000}", "disk_space: {limit: 1.0e12}",
                         "replication_lag: {severity: 'off'}"])
        checks = self.checks(code=3)
        self.assertEqual((checks["server_version"]["state"], checks["server_version"]["severity"]), ("failed", "warning"))
        self.assertEqual((checks["connections"]["state"], checks["disk_space"]["state"]), ("failed", "failed"))
        self.assertNotIn("replication_lag", checks)
        self.assertIn("connections, disk_space", self.godwit("health", code=3).stderr)
        self.settle("limit: 100000}", "limit: 1}")
        self.settle("disk_space: {limit: 1.0e12}", "disk_space: {limit: 0.5}")
        self.checks()
        self.assertIn("Checking Server Version... WARN", self.godwit("health").stdout)

    def test_required_checks_cannot_be_skipped(self):
        self.write("1_a.sql", "CREATE TABLE a (id int);\n")
        self.thresholds(["connections: {limit: 100000}"])
        self.godwit("db", "upgrade", "--ci", code=6)
        self.settle("tls: prefer}", "tls: prefer, health: required}")
        self.assertIn("requires the health checks", self.godwit("db", "upgrade", "--ci", "--yes", "--skip-health-checks", code=6).stderr)
        self.assertEqual(self.tables(), [])
        self.settle(", health: required", "")
        report = self.json("db", "upgrade", "--ci", "--skip-health-checks")
        self.assertEqual((report["skipped"], report["health_checks"], report["applied"]), (["health checks"], [], 1))

    def test_privileges(self):
        role = "health_" + uuid.uuid4().hex[:12]
        psql(SERVER, f"CREATE ROLE {role} LOGIN")
        try:
            self.write("1_a.sql", "CREATE TABLE a (id int);\n")
            limited = {"DATABASE_URL": re.sub(r"//[^@/]*@", f"//{role}@", self.url)}
            checks = self.checks(code=3, environment=limited)
            self.assertEqual(checks["privileges"]["state"], "failed")
            self.assertIn("CREATE in schema public, CREATE in the database", checks["privileges"]["message"])
            self.sql(f"ALTER ROLE {role} SET default_transaction_read_only = on")
            self.assertEqual(self.checks(code=3, environment=limited)["recovery"]["state"], "failed")
        finally:
            psql(SERVER, f"DROP ROLE {role}")

    def test_history_and_extensions(self):
        self.write("1_a.sql", "CREATE TABLE a (id int);\n")
        self.godwit("db", "upgrade", "--ci")
        self.write("1_a.sql", "CREATE TABLE a (id bigint);\n")
        self.write("2_b.sql", "create extension /* of nobody */ if not exists \"No Such\" SCHEMA public;\n")
        checks = self.checks(code=3)
        self.assertEqual((checks["history"]["state"], checks["history"]["measured"]), ("failed", "1 applied, 1 pending"))
        self.assertEqual((checks["extensions"]["state"], checks["extensions"]["message"]), ("failed", "the server does not offer No Such"))

    def test_connect_tls_and_credentials_are_told_apart(self):
        self.write("1_a.sql", "CREATE TABLE a (id int);\n")
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))
            nobody = re.sub(r"@[^/]*/", f"@127.0.0.1:{unused.getsockname()[1]}/", self.url)
            states = self.states(code=5, environment={"DATABASE_URL": nobody})
            self.assertEqual((states["connect"], states["tls"], states["credentials"], states["history"]), ("failed", "skipped", "skipped", "skipped"))
        wrong = re.sub(r"//[^@/]*@", "//godwit_password_test:Wr0ng-Canary@", self.url)
        outcome = self.godwit("health", "--json", code=5, environment={"DATABASE_URL": wrong})
        states = {check["name"]: check["state"] for check in json.loads(outcome.stdout)["checks"]}
        self.assertEqual((states["connect"], states["tls"], states["credentials"]), ("ok", "ok", "failed"))
        self.assertNotIn("Canary", outcome.stdout + outcome.stderr)
        # The server's certificate is of an authority that this machine does not know.
        self.settle("tls: prefer", "tls: verify-full")
        states = self.states(code=5)
        self.assertEqual((states["connect"], states["tls"], states["credentials"]), ("ok", "failed", "skipped"))
        self.settle("tls: verify-full", f"tls: verify-full, tls_root_certificate: {os.environ['GODWIT_TEST_PG_CA']}")
        self.assertIn("TLSv1", self.checks()["tls"]["measured"])


if __name__ == "__main__":
    unittest.main()
