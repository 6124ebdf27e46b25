// Statements, streams, transactions, refusals and cancellation, against a real server.
#include "tests/integration/neo4j/neo4j_scratch.h"

#include <chrono>
#include <thread>

namespace godwit::test {
namespace {

using bolt::Value;
using namespace std::string_literals;

class Neo4jSession : public Neo4jTest {
 protected:
  // Hours of work without a row, looking at nodes all the time: that is where the server looks whether to
  // stop.
  std::string endless() {
    EXPECT_TRUE(session().execute("UNWIND range(1, 300) AS i CREATE (:" + label() + " {i: i})").ok());
    const auto node = [this](const std::string& name) { return "(" + name + ":" + label() + ")"; };
    return "MATCH " + node("a") + ", " + node("b") + ", " + node("c") + ", " + node("d") +
           " WHERE a.i + b.i + c.i + d.i < 0 RETURN count(*) AS endless" + label();
  }

  std::string create() { return "CREATE (:" + label() + " {id: 1})"; }
};

TEST_F(Neo4jSession, SaysWhatItIsConnectedTo) {
  const bolt::ConnectionFacts& facts = session().facts();
  EXPECT_EQ(facts.server, "Neo4j/" + neo4j_variable("NEO4J_VERSION"));
  const bool old = facts.server.starts_with("Neo4j/4.4");
  EXPECT_EQ(facts.bolt_major, old ? 4 : 5);
  EXPECT_GE(facts.bolt_minor, 4);
  EXPECT_TRUE(facts.utc);
  EXPECT_FALSE(facts.encrypted);
  EXPECT_NE(neo4j_session(neo4j_options(neo4j_url("neo4j", "localhost"))), nullptr);
}

TEST_F(Neo4jSession, RowsAndSummary) {
  const auto rows = session().query("UNWIND $xs AS x RETURN x, -x AS y",
                                    bolt::Map{{"xs", bolt::List{int64_t{1}, int64_t{2}}}});
  ASSERT_TRUE(rows.ok()) << rows.error().text();
  EXPECT_EQ(rows->fields, (std::vector<std::string>{"x", "y"}));
  ASSERT_EQ(rows->rows.size(), 2U);
  EXPECT_EQ(rows->rows[1], (std::vector<Value>{int64_t{2}, int64_t{-2}}));
  EXPECT_EQ(rows->summary.type, "r");
  const auto created = session().execute(create());
  ASSERT_TRUE(created.ok());
  EXPECT_EQ(created->counter("nodes-created"), 1);
  EXPECT_EQ(created->counter("nodes-deleted"), 0);
  EXPECT_FALSE(created->bookmark.empty());
}

TEST_F(Neo4jSession, ManyRowsComeInBatches) {
  constexpr int64_t count = 100'000;
  for (const int64_t fetch : {int64_t{1000}, int64_t{99'999}, int64_t{100'000}, int64_t{-1}}) {
    bolt::ConnectOptions options = neo4j_options();
    options.fetch_rows = fetch;
    const auto reader = neo4j_session(options);
    auto cursor =
        reader->run("UNWIND range(1, $count) AS i RETURN i, toString(i)", bolt::Map{{"count", count}});
    ASSERT_TRUE(cursor.ok()) << cursor.error().text();
    std::vector<Value> row;
    int64_t expected = 0;
    for (;;) {
      const auto more = cursor->next(row);
      ASSERT_TRUE(more.ok()) << more.error().text();
      if (!*more) break;
      ++expected;
      ASSERT_EQ(row, (std::vector<Value>{expected, std::to_string(expected)}));
    }
    EXPECT_EQ(expected, count);
  }
}

TEST_F(Neo4jSession, OneStreamAtATimeAndOneBrokenOffLeavesNothing) {
  {
    auto cursor = session().run("UNWIND range(1, 100000) AS i CREATE (n:" + label() + " {i: i}) RETURN i");
    ASSERT_TRUE(cursor.ok()) << cursor.error().text();
    std::vector<Value> row;
    ASSERT_TRUE(cursor->next(row).ok());
    const auto second = session().query("RETURN 1");
    ASSERT_FALSE(second.ok());
    EXPECT_EQ(second.error().kind, ErrorKind::failed);
  }
  EXPECT_TRUE(neo4j_value(session(), "RETURN 1") == Value(int64_t{1}));
  EXPECT_EQ(nodes(), 0);
}

TEST_F(Neo4jSession, TransactionsCommitAndRollBack) {
  {
    auto transaction = session().begin();
    ASSERT_TRUE(transaction.ok()) << transaction.error().text();
    EXPECT_TRUE(session().in_transaction());
    EXPECT_FALSE(session().begin().ok());
    ASSERT_TRUE(session().execute(create()).ok());
    EXPECT_TRUE(neo4j_value(session(), "MATCH (n:" + label() + ") RETURN count(n)") == Value(int64_t{1}));
    EXPECT_EQ(nodes(), 0);
  }
  EXPECT_FALSE(session().in_transaction());
  EXPECT_EQ(nodes(), 0);
  auto transaction = session().begin();
  ASSERT_TRUE(transaction.ok());
  ASSERT_TRUE(session().execute(create()).ok());
  const auto bookmark = transaction->commit();
  ASSERT_TRUE(bookmark.ok()) << bookmark.error().text();
  EXPECT_EQ(session().bookmarks(), std::vector<std::string>{*bookmark});
  EXPECT_EQ(nodes(), 1);
  EXPECT_FALSE(transaction->commit().ok());
}

TEST_F(Neo4jSession, ABookmarkIsWaitedFor) {
  const auto created = session().execute(create());
  ASSERT_TRUE(created.ok());
  const auto other = neo4j_session();
  other->set_bookmarks({created->bookmark});
  EXPECT_TRUE(neo4j_value(*other, "MATCH (n:" + label() + ") RETURN count(n)") == Value(int64_t{1}));
  other->set_bookmarks({"no bookmark at all"});
  const auto refused = other->query("RETURN 1");
  ASSERT_FALSE(refused.ok());
  EXPECT_NE(refused.error().message.find("Bookmark"), std::string::npos) << refused.error().text();
}

TEST_F(Neo4jSession, AFailedTransactionTakesNothingAndTheSessionGoesOn) {
  auto transaction = session().begin();
  ASSERT_TRUE(transaction.ok());
  ASSERT_TRUE(session().execute(create()).ok());
  EXPECT_FALSE(session().query("this is no Cypher").ok());
  EXPECT_FALSE(session().query("RETURN 1").ok());
  const auto committed = transaction->commit();
  ASSERT_FALSE(committed.ok());
  EXPECT_EQ(committed.error().kind, ErrorKind::failed);
  EXPECT_TRUE(neo4j_value(session(), "RETURN 1") == Value(int64_t{1}));
  EXPECT_EQ(nodes(), 0);
}

TEST_F(Neo4jSession, WrongCredentials) {
  bolt::ConnectOptions options = neo4j_options();
  options.user = "nobody_" + label();  // wrong passwords of the tests' own account would lock it
  options.password = Secret("hunter2");
  const auto refused = bolt::Session::open(options);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().kind, ErrorKind::credentials) << refused.error().text();
  EXPECT_EQ(refused.error().text().find("hunter2"), std::string::npos);
  options.user.clear();
  const auto nameless = bolt::Session::open(options);
  ASSERT_FALSE(nameless.ok());
  EXPECT_EQ(nameless.error().kind, ErrorKind::credentials) << nameless.error().text();
}

TEST_F(Neo4jSession, RefusalsNameTheConditionAndNoValue) {
  const auto syntax = session().query("RETURN 1\n  RETRUN 'hunter2'");
  ASSERT_FALSE(syntax.ok());
  EXPECT_EQ(syntax.error().kind, ErrorKind::failed);
  EXPECT_NE(syntax.error().message.find("SyntaxError at line 2, column "), std::string::npos)
      << syntax.error().text();
  EXPECT_EQ(syntax.error().text().find("hunter2"), std::string::npos);

  ASSERT_TRUE(
      session()
          .execute("CREATE CONSTRAINT " + label() + "_id FOR (n:" + label() + ") REQUIRE n.id IS UNIQUE")
          .ok());
  ASSERT_TRUE(session().execute("CREATE (:" + label() + " {id: 'hunter2'})").ok());
  const auto duplicate = session().execute("CREATE (:" + label() + " {id: 'hunter2'})");
  EXPECT_TRUE(session().execute("DROP CONSTRAINT " + label() + "_id").ok());
  ASSERT_FALSE(duplicate.ok());
  EXPECT_EQ(duplicate.error().kind, ErrorKind::failed);
  EXPECT_NE(duplicate.error().message.find("ConstraintValidationFailed"), std::string::npos);
  EXPECT_EQ(duplicate.error().text().find("hunter2"), std::string::npos);
}

TEST_F(Neo4jSession, WhatTheServerSaidCanBeAskedFor) {
  EXPECT_FALSE(session().last_refusal().has_value());
  EXPECT_FALSE(session().query("RETURN 1 / 0").ok());
  ASSERT_TRUE(session().last_refusal().has_value());
  EXPECT_EQ(session().last_refusal()->code, "Neo.ClientError.Statement.ArithmeticError");
  EXPECT_FALSE(session().last_refusal()->text.empty());
}

TEST_F(Neo4jSession, AFailureAmidTheRowsIsToldAndTheSessionGoesOn) {
  auto cursor = session().run("UNWIND range(5, 0, -1) AS i RETURN 10 / i");
  ASSERT_TRUE(cursor.ok()) << cursor.error().text();
  const auto summary = cursor->finish();
  ASSERT_FALSE(summary.ok());
  EXPECT_EQ(summary.error().kind, ErrorKind::failed);
  std::vector<Value> row;
  EXPECT_FALSE(cursor->next(row).ok());
  EXPECT_TRUE(neo4j_value(session(), "RETURN 1") == Value(int64_t{1}));
}

TEST_F(Neo4jSession, AReadOnlySessionIsRefusedWrites) {
  bolt::ConnectOptions options = neo4j_options();
  options.read_only = true;
  const auto reader = neo4j_session(options);
  const auto refused = reader->execute(create());
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().kind, ErrorKind::gate) << refused.error().text();
  EXPECT_EQ(nodes(), 0);
}

TEST_F(Neo4jSession, AnUnknownDatabaseIsUnreachable) {
  bolt::ConnectOptions options = neo4j_options();
  options.database = "nosuchdatabase";
  const auto other = neo4j_session(options);
  const auto refused = other->query("RETURN 1");
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().kind, ErrorKind::unreachable) << refused.error().text();
  options.database = "neo4j";
  EXPECT_TRUE(neo4j_value(*neo4j_session(options), "RETURN 1") == Value(int64_t{1}));
}

TEST_F(Neo4jSession, ATransactionThatTakesTooLongIsEnded) {
  bolt::ConnectOptions options = neo4j_options();
  options.transaction_timeout_ms = 300;
  const auto hasty = neo4j_session(options);
  const auto ended = hasty->query(endless());
  ASSERT_FALSE(ended.ok());
  EXPECT_NE(ended.error().kind, ErrorKind::interrupted);
  ASSERT_NE(hasty->last_refusal(), std::nullopt);
  EXPECT_NE(hasty->last_refusal()->code.find(".Transaction.T"), std::string::npos)
      << hasty->last_refusal()->code;
}

TEST_F(Neo4jSession, ACancelFlagStopsTheServerToo) {
  const std::string statement = endless();
  std::atomic<bool> cancel = false;
  session().set_cancel_flag(&cancel);
  std::thread later([&cancel] {
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    cancel = true;
  });
  const auto stopped = session().query(statement);
  later.join();
  ASSERT_FALSE(stopped.ok());
  EXPECT_EQ(stopped.error().kind, ErrorKind::interrupted) << stopped.error().text();
  EXPECT_EQ(session().query("RETURN 1").error().kind, ErrorKind::interrupted);
  session().set_cancel_flag(nullptr);
  // Answered only after the server has let go of the statement before.
  EXPECT_TRUE(
      neo4j_value(session(), "SHOW TRANSACTIONS YIELD currentQuery WHERE currentQuery CONTAINS 'endless" +
                                 label() + "' AND NOT currentQuery STARTS WITH 'SHOW' RETURN count(*)") ==
      Value(int64_t{0}));
}

TEST_F(Neo4jSession, ADeadlockCanBeTriedAgain) {
  ASSERT_TRUE(session().execute("CREATE (:" + label() + " {id: 1}), (:" + label() + " {id: 2})").ok());
  const auto other = neo4j_session();
  const auto touch = [this](int id) {
    return "MATCH (n:" + label() + " {id: " + std::to_string(id) + "}) SET n.x = 1";
  };
  auto mine = session().begin();
  auto theirs = other->begin();
  ASSERT_TRUE(mine.ok() && theirs.ok());
  ASSERT_TRUE(session().execute(touch(1)).ok());
  ASSERT_TRUE(other->execute(touch(2)).ok());
  bool they_won = false;
  ErrorKind their_kind = ErrorKind::locked;
  std::thread thread([&] {
    const auto result = other->execute(touch(1));
    they_won = result.ok();
    if (!result.ok()) their_kind = result.error().kind;
    if (!they_won) theirs->rollback();
  });
  const auto result = session().execute(touch(2));
  if (!result.ok()) {
    EXPECT_EQ(result.error().kind, ErrorKind::locked) << result.error().text();
    EXPECT_TRUE(result.error().retryable());
    mine->rollback();
  }
  thread.join();
  EXPECT_NE(result.ok(), they_won);
  EXPECT_EQ(their_kind, ErrorKind::locked);
}

}  // namespace
}  // namespace godwit::test
