#!/usr/bin/env python3
"""While a tool holds its own lock, an upgrade waits until its time is up and says who holds it; once it is free, it goes on."""
import json
import os
import subprocess
import unittest

from migrated_database import Migrated, Session

TAKE_LIQUIBASE = "UPDATE databasechangeloglock SET locked = TRUE, lockedby = 'build-7 (10.0.0.7)', lockgranted = now() WHERE id = 1"


class ToolLocks(Migrated):
    kind = "postgres"

    def refused(self, holder):
        self.configure(wait_ms=500)
        refused = self.godwit("db", "upgrade", "--ci", code=7)
        self.assertRegex(refused.stderr, holder)

    def goes_on_after(self, release):
        self.configure(wait_ms=120000)
        process = self.start("db", "upgrade", "--ci")
        for line in process.stderr:
            if "waiting: " in line:
                break
        self.assertIsNone(process.poll())
        release()
        return self.finish(process)[0]

    def test_the_advisory_lock_of_flyway(self):
        self.configure(format="flyway")
        self.write("V1__t.sql", "CREATE TABLE t1 (id int);\n")
        flyway = Session(self, "Flyway")
        # The number for public.flyway_schema_history, as Flyway logs it.
        self.assertEqual(flyway.ask("SELECT pg_try_advisory_lock(77433833903597);"), "t")
        self.refused(rf"another run migrates this database: pid {flyway.pid} \(Flyway, from ")
        self.assertEqual(self.tables(), [])
        report = self.goes_on_after(lambda: flyway.ask("SELECT pg_advisory_unlock(77433833903597);"))
        self.assertEqual((report["applied"], self.tables()), (1, ["flyway_schema_history", "t1"]))

    def test_the_lock_row_of_liquibase(self):
        self.configure(format="liquibase")
        self.write("1.sql", "--liquibase formatted sql\n--changeset me:1\nCREATE TABLE t1 (id int);\n")
        self.assertEqual(self.json("db", "upgrade", "--ci")["applied"], 1)
        # A concurrent index waits for every snapshot there is: our own transaction with the lock row must have none.
        self.write("2.sql", "--liquibase formatted sql\n--changeset me:2 runInTransaction:false\nCREATE INDEX CONCURRENTLY t1_id ON t1 (id);\n")
        # Committed, as Liquibase does it.
        self.sql(TAKE_LIQUIBASE)
        self.refused(r"the lock row of the tool is taken: build-7 \(10\.0\.0\.7\) since ")
        report = self.goes_on_after(lambda: self.sql("UPDATE databasechangeloglock SET locked = FALSE, lockedby = NULL"))
        self.assertEqual(report["applied"], 1)
        self.assertEqual(self.sql("SELECT locked FROM databasechangeloglock"), [["f"]])
        # Not committed yet.
        self.write("3.sql", "--liquibase formatted sql\n--changeset me:3\nCREATE TABLE t3 (id int);\n")
        tool = Session(self, "Liquibase")
        self.assertEqual(tool.ask(f"BEGIN; {TAKE_LIQUIBASE} RETURNING 'held';"), "held")
        self.refused(rf"the lock row of the tool is taken: pid {tool.pid} \(Liquibase, from ")
        self.assertEqual(self.goes_on_after(tool.close)["applied"], 1)

    def test_a_run_of_knex_itself(self):
        home = subprocess.run(["scripts/install-rival", "--path", "knex"], check=True, capture_output=True, text=True).stdout.strip()
        (self.folder / "node_modules").symlink_to(os.path.join(home, "node_modules"))
        (self.folder / "knexfile.js").write_text(
            f"module.exports = {{client: 'pg', connection: {json.dumps(self.url)}, migrations: {{directory: './migrations'}}}};")
        self.configure(format="knex")
        self.write("001_t.js", "exports.up = (knex) => knex.schema.createTable('t1', (t) => { t.integer('id'); })"
                               ".then(() => knex.raw('SELECT pg_advisory_lock(4711)'));\nexports.down = () => {};\n")
        # The migration waits in the middle, with the lock row taken, until we let it go.
        gate = Session(self, "gate")
        gate.ask("SELECT pg_advisory_lock(4711);")
        with subprocess.Popen([self.folder / "node_modules/.bin/knex", "migrate:latest"], cwd=self.folder, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as knex:
            self.wait_until("SELECT count(*) > 0 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted", knex)
            self.refused(r"the lock row of the tool is taken: pid \d+ \(")
            # When Knex is done, nothing is left to do.
            report = self.goes_on_after(gate.close)
            self.assertIn("Batch 1 run: 1 migrations", knex.communicate(timeout=60)[0])
        self.assertEqual(report["outcome"], "already current")
        self.assertEqual(self.sql("SELECT name FROM knex_migrations"), [["001_t.js"]])
        # And the next one is ours; whoever waits for a program is not seen, which is told.
        self.write("002_t.js", "exports.up = (knex) => knex.schema.createTable('t2', (t) => { t.integer('id'); });\nexports.down = () => {};\n")
        self.configure(block_budget_ms=5000)
        report = self.json("db", "upgrade", "--ci")
        self.assertEqual((report["applied"], report["skipped"]), (1, ["watching who waits: programs work in sessions of their own"]))


if __name__ == "__main__":
    unittest.main()
