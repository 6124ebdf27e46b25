#!/usr/bin/env python3
"""Liquibase, formatted SQL: its tables, its checksums, its rows; it goes on where we stopped; its lock row."""
import json
import unittest

import history_world
from history_world import HistoryTest, Postgres, Sqlite, SERVER

FILES = {
    "changes.sql": """--liquibase formatted sql
--property name:who value:somebody

--changeset bob:1
--comment: the first; of all
create table person(id int); -- ${who} ${other}
--rollback drop table person;

--changeset "ann lee":two-1 context:test labels:x,y
create table note(x text default 'a ; é  b');
insert into note values ('1');
/* liquibase rollback
drop table note;
*/

--changeset bob:view runOnChange:true
drop view if exists people;
create view people as select 1 as one;
--rollback empty

--changeset bob:mysql dbms:mysql
select broken;

--changeset bob:last runInTransaction:false
create table last_one(id int);
--rollback drop table last_one;
""",
}
ROWS = "SELECT ID AS a, AUTHOR AS b, FILENAME AS c, ORDEREXECUTED AS d, EXECTYPE AS e, MD5SUM AS f, DESCRIPTION AS g, " \
       "COMMENTS AS h, TAG AS i, LIQUIBASE AS j, CONTEXTS AS k, LABELS AS l, length(DEPLOYMENT_ID) AS m " \
       "FROM databasechangelog ORDER BY ORDEREXECUTED"
LOCK = "SELECT ID AS a, LOCKED AS b FROM databasechangeloglock"


class Liquibase(HistoryTest):
    tool = "liquibase"
    files = FILES

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.classes = history_world.java_classes(cls, "LiquibaseRunner", history_world.rival("liquibase"))

    def liquibase(self, database, *command, code=0):
        on_postgres = database.dialect == "postgres"
        jdbc = f"jdbc:postgresql://127.0.0.1:{SERVER.port}/{database.name}" if on_postgres else f"jdbc:sqlite:{database.path}"
        return self.call("java", "-XX:TieredStopAtLevel=1", "-cp", self.classes, "LiquibaseRunner", jdbc,
                         "postgres" if on_postgres else "", self.folder, "changes.sql", *command, code=code)

    def compare(self, kind):
        theirs, ours = kind(self), kind(self)
        self.liquibase(theirs, "update", "3")
        self.create(ours)
        first, second, view, last = self.migrations(ours)
        for migration in (first, second, view):
            self.apply(ours, migration)
        tables = ("databasechangelog", "databasechangeloglock") if kind is Postgres else \
                 ("DATABASECHANGELOG", "DATABASECHANGELOGLOCK")
        self.assertEqual(ours.shape(*tables), theirs.shape(*tables))
        self.assertEqual(ours.rows(ROWS), theirs.rows(ROWS))
        self.assertEqual(ours.rows(LOCK), theirs.rows(LOCK))
        applied = [f"changes.sql::{name}" for name in ("1::bob", "two-1::ann lee", "view::bob")]
        self.assertEqual(self.state(theirs), {"applied": applied, "failed": [], "changed": []})
        self.assertIn("Run:                          1\n", self.liquibase(ours, "update", "99"))
        self.apply(theirs, last)
        self.assertEqual(ours.rows(ROWS), theirs.rows(ROWS))
        # The way back.
        self.liquibase(ours, "rollback", "1")
        self.undo(theirs, last)
        self.assertEqual(ours.rows(ROWS), theirs.rows(ROWS))
        # A changed view runs again for both.
        self.write("changes.sql", FILES["changes.sql"].replace("select 1 as one", "select 2 as one"))
        self.assertEqual(self.state(theirs)["changed"], [applied[2]])
        self.apply(theirs, self.migrations(theirs)[2])
        self.liquibase(ours, "update", "1")
        self.assertEqual(ours.rows(ROWS), theirs.rows(ROWS))
        # An edited one stops it, and us.
        self.write("changes.sql", FILES["changes.sql"].replace("(id int); --", "(id bigint); --"))
        self.assertIn("changes.sql::1::bob", self.liquibase(theirs, "validate", code=1))
        self.assertIn(applied[0], self.state(theirs)["changed"])

    def test_postgres(self):
        self.compare(Postgres)

    def test_sqlite(self):
        self.compare(Sqlite)

    # Its lock is a row: taken by us it is seen as taken, and who holds it is told.
    def test_lock(self):
        database = Postgres(self)
        self.create(database)
        lock = json.loads(self.probe(database, "lock", database.name))
        self.assertEqual(database.run(f"{lock['row']} RETURNING 1;"), "1\n")
        self.assertEqual(database.run(f"{lock['row']} RETURNING 1;"), "")
        self.assertIn("godwit since 2", database.rows(lock["holder"])[0][0])


if __name__ == "__main__":
    unittest.main()
