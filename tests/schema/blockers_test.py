#!/usr/bin/env python3
"""Who had the lock that a migration could not have, who waits for a migration, and how a failure is told to programs."""
import json
import unittest

from migrated_database import Migrated, Session, psql

VALUE = "never-to-be-told-4711"


class Blockers(Migrated):
    kind = "postgres"

    def setUp(self):
        super().setUp()
        psql(self.url, f"CREATE TABLE account (id int PRIMARY KEY, name text); INSERT INTO account VALUES (1, '{VALUE}')")

    def test_a_lock_that_cannot_be_had_is_told_with_its_holder(self):
        self.configure(lock_timeout_ms=1500, retry_for_ms=0)
        self.write("1_wide.sql", "CREATE TABLE fine (id int);\n")
        self.write("2_wide.sql", "ALTER TABLE account ADD COLUMN wide text;\n")
        holder = Session(self, "night batch")
        self.assertEqual(holder.ask(f"BEGIN; UPDATE account SET name = '{VALUE}' RETURNING 'held';"), "held")
        outcome = self.godwit("db", "upgrade", "--ci", "--skip-health-checks", "--json", code=7)
        report = json.loads(outcome.stdout)
        self.assertEqual([step["state"] for step in report["steps"]], ["applied", "failed"])
        blocker = report["failure"]["blockers"][0]
        self.assertGreaterEqual(blocker.pop("transaction_s"), 1)
        self.assertEqual(blocker, {"pid": holder.pid, "application": "night batch", "user": "postgres", "state": "idle in transaction",
                                   "command": "UPDATE", "lock": "RowExclusiveLock", "relation": "account"})
        self.assertEqual(report["failure"]["sqlstate"], "55P03")

        # For people; and once the holder is gone, the rest.
        told = self.godwit("db", "upgrade", "--ci", "--skip-health-checks", code=7)
        self.assertIn(f"blocked by pid {holder.pid} (night batch, user postgres): idle in transaction for", told.stdout)
        self.assertIn("last UPDATE, holds RowExclusiveLock on account", told.stdout)
        everything = outcome.stdout + outcome.stderr + told.stdout + told.stderr
        for file in (self.folder / ".godwit").rglob("report.*"):
            everything += file.read_text()
        self.assertNotIn(VALUE, everything)
        holder.close()
        self.assertEqual(self.json("db", "upgrade", "--ci")["applied"], 1)

    # Nobody shall queue behind it for long, although it has no transaction that a limit could be set in.
    def test_what_runs_outside_a_transaction_gives_up_too(self):
        self.configure(lock_timeout_ms=1500, retry_for_ms=0)
        self.write("1_small.sql", "VACUUM FULL account;\n")
        holder = Session(self, "night batch")
        self.assertEqual(holder.ask("BEGIN; SELECT count(*) FROM account;"), "1")
        report = self.json("db", "upgrade", "--ci", "--skip-health-checks", code=7)
        self.assertEqual([one["pid"] for one in report["failure"]["blockers"]], [holder.pid])
        holder.close()
        self.assertEqual(self.json("db", "upgrade", "--ci")["applied"], 1)

    def slow_migration(self):
        self.write("1_slow.sql", "ALTER TABLE account ADD COLUMN wide text;\nSELECT pg_sleep(4);\n")

    def upgrade_in_somebodys_way(self):
        """An upgrade that holds its lock, and a session that waits for it; both as they ended."""
        reader = Session(self, "shop")
        process = self.start("db", "upgrade", "--ci", "--skip-health-checks")
        self.wait_until("SELECT count(*) > 0 FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND relation = 'account'::regclass", process)
        self.assertEqual(reader.ask("SELECT count(*) FROM account;"), "1")
        waited_in_vain = process.poll() is not None
        out, err = process.communicate(timeout=120)
        return process.returncode, json.loads(out), err, waited_in_vain

    def test_a_migration_that_others_wait_for_too_long_is_cancelled_and_tried_again(self):
        self.configure(block_budget_ms=400)
        self.slow_migration()
        code, report, told, waited_in_vain = self.upgrade_in_somebodys_way()
        self.assertEqual(code, 0, told)
        step = report["steps"][0]
        self.assertEqual((step["state"], step["cancels"], step["attempts"]), ("applied", 1, 2))
        self.assertIn("cancelled, because 1 session(s) had to wait for it longer than 400 ms", told)
        # The reader had its answer while the migration was still to come.
        self.assertFalse(waited_in_vain)

    def test_it_fails_when_its_time_is_up(self):
        self.configure(block_budget_ms=400, retry_for_ms=0)
        self.slow_migration()
        code, report, told, _ = self.upgrade_in_somebodys_way()
        self.assertEqual(code, 1, told)
        self.assertIn("cancelled, because 1 session(s) had to wait", report["failure"]["message"])
        self.assertEqual((report["steps"][0]["cancels"], report["applied"]), (1, 0))
        self.assertEqual(self.sql("SELECT count(*) FROM pg_attribute WHERE attrelid = 'account'::regclass AND attname = 'wide'"), [["0"]])

    def test_without_a_budget_nobody_is_cancelled(self):
        self.write("1_slow.sql", "ALTER TABLE account ADD COLUMN wide text;\nSELECT pg_sleep(1.5);\n")
        code, report, told, _ = self.upgrade_in_somebodys_way()
        self.assertEqual((code, report["steps"][0]["cancels"], report["steps"][0]["attempts"]), (0, 0, 1), told)

    def test_a_failure_as_sarif_and_as_annotations(self):
        self.write("1_ok.sql", "CREATE TABLE fine (id int);\n")
        self.write("2_bad.sql", "CREATE TABLE other (id int);\n\n  INSERT INTO nowhere VALUES (1);\n")
        document = json.loads(self.godwit("db", "upgrade", "--ci", "--format", "sarif", code=4).stdout)
        run = document["runs"][0]
        self.assertEqual((document["version"], run["invocations"][0]["exitCode"], run["invocations"][0]["executionSuccessful"]),
                         ("2.1.0", 4, False))
        rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
        failed = [one for one in run["results"] if one["ruleId"] == "migration-failed"]
        self.assertEqual(len(failed), 1)
        self.assertEqual(rules[failed[0]["ruleIndex"]], "migration-failed")
        self.assertEqual(failed[0]["level"], "error")
        self.assertEqual(failed[0]["locations"][0]["physicalLocation"],
                         {"artifactLocation": {"uri": "migrations/2_bad.sql"}, "region": {"startLine": 3, "startColumn": 15}})
        self.assertIn('relation "nowhere" does not exist (SQLSTATE 42P01); statement 2 of 2: INSERT; rolled back; kept: ',
                      failed[0]["message"]["text"] + "; kept: ")
        lines = self.godwit("db", "upgrade", "--ci", "--format", "github", code=1).stdout.splitlines()
        self.assertTrue(any(line.startswith("::error file=migrations/2_bad.sql,line=3,col=15,title=migration-failed::") for line in lines), lines)
        # What has no place in a file is told without one.
        settings = self.folder / "godwit.yml"
        settings.write_text(settings.read_text().replace("      local: {", "      local: {require_approval: true, "))
        refused = self.godwit("db", "upgrade", "--ci", "--format", "github", code=6).stdout
        self.assertRegex(refused, r"(?m)^::error title=upgrade of app::")

    def test_a_successful_upgrade_is_an_empty_sarif_document(self):
        self.write("1_ok.sql", "CREATE TABLE fine (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY);\n")
        self.write("1_ok.down.sql", "DROP TABLE fine;\n")
        run = json.loads(self.godwit("db", "upgrade", "--ci", "--format", "sarif").stdout)["runs"][0]
        self.assertEqual((run["results"], run["invocations"][0]["executionSuccessful"]), ([], True))


if __name__ == "__main__":
    unittest.main()
