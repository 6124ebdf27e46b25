// What every kind of ledger must do: a test suite parameterised by where the ledger lives. Included by the
// unit test of SQLite and by the integration test of PostgreSQL.
#pragma once

#include "ledger/ledger.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <tuple>
#include <vector>

namespace godwit::ledger {

class FakeClock final : public Clock {
 public:
  [[nodiscard]] int64_t now_us() const override { return present_us; }
  [[nodiscard]] int64_t monotonic_us() const override { return present_us; }
  void sleep_ms(int64_t duration_ms) const override { present_us += duration_ms * 1000; }
  mutable int64_t present_us = 1'795'229'539'000'000;  // 2026-11-21T02:52:19Z
};

// A kind derives from this and says where its ledger lives; the place is empty at SetUp.
class LedgerSuite : public ::testing::Test {
 protected:
  [[nodiscard]] virtual Secret location() const = 0;
  [[nodiscard]] std::unique_ptr<Ledger> open_ledger() const {
    Result<std::unique_ptr<Ledger>> opened = open(location(), clock_);
    EXPECT_TRUE(opened.ok()) << (opened.ok() ? "" : opened.error().text());
    return opened.ok() ? std::move(opened).value() : nullptr;
  }
  [[nodiscard]] static RunRecord draft(const std::string& scope = "district-001") {
    RunRecord record;
    record.kind = "mig";
    record.pipeline = "district";
    record.scope = scope;
    record.strategy = "insert";
    record.requester = "ann";
    record.host = "elsewhere";
    record.pid = 1;  // a process that is always there
    return record;
  }

  void ids_are_unique_within_a_second();
  void one_active_run_per_scope();
  void states_and_heartbeats();
  void take_over_waits_for_silence();
  void a_dead_process_of_this_host_needs_no_waiting();
  void records_come_back_as_they_were();
  void a_failed_call_leaves_nothing();
  void receipts_by_plan_newest_first();
  void two_processes_race_for_one_scope();

  FakeClock clock_;
  static constexpr int64_t stale_ms = 60'000;
};

inline void LedgerSuite::ids_are_unique_within_a_second() {
  auto ledger = open_ledger();
  const auto first = ledger->begin_run(draft("a"), false, stale_ms);
  const auto second = ledger->begin_run(draft("b"), false, stale_ms);
  ASSERT_TRUE(first.ok());
  ASSERT_TRUE(second.ok());
  EXPECT_TRUE(is_run_id(first->run)) << first->run;
  EXPECT_EQ(first->run.substr(0, 20), "mig-20261121-025219-");
  EXPECT_EQ(second->run.substr(0, 20), "mig-20261121-025219-");
  EXPECT_NE(first->run, second->run);
  EXPECT_EQ(first->started_us, clock_.present_us);
  clock_.sleep_ms(1000);
  EXPECT_EQ(ledger->begin_run(draft("c"), false, stale_ms)->run.substr(0, 20), "mig-20261121-025220-");
  const auto runs = ledger->runs("district", "", 2);
  ASSERT_TRUE(runs.ok());
  ASSERT_EQ(runs->size(), 2U);
  EXPECT_EQ((*runs)[0].scope, "c");
  EXPECT_EQ(ledger->runs("", "a", 9)->size(), 1U);
  EXPECT_TRUE(ledger->runs("other", "", 9)->empty());
}

inline void LedgerSuite::one_active_run_per_scope() {
  auto ledger = open_ledger();
  const auto first = ledger->begin_run(draft(), true, stale_ms);
  ASSERT_TRUE(first.ok());
  const auto refused = open_ledger()->begin_run(draft(), true, stale_ms);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().kind, ErrorKind::locked);
  EXPECT_NE(refused.error().message.find(first->run), std::string::npos);
  EXPECT_EQ(ledger->runs("", "", 9)->size(), 1U) << "a refused run leaves no row";
  EXPECT_TRUE(ledger->begin_run(draft("district-002"), true, stale_ms).ok());
  EXPECT_TRUE(ledger->begin_run(draft(), false, stale_ms).ok()) << "reading needs no exclusivity";
  ASSERT_TRUE(ledger->finish_run(first->run, RunState::completed, 0, "").ok());
  const auto third = ledger->begin_run(draft(), true, stale_ms);
  ASSERT_TRUE(third.ok());
  clock_.sleep_ms(stale_ms + 1);
  EXPECT_TRUE(ledger->begin_run(draft(), true, stale_ms).ok()) << "silence for longer than the limit";
}

inline void LedgerSuite::states_and_heartbeats() {
  auto ledger = open_ledger();
  const auto run = ledger->begin_run(draft(), true, stale_ms);
  ASSERT_TRUE(run.ok());
  ASSERT_TRUE(ledger->set_state(run->run, RunState::extracting).ok());
  ASSERT_TRUE(ledger->set_plan(run->run, "abc", "key1").ok());
  clock_.sleep_ms(5000);
  EXPECT_FALSE(*ledger->heartbeat(run->run));
  ASSERT_TRUE(ledger->request_cancel(run->run).ok());
  EXPECT_TRUE(*ledger->heartbeat(run->run));
  ASSERT_TRUE(ledger->finish_run(run->run, RunState::partial, 4, "store hcp1 is not committed").ok());
  const auto read = ledger->run(run->run);
  ASSERT_TRUE(read.ok() && read->has_value());
  const RunRecord& record = **read;
  EXPECT_EQ(record.state, RunState::partial);
  EXPECT_EQ(record.exit_code, 4);
  EXPECT_EQ(record.error, "store hcp1 is not committed");
  EXPECT_EQ(record.finished_us, clock_.present_us);
  EXPECT_EQ(record.plan_hash, "abc");
  EXPECT_EQ(record.key_fingerprint, "key1");
  EXPECT_EQ(record.requester, "ann");
  EXPECT_EQ(record.pid, 1);
  EXPECT_TRUE(record.cancel_requested);
  EXPECT_FALSE(ledger->run("mig-20260101-000000-001")->has_value());
  for (const Status& unknown :
       {ledger->set_state("mig-1", RunState::failed), ledger->request_cancel("mig-1"),
        ledger->finish_run("mig-1", RunState::failed, 1, ""), ledger->take_over("mig-1", "h", 1, stale_ms)}) {
    ASSERT_FALSE(unknown.ok());
    EXPECT_EQ(unknown.error().kind, ErrorKind::usage);
  }
  EXPECT_FALSE(ledger->heartbeat("mig-1").ok());
}

inline void LedgerSuite::take_over_waits_for_silence() {
  auto ledger = open_ledger();
  const auto run = ledger->begin_run(draft(), true, stale_ms);
  ASSERT_TRUE(run.ok());
  EXPECT_EQ(ledger->take_over(run->run, "here", 2, stale_ms).error().kind, ErrorKind::locked);
  EXPECT_TRUE(ledger->take_over(run->run, "elsewhere", 1, stale_ms).ok()) << "its own process";
  clock_.sleep_ms(stale_ms + 1);
  ASSERT_TRUE(ledger->take_over(run->run, "here", 2, stale_ms).ok());
  EXPECT_EQ((*ledger->run(run->run))->host, "here");
  EXPECT_EQ(ledger->begin_run(draft(), true, stale_ms).error().kind, ErrorKind::locked);
  // A run that ended may be taken up again at once, unless another has begun since.
  ASSERT_TRUE(ledger->finish_run(run->run, RunState::partial, 4, "x").ok());
  const auto newer = ledger->begin_run(draft(), true, stale_ms);
  ASSERT_TRUE(newer.ok());
  const Status refused = ledger->take_over(run->run, "here", 2, stale_ms);
  ASSERT_FALSE(refused.ok());
  EXPECT_NE(refused.error().message.find(newer->run), std::string::npos);
  ASSERT_TRUE(ledger->finish_run(newer->run, RunState::failed, 1, "x").ok());
  ASSERT_TRUE(ledger->take_over(run->run, "here", 2, stale_ms).ok());
  const RunRecord taken = **ledger->run(run->run);
  EXPECT_EQ(taken.finished_us, 0);
  EXPECT_EQ(taken.exit_code, -1);
  EXPECT_EQ(taken.error, "");
}

inline void LedgerSuite::a_dead_process_of_this_host_needs_no_waiting() {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(0);
  ASSERT_EQ(::waitpid(child, nullptr, 0), child);
  auto ledger = open_ledger();
  RunRecord dead = draft();
  dead.pid = child;
  const auto run = ledger->begin_run(dead, true, stale_ms);
  ASSERT_TRUE(run.ok());
  EXPECT_FALSE(ledger->take_over(run->run, "another host", 1, stale_ms).ok());
  EXPECT_TRUE(ledger->take_over(run->run, "elsewhere", ::getpid(), stale_ms).ok());
}

inline void LedgerSuite::records_come_back_as_they_were() {
  auto ledger = open_ledger();
  const std::string run = ledger->begin_run(draft(), true, stale_ms)->run;
  PhaseOutcome phase;
  phase.phase = Phase::extract;
  phase.state = "running";
  phase.started_us = 10;
  ASSERT_TRUE(ledger->record_phase(run, phase).ok());
  phase.state = "done";
  phase.finished_us = 20;
  phase.rows = 7;
  phase.bytes = 8;
  phase.detail = "it's done";
  ASSERT_TRUE(ledger->record_phase(run, phase).ok());
  const auto phases = ledger->phases(run);
  ASSERT_EQ(phases->size(), 1U);
  EXPECT_EQ((*phases)[0].state, "done");
  EXPECT_EQ((*phases)[0].phase, Phase::extract);
  EXPECT_EQ((*phases)[0].rows, 7);
  EXPECT_EQ((*phases)[0].detail, "it's done");

  ASSERT_TRUE(ledger
                  ->record_datasets({{run, "ids.b", 1, "owned", 5, 4, 3, 2, 1, 99, "d1", "extracted"},
                                     {run, "ids.a", 0, "shared", 1, 0, 0, 0, 1, 9, "d2", "extracted"}})
                  .ok());
  ASSERT_TRUE(ledger->record_datasets({{run, "ids.b", 1, "owned", 6, 4, 3, 2, 1, 99, "d3", "loaded"}}).ok());
  const auto datasets = ledger->datasets(run);
  ASSERT_EQ(datasets->size(), 2U);
  EXPECT_EQ((*datasets)[0].dataset, "ids.a");
  EXPECT_EQ((*datasets)[1].rows_extracted, 6);
  EXPECT_EQ((*datasets)[1].rows_kept, 1);
  EXPECT_EQ((*datasets)[1].digest, "d3");
  EXPECT_EQ((*datasets)[1].state, "loaded");

  ASSERT_TRUE(
      ledger->record_checks(run, {{"unique:x", "error", "passed", 0}, {"a", "warning", "warned", 2}}).ok());
  ASSERT_TRUE(ledger->record_checks(run, {{"a", "warning", "passed", 0}}).ok());
  const auto checks = ledger->checks(run);
  ASSERT_EQ(checks->size(), 2U);
  EXPECT_EQ((*checks)[0].verdict, "passed");

  ASSERT_TRUE(ledger->record_store({run, "ids", 0, CommitState::intent, "", 1}).ok());
  ASSERT_TRUE(ledger->record_store({run, "ids", 0, CommitState::committing, "771", 0}).ok());
  const auto stores = ledger->stores(run);
  ASSERT_EQ(stores->size(), 1U);
  EXPECT_EQ((*stores)[0].state, CommitState::committing);
  EXPECT_EQ((*stores)[0].transaction_id, "771");
  EXPECT_EQ((*stores)[0].changed_us, clock_.present_us);

  ASSERT_TRUE(ledger->record_undo({{run, "ids", "ids.a", 3, 4}}).ok());
  const auto undo = open_ledger()->undo(run);
  ASSERT_EQ(undo->size(), 1U);
  EXPECT_EQ((*undo)[0].to_delete, 3);
  EXPECT_EQ((*undo)[0].to_restore, 4);
}

inline void LedgerSuite::a_failed_call_leaves_nothing() {
  auto ledger = open_ledger();
  const std::string run = ledger->begin_run(draft(), true, stale_ms)->run;
  const Status refused =
      ledger->record_undo({{run, "ids", "ids.a", 1, 1}, {"mig-unknown", "ids", "ids.b", 1, 1}});
  EXPECT_FALSE(refused.ok());
  EXPECT_TRUE(ledger->undo(run)->empty());
  EXPECT_TRUE(ledger->record_undo({{run, "ids", "ids.a", 1, 1}}).ok()) << "usable after a refused call";
}

inline void LedgerSuite::receipts_by_plan_newest_first() {
  auto ledger = open_ledger();
  ASSERT_NE(ledger, nullptr);
  for (const auto& [plan, made_us, document] :
       {std::tuple("p", 5, "{\"a\": \"\u00e9'\"}"), std::tuple("p", 9, "{}"), std::tuple("q", 7, "[]")})
    ASSERT_TRUE(ledger->record_receipt({plan, "app", "local", made_us, document}).ok());
  const auto found = open_ledger()->receipts("p");
  ASSERT_TRUE(found.ok());
  ASSERT_EQ(found->size(), 2U);
  EXPECT_EQ((*found)[0].made_us, 9);
  EXPECT_EQ((*found)[1].document, "{\"a\": \"\u00e9'\"}");
  EXPECT_EQ((*found)[1].database + (*found)[1].environment, "applocal");
  EXPECT_TRUE(ledger->receipts("none")->empty());
}

inline void LedgerSuite::two_processes_race_for_one_scope() {
  ASSERT_NE(open_ledger(), nullptr);
  for (int round = 0; round < 5; ++round) {
    constexpr int racers = 4;
    int start[2];
    int answers[2];
    ASSERT_EQ(::pipe(start), 0);
    ASSERT_EQ(::pipe(answers), 0);
    std::vector<pid_t> children;
    for (int i = 0; i < racers; ++i) {
      const pid_t child = ::fork();
      if (child == 0) {
        ::close(start[1]);
        auto ledger = open(location(), clock_);
        char gone = 0;
        if (::read(start[0], &gone, 1) < 0) ::_exit(3);  // returns at end of file: everybody at once
        char answer = 'e';
        if (ledger.ok()) {
          const auto run = (*ledger)->begin_run(draft("race" + std::to_string(round)), true, stale_ms);
          answer = run.ok() ? 'y' : run.error().kind == ErrorKind::locked ? 'n' : 'e';
        }
        ::_exit(::write(answers[1], &answer, 1) == 1 ? 0 : 3);
      }
      children.push_back(child);
    }
    ::close(start[0]);
    ::close(start[1]);
    std::string said;
    for (const pid_t child : children) {
      char answer = 0;
      ASSERT_EQ(::read(answers[0], &answer, 1), 1);
      said += answer;
      ::waitpid(child, nullptr, 0);
    }
    ::close(answers[0]);
    ::close(answers[1]);
    EXPECT_EQ(std::count(said.begin(), said.end(), 'y'), 1) << said;
    EXPECT_EQ(std::count(said.begin(), said.end(), 'n'), racers - 1) << said;
  }
}

}  // namespace godwit::ledger

// One TEST_F per promise, for the fixture class `suite`.
#define GODWIT_LEDGER_SUITE(suite)                      \
  TEST_F(suite, IdsAreUniqueWithinASecond) {            \
    ids_are_unique_within_a_second();                   \
  }                                                     \
  TEST_F(suite, OneActiveRunPerScope) {                 \
    one_active_run_per_scope();                         \
  }                                                     \
  TEST_F(suite, StatesAndHeartbeats) {                  \
    states_and_heartbeats();                            \
  }                                                     \
  TEST_F(suite, TakeOverWaitsForSilence) {              \
    take_over_waits_for_silence();                      \
  }                                                     \
  TEST_F(suite, ADeadProcessOfThisHostNeedsNoWaiting) { \
    a_dead_process_of_this_host_needs_no_waiting();     \
  }                                                     \
  TEST_F(suite, RecordsComeBackAsTheyWere) {            \
    records_come_back_as_they_were();                   \
  }                                                     \
  TEST_F(suite, AFailedCallLeavesNothing) {             \
    a_failed_call_leaves_nothing();                     \
  }                                                     \
  TEST_F(suite, ReceiptsByPlanNewestFirst) {            \
    receipts_by_plan_newest_first();                    \
  }                                                     \
  TEST_F(suite, TwoProcessesRaceForOneScope) {          \
    two_processes_race_for_one_scope();                 \
  }
