#include "schema/gate/gates.h"

#include "base/text.h"
#include "base/time.h"

#include <fmt/format.h>

#include <algorithm>

namespace godwit::schema {

namespace {

bool glob_matches(std::string_view pattern, std::string_view text) {
  if (pattern.empty()) return text.empty();
  if (pattern[0] != '*')
    return !text.empty() && pattern[0] == text[0] && glob_matches(pattern.substr(1), text.substr(1));
  for (size_t skip = 0; skip <= text.size(); ++skip) {
    if (glob_matches(pattern.substr(1), text.substr(skip))) return true;
  }
  return false;
}

std::string ref_problem(const GateSettings& gates, const GateQuestion& question) {
  if (gates.allowed_refs.empty()) return {};
  const std::string allowed = join(gates.allowed_refs, ", ");
  if (question.ref.empty()) {
    return fmt::format("only {} may migrate {}, and which ref this is is unknown (GITHUB_REF is not set)",
                       allowed, question.environment);
  }
  const bool allows =
      std::any_of(gates.allowed_refs.begin(), gates.allowed_refs.end(),
                  [&](const std::string& pattern) { return ref_matches(pattern, question.ref); });
  return allows
             ? ""
             : fmt::format("{} may not migrate {}: only {} may", question.ref, question.environment, allowed);
}

std::string freeze_problem(const GateSettings& gates, const GateQuestion& question) {
  for (const auto& [window, written] : gates.freeze) {
    if (window.contains(question.now_us))
      return fmt::format("{} is frozen ({}, now {})", question.environment, written,
                         iso_utc(question.now_us));
  }
  return {};
}

bool is_valid(const ledger::ApprovalRecord& approval, const GateQuestion& question) {
  const bool same_commit = approval.commit.empty() || approval.commit == question.commit;
  return approval.database == question.database && approval.environment == question.environment &&
         same_commit && approval.expires_us > question.now_us && approval.actor != question.actor;
}

// Why an approval that is there does not count; empty when there is none.
std::string why_not(const std::vector<ledger::ApprovalRecord>& approvals, const GateQuestion& question) {
  for (const ledger::ApprovalRecord& approval : approvals) {
    if (approval.database != question.database || approval.environment != question.environment) continue;
    if (approval.actor == question.actor)
      return fmt::format("; {} approved it, who also asks for the run", approval.actor);
    if (approval.expires_us <= question.now_us)
      return fmt::format("; the approval of {} ended at {}", approval.actor, iso_utc(approval.expires_us));
    return fmt::format("; {} approved it for another commit", approval.actor);
  }
  return {};
}

// Fills the answer, or says why it cannot.
std::string ask_ci(const std::function<Result<CiApproval>()>& ci_approval, const GateQuestion& question,
                   GateAnswer& answer) {
  const auto asked = ci_approval();
  if (!asked.ok()) {
    const std::string& hint = asked.error().hint;
    return asked.error().message + (hint.empty() ? "" : " (" + hint + ")");
  }
  if (asked->approver.empty()) return asked->text;
  if (asked->approver == question.actor) return asked->approver + " approved the run and asks for it too";
  answer = {asked->approver, asked->text};
  return {};
}

}  // namespace

bool ref_matches(std::string_view pattern, std::string_view ref) {
  if (pattern.starts_with("refs/")) return glob_matches(pattern, ref);
  for (const std::string_view prefix : {"refs/heads/", "refs/tags/"}) {
    if (ref.starts_with(prefix) && glob_matches(pattern, ref.substr(prefix.size()))) return true;
  }
  return glob_matches(pattern, ref);
}

Result<GateAnswer> check_gates(const GateSettings& gates, const GateQuestion& question,
                               const std::function<Result<std::vector<ledger::ApprovalRecord>>()>& approvals,
                               const std::function<Result<CiApproval>()>& ci_approval) {
  GateAnswer answer;
  std::vector<std::string> problems;
  std::vector<std::string> hints;
  for (std::string problem : {ref_problem(gates, question), freeze_problem(gates, question)}) {
    if (!problem.empty()) problems.push_back(std::move(problem));
  }
  if (gates.require_approval) {
    ASSIGN_OR_RETURN(const auto given, approvals());
    const auto valid = std::find_if(given.begin(), given.end(), [&](const ledger::ApprovalRecord& approval) {
      return is_valid(approval, question);
    });
    std::string in_ci;
    if (valid != given.end()) {
      answer = {valid->actor, "this plan"};
    } else if (ci_approval) {
      in_ci = ask_ci(ci_approval, question, answer);
    }
    if (answer.approved_by.empty()) {
      if (!in_ci.empty()) problems.push_back(std::move(in_ci));
      problems.push_back(fmt::format("plan {} has no valid approval for {}{}", question.plan_hash,
                                     question.environment, why_not(given, question)));
      hints.push_back(fmt::format("somebody else approves it: godwit db approve {} --database {} --env {}",
                                  question.plan_hash, question.database, question.environment));
    }
  }
  if (problems.empty()) return answer;
  Error error = make_error(ErrorKind::gate, join(problems, "\n"), join(hints, "\n"));
  error.where = gates.where;
  return error;
}

}  // namespace godwit::schema
