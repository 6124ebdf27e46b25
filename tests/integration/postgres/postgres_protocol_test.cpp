// The commit protocol: locks, probes, prepared transactions, what really happened after a crash.
#include "tests/integration/postgres/postgres_move.h"

#include <chrono>
#include <thread>

namespace godwit::test {
namespace {

constexpr const char* run_id = "mig-20260101-000000-001";

class PostgresProtocol : public ::testing::Test {
 protected:
  void SetUp() override {
    const char* schema = "CREATE TABLE t (id int PRIMARY KEY, scope int)";
    from_.run(schema);
    to_.run(schema);
    from_.run("INSERT INTO t SELECT n, 1 FROM generate_series(1, 100) n");
    move_ = std::make_unique<Move>(from_, to_, "1");
    move_->own("t", "scope");
    move_->extract();
  }
  std::string rows() { return to_.value("SELECT count(*) FROM public.t"); }
  connect::RunOutcome outcome(const std::string& transaction_id) {
    auto sink = connect::postgres::open_sink(to_.endpoint(), clock_);
    EXPECT_TRUE(sink.ok());
    auto answer = (*sink)->outcome(run_id, transaction_id);
    EXPECT_TRUE(answer.ok()) << answer.error().text();
    return answer.ok() ? *answer : connect::RunOutcome::unknown;
  }

  ScratchDatabase from_, to_;
  TestClock clock_;
  std::unique_ptr<Move> move_;
};

TEST_F(PostgresProtocol, PreparesAndCommitsFromAnotherProcess) {
  ASSERT_OK(move_->load(run_id));
  ASSERT_OK_AND(const std::string transaction, move_->sink().transaction_id());
  EXPECT_EQ(outcome(transaction), connect::RunOutcome::in_progress);
  ASSERT_OK(move_->sink().prepare());
  EXPECT_EQ(outcome(transaction), connect::RunOutcome::prepared);
  EXPECT_EQ(rows(), "0");
  move_->drop_sink();
  ASSERT_OK_AND(auto other, connect::postgres::open_sink(to_.endpoint(), clock_));
  ASSERT_OK(other->commit_prepared(run_id));
  ASSERT_OK(other->commit_prepared(run_id));
  EXPECT_EQ(rows(), "100");
  EXPECT_EQ(outcome(transaction), connect::RunOutcome::committed);
  ASSERT_OK(other->rollback_prepared(run_id));
  ASSERT_OK(other->undo(run_id, {}));
  EXPECT_EQ(rows(), "0");
  EXPECT_EQ(outcome(transaction), connect::RunOutcome::undone);
}

TEST_F(PostgresProtocol, PreparesStagedAndSharedRowsToo) {
  const char* schema =
      "CREATE TABLE kind (id int PRIMARY KEY, name text); CREATE TABLE u (id int PRIMARY KEY, scope int, "
      "kind int "
      "REFERENCES kind); CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; "
      "END'; "
      "CREATE TRIGGER nothing BEFORE INSERT ON u FOR EACH ROW EXECUTE FUNCTION nothing()";
  from_.run(schema);
  to_.run(schema);
  from_.run("INSERT INTO kind VALUES (1, 'a'), (2, 'b'); INSERT INTO u VALUES (1, 1, 1), (2, 2, 1)");
  Move move(from_, to_, "1");
  move.share("kind");
  move.own("u", "scope");
  move.triggers = connect::TriggerPolicy::disable;
  move.extract();
  ASSERT_OK(move.open_sink());
  ASSERT_OK(move.sink().lock("p", "1"));
  ASSERT_OK(move.load(run_id));
  move.prove();
  ASSERT_OK(move.sink().prepare());
  ASSERT_OK(move.sink().commit_prepared(run_id));
  EXPECT_EQ(to_.value("SELECT count(*) FROM public.kind"), "2");
  EXPECT_EQ(to_.value("SELECT count(*) FROM public.u"), "1");
  EXPECT_EQ(to_.value("SELECT tgenabled FROM pg_trigger WHERE tgname = 'nothing'"), "O");
  EXPECT_EQ(to_.value("SELECT count(*) FROM pg_class WHERE relname LIKE 'stage%'"), "0");
}

TEST_F(PostgresProtocol, RollsAPreparedTransactionBack) {
  ASSERT_OK(move_->load(run_id));
  ASSERT_OK_AND(const std::string transaction, move_->sink().transaction_id());
  ASSERT_OK(move_->sink().prepare());
  ASSERT_OK(move_->sink().rollback_prepared(run_id));
  ASSERT_OK(move_->sink().rollback_prepared(run_id));
  EXPECT_EQ(outcome(transaction), connect::RunOutcome::absent);
  EXPECT_FALSE(move_->sink().commit_prepared(run_id).ok());
  EXPECT_EQ(rows(), "0");
  // The same run may be loaded again.
  ASSERT_OK(move_->load(run_id));
  ASSERT_OK(move_->sink().commit());
  EXPECT_EQ(rows(), "100");
  EXPECT_FALSE(move_->load(run_id).ok()) << "its marker is there";
}

TEST_F(PostgresProtocol, AbandonLeavesNothing) {
  ASSERT_OK(move_->load(run_id));
  ASSERT_OK_AND(const std::string transaction, move_->sink().transaction_id());
  move_->sink().abandon();
  EXPECT_EQ(outcome(transaction), connect::RunOutcome::absent);
  EXPECT_EQ(outcome(""), connect::RunOutcome::absent);
  EXPECT_EQ(outcome("99999999999"), connect::RunOutcome::unknown) << "an id that this server never gave";
  ASSERT_OK(move_->load(run_id));
  move_->drop_sink();
  EXPECT_EQ(rows(), "0");
  EXPECT_EQ(to_.value("SELECT count(*) FROM godwit.run"), "0");
}

TEST_F(PostgresProtocol, ALostAnswerIsInDoubtAndTheMarkerDecides) {
  ASSERT_OK(move_->load(run_id));
  ASSERT_OK_AND(const std::string transaction, move_->sink().transaction_id());
  to_.run(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'godwit' AND "
      "datname = current_database() AND backend_xid IS NOT NULL AND pid <> pg_backend_pid()");
  const Status committed = move_->sink().commit();
  ASSERT_FALSE(committed.ok());
  EXPECT_TRUE(committed.error().kind == ErrorKind::in_doubt ||
              committed.error().kind == ErrorKind::unreachable)
      << committed.error().text();
  EXPECT_EQ(outcome(transaction), connect::RunOutcome::absent);
}

TEST_F(PostgresProtocol, OneRunPerPipelineAndScope) {
  ASSERT_OK_AND(auto first, connect::postgres::open_sink(to_.endpoint(), clock_));
  ASSERT_OK_AND(auto second, connect::postgres::open_sink(to_.endpoint(), clock_));
  ASSERT_OK(first->lock("district", "1"));
  ASSERT_OK(second->lock("district", "2"));
  const Status taken = second->lock("district", "1");
  ASSERT_FALSE(taken.ok());
  EXPECT_EQ(taken.error().kind, ErrorKind::locked);
  EXPECT_NE(taken.error().message.find("application godwit"), std::string::npos) << taken.error().text();
  first.reset();
  ASSERT_OK(second->lock("district", "1"));
}

TEST_F(PostgresProtocol, KnowsItselfByAProbe) {
  ASSERT_OK_AND(auto sink, connect::postgres::open_sink(to_.endpoint(), clock_));
  ASSERT_OK_AND(const connect::Probe probe, sink->hold_probe(-7'000'000'000'000'000'123));
  ASSERT_OK_AND(auto same, connect::postgres::open_source(to_.endpoint()));
  ASSERT_OK_AND(auto other, connect::postgres::open_source(from_.endpoint()));
  ASSERT_OK_AND(const bool seen, same->sees_probe(probe));
  EXPECT_TRUE(seen);
  ASSERT_OK_AND(const bool elsewhere, other->sees_probe(probe));
  EXPECT_FALSE(elsewhere);
  sink.reset();
  // The server notices the end of a session in its own time.
  bool still_there = true;
  for (int look = 0; look < 100 && still_there; ++look) {
    if (look > 0) std::this_thread::sleep_for(std::chrono::milliseconds(100));
    ASSERT_OK_AND(still_there, same->sees_probe(probe));
  }
  EXPECT_FALSE(still_there);
}

TEST_F(PostgresProtocol, ReadOnlyTargetsAreRefused) {
  StoreEndpoint endpoint = to_.endpoint();
  endpoint.read_only = true;
  ASSERT_OK_AND(auto sink, connect::postgres::open_sink(endpoint, clock_));
  ASSERT_OK_AND(const auto capabilities, sink->capabilities());
  EXPECT_TRUE(capabilities.read_only);
  const Status begun = sink->begin({run_id, "p", "1", "ids", "h", "insert"});
  ASSERT_FALSE(begun.ok());
  EXPECT_EQ(begun.error().kind, ErrorKind::gate) << begun.error().text();
}

TEST_F(PostgresProtocol, AnAccountWithoutASchemaIsRefusedBeforeAnything) {
  to_.run("DROP OWNED BY godwit_password_test; GRANT SELECT, INSERT ON t TO godwit_password_test");
  StoreEndpoint endpoint = to_.endpoint();
  endpoint.user = "godwit_password_test";
  endpoint.password = Secret(std::getenv("GODWIT_TEST_PG_PASSWORD"));
  ASSERT_OK_AND(auto sink, connect::postgres::open_sink(endpoint, clock_));
  ASSERT_OK_AND(const auto capabilities, sink->capabilities());
  EXPECT_FALSE(capabilities.can_keep_undo);
  EXPECT_TRUE(capabilities.two_phase);
  const Status begun = sink->begin({run_id, "p", "1", "ids", "h", "insert"});
  ASSERT_FALSE(begun.ok());
  EXPECT_EQ(begun.error().kind, ErrorKind::gate) << begun.error().text();
  ASSERT_OK_AND(auto source, connect::postgres::open_source(endpoint));
  ASSERT_OK_AND(const auto write, source->can_write());
  EXPECT_TRUE(write.can_write);
  EXPECT_EQ(write.evidence, "the account may write 1 tables, public.t for example");
  to_.run("REVOKE ALL ON t FROM godwit_password_test");
  ASSERT_OK_AND(const auto reader, source->can_write());
  EXPECT_FALSE(reader.can_write);
}

TEST_F(PostgresProtocol, TheSchemaIsMadeOnceByMany) {
  std::vector<std::thread> threads;
  std::atomic<int> failures{0};
  for (int i = 0; i < 6; ++i) {
    threads.emplace_back([&, i] {
      auto sink = connect::postgres::open_sink(to_.endpoint(), clock_);
      const Status begun = (*sink)->begin({run_id + std::to_string(i), "p", "1", "ids", "h", "insert"});
      if (!begun.ok()) ++failures;
    });
  }
  for (std::thread& thread : threads)
    thread.join();
  EXPECT_EQ(failures, 0);
}

}  // namespace
}  // namespace godwit::test
