#!/usr/bin/env python3
"""Adopting, from outside: the tool itself applies what it has, godwit adopts and goes on, the tool agrees and takes one back,
godwit sees it. PostgreSQL; the tools are the real ones (scripts/install-rival)."""
import pathlib
import re
import unittest

import history_world
from history_world import AdoptionTest, Postgres


class Adoption(AdoptionTest):
    def setUp(self):
        super().setUp()
        self.database = Postgres(self)


class GoAdoption(Adoption):
    def test_dbmate(self):
        def dbmate(*command):
            return self.call(history_world.rival("dbmate") / "node_modules/.bin/dbmate", "--no-dump-schema", "--migrations-dir",
                             self.folder / "db/migrations", "--url", self.database.url, *command)

        for number, name in ((1, "person"), (2, "note"), (3, "tag")):
            self.write(f"db/migrations/00{number}_{name}.sql", f"-- migrate:up\nCREATE TABLE {name} (id int);\n-- migrate:down\nDROP TABLE {name};\n")
            if number == 2:
                dbmate("up")
        self.adopt("dbmate", applied=2, pending=1)
        self.upgrade(1)
        self.assertIn("Pending: 0", dbmate("status"))
        dbmate("rollback")
        self.assertEqual(self.godwit("db", "status")["pending_files"], ["003_tag.sql"])
        self.assertEqual(self.godwit("db", "downgrade", "--ci")["rolled_back"], 1)
        self.assertIn("Applied: 1", dbmate("status"))

    def test_goose(self):
        def goose(*command):
            return self.call(history_world.rival("goose") / "bin/goose", "-dir", self.folder / "migrations", "postgres", self.database.url, *command)

        for number, name in ((1, "person"), (2, "note"), (3, "tag")):
            self.write(f"migrations/0000{number}_{name}.sql", f"-- +goose Up\nCREATE TABLE {name} (id int);\n-- +goose Down\nDROP TABLE {name};\n")
            if number == 2:
                goose("up")
        self.adopt("goose", applied=2, pending=1)
        self.upgrade(1)
        goose("up")
        self.assertEqual(self.database.rows("SELECT max(version_id) AS v FROM goose_db_version"), [["3"]])
        goose("down")
        self.assertEqual(self.godwit("db", "status")["pending"], 1)
        self.assertEqual(self.godwit("db", "downgrade", "--ci")["rolled_back"], 1)
        self.assertEqual(self.database.rows("SELECT max(version_id) AS v FROM goose_db_version"), [["1"]])

    def test_golang_migrate(self):
        def migrate(*command):
            return self.call(history_world.rival("golang-migrate") / "bin/migrate", "-path", self.folder / "migrations", "-database",
                             self.database.url, *command)

        for number, name in ((1, "person"), (2, "note"), (3, "tag")):
            self.write(f"migrations/{number}_{name}.up.sql", f"CREATE TABLE {name} (id int);\n")
            self.write(f"migrations/{number}_{name}.down.sql", f"DROP TABLE {name};\n")
            if number == 2:
                migrate("up")
        self.adopt("golang-migrate", applied=2, pending=1)
        self.upgrade(1)
        self.assertEqual(self.database.rows("SELECT version, dirty FROM schema_migrations"), [["3", "f"]])
        migrate("down", "1")
        self.assertEqual(self.godwit("db", "status")["pending"], 1)
        self.assertEqual(self.godwit("db", "downgrade", "--ci")["rolled_back"], 1)
        self.assertEqual(self.database.rows("SELECT version, dirty FROM schema_migrations"), [["1", "f"]])


class JavaAdoption(Adoption):
    """Flyway and Liquibase, each with a configuration of its own in the project."""

    def java(self, classes, runner, *arguments, code=0):
        jdbc = f"jdbc:postgresql://127.0.0.1:{history_world.SERVER.port}/{self.database.name}"
        return self.call("java", "-XX:TieredStopAtLevel=1", "-cp", classes, runner, jdbc, "postgres", self.folder, *arguments, code=code)


class Flyway(JavaAdoption):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.classes = history_world.java_classes(cls, "FlywayRunner", history_world.rival("flyway"))

    def flyway(self, *command, target="latest", code=0):
        return self.java(self.classes, "FlywayRunner", target, *command, *([f"@{self.folder}/flyway.conf"] if (self.folder / "flyway.conf").exists()
                                                                           else []), code=code)

    def write_bytes(self, path, content):
        self.write(path, "")
        (self.folder / path).write_bytes(content)

    # Its own folder, table, schema, encoding and placeholders: all from flyway.conf, and from the database.
    def test_flyway(self):
        self.write("flyway.conf", f"flyway.locations=filesystem:{self.folder}/sql\nflyway.encoding=ISO-8859-1\nflyway.table=history\n"
                                  "flyway.defaultSchema=audit\nflyway.placeholders.owner=somebody\nflyway.placeholders.api_token=hush\n")
        self.write_bytes("sql/V1__person.sql", "CREATE TABLE person (id int, name text DEFAULT 'é ${owner}');\n".encode("latin-1"))
        self.write("sql/V2__note.sql", "CREATE TABLE note (id int); -- ${api_token}\n")
        self.write("sql/V10__tag.sql", "CREATE TABLE tag AS SELECT '${owner}' AS name;\n")
        self.write("sql/U10__tag.sql", "DROP TABLE tag;\n")
        self.write("sql/R__view.sql", "CREATE OR REPLACE VIEW people AS SELECT name, '${owner}'::text AS who FROM person;\n")
        self.flyway("migrate", target="2")
        self.environment = {"FLYWAY_PLACEHOLDERS_API_TOKEN": "hush"}
        found = self.adopt("flyway", applied=3, pending=1, match=3)
        for part in ("directory: sql", "schema: audit", "table: history", "encoding: ISO-8859-1", "owner: somebody",
                     'api_token: "${env:FLYWAY_PLACEHOLDERS_API_TOKEN}"'):
            self.assertIn(part, found["settings"])
        self.assertNotIn("hush", (self.folder / "godwit.yml").read_text())
        self.upgrade(1)
        self.assertEqual(self.database.rows("SELECT name FROM audit.tag"), [["somebody"]])
        self.flyway("validate")
        self.assertIn("executed 0", self.flyway("migrate"))
        self.assertNotIn("PENDING", self.flyway("info"))
        # The free edition takes nothing back; what we take back, it applies again.
        self.assertEqual(self.godwit("db", "downgrade", "--ci")["rolled_back"], 1)
        self.assertIn("V10__tag.sql PENDING", self.flyway("info"))
        self.assertIn("executed 1", self.flyway("migrate"))
        self.assertEqual(self.godwit("db", "status")["pending"], 0)
        # A repeatable script that changed is pending for both.
        self.write("sql/R__view.sql", "CREATE OR REPLACE VIEW people AS SELECT name, 'now ${owner}'::text AS who FROM person;\n")
        self.assertIn("R__view.sql OUTDATED", self.flyway("info"))
        self.assertEqual(self.godwit("db", "status")["pending_files"], ["R__view.sql"])
        self.upgrade(1)
        self.flyway("validate")


    # Names of the project's own, taken over from flyway.conf: Flyway finds in our rows what it would have written.
    def test_flyway_names(self):
        conf = f"flyway.url=jdbc:postgresql://127.0.0.1:{history_world.SERVER.port}/{self.database.name}\nflyway.user=postgres\n" \
               f"flyway.locations=filesystem:{self.folder}/sql\nflyway.sqlMigrationPrefix=mig\nflyway.repeatableSqlMigrationPrefix=always\n" \
               "flyway.sqlMigrationSeparator=--\nflyway.sqlMigrationSuffixes=.pgsql,.sql\n"
        self.write("flyway.conf", conf)
        self.write("sql/mig1--person_table.sql", "CREATE TABLE person (id int);\n")
        self.write("sql/mig1_2--note.pgsql", "CREATE TABLE note (id int);\n")
        self.write("sql/undo1_2--note.pgsql", "DROP TABLE note;\n")
        self.write("sql/always--people.sql", "CREATE OR REPLACE VIEW people AS SELECT id FROM person;\n")
        self.write("sql/V9__no_name_of_theirs.sql", "SELECT broken;\n")
        self.flyway("migrate", target="1")
        # The edition with undo has a key for it that this one refuses.
        self.write("flyway.conf", conf + "flyway.undoSqlMigrationPrefix=undo\n")
        self.assertEqual([], [note for note in self.godwit("init", "--from", "flyway.conf")["notes"] if "Prefix" in note or "Suffix" in note])
        self.write("flyway.conf", conf)
        self.assertIn('sql_migration_separator: "--"', (self.folder / "godwit.yml").read_text())
        status = self.godwit("db", "status")
        self.assertEqual((status["applied"], sorted(status["pending_files"])), (2, ["mig1_2--note.pgsql"]))
        self.upgrade(1)
        self.flyway("validate")
        self.assertIn("executed 0", self.flyway("migrate"))
        self.assertNotIn("PENDING", self.flyway("info"))
        self.assertEqual(self.database.rows("SELECT script, description FROM flyway_schema_history ORDER BY installed_rank"),
                         [["mig1--person_table.sql", "person table"], ["always--people.sql", "people"], ["mig1_2--note.pgsql", "note"]])
        self.assertEqual(self.godwit("db", "downgrade", "--ci")["rolled_back"], 1)
        self.assertIn("executed 1", self.flyway("migrate"))
        files = [pathlib.Path(file).name for file in self.godwit("db", "new", "one more")["files"]]
        self.assertEqual([re.sub(r"\d{14}", "N", name) for name in files], ["migN--one_more.pgsql", "undoN--one_more.pgsql"])


class Liquibase(JavaAdoption):
    FIRST = """--liquibase formatted sql
--changeset bob:1
create table person(id int, name text default '${who}');
--rollback drop table person;
--changeset bob:view runOnChange:true
create or replace view people as select id from person;
--rollback drop view people;
--changeset bob:always runAlways:true
select 1;
--rollback empty
"""
    SECOND = "--changeset bob:2\ncreate table note as select * from people;\n--rollback drop table note;\n"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.classes = history_world.java_classes(cls, "LiquibaseRunner", history_world.rival("liquibase"))

    def liquibase(self, *command, code=0):
        return self.java(self.classes, "LiquibaseRunner", "db/changelog/changes.sql", *command, code=code)

    def unrun(self):
        return re.findall(r"^unrun (\S+)$", self.liquibase("status", "who=somebody"), re.MULTILINE)

    def recorded(self):
        return [row[0] for row in self.database.rows("SELECT id FROM databasechangelog ORDER BY orderexecuted")]

    # Its files are known by a path from its search path on, which lies above the folder.
    def test_liquibase(self):
        self.write("liquibase.properties", "changeLogFile=db/changelog/changes.sql\nparameter.who=somebody\n")
        self.write("db/changelog/changes.sql", self.FIRST)
        self.liquibase("update", "3", "who=somebody")
        self.write("db/changelog/changes.sql", self.FIRST + self.SECOND)
        # runAlways is always pending, for both.
        found = self.adopt("liquibase", applied=3, pending=2, match=3)
        for part in ("directory: db/changelog", "path_prefix: db/changelog/", "who: somebody"):
            self.assertIn(part, found["settings"])
        # Changed in its place: what comes behind it finds it changed.
        self.write("db/changelog/changes.sql", self.FIRST.replace("select id from person", "select id, name from person") + self.SECOND)
        plan = self.godwit("db", "upgrade", "--dry-run")
        self.assertEqual([step["revision"].split("::")[1] for step in plan["steps"]], ["view", "always", "2"])
        report = self.godwit("db", "upgrade", "--ci")
        self.assertEqual((report["outcome"], report["applied"]), ("applied", 3))
        self.assertEqual(self.recorded(), ["1", "view", "always", "2"])
        self.assertEqual(self.database.rows("SELECT count(*)::text AS n FROM information_schema.columns WHERE table_name = 'note'"), [["2"]])
        self.liquibase("validate", "who=somebody")
        self.assertEqual(self.unrun(), ["always"])
        self.liquibase("rollback", "1", "who=somebody")
        self.assertEqual(self.recorded(), ["1", "view", "always"])
        status = self.godwit("db", "status")
        self.assertEqual((status["applied"], status["pending"]), (3, 2))
        self.assertEqual(self.godwit("db", "downgrade", "--steps", "2", "--ci")["rolled_back"], 2)
        self.assertEqual(self.recorded(), ["1"])
        self.liquibase("update", "9", "who=somebody")
        self.assertEqual(self.recorded(), ["1", "view", "always", "2"])

    # Without a history the folder comes from liquibase.properties.
    def test_liquibase_before_its_first_run(self):
        self.write("liquibase.properties", "changeLogFile: db/changelog/changes.sql\nparameter.who: somebody\n")
        self.write("db/changelog/changes.sql", self.FIRST)
        self.adopt("liquibase", applied=0, pending=3)
        self.upgrade_all(3)
        self.liquibase("validate", "who=somebody")
        self.assertEqual(self.unrun(), ["always"])

    def upgrade_all(self, applied):
        report = self.godwit("db", "upgrade", "--ci")
        self.assertEqual((report["outcome"], report["applied"]), ("applied", applied))


class Supabase(Adoption):
    def supabase(self, *command):
        return self.call(history_world.rival("supabase") / "node_modules/.bin/supabase", *command, "--workdir", self.folder, "--db-url", self.database.url,
                         env={"DO_NOT_TRACK": "1", "SUPABASE_TELEMETRY_DISABLED": "1"})

    def listed(self):
        """{version: whether it is applied}, as the CLI says it."""
        lines = [line.replace("│", "|").split("|") for line in self.supabase("migration", "list").splitlines()]
        cells = [[cell.strip() for cell in line if cell.strip() or len(line) == 3] for line in lines]
        return {line[0]: line[1] == line[0] for line in cells if len(line) >= 2 and line[0].isdigit()}

    def test_supabase(self):
        names = {"20260101000000": "person", "20260102000000": "note", "20260103000000": "tag"}
        self.write("supabase/config.toml", 'project_id = "history"\n')
        for version, name in names.items():
            self.write(f"supabase/migrations/{version}_{name}.sql", f"CREATE TABLE {name} (id int);\n")
            if name == "note":
                self.supabase("db", "push", "--yes")
        self.assertEqual(self.listed(), {"20260101000000": True, "20260102000000": True, "20260103000000": False})
        found = self.adopt("supabase", applied=2, pending=1)
        self.assertEqual(found["folder"], "supabase/migrations")
        self.upgrade(1)
        self.assertEqual(self.listed(), dict.fromkeys(names, True))
        self.assertIn("up to date", self.supabase("db", "push", "--yes"))
        # Its way back: the row is taken away, a person undoes the rest.
        self.supabase("migration", "repair", "--status", "reverted", "20260103000000")
        self.assertEqual(self.godwit("db", "status")["pending_files"], ["20260103000000_tag.sql"])
        self.supabase("migration", "repair", "--status", "applied", "20260103000000")
        self.assertEqual(self.godwit("db", "status")["pending"], 0)


if __name__ == "__main__":
    unittest.main()
