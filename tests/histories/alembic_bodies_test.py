#!/usr/bin/env python3
"""Revisions in Python, applied by godwit: as the SQL that the project's own alembic prints of them, in one transaction with
the row; or, where the settings say so, by alembic itself. Alembic is the real one, and goes on where godwit stopped."""
import json
import os
import pathlib
import re
import unittest

import history_world
from history_world import AdoptionTest, Postgres, Sqlite

REVISION = '''"""{name}"""
from alembic import context, op
import sqlalchemy as sa

revision = {name!r}
down_revision = {down!r}
branch_labels = None
depends_on = None


def upgrade():
    {up}


def downgrade():
    {back}
'''
TABLE = 'op.create_table("{0}", sa.Column("id", sa.Integer, primary_key=True), sa.Column("text", sa.String(20), nullable=False))'
ASKS = 'rows = op.get_bind().execute(sa.text("SELECT count(*) FROM person")).scalar(); print("rows:", rows); ' \
       'op.execute(f"INSERT INTO person (id, text) VALUES ({100} + {rows}, \'counted\')")'


class AlembicBodies(AdoptionTest):
    def setUp(self):
        super().setUp()
        self.database = Postgres(self)
        self.python = history_world.rival("alembic") / "bin/python"
        self.start()

    def start(self):
        """A project as `alembic init` writes it; its alembic.ini names no database that there is."""
        self.folder.mkdir(parents=True)
        (self.folder / "bin").mkdir()
        shim = self.folder / "bin/alembic"
        shim.write_text(f'#!/bin/sh\necho "$@" >>"{self.folder}/calls"\nexec "{self.python}" -B -m alembic "$@"\n')
        shim.chmod(0o755)
        self.environment = {"PATH": f"{shim.parent}:{os.environ['PATH']}", "PYTHONWARNINGS": "ignore"}
        self.call(self.python, "-B", "-m", "alembic", "init", self.folder / "migrations")
        for file in self.root.glob("alembic.ini"):
            file.rename(self.folder / "alembic.ini")
        ini = (self.folder / "alembic.ini").read_text()
        self.assertIn("driver://user:pass@localhost/dbname", ini)
        # The driver is the project's; the rest of this address is nobody's.
        ini = ini.replace("driver://", "postgresql+psycopg2://" if self.database.dialect == "postgres" else "sqlite://")
        (self.folder / "alembic.ini").write_text(ini)
        url = self.database.url.replace("postgres://", "postgresql+psycopg2://") if self.database.dialect == "postgres" else \
            f"sqlite:///{self.database.path}"
        (self.folder / "theirs.ini").write_text(re.sub(r"(?m)^sqlalchemy.url = .*$", f"sqlalchemy.url = {url}", ini))

    def alembic(self, *command, code=0):
        return self.call("env", "-C", self.folder, self.python, "-B", "-m", "alembic", "-c", "theirs.ini", *command, code=code)

    def revision(self, name, down, up="pass", back="pass"):
        self.write(f"migrations/versions/{name}.py", REVISION.format(name=name, down=down, up=up, back=back))

    def table(self, name, down):
        self.revision(name, down, TABLE.format(name), f'op.drop_table("{name}")')

    def settings(self, more="", **gates):
        address = 'url: "${env:DATABASE_URL}"' if self.database.dialect == "postgres" else f"path: {self.database.path}"
        extra = "".join(f", {key}: {json.dumps(value)}" for key, value in gates.items())
        self.write("godwit.yml", f"version: 1\nproject: p\ndatabases:\n  app:\n    migrations: {{directory: migrations/versions, "
                                 f"format: alembic{more}}}\n    environments: {{local: {{{address}{extra}}}}}\n")

    def line(self):
        self.table("person", None)
        self.table("note", "person")
        self.revision("filled", "note", 'op.bulk_insert(sa.table("note", sa.column("id", sa.Integer), sa.column("text", sa.String)), '
                      '[{"id": 1, "text": "it\'s; -- one"}])', 'op.execute("DELETE FROM note")')
        self.table("tag", "filled")

    def adopted(self):
        self.line()
        self.alembic("upgrade", "note")
        self.adopt("alembic", applied=2, pending=2)
        self.upgrade(2)
        self.assertIn("tag (head)", self.alembic("current", "--check-heads"))
        self.assertNotIn("Running", self.alembic("upgrade", "head"))
        self.assertEqual(self.database.rows("SELECT id, text FROM note"), [["1", "it's; -- one"]])
        self.alembic("downgrade", "-1")
        status = self.godwit("db", "status")
        self.assertEqual((status["pending_files"], status["current"]), (["tag.py"], "filled"))
        self.assertEqual(self.godwit("db", "downgrade", "--ci")["rolled_back"], 1)
        self.assertIn("note", self.alembic("current"))
        self.assertEqual(self.database.rows("SELECT id FROM note"), [])
        self.alembic("upgrade", "head")
        self.assertEqual(self.godwit("db", "status")["pending"], 0)

    def test_postgres(self):
        self.adopted()
        # From nothing, by godwit alone: what Alembic alone makes.
        ours, theirs = self.database, Postgres(self)
        fresh = self.database = Postgres(self)
        self.upgrade(4)
        text = (self.folder / "theirs.ini").read_text().replace(ours.name, theirs.name)
        (self.folder / "theirs.ini").write_text(text)
        self.alembic("upgrade", "head")
        tables = ("alembic_version", "person", "note", "tag")
        self.assertEqual(fresh.shape(*tables), theirs.shape(*tables))
        self.assertEqual(fresh.rows("SELECT version_num FROM alembic_version"), theirs.rows("SELECT version_num FROM alembic_version"))

    def test_sqlite(self):
        self.folder.rename(self.root / "other")
        self.database = Sqlite(self)
        self.start()
        self.adopted()

    # One call of alembic for a line of revisions; dry run, plan hash and gates speak of the SQL.
    def test_plan_is_the_sql(self):
        self.line()
        self.settings()
        plan = self.godwit("db", "upgrade", "--dry-run", "--skip-rehearsal")
        self.assertEqual(len((self.folder / "calls").read_text().splitlines()), 1)
        self.assertIn("CREATE TABLE person", plan["steps"][0]["sql"])
        self.assertNotIn("alembic_version", json.dumps(plan["steps"]))
        rehearsed = self.godwit("db", "upgrade", "--dry-run")
        self.assertEqual(rehearsed["plan_hash"], plan["plan_hash"])
        self.assertIn("public.person", [one["name"] for one in rehearsed["structure"]["changes"]])
        self.assertEqual(self.godwit("db", "status")["plan_hash"], "")
        self.revision("tag", "filled", 'op.execute("DROP TABLE person")')
        self.assertNotEqual(self.godwit("db", "upgrade", "--dry-run")["plan_hash"], plan["plan_hash"])
        self.godwit("db", "upgrade", "--ci", "--plan", plan["plan_hash"], code=6)
        self.settings(destructive=0)
        self.godwit("db", "upgrade", "--ci", code=6)
        self.assertIn("tag.py as SQL", self.said)
        lint = self.godwit("db", "lint")
        self.assertIn("drop-table", [finding["rule"] for finding in lint["findings"]])
        self.settings(destructive=1)
        plan = self.godwit("db", "upgrade", "--dry-run")
        self.assertEqual(self.godwit("db", "upgrade", "--ci", "--plan", plan["plan_hash"])["applied"], 4)

    def test_failure_says_where(self):
        self.table("person", None)
        self.revision("broken", "person", 'op.execute("CREATE TABLE note (id int)"); op.execute("CREATE TABLE person (id int)")')
        self.settings()
        report = self.godwit("db", "upgrade", "--ci", code=4)
        failure = report["failure"]
        self.assertEqual((failure["revision"], failure["sqlstate"], failure["statement"]), ("broken", "42P07", 2))
        self.assertEqual(self.database.rows("SELECT version_num FROM alembic_version"), [["person"]])
        self.assertEqual(self.database.rows("SELECT to_regclass('note') AS t"), [[None]])

    def test_what_asks_the_database(self):
        self.table("person", None)
        self.revision("asks", "person", ASKS, 'op.execute("DELETE FROM person WHERE id >= 100")')
        self.revision("offline", "asks", 'op.execute("SELECT 1" if context.is_offline_mode() else "INSERT INTO person VALUES (1, \'a\')")')
        self.table("tag", "offline")
        self.settings()
        self.godwit("db", "upgrade", "--ci", code=2)
        self.assertIn("asks.py", self.said)
        self.assertIn("print-or-run", self.said)
        self.assertEqual(self.godwit("db", "status")["applied"], 0)
        self.settings(", bodies: print-or-run")
        report = self.upgrade(4)
        modes = [step["mode"] for step in report["steps"]]
        self.assertEqual(modes, ["one transaction", "a program, run by alembic", "a program, run by alembic", "one transaction"])
        self.assertEqual(self.database.rows("SELECT id FROM person ORDER BY id"), [["1"], ["100"]])
        self.assertIn("tag (head)", self.alembic("current", "--check-heads"))
        log = self.folder / ".godwit/runs" / report["run"] / "program.log"
        self.assertIn("rows: 0", log.read_text())
        self.assertEqual(log.stat().st_mode & 0o077, 0)
        # Exactly this run, by its marks, which follow what Alembic recorded.
        self.assertEqual(self.godwit("db", "downgrade", "--run", report["run"], "--ci")["rolled_back"], 4)
        self.assertNotIn("(head)", self.alembic("current"))

    def test_program_that_fails(self):
        self.table("person", None)
        self.revision("asks", "person", 'op.get_bind().execute(sa.text("SELECT 1")); op.execute("CREATE TABLE note (id int)"); '
                      'op.execute("INSERT INTO nowhere VALUES (\'secret\')")')
        self.settings(", bodies: print-or-run")
        report = self.godwit("db", "upgrade", "--ci", code=4)
        failure = report["failure"]
        self.assertEqual((failure["revision"], failure["sqlstate"]), ("asks", "42P01"))
        self.assertIn('relation "nowhere" does not exist', failure["message"])
        self.assertEqual((pathlib.Path(failure["file"]).name, failure["line"]), ("asks.py", 12))
        self.assertNotIn("secret", json.dumps(report))
        self.assertEqual(self.database.rows("SELECT to_regclass('note') AS t"), [[None]])

    def test_rehearse(self):
        self.line()
        self.revision("asks", "tag", ASKS, 'op.execute("DELETE FROM person WHERE id >= 100")')
        self.settings(", bodies: print-or-run")
        self.alembic("upgrade", "filled")
        rehearsal = self.godwit("db", "rehearse")
        self.assertEqual(([], [], "replay"), (rehearsal["findings"], rehearsal["not_converged"], rehearsal["start_from"]))
        self.assertIn("a program", [one["command"] for one in rehearsal["statements"]])

    def test_no_secret_in_arguments(self):
        password = os.environ["GODWIT_TEST_PG_PASSWORD"]
        self.table("person", None)
        self.revision("asks", "person", 'op.get_bind().execute(sa.text("SELECT 1"))')
        self.settings(", bodies: print-or-run")
        self.database.run("GRANT ALL ON SCHEMA public TO godwit_password_test; GRANT ALL ON DATABASE " + self.database.name +
                          " TO godwit_password_test")
        self.database.url = self.database.url.replace("postgres@", f"godwit_password_test:{password}@")
        temporary = self.root / "temporary"
        temporary.mkdir()
        self.environment["TMPDIR"] = str(temporary)
        self.upgrade(2)
        self.assertIn("upgrade asks", (self.folder / "calls").read_text())
        for file in [self.folder / "calls", *self.folder.glob(".godwit/runs/*/*")]:
            self.assertNotIn(password, file.read_text())
        self.assertEqual(list(temporary.rglob("alembic.ini")), [])

    # Two heads, joined by a new revision that is named as the project names its own; all of them run by Alembic.
    def test_new_merge_and_run(self):
        self.table("person", None)
        self.table("left", "person")
        self.table("right", "person")
        self.settings(", bodies: run")
        ini = self.folder / "alembic.ini"
        ini.write_text(ini.read_text().replace("[alembic]\n", "[alembic]\nfile_template = %%(year)d_%%(rev)s_%%(slug)s\n"))
        self.godwit("db", "new", "one more", code=2)
        self.assertIn("--merge", self.said)
        file = pathlib.Path(self.godwit("db", "new", "--merge", "join them")["files"][0])
        self.assertRegex(file.name, r"^2\d{3}_[0-9a-f]{12}_join_them\.py$")
        self.assertEqual(self.alembic("heads").count("(head)"), 1)
        report = self.upgrade(4)
        self.assertEqual({step["mode"] for step in report["steps"]}, {"a program, run by alembic"})
        self.assertIn("(head) (mergepoint)", self.alembic("current", "--check-heads"))
        self.godwit("db", "new", "--merge", "again", code=2)

    def revision_in(self, folder, name, down, up="pass"):
        self.write(f"{folder}/{name}.py", REVISION.format(name=name, down=down, up=up, back="pass"))

    def configure(self, text, name="alembic.ini"):
        """`text` for both: godwit's ini and the one with the address, of Alembic itself."""
        for file in (name,) if name != "alembic.ini" else ("alembic.ini", "theirs.ini"):
            path = self.folder / file
            old = path.read_text() if path.exists() else "[alembic]\n"
            drop = r"(?m)^(version_locations|path_separator|recursive_version_locations|script_location|prepend_sys_path) *=.*\n(?:[ \t]+.*\n)*"
            path.write_text(re.sub(drop, "", old).replace("[alembic]\n", "[alembic]\n" + text) if name == "alembic.ini" else text)

    def planned(self, *target):
        return [step["revision"] for step in self.godwit("db", "upgrade", "--dry-run", "--skip-rehearsal", *target)["steps"]]

    # Branches in folders of their own, one of which the settings name: all of them are the history, in Alembic's own order.
    def test_several_folders(self):
        self.revision_in("migrations/versions", "core", None, TABLE.format("core"))
        self.revision_in("billing/versions", "bill", "core", TABLE.format("bill"))
        self.revision_in("apart/deep/below", "apart", None, TABLE.format("apart"))
        self.revision_in("apart/deep/below", "apart2", "apart", "op.execute('CREATE TABLE broken (id int)')")
        self.write("node_modules/x/core.py", "not = a revision\n")
        self.settings()
        for separator, glue in (("os", ":"), ("space", " "), ("newline", "\n    "), (";", ";"), (":", ":")):
            self.configure(f"script_location = %(here)s/migrations\npath_separator = {separator}\nversion_locations = " +
                           glue.join(("%(here)s/migrations/versions", "%(here)s/billing/versions", "apart/deep")) + "\n")
            self.assertEqual(self.planned(), ["core", "bill"], separator)
        # What lies below a folder counts where the ini says so.
        self.configure("script_location = migrations\nversion_path_separator = os\nrecursive_version_locations = true\n"
                       "version_locations = %(here)s/apart:%(here)s/migrations/versions:billing/versions\n")
        theirs = re.findall(r"Running upgrade .*-> (\w+)", self.alembic("upgrade", "heads", "--sql"))
        heads = ("--to", "heads")
        self.assertEqual((set(self.planned(*heads)), len(set(theirs))), (set(theirs), 4))
        self.godwit("db", "upgrade", "--ci", code=2)  # two heads: as Alembic has it, which of them is to be said
        plan = self.godwit("db", "upgrade", "--dry-run", *heads)
        self.revision_in("apart/deep/below", "apart2", "apart", "op.execute('CREATE TABLE IF NOT EXISTS made (id int)')")
        self.assertNotEqual(self.godwit("db", "upgrade", "--dry-run", *heads)["plan_hash"], plan["plan_hash"])
        self.assertEqual(self.godwit("db", "upgrade", "--ci", *heads)["applied"], 4)
        self.assertEqual(self.alembic("current").count("(head)"), 2)
        self.alembic("downgrade", "apart2@apart")
        self.assertEqual(self.planned(*heads), ["apart2"])
        # A new one lies beside the first of the heads that it joins, where Alembic would have put it.
        file = pathlib.Path(self.godwit("db", "new", "--merge", "join")["files"][0])
        self.assertEqual(file.parent.relative_to(self.folder).as_posix(), "apart")
        self.assertEqual(self.alembic("heads").count("(head)"), 1)
        status = self.godwit("db", "status")
        self.assertEqual((status["applied"], status["pending_files"][0]), (3, "apart/deep/below/apart2.py"))
        self.upgrade(2)
        self.revision_in("billing/versions", "wrong", file.stem.split("_")[0], "op.execute('SELECT nothing')")
        failure = self.godwit("db", "upgrade", "--ci", code=1)["failure"]
        self.assertIn("billing/versions/wrong.py", failure["file"])

    def test_pyproject(self):
        self.revision_in("migrations/versions", "core", None, TABLE.format("core"))
        self.revision_in("more", "bill", "core", TABLE.format("bill"))
        self.settings()
        self.configure("")
        self.configure('[project]\ndependencies = [\n  "alembic[tz]==1", # one\n]\n[tool.alembic]\nscript_location = "%(here)s/migrations"\n'
                       'version_locations = [\n  "%(here)s/migrations/versions", # the first\n\n  "%(here)s/more",\n]\n'
                       'file_template = "%%(slug)s_%%(rev)s"\n', name="pyproject.toml")
        self.assertEqual(self.planned(), ["core", "bill"])
        self.assertRegex(self.godwit("db", "new", "a table")["files"][0], r"/more/a_table_[0-9a-f]{12}\.py$")
        self.assertIn("(head)", self.alembic("heads"))
        self.upgrade(3)
        self.assertIn("(head)", self.alembic("current", "--check-heads"))
        # No ini at all: env.py asks it for nothing then.
        (self.folder / "alembic.ini").unlink()
        env = self.folder / "migrations/env.py"
        env.write_text("import os\nfrom alembic import context\nfrom sqlalchemy import create_engine\nurl = os.environ['DATABASE_URL']\n"
                       "if context.is_offline_mode():\n    context.configure(url=url, literal_binds=True)\n"
                       "    with context.begin_transaction():\n        context.run_migrations()\n")
        self.revision_in("more", "last", self.godwit("db", "status")["current"], TABLE.format("last"))
        self.upgrade(1)
        self.assertEqual(self.database.rows("SELECT version_num FROM alembic_version"), [["last"]])

    def test_not_installed(self):
        self.table("person", None)
        self.settings(", command: [bin/none]")
        self.godwit("db", "upgrade", "--ci", code=2)
        self.assertIn("pip install alembic", self.said)
        self.settings()
        (self.folder / "alembic.ini").unlink()
        self.godwit("db", "upgrade", "--ci", code=2)
        self.assertIn("alembic.ini", self.said)


if __name__ == "__main__":
    unittest.main()
