// What a load makes of rows that the target has already, against a real server: replace, merge, auto and
// upsert over the same worlds, and how each is taken back.
#include "tests/integration/postgres/postgres_town.h"

namespace godwit::test {
namespace {

using connect::LoadStrategy;
using connect::Resolution;
using PostgresStrategies = PostgresTown;

constexpr const char* run_id = "mig-20260101-000000-001";

// Source, target and a neighbour drawn at random: whatever they are, the scope is the source's afterwards,
// and what it was before after the undo.
TEST_F(PostgresStrategies, ReplacedRandomTownsAreTheSourcesAndComeBack) {
  from_.run(town_sql);
  to_.run(town_sql);
  for (unsigned seed = 1; seed <= 8; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    TownRows draw(seed);
    for (ScratchDatabase* database : {&from_, &to_}) {
      database->run("TRUNCATE town, school, pupil, badge, score, note");
      database->run(draw.rows(1));
      database->run(draw.rows(2));
    }
    const std::string before = all(to_, "1");
    const std::string neighbour = all(to_, "2");
    const std::string run = "mig-20260101-000000-" + std::to_string(100 + seed);
    Move move(from_, to_, "1");
    move.strategy = LoadStrategy::replace;
    add_town(move);
    move.run(run);
    ASSERT_FALSE(HasFatalFailure());
    ASSERT_EQ(all(to_, "1"), all(from_, "1"));
    ASSERT_EQ(all(to_, "2"), neighbour);
    to_.run(
        "UPDATE pupil SET nickname = 'changed since' WHERE id / 1000 = 2; DELETE FROM note WHERE pupil_id / "
        "1000 = 2");
    const std::string neighbour_since = all(to_, "2");
    ASSERT_OK(move.sink().undo(run, {}));
    ASSERT_EQ(all(to_, "2"), neighbour_since);
    ASSERT_EQ(all(to_, "1"), before);
    ASSERT_EQ(to_.value("SELECT count(*) FROM godwit.undo_row"), "0");
  }
}

// Every row of the source is there afterwards, unique values exchanged and all, and goes again.
TEST_F(PostgresStrategies, OverwrittenRandomTownsComeBack) {
  from_.run(town_sql);
  to_.run(town_sql);
  for (unsigned seed = 101; seed <= 109; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    TownRows draw(seed);
    for (ScratchDatabase* database : {&from_, &to_}) {
      database->run("TRUNCATE town, school, pupil, badge, score, note");
      database->run(draw.rows(1, database == &from_));
      database->run(draw.rows(2));
    }
    const std::string before = all(to_);
    const std::string run = "mig-20260101-000000-" + std::to_string(seed);
    Move move(from_, to_, "1");
    move.strategy = seed % 3 == 0   ? LoadStrategy::upsert
                    : seed % 3 == 1 ? LoadStrategy::merge
                                    : LoadStrategy::automatic;
    if (seed % 3 == 1)
      move.resolve["pupil"] = {{"nickname", Resolution::fill}, {"mentor_id", Resolution::target}};
    add_town(move);
    move.run(run);
    ASSERT_FALSE(HasFatalFailure());
    const std::string merged = seed % 3 == 1 ? "pupil" : "";
    for (const char* table : {"town", "school", "pupil", "badge"}) {
      if (table == merged) continue;
      const std::string mine = table == std::string("town") ? "id = 1" : "id / 1000 = 1";
      ASSERT_EQ(digest(to_, std::string("public.") + table, mine),
                digest(from_, std::string("public.") + table, mine))
          << table;
    }
    ASSERT_OK(move.sink().undo(run, {}));
    ASSERT_EQ(all(to_), before);
  }
}

constexpr const char* old_town =
    "INSERT INTO town VALUES (1, 'one'), (2, 'two'); INSERT INTO school VALUES (1000, 1, 'a'), (1001, 1, "
    "'b'), (2000, 2, 'c');"
    "INSERT INTO pupil (id, school_id, mentor_id, email) OVERRIDING SYSTEM VALUE VALUES (1000, 1000, NULL, "
    "'x'), "
    "(1001, 1001, 1000, 'y'), (2000, 2000, NULL, 'z')";
// School 1001 is gone, its code is a new school's, and its pupil goes there.
constexpr const char* new_town =
    "INSERT INTO town VALUES (1, 'one'); INSERT INTO school VALUES (1000, 1, 'a'), (1002, 1, 'b'); INSERT "
    "INTO pupil (id, "
    "school_id, mentor_id, email) OVERRIDING SYSTEM VALUE VALUES (1000, 1000, 1001, 'y'), (1001, 1002, NULL, "
    "'x')";

TEST_F(PostgresStrategies, ChildrenMoveToAParentThatTakesOverAUniqueValue) {
  from_.run(town_sql);
  to_.run(town_sql);
  from_.run(new_town);
  to_.run(old_town);
  const std::string before = all(to_);
  Move move(from_, to_, "1");
  move.strategy = LoadStrategy::replace;
  add_town(move);
  move.run(run_id);
  EXPECT_EQ(move.outcome("school").deleted, 1);
  EXPECT_EQ(move.outcome("school").inserted, 1);
  EXPECT_EQ(move.outcome("pupil").updated, 2);
  EXPECT_EQ(all(to_, "1"), all(from_, "1"));
  ASSERT_OK(move.sink().undo(run_id, {}));
  EXPECT_EQ(all(to_), before);
}

// What would be deleted or emptied behind the run's back counts as a reference.
TEST_F(PostgresStrategies, ReplaceRefusesWhatCascadesToOthers) {
  from_.run(town_sql);
  to_.run(town_sql);
  from_.run("INSERT INTO town VALUES (1, 'one'); INSERT INTO school VALUES (1000, 1, 'a')");
  to_.run(old_town);
  to_.run(
      "CREATE TABLE fee (id int PRIMARY KEY, pupil_id bigint REFERENCES pupil ON DELETE CASCADE, school_id "
      "int "
      "REFERENCES school ON DELETE SET NULL); INSERT INTO fee VALUES (1, 1000, 1001), (2, 1001, 1000)");
  const std::string before = all(to_) + digest(to_, "public.fee");
  Move move(from_, to_, "1");
  move.strategy = LoadStrategy::replace;
  add_town(move);
  move.extract();
  const Status refused = move.load(run_id);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().kind, ErrorKind::gate);
  for (const char* part : {"2 rows that stay refer to rows of ids.public.pupil", "(ON DELETE CASCADE)",
                           "1 rows that stay refer to rows of ids.public.school", "(ON DELETE SET NULL)"}) {
    EXPECT_NE(refused.error().message.find(part), std::string::npos) << refused.error().text();
  }
  move.sink().abandon();
  EXPECT_EQ(all(to_) + digest(to_, "public.fee"), before);
  // Within the scope a cascade only does what is done anyway.
  to_.run(
      "DELETE FROM fee; ALTER TABLE pupil DROP CONSTRAINT pupil_school_id_fkey; ALTER TABLE pupil ADD "
      "FOREIGN KEY "
      "(school_id) REFERENCES school ON DELETE CASCADE");
  move.drop_sink();
  ASSERT_OK(move.load(run_id));
  move.prove();
  ASSERT_OK(move.sink().commit());
  EXPECT_EQ(all(to_, "1"), all(from_, "1"));
  ASSERT_OK(move.sink().undo(run_id, {}));
  EXPECT_EQ(all(to_), before.substr(0, all(to_).size()));
}

}  // namespace
}  // namespace godwit::test
