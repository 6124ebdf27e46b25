// A lint for programs: JSON and SARIF.
#include "report/escape.h"
#include "report/lint/annotation_parts.h"
#include "report/lint_report.h"
#include "report/sarif_document.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace godwit::report {

namespace {

using Json = nlohmann::ordered_json;

Json text_or_null(const std::string& text) {
  return text.empty() ? Json(nullptr) : Json(text);
}

Json finding_json(const LintFinding& finding) {
  return {{"rule", finding.rule},
          {"severity", finding.severity},
          {"file", finding.where.file},
          {"line", finding.where.line},
          {"column", finding.where.column},
          {"excerpt", finding.excerpt},
          {"command", text_or_null(finding.command)},
          {"message", finding.message},
          {"why", finding.why},
          {"lock", text_or_null(finding.lock)},
          {"tables", finding.tables},
          {"blocks", text_or_null(finding.blocks)},
          {"duration", text_or_null(finding.duration)},
          {"rewrite", text_or_null(finding.rewrite)}};
}

Json result(const LintFinding& finding, size_t rule_index) {
  std::string text = one_line(finding.message);
  if (!finding.lock.empty())
    text +=
        fmt::format(" (lock: {}; blocks: {}; duration: {})", finding.lock, finding.blocks, finding.duration);
  Json out;
  out["ruleId"] = finding.rule;
  out["ruleIndex"] = rule_index;
  out["level"] = finding.severity;
  out["message"] = {{"text", text}};
  out["locations"] = Json::array({sarif_location(finding.where)});
  out["partialFingerprints"] = {
      {"statement/v1", fmt::format("{}:{}", finding.rule, one_line(finding.excerpt))}};
  if (!finding.rewrite.empty()) out["properties"] = {{"rewrite", finding.rewrite}};
  return out;
}

}  // namespace

std::string to_json(const LintReport& report, int exit_code) {
  Json json = {{"version", 1},
               {"success", exit_code == 0},
               {"exit_code", exit_code},
               {"database", text_or_null(report.database)},
               {"environment", text_or_null(report.environment)},
               {"scope", report.scope},
               {"live", report.live},
               {"files", report.files},
               {"statements", report.statements},
               {"errors", report.count("error")},
               {"warnings", report.count("warning")},
               {"notes", report.count("note")}};
  json["findings"] = Json::array();
  for (const LintFinding& finding : report.findings)
    json["findings"].push_back(finding_json(finding));
  json["allowed"] = Json::array();
  for (const LintAllowance& one : report.allowed) {
    json["allowed"].push_back({{"rule", one.rule},
                               {"reason", one.reason},
                               {"file", one.where.file},
                               {"line", one.where.line},
                               {"column", one.where.column}});
  }
  json["godwit_version"] = report.version;
  return json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string to_sarif(const LintReport& report) {
  Json results = Json::array();
  SarifRules rules;
  for (const LintFinding& finding : report.findings)
    results.push_back(result(finding, rules.index_of(finding.rule, finding.why)));
  for (const LintAllowance& one : report.allowed) {
    LintFinding finding;
    finding.rule = one.rule;
    finding.severity = "note";
    finding.where = one.where;
    finding.message = "allowed: " + one.reason;
    Json entry = result(finding, rules.index_of(one.rule, ""));
    entry["suppressions"] = Json::array({{{"kind", "inSource"}, {"justification", one_line(one.reason)}}});
    results.push_back(std::move(entry));
  }
  return sarif_document(rules.json(), results, report.version, "lint/", nullptr);
}

}  // namespace godwit::report
