#include "ci/github/approvals.h"

#include "base/text.h"
#include "net/http.h"
#include "net/url.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <vector>

namespace godwit::ci {

namespace {

using nlohmann::json;

constexpr const char* permission_hint =
    "give the job the permission (permissions: {actions: read}) and the token (env: {GITHUB_TOKEN: ${{ "
    "github.token }}})";

Error refuse(const std::string& why, const std::string& hint = {}) {
  return make_error(ErrorKind::gate, "GitHub could not say who approved this run: " + why, hint);
}

Error refuse_status(const net::HttpResponse& answer) {
  const std::string status = fmt::format("it answers {}", answer.status);
  const std::string* left = answer.header("x-ratelimit-remaining");
  if (answer.status == 429 || (answer.status == 403 && left != nullptr && *left == "0"))
    return refuse(status + ": too many requests", "run it again later");
  if (answer.status == 401) return refuse(status + ": it does not know the token", permission_hint);
  if (answer.status == 403) return refuse(status + ": the token may not read workflow runs", permission_hint);
  if (answer.status == 404)
    return refuse(status + ": no such run, or the token may not see it", permission_hint);
  return refuse(status, answer.status >= 500 ? "run it again later" : "");
}

bool is_this_machine(std::string_view shown) {
  for (const std::string_view host : {"http://127.0.0.1", "http://localhost", "http://[::1]"}) {
    if (shown == host || shown.starts_with(std::string(host) + ":")) return true;
  }
  return false;
}

Result<json> ask(const WorkflowRun& run, const std::string& path, const std::atomic<bool>* cancel) {
  net::HttpRequest request;
  request.url = run.api_url + path;
  auto url = net::parse_url(request.url);
  if (!url.ok()) return refuse("GITHUB_API_URL is no address");
  if (!url->shown.starts_with("https://") && !is_this_machine(url->shown))
    return refuse("GITHUB_API_URL is not https: the token is not sent there");
  request.timeout_ms = run.timeout_ms;
  request.headers = {{"Accept", "application/vnd.github+json"},
                     {"X-GitHub-Api-Version", "2022-11-28"},
                     {"User-Agent", "godwit"},
                     {"Authorization", "Bearer " + std::string(run.token.reveal())}};
  const auto answer = net::send(request, cancel);
  if (!answer.ok()) {
    if (answer.error().kind == ErrorKind::interrupted) return answer.error();
    return refuse(answer.error().message, "run it again later");
  }
  if (answer->status != 200) return refuse_status(*answer);
  json document = json::parse(answer->body, nullptr, false);
  if (document.is_discarded()) return refuse("its answer is no JSON");
  return document;
}

std::string text_at(const json& object, const char* key) {
  const auto found = object.is_object() ? object.find(key) : object.end();
  return object.is_object() && found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

std::string login_at(const json& object, const char* key) {
  return object.is_object() && object.contains(key) ? text_at(object[key], "login") : "";
}

// Logins are the same in any case.
bool same_login(const std::string& a, const std::string& b) {
  return !a.empty() && to_lower_ascii(a) == to_lower_ascii(b);
}

bool names(const json& review, const std::string& environment) {
  if (!review.contains("environments") || !review["environments"].is_array()) return false;
  const json& all = review["environments"];
  return std::any_of(all.begin(), all.end(),
                     [&](const json& one) { return text_at(one, "name") == environment; });
}

// Who began it, and who began it again.
Result<std::vector<std::string>> starters_of(const WorkflowRun& run, const std::string& path,
                                             const std::atomic<bool>* cancel) {
  ASSIGN_OR_RETURN(const json document, ask(run, path, cancel));
  const std::string status = text_at(document, "status");
  const std::string actor = login_at(document, "actor");
  if (status.empty() || actor.empty()) return refuse("its answer about the run says neither state nor actor");
  if (status == "completed")
    return refuse(fmt::format("run {} is completed: this cannot be a job of it", run.run_id));
  return std::vector<std::string>{run.actor, actor, login_at(document, "triggering_actor")};
}

RunApproval judge(const json& reviews, const std::vector<std::string>& starters,
                  const std::string& environment, const std::string& where) {
  RunApproval none{"", fmt::format("nobody approved {} for environment {}", where, environment)};
  std::string approver;
  for (const json& review : reviews) {
    if (!review.is_object() || !names(review, environment)) continue;
    const std::string state = text_at(review, "state");
    const std::string login = login_at(review, "user");
    if (state == "rejected")
      return {"", fmt::format("{} rejected {} for environment {}", login, where, environment)};
    if (state != "approved" || login.empty()) continue;
    const bool own = std::any_of(starters.begin(), starters.end(),
                                 [&](const std::string& starter) { return same_login(starter, login); });
    if (own) {
      none.text = fmt::format("{} approved {}, who also started it", login, where);
    } else if (approver.empty()) {
      approver = login;
    }
  }
  if (approver.empty()) return none;
  return {approver, fmt::format("environment {} of {}", environment, where)};
}

}  // namespace

std::optional<WorkflowRun> workflow_run(
    const std::function<std::optional<std::string>(const std::string&)>& variable) {
  const auto text = [&](const char* name) { return variable(name).value_or(""); };
  if (text("GITHUB_ACTIONS") != "true" || text("GITHUB_RUN_ID").empty()) return std::nullopt;
  WorkflowRun run;
  run.api_url = text("GITHUB_API_URL");
  if (run.api_url.empty()) run.api_url = "https://api.github.com";
  run.repository = text("GITHUB_REPOSITORY");
  run.run_id = text("GITHUB_RUN_ID");
  run.actor = text("GITHUB_ACTOR");
  run.token = Secret(text("GITHUB_TOKEN"));
  return run;
}

Result<RunApproval> approval_of(const WorkflowRun& run, const std::string& environment,
                                const std::atomic<bool>* cancel) {
  if (run.token.empty()) return refuse("GITHUB_TOKEN is not set", permission_hint);
  const std::vector<std::string> parts = split(run.repository, '/');
  const bool number = run.run_id.find_first_not_of("0123456789") == std::string::npos;
  if (parts.size() != 2 || parts[0].empty() || parts[1].empty() || !number || run.run_id.empty())
    return refuse("GITHUB_REPOSITORY and GITHUB_RUN_ID name no run");
  const std::string path = fmt::format("/repos/{}/{}/actions/runs/{}", net::path_segment(parts[0]),
                                       net::path_segment(parts[1]), run.run_id);
  ASSIGN_OR_RETURN(const auto starters, starters_of(run, path, cancel));
  ASSIGN_OR_RETURN(const json reviews, ask(run, path + "/approvals", cancel));
  if (!reviews.is_array()) return refuse("its answer about approvals is no list");
  return judge(reviews, starters, environment, fmt::format("workflow run {}", run.run_id));
}

}  // namespace godwit::ci
