#include "connect/sqlite/test_sink.h"

namespace godwit::connect {
namespace {

class UndoTest : public SinkTest {
 protected:
  UndoPlan undo(const std::string& run) {
    auto undone = sink("cert")->undo(run, {});
    EXPECT_TRUE(undone.ok()) << (undone.ok() ? "" : undone.error().text());
    return undone.ok() ? *undone : UndoPlan();
  }
  static const UndoTable& entry(const UndoPlan& plan, const std::string& table) {
    static const UndoTable none;
    for (const UndoTable& one : plan.tables) {
      if (one.dataset == "ids.main." + table) return one;
    }
    ADD_FAILURE() << "no entry for " << table;
    return none;
  }
};

TEST_F(UndoTest, TakesBackAnInsert) {
  run("cert", district_rows(2));
  const std::string before = cert();
  move("mig-1", "d1");
  const auto plan = sink("cert")->plan_undo("mig-1", {});
  ASSERT_TRUE(plan.ok()) << plan.error().text();
  EXPECT_EQ(plan->tables.front().dataset, "ids.main.score") << "the last loaded first";
  EXPECT_EQ(entry(*plan, "note").to_delete, 3);
  EXPECT_EQ(number("cert", "SELECT count(*) FROM student"), 4) << "a plan changes nothing";
  undo("mig-1");
  EXPECT_EQ(cert(), before);
  EXPECT_EQ(*sink("cert")->outcome("mig-1", ""), RunOutcome::undone);
  EXPECT_EQ(number("cert", "SELECT count(*) FROM godwit_undo"), 0) << "no rows of the data stay behind";
  const UndoPlan again = undo("mig-1");
  EXPECT_TRUE(again.already_undone);
  EXPECT_TRUE(again.tables.empty());
  EXPECT_TRUE(undo("mig-unknown").tables.empty());
  EXPECT_EQ(cert(), before);
}

TEST_F(UndoTest, RefusesRecordsOfALaterFormat) {
  move("mig-1", "d1");
  const std::string loaded = cert();
  run("cert", "UPDATE godwit_run SET format = 2");
  const auto refused = sink("cert")->undo("mig-1", {});
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().kind, ErrorKind::config);
  EXPECT_NE(refused.error().text().find("godwit_run of the target has format 2"), std::string::npos)
      << refused.error().text();
  EXPECT_FALSE(sink("cert")->outcome("mig-1", "").ok());
  EXPECT_EQ(cert(), loaded);
  run("cert", "UPDATE godwit_run SET format = 1");
  undo("mig-1");
}

TEST_F(UndoTest, RestoresOverwrittenRowsByteByByte) {
  move("mig-1", "d1");
  const std::string before = cert();
  run("prod",
      "UPDATE school SET v = NULL WHERE id = 13; UPDATE school SET price = 0.1, v = X'00' WHERE id = 12;"
      "UPDATE score SET points = 7 WHERE subject = 'art'; INSERT INTO school VALUES (19, 'd1', 1.0, 1, NULL);"
      "UPDATE student SET email = NULL WHERE id = 101; UPDATE student SET email = 'a1@x' WHERE id = 102");
  // The unique e-mail moves from one student to the other: on its way back, too, they must not meet.
  edits_["student"] = "CREATE OR REPLACE TABLE student AS SELECT * FROM student ORDER BY id";
  move("mig-2", "d1", LoadStrategy::upsert);
  EXPECT_NE(cert(), before);
  const auto plan = sink("cert")->plan_undo("mig-2", {});
  EXPECT_EQ(entry(*plan, "school").to_restore, 2);
  EXPECT_EQ(entry(*plan, "school").to_delete, 1);
  EXPECT_EQ(entry(*plan, "student").to_restore, 2);
  undo("mig-2");
  EXPECT_EQ(cert(), before);
  undo("mig-1");
  EXPECT_EQ(number("cert", "SELECT count(*) FROM school"), 0);
}

TEST_F(UndoTest, UniqueValuesMayChangePlaces) {
  run("prod", "UPDATE student SET email = 'b1@x' WHERE id = 102");
  move("mig-1", "d1");
  const std::string before = cert();
  run("prod",
      "UPDATE student SET email = NULL WHERE id = 101; UPDATE student SET email = 'a1@x' WHERE id = 102;"
      "UPDATE student SET email = 'b1@x' WHERE id = 101");
  move("mig-2", "d1", LoadStrategy::upsert);
  EXPECT_EQ(number("cert", "SELECT count(*) FROM student WHERE id = 101 AND email = 'b1@x'"), 1);
  const UndoPlan plan = undo("mig-2");
  EXPECT_EQ(entry(plan, "student").to_restore, 2);
  EXPECT_EQ(cert(), before);
  // A value that a row of another scope has is not to be had.
  run("cert", district_rows(2));
  run("cert", "UPDATE student SET email = 'c@x' WHERE id = 202");
  run("prod", "UPDATE student SET email = 'c@x' WHERE id = 102");
  auto into = sink("cert");
  const Outcome refused = load(*into, "mig-3", "d1", LoadStrategy::upsert);
  ASSERT_FALSE(refused.status.ok());
  EXPECT_NE(refused.status.error().text().find("1 rows of main.student"), std::string::npos)
      << refused.status.error().text();
}

TEST_F(UndoTest, SharedRowsGoWithTheLastRunThatRefersToThem) {
  const std::string empty = cert();
  run("cert", "INSERT INTO state VALUES ('NV', NULL)");
  move("mig-1", "d1");
  move("mig-2", "d2");
  const UndoPlan first = undo("mig-1");
  EXPECT_EQ(entry(first, "state").kept_shared, 1);
  EXPECT_EQ(number("cert", "SELECT count(*) FROM state"), 2);
  EXPECT_EQ(number("cert", "SELECT count(*) FROM pragma_foreign_key_check"), 0);
  const UndoPlan second = undo("mig-2");
  EXPECT_EQ(entry(second, "state").to_delete, 1);
  EXPECT_EQ(number("cert", "SELECT count(*) FROM state WHERE code = 'NV'"), 1)
      << "it was there before any run";
  run("cert", "DELETE FROM state");
  EXPECT_EQ(cert(), empty);
}

TEST_F(UndoTest, SharedRowsThatOthersReferToStay) {
  move("mig-1", "d1");
  run("cert", "INSERT INTO district VALUES ('own', 'CA', 'made by hand')");
  const UndoPlan plan = undo("mig-1");
  EXPECT_EQ(entry(plan, "state").kept_shared, 1);
  EXPECT_EQ(entry(plan, "state").to_delete, 1);
  EXPECT_EQ(number("cert", "SELECT count(*) FROM pragma_foreign_key_check"), 0);
}

TEST_F(UndoTest, RefusesWhatOthersReferTo) {
  move("mig-1", "d1");
  run("cert", "INSERT INTO note VALUES (11, 'later'), (12, 'later')");
  const std::string before = cert();
  const auto plan = sink("cert")->plan_undo("mig-1", {});
  ASSERT_TRUE(plan.ok());
  EXPECT_EQ(entry(*plan, "school").blocked, 2);
  EXPECT_NE(entry(*plan, "school").blocked_by.find("main.note"), std::string::npos);
  const auto refused = sink("cert")->undo("mig-1", {});
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().kind, ErrorKind::gate);
  EXPECT_NE(refused.error().message.find("2 rows of ids.main.school"), std::string::npos)
      << refused.error().message;
  EXPECT_EQ(cert(), before);
  EXPECT_EQ(*sink("cert")->outcome("mig-1", ""), RunOutcome::committed);
}

TEST_F(UndoTest, RefusesRowsThatChangedSince) {
  move("mig-1", "d1");
  run("prod", "UPDATE school SET price = 1 WHERE id = 11");
  move("mig-2", "d1", LoadStrategy::upsert);
  EXPECT_FALSE(sink("cert")->undo("mig-1", {}).ok()) << "run 2 overwrote its row";
  run("cert", "UPDATE school SET price = 2 WHERE id = 11");
  EXPECT_FALSE(sink("cert")->undo("mig-2", {}).ok()) << "somebody changed the row";
  run("cert", "UPDATE school SET price = 1 WHERE id = 11");
  undo("mig-2");
  undo("mig-1");
  EXPECT_EQ(number("cert", "SELECT count(*) FROM school"), 0);
}

TEST_F(UndoTest, InsertedRowsThatChangedSinceAreNamedAndForcedOneByOne) {
  run("cert", district_rows(2));
  const std::string empty = cert();
  move("mig-1", "d1");
  run("cert",
      "UPDATE score SET points = 9 WHERE student_id = 101; UPDATE school SET v = 'x' WHERE id = 12;"
      "UPDATE school SET price = 7 WHERE district_id = 'd2'");
  const std::string before = cert();
  const auto plan = sink("cert")->plan_undo("mig-1", {});
  ASSERT_TRUE(plan.ok());
  EXPECT_EQ(entry(*plan, "score").changed_keys, (std::vector<std::string>{"101,art", "101,math"}));
  EXPECT_EQ(entry(*plan, "school").changed_keys, (std::vector<std::string>{"12"}));
  UndoOptions options;
  options.force = {{"ids.main.score", "101,art"}, {"ids.main.school", "12"}, {"ids.main.school", "101,math"}};
  const auto refused = sink("cert")->undo("mig-1", options);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().kind, ErrorKind::gate);
  EXPECT_NE(refused.error().message.find("1 rows of ids.main.score changed since the run: 101,math"),
            std::string::npos)
      << refused.error().message;
  EXPECT_EQ(cert(), before) << "nothing is undone by halves";
  options.force.push_back({"ids.main.score", "101,math"});
  const auto undone = sink("cert")->undo("mig-1", options);
  ASSERT_TRUE(undone.ok()) << undone.error().text();
  EXPECT_EQ(entry(*undone, "score").forced, 2);
  run("cert",
      "UPDATE school SET price = 12.5 WHERE id = 21; UPDATE school SET price = 3 WHERE id = 22;"
      "UPDATE school SET price = NULL WHERE id = 23");
  EXPECT_EQ(cert(), empty) << "the neighbour's rows stay";
}

TEST_F(UndoTest, OverwrittenRowsThatAreGoneOrAsBefore) {
  move("mig-1", "d1");
  const std::string before = cert();
  run("prod", "UPDATE score SET points = 7");
  move("mig-2", "d1", LoadStrategy::upsert);
  // One is as it was before already, one is gone.
  run("cert", "UPDATE score SET points = 0 WHERE subject = 'art'; DELETE FROM score WHERE student_id = 102");
  const auto plan = sink("cert")->plan_undo("mig-2", {});
  ASSERT_TRUE(plan.ok());
  EXPECT_EQ(entry(*plan, "score").to_restore, 2);
  EXPECT_EQ(entry(*plan, "score").changed_keys, (std::vector<std::string>{"102,math"}));
  EXPECT_FALSE(sink("cert")->undo("mig-2", {}).ok());
  UndoOptions options;
  options.force = {{"ids.main.score", "102,math"}};
  ASSERT_TRUE(sink("cert")->undo("mig-2", options).ok());
  EXPECT_EQ(cert(), before);
}

TEST_F(UndoTest, RowsDeletedSinceAreNoObstacle) {
  const std::string before = cert();
  move("mig-1", "d1");
  run("cert", "DELETE FROM note; DELETE FROM score WHERE subject = 'art'");
  const UndoPlan plan = undo("mig-1");
  EXPECT_EQ(entry(plan, "note").to_delete, 0);
  EXPECT_EQ(entry(plan, "score").to_delete, 2);
  EXPECT_EQ(cert(), before);
}

TEST_F(UndoTest, PurgesAScopeAndNothingElse) {
  run("cert", district_rows(2));
  const std::string before = cert();
  run("cert", district_rows(1));
  auto into = sink("cert");
  const StoreClosure closure = closure_of(*into->catalog());
  const auto counted = into->purge(closure, "d1", false);
  ASSERT_TRUE(counted.ok()) << counted.error().text();
  EXPECT_EQ(entry(*counted, "student").to_delete, 2);
  EXPECT_EQ(number("cert", "SELECT count(*) FROM student"), 4);
  run("cert", "UPDATE student SET mentor_id = 101 WHERE id = 201");
  const auto refused = into->purge(closure, "d1", true);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().kind, ErrorKind::gate);
  run("cert", "UPDATE student SET mentor_id = 202 WHERE id = 201");
  ASSERT_TRUE(into->purge(closure, "d1", true).ok());
  EXPECT_EQ(cert(), before);
}

}  // namespace
}  // namespace godwit::connect
