#include "report/escape.h"
#include "report/figures.h"
#include "report/report.h"
#include "report/sarif_document.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

namespace godwit::report {

namespace {

using Json = nlohmann::ordered_json;

// A skipped check fails the run: it is an error here too.
std::string_view level(const CheckOutcome& outcome) {
  if (outcome.verdict != CheckVerdict::warned) return "error";
  return outcome.check.severity == Severity::info ? "note" : "warning";
}

std::string_view level(Severity severity) {
  switch (severity) {
    case Severity::error:
      return "error";
    case Severity::warning:
      return "warning";
    case Severity::info:
      return "note";
  }
  return "error";
}

// Findings of data have no line in a file. Code scanning wants one nevertheless: the rule's in checks.yml, or
// the configuration, which brought the table in.
Json location(const CheckOutcome& outcome) {
  const Check& check = outcome.check;
  const bool known = check.where.known();
  const std::string file = known ? check.where.file.substr(check.where.file.rfind('/') + 1) : "godwit.yml";
  const Json region = {{"startLine", known ? std::max(1, check.where.line) : 1}};
  const std::string name = check.dataset + (check.column.empty() ? "" : "." + check.column);
  Json out;
  out["physicalLocation"] = {{"artifactLocation", {{"uri", uri(file)}}}, {"region", region}};
  out["logicalLocations"] = Json::array({{{"fullyQualifiedName", one_line(name)}, {"kind", "member"}}});
  return out;
}

Json result(const CheckOutcome& outcome, size_t rule_index) {
  const std::string text = outcome.verdict == CheckVerdict::skipped
                               ? "not evaluated: " + finding_text(outcome)
                               : fmt::format("{} findings: {}", outcome.findings, finding_text(outcome));
  Json out;
  out["ruleId"] = one_line(outcome.check.rule);
  out["ruleIndex"] = rule_index;
  out["level"] = level(outcome);
  out["message"] = {{"text", one_line(text)}};
  out["locations"] = Json::array({location(outcome)});
  out["partialFingerprints"] = {{"checkId/v1", one_line(outcome.check.id)}};
  out["properties"] = {{"category", to_string(outcome.check.category)},
                       {"verdict", to_string(outcome.verdict)},
                       {"findings", outcome.findings},
                       {"evaluatedRows", outcome.evaluated_rows}};
  return out;
}

}  // namespace

std::string to_sarif(const RunReport& report) {
  Json results = Json::array();
  Json rules = Json::array();
  std::map<std::string, size_t> indexes;
  for (const CheckOutcome* outcome : findings_of(report)) {
    const Check& check = outcome->check;
    const auto [entry, added] = indexes.emplace(check.rule, indexes.size());
    if (added) {
      const std::string text = one_line(check.description.empty() ? check.rule : check.description);
      Json rule;
      rule["id"] = one_line(check.rule);
      rule["shortDescription"] = {{"text", text.empty() ? "check" : text}};
      rule["defaultConfiguration"] = {{"level", level(check.severity)}};
      rules.push_back(std::move(rule));
    }
    results.push_back(result(*outcome, entry->second));
  }
  return sarif_document(
      rules, results, report.godwit_version, one_line(report.pipeline + "/" + report.run),
      Json::array({sarif_invocation(report.exit_code, report.started_us, report.finished_us, report.error)}));
}

}  // namespace godwit::report
