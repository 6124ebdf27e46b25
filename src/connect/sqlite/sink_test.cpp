#include "connect/sqlite/sink.h"

#include "connect/sqlite/test_sink.h"

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

namespace godwit::connect {
namespace {

using SqliteSinkTest = SinkTest;

TEST_F(SqliteSinkTest, CopiesTheScopeExactlyAndProvesIt) {
  auto into = sink("cert");
  const Outcome outcome = load(*into, "mig-1", "d1", LoadStrategy::insert);
  ASSERT_TRUE(outcome.status.ok()) << outcome.status.error().text();
  EXPECT_EQ(outcome.tables.at("student").inserted, 2);
  EXPECT_EQ(outcome.tables.at("note").inserted, 3);
  for (const auto& [name, proof] : outcome.proofs) {
    EXPECT_EQ(proof.rows, outcome.tables.at(name).inserted) << name;
    EXPECT_EQ(proof.foreign_rows + proof.orphans + proof.duplicate_keys, 0) << name;
  }
  EXPECT_EQ(*into->outcome("mig-1", ""), RunOutcome::committed) << "inside its own transaction";
  ASSERT_TRUE(into->commit().ok());
  run("only", schema);
  run("only", district_rows(1));
  EXPECT_EQ(cert(), dump("only", tables())) << "values, storage classes and all";
  EXPECT_EQ(number("cert", "SELECT seq FROM sqlite_sequence WHERE name = 'school'"), 13);
  EXPECT_EQ(number("cert", "SELECT count(*) FROM pragma_foreign_key_check"), 0);
  EXPECT_EQ(*sink("cert")->outcome("mig-1", ""), RunOutcome::committed);
  EXPECT_EQ(*sink("cert")->outcome("mig-2", ""), RunOutcome::absent);
}

TEST_F(SqliteSinkTest, AbandonAndDestructorLeaveNothing) {
  const std::string before = cert();
  {
    auto into = sink("cert");
    ASSERT_TRUE(load(*into, "mig-1", "d1", LoadStrategy::insert).status.ok());
    into->abandon();
    EXPECT_EQ(*into->outcome("mig-1", ""), RunOutcome::absent);
    ASSERT_TRUE(load(*into, "mig-1", "d1", LoadStrategy::insert).status.ok());
  }
  EXPECT_EQ(cert(), before);
  EXPECT_EQ(number("cert", "SELECT count(*) FROM sqlite_schema WHERE name LIKE 'godwit%'"), 0);
}

TEST_F(SqliteSinkTest, InsertRefusesTakenKeysWithTheirNumber) {
  move("mig-1", "d1");
  const std::string before = cert();
  auto into = sink("cert");
  const Outcome again = load(*into, "mig-2", "d1", LoadStrategy::insert);
  ASSERT_FALSE(again.status.ok());
  EXPECT_NE(again.status.error().text().find("1 rows of main.district"), std::string::npos)
      << again.status.error().text();
  EXPECT_EQ(again.status.error().text().find("d1"), std::string::npos) << "no value in an error";
  into->abandon();
  EXPECT_EQ(cert(), before);
}

TEST_F(SqliteSinkTest, UpsertOverwritesOnlyTheScopesOwnRows) {
  move("mig-1", "d1");
  run("cert", district_rows(2));
  run("prod",
      "UPDATE school SET price = 99.25, v = 12.0 WHERE id = 11; UPDATE student SET email = 'new' WHERE id = "
      "102;"
      "INSERT INTO school VALUES (14, 'd1', NULL, NULL, NULL)");
  auto into = sink("cert");
  const Outcome outcome = load(*into, "mig-2", "d1", LoadStrategy::upsert);
  ASSERT_TRUE(outcome.status.ok()) << outcome.status.error().text();
  EXPECT_EQ(outcome.tables.at("school").inserted, 1);
  EXPECT_EQ(outcome.tables.at("school").updated, 1);
  EXPECT_EQ(outcome.tables.at("student").updated, 1);
  EXPECT_EQ(outcome.tables.at("state").kept, 2);
  EXPECT_EQ(outcome.proofs.at("school").rows, 4);
  ASSERT_TRUE(into->commit().ok());
  EXPECT_EQ(
      number("cert", "SELECT count(*) FROM school WHERE id = 11 AND typeof(v) = 'real' AND price = 99.25"),
      1);
}

TEST_F(SqliteSinkTest, UpsertStopsAtAKeyOfAnotherScope) {
  run("cert", district_rows(2));
  // The same school number, student number and score in another district.
  for (const char* change : {"UPDATE school SET district_id = 'd1' WHERE id = 21",
                             "UPDATE student SET school_id = 11 "
                             "WHERE id = 201"}) {
    run("prod", change);
    const std::string before = cert();
    auto into = sink("cert");
    const Outcome outcome = load(*into, "mig-1", "d1", LoadStrategy::upsert);
    ASSERT_FALSE(outcome.status.ok());
    EXPECT_NE(outcome.status.error().text().find("belong to another scope"), std::string::npos)
        << outcome.status.error().text();
    into->abandon();
    EXPECT_EQ(cert(), before);
    run("prod", "UPDATE school SET district_id = 'd2' WHERE id = 21");
  }
}

TEST_F(SqliteSinkTest, ProofFindsOrphansAndForeignRows) {
  edits_["student"] = "UPDATE student SET school_id = 77";
  auto into = sink("cert");
  const Outcome orphans = load(*into, "mig-1", "d1", LoadStrategy::insert);
  ASSERT_TRUE(orphans.status.ok());
  EXPECT_EQ(orphans.proofs.at("student").orphans, 2);
  into->abandon();
  edits_ = {{"school", "UPDATE school SET district_id = 'd2'"}};
  const Outcome foreign = load(*into, "mig-1", "d1", LoadStrategy::insert);
  ASSERT_TRUE(foreign.status.ok());
  EXPECT_EQ(foreign.proofs.at("school").foreign_rows, 3);
  EXPECT_EQ(foreign.proofs.at("student").foreign_rows, 2) << "by their schools";
  EXPECT_EQ(foreign.proofs.at("school").orphans, 3);
}

TEST_F(SqliteSinkTest, SharedRowsAreComparedNeverUpdated) {
  run("cert", "INSERT INTO state VALUES ('CA', 'Kalifornien')");
  auto into = sink("cert");
  const Outcome outcome = load(*into, "mig-1", "d1", LoadStrategy::insert);
  ASSERT_TRUE(outcome.status.ok());
  EXPECT_EQ(outcome.tables.at("state").inserted, 1);
  EXPECT_EQ(outcome.tables.at("state").different, 1);
  EXPECT_EQ(outcome.proofs.at("state").rows, 2);
  ASSERT_TRUE(into->commit().ok());
  EXPECT_EQ(number("cert", "SELECT count(*) FROM state WHERE name = 'Kalifornien'"), 1);
}

TEST_F(SqliteSinkTest, TriggersFireOrRestOrRefuse) {
  run("cert",
      "CREATE TABLE log (id); CREATE TRIGGER g AFTER INSERT ON school BEGIN INSERT INTO log VALUES (new.id); "
      "END");
  const auto logged = [&](TriggerPolicy policy) {
    auto into = sink("cert");
    const Outcome outcome = load(*into, "mig-1", "d1", LoadStrategy::insert, policy);
    if (!outcome.status.ok()) return int64_t{-1};
    EXPECT_TRUE(into->commit().ok());
    return number("cert", "SELECT count(*) FROM log");
  };
  EXPECT_EQ(logged(TriggerPolicy::fail), -1);
  EXPECT_EQ(logged(TriggerPolicy::disable), 0);
  ASSERT_TRUE(sink("cert")->undo("mig-1", {}).ok());
  run("cert", "DROP TABLE godwit_run; DROP TABLE godwit_undo; DROP TABLE godwit_undo_table");
  EXPECT_EQ(logged(TriggerPolicy::fire), 3);
}

TEST_F(SqliteSinkTest, ATriggerThatLeavesRowsOutIsFound) {
  run("cert", "CREATE TRIGGER g BEFORE INSERT ON school WHEN new.id = 12 BEGIN SELECT RAISE(IGNORE); END");
  auto into = sink("cert");
  const Outcome outcome = load(*into, "mig-1", "d1", LoadStrategy::insert);
  ASSERT_FALSE(outcome.status.ok());
  EXPECT_NE(outcome.status.error().text().find("leaves rows out"), std::string::npos);
}

TEST_F(SqliteSinkTest, LocksPerScopeAndNamesTheHolder) {
  auto first = sink("cert");
  ASSERT_TRUE(first->lock("district", "d1").ok());
  auto second = sink("cert");
  const Status refused = second->lock("district", "d1");
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().kind, ErrorKind::locked);
  EXPECT_NE(refused.error().text().find("pid " + std::to_string(::getpid())), std::string::npos);
  EXPECT_TRUE(second->lock("district", "d2").ok());
  first.reset();
  EXPECT_TRUE(second->lock("district", "d1").ok());
}

TEST_F(SqliteSinkTest, KnowsItsFileAndItsLimits) {
  auto into = sink("cert");
  const Probe probe = *into->hold_probe(7);
  EXPECT_TRUE(*source("cert")->sees_probe(probe));
  EXPECT_FALSE(*source("prod")->sees_probe(probe));
  EXPECT_FALSE(into->capabilities()->two_phase);
  EXPECT_FALSE(into->prepare().ok());
  EXPECT_TRUE(into->rollback_prepared("mig-1").ok());
  StoreEndpoint read_only = endpoint("cert");
  read_only.read_only = true;
  auto closed = open_sqlite_sink(read_only, clock_);
  ASSERT_TRUE(closed.ok());
  EXPECT_TRUE((*closed)->capabilities()->read_only);
  EXPECT_EQ((*closed)->begin(marker("mig-1", "d1", LoadStrategy::insert)).error().kind, ErrorKind::gate);
}

// A process that is killed before COMMIT leaves nothing; after it, the marker tells.
TEST_F(SqliteSinkTest, KilledBeforeAndAfterCommit) {
  const std::string before = cert();
  for (const bool after_commit : {false, true}) {
    int ready[2];
    ASSERT_EQ(::pipe(ready), 0);
    const pid_t child = ::fork();
    if (child == 0) {
      auto into = sink("cert");
      bool fine = into->lock("district", "d1").ok();
      fine = fine && load(*into, "mig-1", "d1", LoadStrategy::insert).status.ok();
      if (after_commit) fine = fine && into->commit().ok();
      if (::write(ready[1], fine ? "y" : "n", 1) != 1) ::_exit(1);
      for (;;)
        ::pause();
    }
    char answer = 0;
    ASSERT_EQ(::read(ready[0], &answer, 1), 1);
    ASSERT_EQ(answer, 'y');
    EXPECT_EQ(sink("cert")->lock("district", "d1").error().kind, ErrorKind::locked);
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    ::close(ready[0]);
    ::close(ready[1]);
    auto into = sink("cert");
    EXPECT_TRUE(into->lock("district", "d1").ok()) << "the lock died with its process";
    EXPECT_EQ(*into->outcome("mig-1", ""), after_commit ? RunOutcome::committed : RunOutcome::absent);
    if (!after_commit) {
      EXPECT_EQ(cert(), before);
    }
  }
  EXPECT_EQ(number("cert", "SELECT count(*) FROM student"), 2);
}

}  // namespace
}  // namespace godwit::connect
