#!/usr/bin/env python3
"""render_test.py PROBE: the body that godwit takes from `alembic --sql` does what Alembic does online.

A small project on SQLite, with a branch, a merge and a dependency, goes up, and some way down again, twice, one
revision at a time: once by Alembic with the arguments that godwit would call it with, once by the bodies that it printed. After every
step the two databases have the same tables and rows; the version table is nowhere in a body.
"""
import json
import os
import pathlib
import sqlite3
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PROBE = sys.argv.pop() if len(sys.argv) > 1 else ""
ENV = '''from alembic import context
from sqlalchemy import create_engine

URL = "sqlite:///online.db"
if context.is_offline_mode():
    context.configure(url=URL, literal_binds=True, dialect_opts={"paramstyle": "named"})
    with context.begin_transaction():
        context.run_migrations()
else:
    with create_engine(URL).connect() as connection:
        context.configure(connection=connection)
        with context.begin_transaction():
            context.run_migrations()
'''
FILE = '''"""step {rev}"""
from alembic import op
import sqlalchemy as sa

revision = {rev!r}
down_revision = {down!r}
branch_labels = None
depends_on = {needs!r}


def upgrade():
{up}


def downgrade():
{back}
'''
TEXT = "it's -- Running upgrade a -> b; COMMIT; INSERT INTO alembic_version"
# Revision, down_revision, depends_on, upgrade, downgrade; in an order in which they can be applied.
STEPS = [
    ("aaaa1", None, None,
     f'    op.create_table("t", sa.Column("id", sa.Integer, primary_key=True), sa.Column("x", sa.Text))\n'
     f'    op.bulk_insert(sa.table("t", sa.column("x", sa.Text)), [{{"x": {TEXT!r}}}])', '    op.drop_table("t")'),
    ("other1", None, "aaaa1", '    op.execute("UPDATE t SET x = x || \'!\'")', '    op.execute("UPDATE t SET x = \'\'")'),
    ("aaaa2", "aaaa1", None, '    op.create_index("left_i", "t", ["x"])', '    op.drop_index("left_i")'),
    ("aaaa3", "aaaa1", None, '    op.execute("CREATE VIEW v AS SELECT \'a;b\' AS c")', '    op.execute("DROP VIEW v")'),
    ("merge1", ("aaaa2", "aaaa3"), None, "    pass", "    pass"),
    ("last1", "merge1", None, '    op.add_column("t", sa.Column("y", sa.Integer))\n'
     '    op.execute("CREATE TRIGGER g AFTER INSERT ON t BEGIN UPDATE t SET y = 1; DELETE FROM t WHERE id = 9; END")',
     '    op.execute("DROP TRIGGER g")\n    op.drop_column("t", "y")'),
]


class Render(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        installer = ROOT / "scripts" / "install-rival"
        subprocess.run([installer, "alembic"], check=True, stdout=subprocess.DEVNULL)
        home = subprocess.run([installer, "--path", "alembic"], check=True, capture_output=True, text=True).stdout.strip()
        cls.python = pathlib.Path(home, "bin", "python")

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="godwit-render-")
        self.addCleanup(folder.cleanup)
        self.home = pathlib.Path(folder.name)
        (self.home / "m" / "versions").mkdir(parents=True)
        (self.home / "alembic.ini").write_text("[alembic]\nscript_location = m\n", encoding="utf-8")
        (self.home / "m" / "env.py").write_text(ENV, encoding="utf-8")
        self.files = {f"{rev}_x.py": FILE.format(rev=rev, down=down, needs=needs, up=up, back=back)
                      for rev, down, needs, up, back in STEPS}
        for name, source in self.files.items():
            (self.home / "m" / "versions" / name).write_text(source, encoding="utf-8")

    def alembic(self, arguments):
        done = subprocess.run([self.python, "-B", "-m", "alembic", *arguments], cwd=self.home, capture_output=True,
                              text=True, env={**os.environ, "PYTHONWARNINGS": "ignore"})
        self.assertEqual(done.returncode, 0, f"{arguments}: {done.stderr}")
        return done.stdout

    def ask(self, direction, revision, printed=""):
        question = {"files": [{"path": name, "text": self.files[name]} for name in sorted(self.files)],
                    "render": [direction, revision, printed]}
        done = subprocess.run([PROBE, self.home / "probe.db"], input=json.dumps(question) + "\n", capture_output=True,
                              text=True, check=True)
        return json.loads(done.stdout)

    @staticmethod
    def state(path):
        database = sqlite3.connect(path)
        schema = database.execute("SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE '%alembic_version%' "
                                  "ORDER BY name").fetchall()
        rows = database.execute("SELECT * FROM t").fetchall() if any(row[1] == "t" for row in schema) else []
        database.close()
        # Alembic prints a tab as four blanks.
        return [(kind, name, sql and sql.replace("\t", "    ")) for kind, name, sql in schema], rows

    def step(self, direction, revision):
        self.assertIn("error", self.ask(direction, revision)["body"])
        calls = self.ask(direction, revision)
        body = self.ask(direction, revision, self.alembic(calls["print"]))["body"]
        self.assertNotIn("error", body, revision)
        self.assertTrue(body["one_transaction"])
        self.assertNotIn("version_num", body["sql"])
        database = sqlite3.connect(self.home / "printed.db", isolation_level=None)
        database.executescript("BEGIN;\n" + body["sql"] + "COMMIT;")
        database.close()
        self.alembic(calls["run"])
        self.assertEqual(self.state(self.home / "printed.db"), self.state(self.home / "online.db"), revision)

    def test_up_and_down(self):
        for revision, *_ in STEPS:
            self.step("up", revision)
        self.assertIn(TEXT + "!", str(self.state(self.home / "printed.db")[1]))
        for revision, *_ in reversed(STEPS[-3:]):
            self.step("down", revision)
        schema, _ = self.state(self.home / "printed.db")
        self.assertEqual([name for _, name, _ in schema], ["left_i", "t"])


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], "-v"])
