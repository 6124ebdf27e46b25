// Undo and purge against a real server: only what the run brought, never what others hold.
#include "tests/integration/postgres/postgres_school.h"

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
  ASSERT_OK_AND(const auto plan, second.sink().plan_undo("mig-20260101-000000-002"));
  EXPECT_EQ(all(to_).find(after_first), std::string::npos);
  int64_t deletes = 0;
  for (const auto& table : plan.tables)
    deletes += table.to_delete;
  EXPECT_EQ(deletes, 1 + 5000 + 10000 + 100);
  // The first run's state row is still referred to by the second run: the first undo keeps it.
  ASSERT_OK_AND(const auto undone, second.sink().undo("mig-20260101-000000-001"));
  EXPECT_FALSE(undone.already_undone);
  EXPECT_EQ(to_.value("SELECT count(*) FROM public.state"), "2");
  EXPECT_EQ(to_.value("SELECT count(*) FROM public.student"), "5000");
  ASSERT_OK_AND(const auto again, second.sink().undo("mig-20260101-000000-001"));
  EXPECT_TRUE(again.already_undone);
  ASSERT_OK(second.sink().undo("mig-20260101-000000-002"));
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
  const auto undone = move.sink().undo("mig-20260101-000000-001");
  ASSERT_FALSE(undone.ok());
  EXPECT_EQ(undone.error().kind, ErrorKind::gate);
  EXPECT_NE(undone.error().message.find(
                "2 rows of ids.public.student are in use: public.fee over fee_student_id_fkey "
                "(ON DELETE CASCADE)"),
            std::string::npos)
      << undone.error().text();
  EXPECT_EQ(all(to_), before);
  to_.run("DELETE FROM fee");
  ASSERT_OK(move.sink().undo("mig-20260101-000000-001"));
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
  ASSERT_OK_AND(const auto plan, second.sink().plan_undo("mig-20260101-000000-002"));
  int64_t restores = 0;
  for (const auto& table : plan.tables)
    restores += table.to_restore;
  EXPECT_EQ(restores, 52);
  ASSERT_OK(second.sink().undo("mig-20260101-000000-002"));
  EXPECT_EQ(digest(to_, "public.student") + digest(to_, "public.grade"), before);
}

TEST_F(PostgresUndo, UpsertUndoRefusesRowsThatChangedSince) {
  make_school();
  Move first(from_, to_, "1");
  add_school(first);
  first.run("mig-20260101-000000-001");
  from_.run("UPDATE student SET name = 'renamed' WHERE id <= 100");
  Move second(from_, to_, "1");
  second.strategy = connect::LoadStrategy::upsert;
  add_school(second);
  second.run("mig-20260101-000000-002");
  to_.run("UPDATE student SET name = 'by hand' WHERE id = 2");
  const auto undone = second.sink().undo("mig-20260101-000000-002");
  ASSERT_FALSE(undone.ok());
  EXPECT_NE(undone.error().message.find("1 rows of ids.public.student are in use: rows changed since"),
            std::string::npos)
      << undone.error().text();
}

TEST_F(PostgresUndo, UndoKeepsSharedRowsThatOthersReferTo) {
  make_school();
  Move move(from_, to_, "1");
  add_school(move);
  move.run("mig-20260101-000000-001");
  to_.run("INSERT INTO district VALUES (9, 'TX', 'by hand')");
  ASSERT_OK_AND(const auto undone, move.sink().undo("mig-20260101-000000-001"));
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
