// PostgreSQL as a Sink, against a real server: insert, upsert, shared rows, cycles, triggers, sequences,
// proofs.
#include "tests/integration/postgres/postgres_school.h"

namespace godwit::test {
namespace {

using PostgresSink = PostgresSchool;

TEST_F(PostgresSink, MovesOneScopeExactly) {
  make_school();
  Move move(from_, to_, "1");
  add_school(move);
  move.run("mig-20260101-000000-001");
  EXPECT_EQ(digest(to_, "public.student"), digest(from_, "public.student", "district_id = 1"));
  EXPECT_EQ(digest(to_, "public.grade"), digest(from_, "public.grade", "student_id % 2 = 0"));
  EXPECT_EQ(digest(to_, "public.note"), digest(from_, "public.note", "student_id % 2 = 0"));
  EXPECT_EQ(digest(to_, "public.state"), digest(from_, "public.state"));
  EXPECT_EQ(to_.value("SELECT nextval(pg_get_serial_sequence('public.student', 'id'))"), "10001");
  EXPECT_EQ(to_.value("SELECT state FROM godwit.run WHERE run = 'mig-20260101-000000-001'"), "committed");
  EXPECT_EQ(to_.value("SELECT count(*) FROM pg_class WHERE relname LIKE 'stage%'"), "0");
  EXPECT_EQ(move.outcome("student").inserted, 5000);
}

TEST_F(PostgresSink, InsertRefusesAKeyThatIsThere) {
  make_school();
  to_.run(
      "INSERT INTO state VALUES ('TX', 'Texas'); INSERT INTO district VALUES (7, 'TX', 'x'); "
      "INSERT INTO student (id, district_id, name) OVERRIDING SYSTEM VALUE VALUES (4242, 7, 'canary')");
  const std::string before = all(to_);
  Move move(from_, to_, "1");
  add_school(move);
  move.extract();
  const Status loaded = move.load("mig-20260101-000000-001");
  ASSERT_FALSE(loaded.ok());
  EXPECT_EQ(loaded.error().sqlstate, "23505");
  EXPECT_NE(loaded.error().message.find("unique_violation on public.student"), std::string::npos);
  EXPECT_EQ(loaded.error().text().find("4242"), std::string::npos);
  move.sink().abandon();
  EXPECT_EQ(all(to_), before);
  ASSERT_OK_AND(const auto outcome, move.sink().outcome("mig-20260101-000000-001", ""));
  EXPECT_EQ(outcome, connect::RunOutcome::absent);
}

TEST_F(PostgresSink, UpsertNeverTouchesAnotherScope) {
  make_school();
  to_.run(
      "INSERT INTO state VALUES ('TX', 'Texas'); INSERT INTO district VALUES (7, 'TX', 'x'), (1, 'TX', "
      "'old'); "
      "INSERT INTO student (id, district_id, name) OVERRIDING SYSTEM VALUE VALUES (4242, 7, 'canary'), (2, "
      "7, 'c')");
  const std::string before = all(to_);
  Move move(from_, to_, "1");
  move.strategy = connect::LoadStrategy::upsert;
  add_school(move);
  move.extract();
  const Status loaded = move.load("mig-20260101-000000-001");
  ASSERT_FALSE(loaded.ok());
  EXPECT_NE(loaded.error().message.find("2 keys of public.student belong to another scope"),
            std::string::npos)
      << loaded.error().text();
  move.sink().abandon();
  EXPECT_EQ(all(to_), before);
}

TEST_F(PostgresSink, UpsertFollowsParentsToTheScope) {
  make_school();
  // A grade of another district's student that has, by accident, the key of one of ours: impossible by
  // foreign key, so own the table by a key of its own.
  for (ScratchDatabase* database : {&from_, &to_}) {
    database->run(
        "CREATE TABLE absence (id int PRIMARY KEY, student_id bigint REFERENCES student, day date)");
  }
  from_.run("INSERT INTO absence VALUES (1, 2, '2024-01-01'), (2, 4, '2024-01-02')");
  to_.run(
      "INSERT INTO state VALUES ('TX', 'Texas'); INSERT INTO district VALUES (7, 'TX', 'x'); "
      "INSERT INTO student (id, district_id, name) OVERRIDING SYSTEM VALUE VALUES (77777, 7, 'c'); "
      "INSERT INTO absence VALUES (2, 77777, '2020-01-01')");
  Move move(from_, to_, "1");
  move.strategy = connect::LoadStrategy::upsert;
  add_school(move);
  move.own_by_parent("absence", "student");
  move.extract();
  const Status loaded = move.load("mig-20260101-000000-001");
  ASSERT_FALSE(loaded.ok());
  EXPECT_NE(loaded.error().message.find("1 keys of public.absence belong to another scope"),
            std::string::npos)
      << loaded.error().text();
}

TEST_F(PostgresSink, KeepsSharedRowsAsTheyAre) {
  make_school();
  to_.run("INSERT INTO state VALUES ('TX', 'Lone Star')");
  Move move(from_, to_, "1");
  add_school(move);
  move.run("mig-20260101-000000-001");
  EXPECT_EQ(move.outcome("state").different, 1);
  EXPECT_EQ(move.outcome("state").inserted, 1);
  EXPECT_EQ(to_.value("SELECT name FROM public.state WHERE code = 'TX'"), "Lone Star");
}

TEST_F(PostgresSink, LoadsCyclesThatNothingDefers) {
  const char* schema = R"(
    CREATE TABLE store (id int PRIMARY KEY, manager int NOT NULL);
    CREATE TABLE staff (id int PRIMARY KEY, store_id int NOT NULL REFERENCES store, boss int REFERENCES staff);
    ALTER TABLE store ADD FOREIGN KEY (manager) REFERENCES staff;
  )";
  from_.run(schema);
  to_.run(schema);
  from_.run(
      "ALTER TABLE store DISABLE TRIGGER ALL; INSERT INTO store VALUES (1, 11), (2, 22); ALTER TABLE store "
      "ENABLE "
      "TRIGGER ALL; INSERT INTO staff SELECT 11 * n, n, NULL FROM generate_series(1, 2) n; "
      "INSERT INTO staff SELECT 100 + n, 1, CASE n WHEN 50 THEN 11 ELSE 101 + n END FROM generate_series(1, "
      "50) n");
  Move move(from_, to_, "1");
  move.own("store", "id");
  move.own("staff", "store_id");
  move.run("mig-20260101-000000-001");
  EXPECT_EQ(to_.value("SELECT count(*) FROM public.staff"), "51");
  Move other(from_, to_, "2");
  other.own("store", "id");
  other.own("staff", "store_id");
  other.run("mig-20260101-000000-002");
  ASSERT_OK(other.sink().undo("mig-20260101-000000-001", {}));
  EXPECT_EQ(to_.value("SELECT count(*) FROM public.staff"), "1");
  EXPECT_EQ(to_.value("SELECT id FROM public.store"), "2");
}

TEST_F(PostgresSink, FillsInDeferredColumns) {
  const char* schema = R"(
    CREATE TABLE team (id int PRIMARY KEY, scope int, captain int);
    CREATE TABLE player (id int PRIMARY KEY, scope int, team int NOT NULL REFERENCES team);
    ALTER TABLE team ADD FOREIGN KEY (captain) REFERENCES player;
  )";
  from_.run(schema);
  to_.run(schema);
  from_.run(
      "INSERT INTO team VALUES (1, 1, NULL); INSERT INTO player VALUES (5, 1, 1); UPDATE team SET captain = "
      "5");
  Move move(from_, to_, "1");
  move.own("team", "scope");
  move.own("player", "scope");
  move.deferred["team"] = {"captain"};
  move.run("mig-20260101-000000-001");
  EXPECT_EQ(to_.value("SELECT captain FROM public.team"), "5");
  ASSERT_OK(move.sink().undo("mig-20260101-000000-001", {}));
  EXPECT_EQ(to_.value("SELECT count(*) FROM public.team"), "0");
}

TEST_F(PostgresSink, TellsNeededRowsFromOwnedOnes) {
  const char* schema = R"(
    CREATE TABLE person (id int PRIMARY KEY, scope int, mentor int REFERENCES person);
  )";
  from_.run(schema);
  to_.run(schema);
  from_.run("INSERT INTO person VALUES (2, 2, NULL), (3, 2, NULL); INSERT INTO person VALUES (1, 1, 2)");
  Move move(from_, to_, "1");
  TableClosure& person = move.own("person", "scope");
  person.has_needed_rows = true;
  move.include(person, "person");
  move.run("mig-20260101-000000-001");
  EXPECT_EQ(to_.value("SELECT string_agg(id::text, ',' ORDER BY id) FROM public.person"), "1,2");
  // The other scope now owns row 2 by itself: it is there already, as this run's needed row.
  ASSERT_OK(move.sink().undo("mig-20260101-000000-001", {}));
  EXPECT_EQ(to_.value("SELECT count(*) FROM public.person"), "0");
}

TEST_F(PostgresSink, TriggerPolicies) {
  const char* schema = R"(
    CREATE TABLE t (id int PRIMARY KEY, scope int, touched boolean NOT NULL DEFAULT false);
    CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.touched := true; RETURN NEW; END';
    CREATE TRIGGER touch BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION touch();
    CREATE TRIGGER off BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION touch();
    ALTER TABLE t DISABLE TRIGGER off;
  )";
  to_.run(schema);
  from_.run(
      "CREATE TABLE t (id int PRIMARY KEY, scope int, touched boolean); INSERT INTO t VALUES (1, 1, false)");
  const auto move_with = [&](connect::TriggerPolicy policy, const std::string& run) {
    Move move(from_, to_, "1");
    move.own("t", "scope");
    move.triggers = policy;
    move.extract();
    Status status = move.load(run);
    if (status.ok()) status = move.sink().commit();
    return status;
  };
  const Status refused = move_with(connect::TriggerPolicy::fail, "mig-20260101-000000-001");
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().kind, ErrorKind::plan_refused);
  ASSERT_OK(move_with(connect::TriggerPolicy::disable, "mig-20260101-000000-002"));
  EXPECT_EQ(to_.value("SELECT touched FROM public.t"), "f");
  EXPECT_EQ(to_.value("SELECT string_agg(tgname || tgenabled::text, ',' ORDER BY tgname) FROM pg_trigger "
                      "WHERE tgrelid = 'public.t'::regclass"),
            "offD,touchO");
  to_.run("DELETE FROM t");
  ASSERT_OK(move_with(connect::TriggerPolicy::fire, "mig-20260101-000000-003"));
  EXPECT_EQ(to_.value("SELECT touched FROM public.t"), "t");
}

TEST_F(PostgresSink, RefusesATriggerThatDropsRows) {
  to_.run(
      "CREATE TABLE t (id int PRIMARY KEY, scope int); CREATE FUNCTION drop_it() RETURNS trigger LANGUAGE "
      "plpgsql "
      "AS 'BEGIN IF NEW.id = 2 THEN RETURN NULL; END IF; RETURN NEW; END'; "
      "CREATE TRIGGER drop_it BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION drop_it()");
  from_.run("CREATE TABLE t (id int PRIMARY KEY, scope int); INSERT INTO t VALUES (1, 1), (2, 1)");
  Move move(from_, to_, "1");
  move.own("t", "scope");
  move.extract();
  const Status loaded = move.load("mig-20260101-000000-001");
  ASSERT_FALSE(loaded.ok());
  EXPECT_NE(loaded.error().message.find("a trigger leaves rows out"), std::string::npos)
      << loaded.error().text();
}

TEST_F(PostgresSink, AConfiguredLinkWithoutParentIsAnOrphan) {
  from_.run(
      "CREATE TABLE a (id int PRIMARY KEY, scope int); CREATE TABLE b (id int PRIMARY KEY, scope int, a_code "
      "int); "
      "INSERT INTO a VALUES (1, 1); INSERT INTO b VALUES (1, 1, 1), (2, 1, 99), (3, 1, NULL)");
  to_.run(
      "CREATE TABLE a (id int PRIMARY KEY, scope int); CREATE TABLE b (id int PRIMARY KEY, scope int, a_code "
      "int)");
  Move move(from_, to_, "1");
  move.own("a", "scope");
  TableClosure& b = move.own("b", "scope");
  ForeignKey link;
  link.name = "link";
  link.columns = {"a_code"};
  link.parent = {"public", "a"};
  link.parent_columns = {"id"};
  link.configured = true;
  b.edges.push_back({link, OutsidePolicy::reference, false});
  move.extract();
  ASSERT_OK(move.load("mig-20260101-000000-001"));
  ASSERT_OK_AND(const auto proof, move.sink().prove(move.load_of("b")));
  EXPECT_EQ(proof.orphans, 1);
  EXPECT_EQ(proof.rows, 3);
}

TEST_F(PostgresSink, ProofCountsRowsOfAnotherScope) {
  make_school();
  to_.run("INSERT INTO state VALUES ('TX', 'Texas'); INSERT INTO district VALUES (2, 'TX', 'x')");
  Move move(from_, to_, "1");
  add_school(move);
  move.extract();
  // What must never happen: rows of district 2 among those of district 1.
  ASSERT_OK(move.staged().run("UPDATE \"ids.public.student\" SET district_id = 2 WHERE id <= 20"));
  ASSERT_OK(move.load("mig-20260101-000000-001"));
  ASSERT_OK_AND(const auto student, move.sink().prove(move.load_of("student")));
  EXPECT_EQ(student.foreign_rows, 10);
  ASSERT_OK_AND(const auto grade, move.sink().prove(move.load_of("grade")));
  EXPECT_EQ(grade.foreign_rows, 20);
}

TEST_F(PostgresSink, RowsOfTablesThatInheritStayTheirOwn) {
  // The same key in both: a key holds for one table, not for those that inherit from it.
  const std::string schema =
      "CREATE TABLE person (id int PRIMARY KEY, scope int, name text); "
      "CREATE TABLE teacher (subject text, PRIMARY KEY (id)) INHERITS (person); CREATE TABLE visitor (id "
      "int, "
      "scope int); CREATE TABLE guide (tour text) INHERITS (visitor);";
  from_.run(schema +
            "INSERT INTO person VALUES (1, 1, 'p'), (2, 1, 'q'); INSERT INTO teacher VALUES (1, 1, "
            "'t', 'x'); INSERT INTO visitor VALUES (1, 1), (1, 1); INSERT INTO guide VALUES (1, 1)");
  to_.run(schema + "INSERT INTO teacher VALUES (2, 9, 'was there', 'y')");
  const auto contents = [](ScratchDatabase& database, const std::string& table) {
    return digest(database, "ONLY public." + table, "scope = 1");
  };
  Move move(from_, to_, "1");
  for (const char* table : {"person", "teacher", "visitor", "guide"})
    move.own(table, "scope");
  move.run("mig-20260101-000000-001");
  for (const char* table : {"person", "teacher", "visitor", "guide"})
    EXPECT_EQ(contents(to_, table), contents(from_, table)) << table;
  ASSERT_OK(move.sink().undo("mig-20260101-000000-001", {}));
  EXPECT_EQ(to_.value("SELECT string_agg(name, ',') FROM person"), "was there");
  EXPECT_EQ(to_.value("SELECT count(*) FROM visitor"), "0");
}

TEST_F(PostgresSink, RulesAreSilencedWithTheTriggers) {
  const std::string schema =
      "CREATE TABLE t (id int, scope int); CREATE TABLE seen (id int); "
      "CREATE RULE nothing AS ON INSERT TO t DO INSTEAD NOTHING; CREATE RULE also AS ON DELETE TO t DO ALSO "
      "INSERT INTO seen VALUES (old.id);";
  from_.run(schema + "COPY t FROM PROGRAM 'echo 1,1' (FORMAT csv)");
  to_.run(schema + "ALTER TABLE t ENABLE ALWAYS RULE also");
  Move move(from_, to_, "1");
  move.triggers = connect::TriggerPolicy::disable;
  move.own("t", "scope");
  move.run("mig-20260101-000000-001");
  EXPECT_EQ(digest(to_, "public.t"), digest(from_, "public.t"));
  ASSERT_OK(move.sink().undo("mig-20260101-000000-001", {}));
  EXPECT_EQ(to_.value("SELECT count(*) FROM t"), "0");
  EXPECT_EQ(to_.value("SELECT count(*) FROM seen"), "0");
  EXPECT_EQ(
      to_.value("SELECT string_agg(rulename || ev_enabled::text, ',' ORDER BY rulename) FROM pg_rewrite "
                "WHERE ev_class = 't'::regclass"),
      "alsoA,nothingO");
}

}  // namespace
}  // namespace godwit::test
