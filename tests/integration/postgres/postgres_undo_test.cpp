// Undo and purge against a real server: only what the run brought, never what others hold.
#include "tests/integration/postgres/postgres_school.h"

#include <optional>

namespace godwit::test {
namespace {

using PostgresUndo = PostgresSchool;

TEST_F(PostgresUndo, UndoesOnlyItsOwnRows) {
  make_school();
  to_.run(
      "INSERT INTO state VALUES ('CA', 'California'); INSERT INTO district VALUES (7, 'CA', 'pre-existing')");
  const std::string before = all(to_);
  Move first(from_, to_, "1");
  add_school(first);
  first.run("mig-20260101-000000-001");
  EXPECT_EQ(first.outcome("state").inserted, 1);
  EXPECT_EQ(first.outcome("state").kept, 1);
  const std::string after_first = all(to_);
  Move second(from_, to_, "2");
  add_school(second);
  second.run("mig-20260101-000000-002");
  EXPECT_EQ(second.outcome("state").kept, 2);
  ASSERT_OK_AND(const auto plan, second.sink().plan_undo("mig-20260101-000000-002", {}));
  EXPECT_EQ(all(to_).find(after_first), std::string::npos);
  int64_t deletes = 0;
  for (const auto& table : plan.tables)
    deletes += table.to_delete;
  EXPECT_EQ(deletes, 1 + 5000 + 10000 + 100);
  // The first run's state row is still referred to by the second run: the first undo keeps it.
  ASSERT_OK_AND(const auto undone, second.sink().undo("mig-20260101-000000-001", {}));
  EXPECT_FALSE(undone.already_undone);
  EXPECT_EQ(to_.value("SELECT count(*) FROM public.state"), "2");
  EXPECT_EQ(to_.value("SELECT count(*) FROM public.student"), "5000");
  ASSERT_OK_AND(const auto again, second.sink().undo("mig-20260101-000000-001", {}));
  EXPECT_TRUE(again.already_undone);
  ASSERT_OK(second.sink().undo("mig-20260101-000000-002", {}));
  EXPECT_EQ(all(to_), before);
  EXPECT_EQ(to_.value("SELECT count(*) FROM godwit.undo_key"), "0");
  ASSERT_OK_AND(const auto outcome, second.sink().outcome("mig-20260101-000000-002", ""));
  EXPECT_EQ(outcome, connect::RunOutcome::undone);
}

TEST_F(PostgresUndo, UndoRefusesWhenOthersReferToItsRows) {
  make_school();
  Move move(from_, to_, "1");
  add_school(move);
  move.run("mig-20260101-000000-001");
  to_.run(
      "CREATE TABLE fee (id int PRIMARY KEY, student_id bigint REFERENCES student ON DELETE CASCADE); "
      "INSERT INTO fee VALUES (1, 2), (2, 4)");
  const std::string before = all(to_);
  const auto undone = move.sink().undo("mig-20260101-000000-001", {});
  ASSERT_FALSE(undone.ok());
  EXPECT_EQ(undone.error().kind, ErrorKind::gate);
  EXPECT_NE(undone.error().message.find(
                "2 rows of ids.public.student are in use: public.fee over fee_student_id_fkey "
                "(ON DELETE CASCADE)"),
            std::string::npos)
      << undone.error().text();
  EXPECT_EQ(all(to_), before);
  to_.run("DELETE FROM fee");
  ASSERT_OK(move.sink().undo("mig-20260101-000000-001", {}));
  EXPECT_EQ(to_.value("SELECT count(*) FROM public.student"), "0");
}

TEST_F(PostgresUndo, UpsertOverwritesTheScopesRowsAndUndoBringsThemBack) {
  make_school();
  Move first(from_, to_, "1");
  add_school(first);
  first.run("mig-20260101-000000-001");
  const std::string before = digest(to_, "public.student") + digest(to_, "public.grade");
  from_.run(
      "UPDATE student SET name = 'renamed' WHERE id <= 100; UPDATE grade SET mark = 9.99 WHERE student_id = "
      "2; "
      "INSERT INTO student (id, district_id, name) OVERRIDING SYSTEM VALUE VALUES (20000, 1, 'new'); "
      "DELETE FROM note");
  Move second(from_, to_, "1");
  second.strategy = connect::LoadStrategy::upsert;
  add_school(second);
  second.run("mig-20260101-000000-002");
  EXPECT_EQ(second.outcome("student").updated, 50);
  EXPECT_EQ(second.outcome("student").inserted, 1);
  EXPECT_EQ(second.outcome("grade").updated, 2);
  EXPECT_EQ(digest(to_, "public.student"), digest(from_, "public.student", "district_id = 1"));
  EXPECT_EQ(digest(to_, "public.grade"), digest(from_, "public.grade", "student_id % 2 = 0"));
  ASSERT_OK_AND(const auto plan, second.sink().plan_undo("mig-20260101-000000-002", {}));
  int64_t restores = 0;
  for (const auto& table : plan.tables)
    restores += table.to_restore;
  EXPECT_EQ(restores, 52);
  ASSERT_OK(second.sink().undo("mig-20260101-000000-002", {}));
  EXPECT_EQ(digest(to_, "public.student") + digest(to_, "public.grade"), before);
}

TEST_F(PostgresUndo, UpsertUndoRefusesRowsThatChangedSince) {
  make_school();
  Move first(from_, to_, "1");
  add_school(first);
  first.run("mig-20260101-000000-001");
  const std::string loaded = digest(to_, "public.student");
  from_.run("UPDATE student SET name = 'renamed' WHERE id <= 100");
  Move second(from_, to_, "1");
  second.strategy = connect::LoadStrategy::upsert;
  add_school(second);
  second.run("mig-20260101-000000-002");
  to_.run("UPDATE student SET name = 'by hand' WHERE id = 2");
  const auto undone = second.sink().undo("mig-20260101-000000-002", {});
  ASSERT_FALSE(undone.ok());
  EXPECT_NE(undone.error().message.find("1 rows of ids.public.student changed since the run: 2"),
            std::string::npos)
      << undone.error().text();
  // As the run left it, or as it was before: nothing is lost.
  to_.run(
      "UPDATE student SET name = 'renamed' WHERE id = 2; UPDATE student SET name = 'student 4' WHERE id = 4");
  ASSERT_OK(second.sink().undo("mig-20260101-000000-002", {}));
  EXPECT_EQ(digest(to_, "public.student"), loaded);
}

// The rows' versions are other ones, their values are the same: a dump and its restoration, a change that was
// taken back.
TEST_F(PostgresUndo, RewrittenRowsThatAreAsTheRunLeftThemGo) {
  make_school();
  const std::string empty = all(to_);
  Move first(from_, to_, "1");
  add_school(first);
  first.run("mig-20260101-000000-001");
  to_.run(
      "UPDATE state SET name = name; UPDATE district SET name = name; UPDATE student SET name = name || 'x'; "
      "UPDATE student SET name = rtrim(name, 'x'); UPDATE grade SET mark = mark; UPDATE godwit.run SET xid = "
      "xid");
  ASSERT_OK_AND(const auto undone, first.sink().undo("mig-20260101-000000-001", {}));
  EXPECT_EQ(all(to_), empty);
}

TEST_F(PostgresUndo, InsertedRowsThatChangedSinceAreNamedAndForcedOneByOne) {
  make_school();
  to_.run(
      "INSERT INTO state VALUES ('CA', 'California'); INSERT INTO district VALUES (7, 'CA', 'neighbour')");
  const std::string empty = all(to_);
  Move first(from_, to_, "1");
  add_school(first);
  first.run("mig-20260101-000000-001");
  to_.run(
      "UPDATE student SET name = 'by hand' WHERE id IN (2, 4); UPDATE grade SET mark = 0 WHERE student_id = "
      "6 "
      "AND course = 'art'; UPDATE state SET name = 'T' WHERE code = 'TX'; UPDATE district SET name = 'still "
      "there' WHERE id = 7");
  const std::string before = all(to_);
  connect::UndoOptions options;
  options.force = {{"ids.public.student", "4"}, {"ids.public.grade", "6,art"}, {"ids.public.state", "TX"}};
  const auto undone = first.sink().undo("mig-20260101-000000-001", options);
  ASSERT_FALSE(undone.ok());
  EXPECT_EQ(undone.error().kind, ErrorKind::gate);
  EXPECT_NE(
      undone.error().message.find("cannot be undone: 1 rows of ids.public.student changed since the run: 2"),
      std::string::npos)
      << undone.error().text();
  EXPECT_EQ(undone.error().message.find("grade"), std::string::npos) << undone.error().text();
  EXPECT_EQ(all(to_), before);
  ASSERT_OK_AND(const auto outcome, first.sink().outcome("mig-20260101-000000-001", ""));
  EXPECT_EQ(outcome, connect::RunOutcome::committed);
  options.force.push_back({"ids.public.student", "2"});
  ASSERT_OK(first.sink().undo("mig-20260101-000000-001", options));
  EXPECT_EQ(to_.value("SELECT string_agg(id || name, ',') FROM district"), "7still there");
  to_.run("UPDATE district SET name = 'neighbour' WHERE id = 7");
  EXPECT_EQ(all(to_), empty);
}

// A column that only the target has: what stands there is nobody's but the target's.
TEST_F(PostgresUndo, ARowWithColumnsOfTheTargetsOwnCountsAsChangedOnceItIsWritten) {
  make_school();
  to_.run("ALTER TABLE grade ADD remark text");
  Move first(from_, to_, "1");
  add_school(first);
  first.run("mig-20260101-000000-001");
  to_.run("UPDATE grade SET remark = 'kept by hand' WHERE student_id = 10 AND course = 'math'");
  const auto undone = first.sink().undo("mig-20260101-000000-001", {});
  ASSERT_FALSE(undone.ok());
  EXPECT_NE(undone.error().message.find("1 rows of ids.public.grade changed since the run: 10,math"),
            std::string::npos)
      << undone.error().text();
}

TEST_F(PostgresUndo, OverwrittenRowsThatAreGoneComeBackWhenForced) {
  make_school();
  Move first(from_, to_, "1");
  add_school(first);
  first.run("mig-20260101-000000-001");
  const std::string before = all(to_);
  from_.run("UPDATE grade SET mark = 9.99 WHERE student_id = 2");
  Move second(from_, to_, "1");
  second.strategy = connect::LoadStrategy::upsert;
  add_school(second);
  second.run("mig-20260101-000000-002");
  to_.run("DELETE FROM grade WHERE student_id = 2 AND course = 'art'");
  EXPECT_FALSE(first.sink().undo("mig-20260101-000000-001", {}).ok()) << "the later run overwrote its rows";
  const auto undone = second.sink().undo("mig-20260101-000000-002", {});
  ASSERT_FALSE(undone.ok());
  EXPECT_NE(undone.error().message.find("1 rows of ids.public.grade changed since the run: 2,art"),
            std::string::npos)
      << undone.error().text();
  connect::UndoOptions options;
  options.force = {{"ids.public.grade", "2,art"}};
  ASSERT_OK(second.sink().undo("mig-20260101-000000-002", options));
  EXPECT_EQ(all(to_), before);
  ASSERT_OK(first.sink().undo("mig-20260101-000000-001", {}));
  EXPECT_EQ(to_.value("SELECT count(*) FROM grade"), "0");
}

// What plan_undo holds, undo acts on: others cannot get in between.
TEST_F(PostgresUndo, AHeldPlanIsNotLookedAtAgain) {
  make_school();
  Move first(from_, to_, "1");
  add_school(first);
  first.run("mig-20260101-000000-001");
  connect::UndoOptions options;
  options.hold = true;
  ASSERT_OK(first.sink().plan_undo("mig-20260101-000000-001", options));
  to_.run("UPDATE student SET name = 'by hand' WHERE id = 2");
  const std::string before = all(to_);
  EXPECT_FALSE(first.sink().undo("mig-20260101-000000-001", {}).ok());
  EXPECT_EQ(all(to_), before);
}

// What a later godwit left may mean something else: neither undone, nor built upon.
TEST_F(PostgresUndo, RefusesRecordsOfALaterVersion) {
  make_school();
  const std::string empty = all(to_);
  Move first(from_, to_, "1");
  add_school(first);
  first.run("mig-20260101-000000-001");
  const std::string loaded = all(to_);
  to_.run("INSERT INTO godwit.format VALUES (6)");
  const auto undone = first.sink().undo("mig-20260101-000000-001", {});
  ASSERT_FALSE(undone.ok());
  EXPECT_EQ(undone.error().kind, ErrorKind::config);
  EXPECT_NE(undone.error().text().find("schema godwit of the target has format 6"), std::string::npos)
      << undone.error().text();
  EXPECT_FALSE(first.sink().outcome("mig-20260101-000000-001", "").ok());
  EXPECT_EQ(all(to_), loaded);
  to_.run("DELETE FROM godwit.format WHERE version = 6");
  ASSERT_OK(first.sink().undo("mig-20260101-000000-001", {}));
  EXPECT_EQ(all(to_), empty);
}

// Records of the first version of schema godwit have no hashes: what was written since cannot be compared.
TEST_F(PostgresUndo, ReadsRecordsOfTheFirstVersion) {
  make_school();
  const std::string empty = all(to_);
  Move first(from_, to_, "1");
  add_school(first);
  first.run("mig-20260101-000000-001");
  to_.run(
      "DELETE FROM godwit.undo_key k USING godwit.undo_table u WHERE (k.run, k.store, k.ordinal) = (u.run, "
      "u.store, u.ordinal) AND k.column_number = CASE WHEN u.whole_rows THEN 1 ELSE "
      "cardinality(u.key_columns) END; ALTER TABLE godwit.undo_table DROP row_columns, DROP row_types; "
      "DELETE FROM godwit.format; INSERT INTO godwit.format VALUES (1)");
  to_.run("UPDATE student SET name = name WHERE id = 8");
  const auto undone = first.sink().undo("mig-20260101-000000-001", {});
  ASSERT_FALSE(undone.ok());
  EXPECT_NE(undone.error().message.find("ids.public.student changed since the run: 8"), std::string::npos)
      << undone.error().text();
  connect::UndoOptions options;
  options.force = {{"ids.public.student", "8"}};
  ASSERT_OK(first.sink().undo("mig-20260101-000000-001", options));
  EXPECT_EQ(all(to_), empty);
}

// Numbers a few of which stand in one, two, four and eight bytes each, from end to end of the type.
class PackedKeys : public PostgresSchool {
 protected:
  void SetUp() override {
    for (ScratchDatabase* database : {&from_, &to_})
      database->run("CREATE TABLE spread (id bigint PRIMARY KEY, district_id int NOT NULL, note text)");
    from_.run(
        "INSERT INTO spread SELECT n, 1, 'near' FROM generate_series(1, 4096) n; "
        "INSERT INTO spread SELECT -n::bigint * 1000000, 1, 'apart' FROM generate_series(1, 4096) n; "
        "INSERT INTO spread SELECT n * 2251799813685248, 1, 'far' FROM generate_series(-2047, 2047) n WHERE "
        "n <> 0; "
        "INSERT INTO spread VALUES (9223372036854775807, 1, 'last'), (-9223372036854775808, 1, 'first'); "
        "INSERT INTO spread SELECT 9223372036854775000 + n, 1, NULL FROM generate_series(1, 200) n");
    to_.run("INSERT INTO spread SELECT n, 2, 'theirs' FROM generate_series(5000, 5999) n");
    before_ = digest(to_, "public.spread");
    move_.emplace(from_, to_, "1");
    move_->own("spread", "district_id");
    move_->run("mig-20260101-000000-001");
    ASSERT_EQ(
        to_.value("SELECT string_agg(get_byte(packed, 0)::text, ',' ORDER BY part) FROM godwit.undo_key "
                  "WHERE column_number = 0"),
        "2,4,8,1");
    // Written again: only the hashes can tell that they are as the run left them.
    to_.run("UPDATE spread SET note = note WHERE district_id = 1");
  }
  void expect_undo() {
    to_.run("UPDATE spread SET note = 'by hand' WHERE id = -9223372036854775808");
    const auto refused = move_->sink().undo("mig-20260101-000000-001", {});
    ASSERT_FALSE(refused.ok());
    EXPECT_NE(refused.error().message.find(
                  "1 rows of ids.public.spread changed since the run: -9223372036854775808"),
              std::string::npos)
        << refused.error().text();
    to_.run("UPDATE spread SET note = 'first' WHERE id = -9223372036854775808");
    ASSERT_OK(move_->sink().undo("mig-20260101-000000-001", {}));
    EXPECT_EQ(digest(to_, "public.spread"), before_);
  }

  std::string before_;
  std::optional<Move> move_;
};

TEST_F(PackedKeys, AreReadAgain) {
  expect_undo();
}

TEST_F(PackedKeys, MayBeArraysAsUpToTheFourthVersion) {
  to_.run(R"(
    CREATE FUNCTION unpacked(p bytea) RETURNS bigint[] LANGUAGE plpgsql AS $$
    DECLARE numbers bigint[]; number bigint; base bigint := 0; width int := get_byte(p, 0);
    BEGIN
      FOR i IN REVERSE 8..1 LOOP base := (base << 8) | get_byte(p, i); END LOOP;
      FOR n IN 0..(length(p) - 9) / width - 1 LOOP
        number := 0;
        FOR i IN REVERSE width - 1..0 LOOP number := (number << 8) | get_byte(p, 9 + n * width + i); END LOOP;
        numbers[n + 1] := base + number;
      END LOOP;
      RETURN numbers;
    END $$;
    UPDATE godwit.undo_key SET integers = unpacked(packed);
    ALTER TABLE godwit.undo_key DROP packed;
    DELETE FROM godwit.format; INSERT INTO godwit.format VALUES (4))");
  expect_undo();
}

TEST_F(PostgresUndo, UndoKeepsSharedRowsThatOthersReferTo) {
  make_school();
  Move move(from_, to_, "1");
  add_school(move);
  move.run("mig-20260101-000000-001");
  to_.run("INSERT INTO district VALUES (9, 'TX', 'by hand')");
  ASSERT_OK_AND(const auto undone, move.sink().undo("mig-20260101-000000-001", {}));
  EXPECT_EQ(to_.value("SELECT string_agg(code, ',') FROM public.state"), "TX");
  EXPECT_EQ(to_.value("SELECT count(*) FROM public.district"), "1");
}

TEST_F(PostgresUndo, PurgesAScopeByItsClosure) {
  make_school();
  Move first(from_, to_, "1");
  add_school(first);
  first.run("mig-20260101-000000-001");
  Move second(from_, to_, "2");
  add_school(second);
  second.run("mig-20260101-000000-002");
  second.set_load_order({{{"public", "state"}},
                         {{"public", "district"}},
                         {{"public", "student"}},
                         {{"public", "grade"}},
                         {{"public", "note"}}});
  const std::string before = all(to_);
  ASSERT_OK_AND(const auto counted, second.sink().purge(second.closure(), "2", false));
  EXPECT_EQ(all(to_), before);
  EXPECT_EQ(counted.tables.front().dataset, "ids.public.note");
  ASSERT_OK_AND(const auto purged, second.sink().purge(second.closure(), "2", true));
  EXPECT_EQ(to_.value("SELECT string_agg(id::text, ',') FROM public.district"), "1");
  EXPECT_EQ(digest(to_, "public.student"), digest(from_, "public.student", "district_id = 1"));
  EXPECT_EQ(digest(to_, "public.note"), digest(from_, "public.note", "student_id % 2 = 0"));
}

}  // namespace
}  // namespace godwit::test
