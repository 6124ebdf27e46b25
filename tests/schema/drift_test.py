#!/usr/bin/env python3
"""godwit db drift: what was changed beside the history is found, and a restored dump is no drift."""
import os
import pathlib
import subprocess
import unittest

from migrated_database import Migrated, psql

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGILA = ROOT / "tests" / "data" / "pagila" / "pagila-schema.sql"

# One of everything that a snapshot looks at, and names, defaults and comments that want quoting.
EVERYTHING = """
CREATE EXTENSION hstore; CREATE EXTENSION pg_trgm; CREATE EXTENSION citext;
CREATE SCHEMA "Odd Name";
CREATE TYPE mood AS ENUM ('low', 'it''s', 'high');
CREATE TYPE span AS RANGE (SUBTYPE = float8, SUBTYPE_DIFF = float8mi);
CREATE DOMAIN share AS int DEFAULT 3 NOT NULL CHECK (VALUE > 0);
CREATE TYPE "Odd Name".pair AS (a int, b text COLLATE "C");
CREATE TABLE person (
  id int GENERATED ALWAYS AS IDENTITY (START WITH 5), "Full Name" text COLLATE "C" DEFAULT E'a\\nb;', gone hstore,
  shout text GENERATED ALWAYS AS (id::text || '!') STORED, price numeric(10,2) NOT NULL, born date DEFAULT '2020-01-31',
  at timestamptz DEFAULT '2020-01-31 12:00+02', wait interval DEFAULT '1 day 02:00', raw bytea DEFAULT '\\x00ff', m mood, during daterange,
  PRIMARY KEY (id), EXCLUDE USING gist (during WITH &&) DEFERRABLE);
ALTER TABLE person DROP COLUMN gone;
ALTER TABLE person ADD COLUMN late citext;
CREATE INDEX ON person USING gin (shout gin_trgm_ops) WHERE price > 1;
ALTER TABLE person ADD CHECK (price > 0) NOT VALID;
CREATE TABLE child (extra int) INHERITS (person);
CREATE UNLOGGED TABLE fast (i bigserial PRIMARY KEY, p int REFERENCES person ON DELETE CASCADE) WITH (fillfactor = 70);
ALTER TABLE fast REPLICA IDENTITY FULL;
CREATE TABLE part (k int, v text, UNIQUE (k)) PARTITION BY RANGE (k);
CREATE TABLE part_other (v text, k int);
ALTER TABLE part ATTACH PARTITION part_other FOR VALUES FROM (0) TO (10);
CREATE TABLE part_rest PARTITION OF part DEFAULT;
CREATE INDEX ON part (v);
ALTER TABLE part ADD CONSTRAINT of_person FOREIGN KEY (k) REFERENCES person;
CREATE POLICY own ON person AS RESTRICTIVE FOR SELECT USING (id = 1);
ALTER TABLE person ENABLE ROW LEVEL SECURITY;
CREATE STATISTICS st ON id, born FROM person;
CREATE RULE no_fast AS ON DELETE TO fast DO INSTEAD NOTHING;
CREATE VIEW adults WITH (security_barrier) AS SELECT * FROM person WHERE born < '2000-01-01';
CREATE MATERIALIZED VIEW counted AS SELECT count(*) AS n FROM person;
CREATE UNIQUE INDEX ON counted (n);
CREATE SEQUENCE steps INCREMENT -2 CYCLE;
CREATE FUNCTION f(i int, t text DEFAULT 'x') RETURNS SETOF person LANGUAGE sql STABLE AS 'SELECT * FROM person';
CREATE PROCEDURE pr() LANGUAGE sql BEGIN ATOMIC SELECT 1; END;
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
CREATE TRIGGER touched BEFORE UPDATE OF price ON person FOR EACH ROW WHEN (OLD.price <> NEW.price) EXECUTE FUNCTION touch();
ALTER TABLE person DISABLE TRIGGER touched;
CREATE AGGREGATE total(int) (SFUNC = int4pl, STYPE = int, INITCOND = '0');
COMMENT ON TABLE person IS 'it''s'; COMMENT ON COLUMN person.late IS 'E\\'; COMMENT ON FUNCTION f(int, text) IS 'f';
COMMENT ON TRIGGER touched ON person IS 't'; COMMENT ON TYPE mood IS 'm'; COMMENT ON SCHEMA "Odd Name" IS 's';
COMMENT ON CONSTRAINT person_pkey ON person IS 'k'; COMMENT ON CONSTRAINT share_check ON DOMAIN share IS 'c';
"""


class Drifting:
    def migrated(self):
        self.write("1_people.sql", "CREATE TABLE people (id integer PRIMARY KEY, name text NOT NULL);\nCREATE INDEX by_name ON people (name);\n")
        self.godwit("db", "upgrade", "--ci")

    def test_nothing_is_known_before_the_first_run(self):
        refused = self.godwit("db", "drift", code=2)
        self.assertIn("upgrade", refused.stderr)

    def test_no_drift_after_a_run_and_after_the_next(self):
        self.migrated()
        found = self.json("db", "drift")
        self.assertEqual((found["drift"], found["changes"]), (False, []))
        self.write("2_pets.sql", "CREATE TABLE pets (id integer PRIMARY KEY);\n")
        self.godwit("db", "upgrade", "--ci")
        again = self.json("db", "drift")
        self.assertFalse(again["drift"])
        self.assertNotEqual(again["live_fingerprint"], found["live_fingerprint"])

    def test_half_a_run_is_no_drift(self):
        self.write("1_a.sql", "CREATE TABLE a (id integer);\n")
        self.write("2_b.sql", "CREATE TABLE a (id integer);\n")
        self.godwit("db", "upgrade", "--ci", code=4)
        self.assertFalse(self.json("db", "drift")["drift"])

    def test_only_the_newest_catalogs_are_kept(self):
        for number in range(1, 7):
            self.write(f"{number}_t.sql", f"CREATE TABLE t{number} (id integer);\n")
            self.godwit("db", "upgrade", "--ci")
        table = "godwit.catalog" if self.kind == "postgres" else "godwit_catalog"
        self.assertEqual(self.sql(f"SELECT count(*) FROM {table}"), [["5"]])


class OnSqlite(Drifting, Migrated):
    kind = "sqlite"

    def test_what_was_added_and_removed(self):
        self.migrated()
        self.sql("CREATE TABLE secret (x text)")
        self.sql("DROP INDEX by_name")
        found = self.json("db", "drift", code=3)
        self.assertEqual([(one["what"], one["kind"], one["name"]) for one in found["changes"]],
                         [("removed", "index", "by_name"), ("added", "table", "secret")])
        self.assertEqual([(one["sql"], one["destructive"]) for one in found["back"]],
                         [('DROP TABLE "secret"', True), ("CREATE INDEX by_name ON people (name)", False)])

    def test_renamed_and_back_is_no_drift(self):
        self.migrated()
        self.sql("ALTER TABLE people RENAME TO others")
        self.godwit("db", "drift", code=3)
        self.sql("ALTER TABLE others RENAME TO people")
        self.godwit("db", "drift", "--json")


class OnPostgres(Drifting, Migrated):
    kind = "postgres"

    def drift_sql(self):
        found = self.json("db", "drift", code=3)
        return [one["sql"] for one in found["changes"]], [one["sql"] for one in found["back"]]

    def test_a_column_changed_by_hand_and_back_by_the_sql_it_shows(self):
        self.migrated()
        self.sql("ALTER TABLE people ALTER COLUMN name DROP NOT NULL, ALTER COLUMN name SET DEFAULT 'x', "
                 "ALTER COLUMN id TYPE bigint, ADD COLUMN age int CHECK (age > 0)")
        done, back = self.drift_sql()
        self.assertIn("ALTER TABLE public.people ALTER COLUMN id TYPE bigint", done)
        self.assertIn("ALTER TABLE public.people ALTER COLUMN name SET DEFAULT 'x'::text;\n"
                      "ALTER TABLE public.people ALTER COLUMN name DROP NOT NULL", done)
        self.assertIn("ALTER TABLE public.people ADD COLUMN age integer", done)
        self.assertIn("ALTER TABLE public.people ADD CONSTRAINT people_age_check CHECK ((age > 0))", done)
        self.sql(";\n".join(back))
        self.assertFalse(self.json("db", "drift")["drift"])

    def test_what_loses_data_is_never_shown_ready_to_run(self):
        self.migrated()
        self.sql("CREATE TABLE by_hand (id int)")
        text = self.godwit("db", "drift", code=3).stdout
        self.assertIn("CREATE TABLE public.by_hand", text)
        self.assertIn("-- DROP TABLE public.by_hand", text)
        self.assertNotIn("\nDROP TABLE", text)

    def test_order_of_columns_and_an_invalid_index_are_drift(self):
        self.migrated()
        self.sql("UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'by_name'::regclass")
        self.assertIn("INVALID", str(self.json("db", "drift", code=3)["changes"]))
        self.sql("UPDATE pg_index SET indisvalid = true WHERE indexrelid = 'by_name'::regclass")
        self.assertFalse(self.json("db", "drift")["drift"])
        self.sql("DROP TABLE people; CREATE TABLE people (name text NOT NULL, id integer PRIMARY KEY); CREATE INDEX by_name ON people (name)")
        self.assertEqual([one["kind"] for one in self.json("db", "drift", code=3)["changes"]], ["column order"])

    def test_each_kind_of_object_is_found_and_brought_back(self):
        self.write("1_all.sql", EVERYTHING)
        self.godwit("db", "upgrade", "--ci")
        by_hand = {"view": "DROP VIEW adults", "row security": "ALTER TABLE person DISABLE ROW LEVEL SECURITY",
                   "policy": "DROP POLICY own ON person", "sequence": "ALTER SEQUENCE steps NO CYCLE",
                   "trigger": "DROP TRIGGER touched ON person", "statistics": "DROP STATISTICS st", "rule": "DROP RULE no_fast ON fast",
                   "aggregate": "DROP AGGREGATE total(int)", "index": "DROP INDEX counted_n_idx", "extension": "DROP EXTENSION hstore",
                   "procedure": "CREATE OR REPLACE PROCEDURE pr() LANGUAGE sql BEGIN ATOMIC SELECT 2; END",
                   "comment": "COMMENT ON TABLE person IS 'other'", "constraint": "ALTER TABLE fast DROP CONSTRAINT fast_p_fkey",
                   "partition": "ALTER TABLE part DETACH PARTITION part_rest", "function": "DROP FUNCTION f(int, text)"}
        self.sql(";\n".join(by_hand.values()))
        found = self.json("db", "drift", code=3)
        self.assertEqual(set(by_hand) - {one["kind"] for one in found["changes"]}, set())
        self.sql(";\n".join(one["sql"] for one in found["back"]))
        self.assertEqual(self.json("db", "drift")["changes"], [])
        self.sql("ALTER TYPE mood ADD VALUE 'max' AFTER 'low'")
        self.assertEqual([one["sql"] for one in self.json("db", "drift", code=3)["changes"] if one["kind"] == "enum"],
                         ["ALTER TYPE public.mood ADD VALUE 'max' AFTER 'low'"])

    def role(self, name):
        role = f"{self.name}_{name}"
        self.sql(f"CREATE ROLE {role}")
        self.addCleanup(psql, self.url.replace(self.name, "postgres"), f"DROP ROLE {role}")  # the database is gone by then
        return role

    def rights(self):
        one, other = self.role("one"), self.role("other")
        self.write("1_all.sql", f"""
            CREATE SCHEMA "Odd Name"; CREATE TABLE "Odd Name"."T" (id serial, "Full Name" text); CREATE VIEW v AS SELECT 1 AS x;
            CREATE FUNCTION f(i int, t text[] DEFAULT '{{}}') RETURNS int LANGUAGE sql AS 'SELECT 1';
            CREATE AGGREGATE total(int) (SFUNC = int4pl, STYPE = int, INITCOND = '0');
            CREATE PROCEDURE pr() LANGUAGE sql BEGIN ATOMIC SELECT 1; END;
            GRANT SELECT, DELETE ON "Odd Name"."T" TO {other};""")
        self.godwit("db", "upgrade", "--ci")
        self.assertFalse(self.json("db", "drift")["drift"])
        return one, other

    BY_HAND = """
        ALTER TABLE "Odd Name"."T" OWNER TO {one}; ALTER SCHEMA "Odd Name" OWNER TO {one}; ALTER VIEW v OWNER TO {one};
        ALTER FUNCTION f OWNER TO {one}; ALTER AGGREGATE total(int) OWNER TO {one}; ALTER PROCEDURE pr OWNER TO {one};
        GRANT INSERT ON "Odd Name"."T" TO {other} WITH GRANT OPTION; REVOKE DELETE ON "Odd Name"."T" FROM {other};
        GRANT SELECT ("Full Name"), UPDATE ("Full Name") ON "Odd Name"."T" TO PUBLIC; GRANT USAGE ON SEQUENCE "Odd Name"."T_id_seq" TO {other};
        GRANT USAGE ON SCHEMA "Odd Name" TO {other}; REVOKE EXECUTE ON FUNCTION f FROM PUBLIC; GRANT EXECUTE ON PROCEDURE pr TO {other};
        ALTER DEFAULT PRIVILEGES IN SCHEMA "Odd Name" GRANT SELECT ON TABLES TO {other};
        ALTER DEFAULT PRIVILEGES FOR ROLE {one} REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC"""

    def test_owners_and_privileges(self):
        one, other = self.rights()
        self.sql(self.BY_HAND.format(one=one, other=other))
        found = self.json("db", "drift", code=3)
        self.assertEqual(found["recorded_fingerprint"], found["live_fingerprint"])
        me = self.sql("SELECT quote_ident(current_user)")[0][0]
        done = [change["sql"] for change in found["changes"]]
        for sql in (f'ALTER TABLE "Odd Name"."T" OWNER TO {one}', f'ALTER SCHEMA "Odd Name" OWNER TO {one}', f"ALTER VIEW public.v OWNER TO {one}",
                    f"ALTER FUNCTION public.f(pg_catalog.int4, pg_catalog._text) OWNER TO {one}", f"ALTER ROUTINE public.total(pg_catalog.int4) OWNER TO {one}",
                    f"ALTER PROCEDURE public.pr() OWNER TO {one}", f'GRANT INSERT ON TABLE "Odd Name"."T" TO {other} WITH GRANT OPTION',
                    f'REVOKE DELETE, SELECT ON TABLE "Odd Name"."T" FROM {other};\nGRANT SELECT ON TABLE "Odd Name"."T" TO {other}',
                    'GRANT SELECT ("Full Name"), UPDATE ("Full Name") ON TABLE "Odd Name"."T" TO PUBLIC',
                    f'GRANT USAGE ON SEQUENCE "Odd Name"."T_id_seq" TO {other}', f'GRANT USAGE ON SCHEMA "Odd Name" TO {other}',
                    "REVOKE EXECUTE ON FUNCTION public.f(pg_catalog.int4, pg_catalog._text) FROM PUBLIC",
                    f"GRANT EXECUTE ON PROCEDURE public.pr() TO {other}",
                    f'ALTER DEFAULT PRIVILEGES FOR ROLE {me} IN SCHEMA "Odd Name" GRANT SELECT ON TABLES TO {other}',
                    f"ALTER DEFAULT PRIVILEGES FOR ROLE {one} REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC"):
            self.assertIn(sql, done)
            done.remove(sql)
        self.assertEqual(done, [])
        self.assertIn(f"OWNER TO {one}", self.godwit("db", "drift", code=3).stdout)
        self.sql(";\n".join(change["sql"] for change in found["back"]))
        self.assertEqual(self.json("db", "drift")["changes"], [])

    def test_what_was_made_or_dropped_is_told_as_such(self):
        one, other = self.rights()
        self.sql(f"CREATE TABLE new (id int); ALTER TABLE new OWNER TO {one}; GRANT SELECT ON new TO {other}; DROP VIEW v")
        self.assertEqual({change["kind"] for change in self.json("db", "drift", code=3)["changes"]}, {"table", "view"})

    # What a godwit recorded that knew nothing of rights, and what one will record that knows more.
    def test_rights_that_were_not_recorded_so(self):
        one, other = self.rights()
        self.sql(f"GRANT SELECT ON v TO {other}")
        self.godwit("db", "drift", code=3)
        self.sql("UPDATE godwit.catalog SET rights = '{\"version\": 2, \"rights\": []}'")
        self.assertIn("another version of godwit", self.godwit("db", "drift", code=1).stderr)
        for change in ("UPDATE godwit.catalog SET rights = NULL", "ALTER TABLE godwit.catalog DROP COLUMN rights"):
            self.sql(change)
            self.assertFalse(self.json("db", "drift")["drift"])
        self.write("2_more.sql", "CREATE TABLE more (id int)")
        self.godwit("db", "upgrade", "--ci")
        self.assertFalse(self.json("db", "drift")["drift"])
        self.sql(f"REVOKE SELECT ON v FROM {other}")
        self.godwit("db", "drift", code=3)

    def restored(self):
        """The database, dumped and restored by PostgreSQL's own tools, in its place."""
        bin_folder = os.environ["GODWIT_TEST_PG_BIN"]
        dump = subprocess.run([f"{bin_folder}/pg_dump", self.url], capture_output=True, text=True, check=True).stdout
        other = self.url.replace(self.name, "postgres")
        psql(other, f"DROP DATABASE {self.name} WITH (FORCE)")
        psql(other, f"CREATE DATABASE {self.name}")
        psql(self.url, dump)

    def test_a_restored_dump_is_no_drift(self):
        pagila = PAGILA.read_text().replace("SET transaction_timeout = 0;\n", "")
        # A view of this schema wants PostgreSQL 17; psql goes on behind it, and so does its comment.
        subprocess.run(["psql", "-X", "-q", "-d", self.url], input=pagila, capture_output=True, text=True, check=False)
        self.assertGreater(len(self.tables()), 20)
        self.write("1_all.sql", EVERYTHING)
        self.godwit("db", "upgrade", "--ci")
        before = self.json("db", "drift")
        self.restored()
        after = self.godwit("db", "drift", "--json", code=0)
        self.assertIn(before["live_fingerprint"], after.stdout)


if __name__ == "__main__":
    unittest.main()
