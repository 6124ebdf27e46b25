#!/usr/bin/env python3
"""Migrations in JavaScript and TypeScript, run by the project's own knex under godwit's order, lock, gates and report. Knex is
the real one, and goes on where godwit stopped."""
import json
import os
import pathlib
import shutil
import subprocess
import unittest

import history_world
from history_world import AdoptionTest, Postgres, Sqlite

TABLE = "exports.up = async (knex) => {{\n  await knex.schema.createTable('{0}', (t) => {{ t.integer('id'); t.string('text'); }});\n}};\n" \
        "exports.down = (knex) => knex.schema.dropTable('{0}');\n"
ROWS = "SELECT id, name, batch, migration_time IS NOT NULL AS timed FROM knex_migrations ORDER BY id"


class KnexBodies(AdoptionTest):
    def setUp(self):
        super().setUp()
        self.database = Postgres(self)
        self.start()

    def start(self):
        self.folder.mkdir(parents=True)
        modules = self.folder / "node_modules"
        if self.database.dialect == "sqlite":
            # Side by side for real: node looks for a module's own ones where the module really is.
            shutil.copytree(history_world.rival("knex") / "node_modules", modules, symlinks=True)
            shutil.copytree(history_world.rival("better-sqlite3") / "node_modules", modules, symlinks=True, dirs_exist_ok=True)
        else:
            modules.mkdir()
            for module in (history_world.rival("knex") / "node_modules").iterdir():
                (modules / module.name).symlink_to(module)
        self.knexfile()

    def knexfile(self, more=""):
        """The connection in it is the tool's own: godwit's must not come from there."""
        if self.database.dialect == "postgres":
            self.environment = {"THEIRS": ""}
            connection = "client: 'pg', connection: process.env.THEIRS || 'postgres://nobody@127.0.0.1:1/none'"
        else:
            connection = "client: 'better-sqlite3', useNullAsDefault: true, connection: {filename: process.env.THEIRS || '/nowhere/none.db'}"
        self.write("knexfile.js", f"module.exports = {{development: {{{connection}, migrations: {{directory: './migrations'}}{more}}}}};\n")

    def knex(self, *command, code=0, database=None):
        database = database or self.database
        where = database.url if database.dialect == "postgres" else database.path
        return self.call("env", "-C", self.folder, "node_modules/.bin/knex", *command, env={"THEIRS": where}, code=code)

    def table(self, number, name):
        self.write(f"migrations/00{number}_{name}.js", TABLE.format(name))

    def settings(self, more="", **gates):
        address = 'url: "${env:DATABASE_URL}"' if self.database.dialect == "postgres" else f"path: {self.database.path}"
        extra = "".join(f", {key}: {json.dumps(value)}" for key, value in gates.items())
        self.write("godwit.yml", f"version: 1\nproject: p\ndatabases:\n  app:\n    migrations: {{directory: migrations, "
                                 f"format: knex{more}}}\n    environments: {{local: {{{address}{extra}}}}}\n")

    def adopted(self):
        self.table(1, "person")
        self.knex("migrate:latest")
        self.table(2, "note")
        self.write("migrations/003_fill.js", "exports.up = (knex) => knex('note').insert({id: 1, text: 'what? it\\'s'});\n"
                                             "exports.down = (knex) => knex('note').del();\n")
        self.adopt("knex", applied=1, pending=2)
        self.upgrade(2)
        self.assertIn("Already up to date", self.knex("migrate:latest"))
        self.assertIn("No Pending Migration files Found", self.knex("migrate:list"))
        self.assertEqual(self.database.rows("SELECT id, text FROM note"), [["1", "what? it's"]])
        self.assertEqual([row[1:] for row in self.database.rows(ROWS)][1:], [["002_note.js", "2", self.true], ["003_fill.js", "2", self.true]])
        self.assertIn("Batch 2 rolled back: 2 migrations", self.knex("migrate:rollback"))
        self.assertEqual(self.godwit("db", "status")["pending_files"], ["002_note.js", "003_fill.js"])
        self.assertEqual(self.godwit("db", "downgrade", "--ci")["rolled_back"], 1)
        self.assertIn("Batch 1 run: 3 migrations", self.knex("migrate:latest"))
        self.assertEqual(self.godwit("db", "status")["pending"], 0)

    def test_postgres(self):
        self.true = "t"
        self.adopted()
        # From nothing, by godwit alone: what Knex alone makes.
        theirs, ours = Postgres(self), Postgres(self)
        self.knex("migrate:latest", database=theirs)
        self.database = ours
        self.upgrade(3)
        tables = ("knex_migrations", "knex_migrations_lock", "person", "note")
        self.assertEqual(ours.shape(*tables), theirs.shape(*tables))
        self.assertEqual(ours.rows(ROWS), theirs.rows(ROWS))
        self.assertEqual(ours.rows("SELECT * FROM knex_migrations_lock"), theirs.rows("SELECT * FROM knex_migrations_lock"))

    def test_sqlite(self):
        self.folder.rename(self.root / "other")
        self.database = Sqlite(self)
        self.start()
        self.true = "1"
        self.adopted()

    # Body and row are one transaction, whatever the body does; where it went wrong is told, its data is not.
    def test_failure_says_where(self):
        self.table(1, "person")
        self.write("migrations/002_broken.js", "exports.up = async (knex) => {\n  await knex.schema.createTable('note', (t) => t.integer('id'));\n"
                   "  await knex('person').insert({id: 1, text: 'secret'});\n  await knex.schema.createTable('person', (t) => t.integer('id'));\n};\n"
                   "exports.down = () => {};\n")
        self.table(3, "tag")
        self.settings()
        report = self.godwit("db", "upgrade", "--ci", code=4)
        failure = report["failure"]
        self.assertEqual((failure["revision"], failure["sqlstate"], failure["line"]), ("002_broken.js", "42P07", 4))
        self.assertGreater(failure["column"], 0)
        self.assertEqual(failure["message"], 'relation "person" already exists')
        self.assertEqual((failure["committed"], failure["not_begun"]), (["001_person.js"], ["003_tag.js"]))
        self.assertEqual(self.database.rows("SELECT name FROM knex_migrations"), [["001_person.js"]])
        self.assertEqual(self.database.rows("SELECT to_regclass('note') AS t"), [[None]])
        self.write("migrations/002_broken.js", "exports.up = async (knex) => {\n  const rows = await knex.raw(\"SELECT 'a' || 'b' AS secret\");\n"
                   "  throw new TypeError(`no ${rows.rows[0].secret}`);\n};\nexports.down = () => {};\n")
        report = self.godwit("db", "upgrade", "--ci", code=1)
        self.assertEqual((report["failure"]["line"], report["failure"]["message"]), (3, "TypeError (what it says may quote data)"))
        self.assertIn("no ab", (self.folder / ".godwit/runs" / report["run"] / "program.log").read_text())
        self.write("migrations/002_broken.js", "exports.up = (knex) => {\n  nonsense(;\n};\n")
        report = self.godwit("db", "upgrade", "--ci", code=1)
        self.assertEqual((report["failure"]["line"], report["failure"]["message"][:20]), (2, "Unexpected token ';'"))

    def test_without_a_transaction(self):
        self.table(1, "person")
        self.write("migrations/002_index.js", "exports.config = {transaction: false};\n"
                   "exports.up = (knex) => knex.raw('CREATE INDEX CONCURRENTLY person_id ON person (id)');\n"
                   "exports.down = (knex) => knex.raw('DROP INDEX CONCURRENTLY person_id');\n")
        self.settings()
        self.upgrade(2)
        self.assertIn("Already up to date", self.knex("migrate:latest"))
        self.assertEqual(self.godwit("db", "downgrade", "--ci")["rolled_back"], 1)
        self.write("migrations/002_index.js", "exports.config = {transaction: false};\nexports.up = async (knex) => {\n"
                   "  await knex.schema.createTable('half', (t) => t.integer('id'));\n  await knex.raw('SELECT * FROM nowhere');\n};\n")
        report = self.godwit("db", "upgrade", "--ci", code=4)
        self.assertFalse(report["failure"]["transactional"])
        self.assertEqual(self.database.rows("SELECT name FROM knex_migrations"), [["001_person.js"]])
        self.assertEqual(self.database.rows("SELECT to_regclass('half') AS t"), [["half"]])

    def begin(self):
        """godwit, while a migration of it is under way; its pid, and that of node."""
        (self.folder / "begun").unlink(missing_ok=True)
        run = subprocess.Popen([os.environ["GODWIT_BINARY"], "db", "upgrade", "--ci", "--json"], cwd=self.folder, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, text=True, env={**os.environ, "DATABASE_URL": self.database.url})
        self.addCleanup(run.kill)
        begun = self.folder / "begun"
        while not (begun.exists() and begun.read_text()):
            self.assertIsNone(run.poll())
            subprocess.run(["sleep", "0.1"], check=True)
        return run, begun.read_text()

    # While godwit is at work Knex keeps out, by its own lock row; a killed node leaves nothing, nor does SIGTERM.
    def test_lock_and_kill(self):
        self.write("migrations/001_slow.js", "exports.up = async (knex) => {\n  await knex.schema.createTable('slow', (t) => t.integer('id'));\n"
                   "  require('fs').writeFileSync('begun', String(process.pid));\n  await knex.raw('SELECT pg_sleep(60)');\n};\nexports.down = () => {};\n")
        self.settings(", lock_timeout_ms: 0")
        run, node = self.begin()
        impatient = Postgres.__new__(Postgres)
        impatient.url = self.database.url + "&options=-c%20lock_timeout%3D500"
        self.assertIn("lock timeout", self.knex("migrate:latest", code=1, database=impatient))
        arguments = pathlib.Path("/proc", node, "cmdline").read_text()
        self.assertIn("knex_body", arguments)
        self.assertNotIn(self.database.name, arguments)
        os.kill(int(node), 9)
        out, _ = run.communicate(timeout=60)
        self.assertEqual(run.returncode, 1, out)
        self.assertIn("it was not done", json.loads(out)["failure"]["message"])
        run, node = self.begin()
        run.terminate()
        out, _ = run.communicate(timeout=60)
        self.assertEqual((run.returncode, json.loads(out)["outcome"]), (75, "interrupted"), out)
        self.assertFalse(pathlib.Path("/proc", node).exists())
        self.assertEqual(self.database.rows("SELECT to_regclass('slow') AS t"), [[None]])
        self.assertEqual(self.database.rows("SELECT is_locked FROM knex_migrations_lock"), [["0"]])

    def test_gates_and_rehearsal(self):
        self.table(1, "person")
        self.table(2, "note")
        self.settings(destructive=3)
        self.godwit("db", "upgrade", "--ci", code=6)
        self.assertIn("cannot be counted", self.said)
        self.settings()
        plan = self.godwit("db", "upgrade", "--dry-run")
        self.assertEqual([step["mode"] for step in plan["steps"]], ["a program, run by knex"] * 2)
        self.assertEqual(self.database.rows("SELECT to_regclass('knex_migrations') AS t"), [[None]])
        rehearsal = self.godwit("db", "rehearse")
        self.assertEqual((rehearsal["findings"], rehearsal["not_converged"]), ([], []))
        self.assertEqual([one["command"] for one in rehearsal["statements"]], ["a program"] * 2)
        self.assertGreater(rehearsal["kills"], 2)
        self.assertEqual(self.database.rows("SELECT to_regclass('person') AS t"), [[None]])

    def test_typescript_and_settings(self):
        self.write("migrations/001_typed.ts", "import type { Knex } from 'knex';\nexport async function up(knex: Knex): Promise<void> {\n"
                   "  await knex.schema.createTable('typed', (t: any) => t.integer('id'));\n}\n"
                   "export async function down(knex: Knex): Promise<void> { await knex.schema.dropTable('typed'); }\n")
        self.settings()
        self.godwit("db", "upgrade", "--ci", code=2)
        self.assertIn("TypeScript needs a loader", self.said)
        # A loader of the project's own, under the name that is looked for: types go, the rest stays.
        self.write("node_modules/tsx/package.json", '{"name": "tsx", "exports": {"./cjs": "./cjs.js"}}')
        self.write("node_modules/tsx/cjs.js", "require.extensions['.ts'] = (module, file) => module._compile(require('fs').readFileSync(file, 'utf8')"
                   ".replace(/^import type.*$/m, '').replace(/: (Knex|any|Promise<void>)/g, '')"
                   ".replace(/export async function (\\w+)/g, 'exports.$1 = async function'), file);\n")
        self.upgrade(1)
        self.write("other.js", "module.exports = {stage: {client: 'pg', migrations: {directory: './migrations'}}};\n")
        self.settings(", knexfile: other.js, knex_environment: stage, load_extensions: [.js]")
        self.assertEqual(self.godwit("db", "status")["total"], 0)
        self.settings(", knexfile: other.js, knex_environment: missing")
        self.table(2, "note")
        self.godwit("db", "upgrade", "--ci", code=2)
        self.assertIn("has no environment missing", self.said)
        self.settings(", command: [/nowhere/node]")
        self.godwit("db", "upgrade", "--ci", code=2)
        self.assertIn("install Node.js", self.said)


if __name__ == "__main__":
    unittest.main()
