#include "ci/github/approvals.h"

#include "net/test_server.h"

#include <gtest/gtest.h>

#include <map>

namespace godwit::ci {
namespace {

constexpr const char* token = "ghs_canary0123456789";
constexpr const char* under_way =
    R"({"id": 42, "status": "in_progress", "actor": {"login": "Ann"}, "triggering_actor": {"login": "bob"}})";

std::string review(const std::string& state, const std::string& environment, const std::string& login) {
  return R"({"state": ")" + state + R"(", "comment": "", "environments": [{"id": 1, "name": ")" +
         environment + R"("}], "user": {"login": ")" + login + R"("}})";
}

WorkflowRun run_at(const std::string& url) {
  WorkflowRun run;
  run.api_url = url;
  run.repository = "octo/repo";
  run.run_id = "42";
  run.actor = "ann";
  run.token = Secret(token);
  run.timeout_ms = 20'000;
  return run;
}

// The answers about the run and its reviews, in that order.
Result<RunApproval> asked(const std::string& of_run, const std::string& of_reviews,
                          const std::string& environment = "production") {
  const net::TestServer server([&](const std::string& request) {
    return request.starts_with("GET /repos/octo/repo/actions/runs/42/approvals ") ? of_reviews : of_run;
  });
  std::string base = server.url("");
  if (base.ends_with('/')) base.pop_back();
  auto approval = approval_of(run_at(base), environment, nullptr);
  for (const std::string& request : server.requests())
    EXPECT_NE(request.find(std::string("Authorization: Bearer ") + token), std::string::npos);
  return approval;
}

Result<RunApproval> reviewed(const std::string& reviews) {
  return asked(net::test_answer(200, under_way), net::test_answer(200, "[" + reviews + "]"));
}

TEST(GithubApproval, OfSomebodyElseCounts) {
  const auto approval = reviewed(review("approved", "production", "carol"));
  ASSERT_TRUE(approval.ok()) << approval.error().text();
  EXPECT_EQ(approval->approver, "carol");
  EXPECT_EQ(approval->text, "environment production of workflow run 42");
}

TEST(GithubApproval, WhatDoesNotCount) {
  for (const auto& [reviews, said] : std::vector<std::pair<std::string, std::string>>{
           {"", "nobody approved"},
           {review("approved", "staging", "carol"), "nobody approved"},
           {review("pending", "production", "carol"), "nobody approved"},
           {review("Approved", "production", "carol"), "nobody approved"},
           {review("approved", "production", "ANN"), "who also started it"},
           {review("approved", "production", "bob"), "who also started it"},
           {review("approved", "production", "carol") + "," + review("rejected", "production", "dan"),
            "dan rejected"},
           {R"({"state": "approved", "environments": [{"name": "production"}], "user": null})", "nobody"},
           {R"("approved", 7, null, {"state": "approved", "environments": 3})", "nobody approved"}}) {
    const auto approval = reviewed(reviews);
    ASSERT_TRUE(approval.ok()) << approval.error().text();
    EXPECT_EQ(approval->approver, "") << reviews;
    EXPECT_NE(approval->text.find(said), std::string::npos) << approval->text;
  }
}

TEST(GithubApproval, OneOfSeveralCounts) {
  EXPECT_EQ(
      reviewed(review("approved", "production", "ann") + "," + review("approved", "production", "carol"))
          ->approver,
      "carol");
}

void expect_refused(const Result<RunApproval>& approval, const std::string& said) {
  ASSERT_FALSE(approval.ok()) << said;
  EXPECT_EQ(approval.error().kind, ErrorKind::gate);
  EXPECT_NE(approval.error().text().find(said), std::string::npos) << approval.error().text();
  EXPECT_EQ((approval.error().text() + approval.error().hint).find(token), std::string::npos);
}

TEST(GithubApproval, AnswersThatAreNoneRefuse) {
  const std::string good = net::test_answer(200, under_way);
  const std::string approved = net::test_answer(200, "[" + review("approved", "production", "carol") + "]");
  for (const int status : {401, 403, 404, 429, 500, 502, 503}) {
    const std::string bad = net::test_answer(status, R"({"message": "no"})");
    expect_refused(asked(bad, approved), "it answers " + std::to_string(status));
    expect_refused(asked(good, bad), "it answers " + std::to_string(status));
  }
  expect_refused(asked(good, net::test_answer(403, "{}", "X-RateLimit-Remaining: 0\r\n")),
                 "too many requests");
  expect_refused(asked(good, net::test_answer(200, "<html>")), "no JSON");
  expect_refused(asked(good, net::test_answer(200, "{}")), "no list");
  expect_refused(asked(net::test_answer(200, "[]"), approved), "neither state nor actor");
  expect_refused(
      asked(net::test_answer(200, R"({"status": "completed", "actor": {"login": "ann"}})"), approved),
      "is completed");
  expect_refused(asked(net::test_answer(302, "", "Location: http://127.0.0.1:1/\r\n"), approved),
                 "it answers 302");
}

TEST(GithubApproval, SilenceRefuses) {
  const net::TestServer server([](const std::string&) { return std::string(); });
  std::string base = server.url("");
  if (base.ends_with('/')) base.pop_back();
  WorkflowRun run = run_at(base);
  run.timeout_ms = 200;
  expect_refused(approval_of(run, "production", nullptr), "GitHub could not say");
}

TEST(GithubApproval, NoTokenNoRunOrNoTrustRefuses) {
  WorkflowRun run = run_at("https://api.github.invalid");
  run.token = Secret();
  expect_refused(approval_of(run, "production", nullptr), "GITHUB_TOKEN is not set");
  run = run_at("http://api.github.invalid");
  expect_refused(approval_of(run, "production", nullptr), "not https");
  run = run_at("http://127.0.0.1.evil.invalid");
  expect_refused(approval_of(run, "production", nullptr), "not https");
  for (const char* repository : {"", "octo", "octo/", "octo/repo/more", "/"}) {
    run = run_at("http://127.0.0.1:1");
    run.repository = repository;
    expect_refused(approval_of(run, "production", nullptr), "name no run");
  }
  run = run_at("http://127.0.0.1:1");
  run.run_id = "42/../43";
  expect_refused(approval_of(run, "production", nullptr), "name no run");
}

TEST(WorkflowRun, IsOneOnlyInsideOfActions) {
  std::map<std::string, std::string> variables = {{"GITHUB_RUN_ID", "42"},
                                                  {"GITHUB_REPOSITORY", "octo/repo"}};
  const auto variable = [&](const std::string& name) {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional<std::string>(found->second);
  };
  EXPECT_FALSE(workflow_run(variable));
  variables["GITHUB_ACTIONS"] = "true";
  ASSERT_TRUE(workflow_run(variable));
  EXPECT_EQ(workflow_run(variable)->api_url, "https://api.github.com");
  variables.erase("GITHUB_RUN_ID");
  EXPECT_FALSE(workflow_run(variable));
}

}  // namespace
}  // namespace godwit::ci
