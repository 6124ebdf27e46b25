#include "schema/gate/gates.h"

#include <gtest/gtest.h>

namespace godwit::schema {
namespace {

constexpr int64_t now_us = 1'795'000'000'000'000;

GateQuestion question() {
  return {"hash", "app", "production", "abc", "refs/heads/main", "requester", now_us};
}

ledger::ApprovalRecord approval() {
  return {"hash", "app", "production", "abc", "reviewer", now_us - 1000, now_us + 1000};
}

Result<GateAnswer> ask(const GateSettings& gates, const GateQuestion& of,
                       std::vector<ledger::ApprovalRecord> approvals = {},
                       std::optional<std::string> ci = std::nullopt) {
  return check_gates(
      gates, of, [&]() -> Result<std::vector<ledger::ApprovalRecord>> { return approvals; },
      [&]() -> Result<CiApproval> {
        return CiApproval{ci.value_or(""), ci ? "the release of run 42" : "nobody approved run 42"};
      });
}

TEST(Gates, NothingAskedForIsOpen) {
  EXPECT_TRUE(ask({}, question()).ok());
}

TEST(Gates, AnApprovalCountsForItsPlanEnvironmentAndCommitUntilItEnds) {
  GateSettings gates;
  gates.require_approval = true;
  const auto refused = ask(gates, question());
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().kind, ErrorKind::gate);
  const auto open = ask(gates, question(), {approval()});
  ASSERT_TRUE(open.ok());
  EXPECT_EQ(open->approved_by, "reviewer");
  for (const auto& [change, said] : std::vector<std::pair<void (*)(ledger::ApprovalRecord&), const char*>>{
           {[](ledger::ApprovalRecord& one) { one.environment = "staging"; }, "no valid approval"},
           {[](ledger::ApprovalRecord& one) { one.database = "other"; }, "no valid approval"},
           {[](ledger::ApprovalRecord& one) { one.commit = "def"; }, "another commit"},
           {[](ledger::ApprovalRecord& one) { one.expires_us = now_us; }, "ended at"},
           {[](ledger::ApprovalRecord& one) { one.actor = "requester"; }, "who also asks"}}) {
    ledger::ApprovalRecord changed = approval();
    change(changed);
    const auto answer = ask(gates, question(), {changed});
    ASSERT_FALSE(answer.ok()) << said;
    EXPECT_NE(answer.error().message.find(said), std::string::npos) << answer.error().message;
  }
}

TEST(Gates, TheApprovalOfTheCiSystemCountsUnlessItIsTheRequesters) {
  GateSettings gates;
  gates.require_approval = true;
  EXPECT_EQ(ask(gates, question(), {}, "boss")->approved_by, "boss");
  EXPECT_EQ(ask(gates, question(), {}, "boss")->approval, "the release of run 42");
  EXPECT_EQ(ask(gates, question(), {approval()}, "boss")->approval, "this plan");
  EXPECT_NE(ask(gates, question()).error().message.find("nobody approved run 42"), std::string::npos);
  EXPECT_FALSE(ask(gates, question(), {}, "requester").ok());
}

TEST(Gates, ACiSystemThatCannotBeAskedRefuses) {
  GateSettings gates;
  gates.require_approval = true;
  const auto refused = check_gates(
      gates, question(),
      []() -> Result<std::vector<ledger::ApprovalRecord>> { return std::vector<ledger::ApprovalRecord>(); },
      []() -> Result<CiApproval> {
        return make_error(ErrorKind::unreachable, "it answers 503", "again later");
      });
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().kind, ErrorKind::gate);
  EXPECT_NE(refused.error().message.find("it answers 503 (again later)"), std::string::npos);
}

TEST(Gates, RefsByNameAndPattern) {
  EXPECT_TRUE(ref_matches("main", "refs/heads/main"));
  EXPECT_FALSE(ref_matches("main", "refs/heads/mainline"));
  EXPECT_TRUE(ref_matches("release/*", "refs/heads/release/1.2"));
  EXPECT_TRUE(ref_matches("refs/tags/v*", "refs/tags/v1"));
  EXPECT_FALSE(ref_matches("refs/tags/v*", "refs/heads/v1"));
  GateSettings gates;
  gates.allowed_refs = {"main"};
  EXPECT_TRUE(ask(gates, question()).ok());
  GateQuestion of = question();
  of.ref = "refs/heads/feature";
  EXPECT_FALSE(ask(gates, of).ok());
  of.ref = "";
  EXPECT_FALSE(ask(gates, of).ok());
}

TEST(Gates, AllRefusalsAreToldAtOnce) {
  GateSettings gates;
  gates.require_approval = true;
  gates.allowed_refs = {"release"};
  gates.freeze = {{FreezeWindow{false, now_us - 1, now_us + 1}, "the holidays"}};
  const auto refused = ask(gates, question());
  ASSERT_FALSE(refused.ok());
  for (const char* said : {"no valid approval", "only release may", "the holidays"})
    EXPECT_NE(refused.error().message.find(said), std::string::npos) << said;
}

}  // namespace
}  // namespace godwit::schema
