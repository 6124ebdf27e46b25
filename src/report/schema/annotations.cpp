// A run that changed a database's structure for code scanning and pull requests: SARIF and GitHub's
// annotations.
#include "base/text.h"
#include "report/escape.h"
#include "report/lint/annotation_parts.h"
#include "report/sarif_document.h"
#include "report/schema_report.h"

#include <fmt/format.h>

#include <charconv>
#include <nlohmann/json.hpp>

namespace godwit::report {

namespace {

using Json = nlohmann::ordered_json;

struct Annotation {
  std::string rule, severity, message, why;
  SourceLocation where;
  std::string fingerprint;
};

// "path:line:column", as far as there is a line.
SourceLocation parse_place(std::string_view text) {
  SourceLocation where;
  int numbers[2] = {0, 0};
  int found = 0;
  while (found < 2) {
    const size_t colon = text.rfind(':');
    if (colon == std::string_view::npos || colon + 1 == text.size()) break;
    const std::string_view digits = text.substr(colon + 1);
    if (digits.find_first_not_of("0123456789") != std::string_view::npos) break;
    std::from_chars(digits.data(), digits.data() + digits.size(), numbers[found++]);
    text = text.substr(0, colon);
  }
  where.file = text;
  where.line = found == 2 ? numbers[1] : numbers[0];
  where.column = found == 2 ? numbers[0] : 0;
  return where;
}

class Annotations {
 public:
  Annotations(const std::string& directory, const std::string& root) : directory_(directory), root_(root) {}

  void add_failure(const SchemaFailure& failure) {
    Annotation one{"migration-failed",   "error",
                   failure.message,      "a migration was refused by the database",
                   shown(failure.where), failure.revision + ":" + failure.command};
    if (!failure.sqlstate.empty()) one.message += " (SQLSTATE " + failure.sqlstate + ")";
    if (failure.statement > 0)
      one.message +=
          fmt::format("; statement {} of {}: {}", failure.statement, failure.statements, failure.command);
    one.message += failure.transactional ? "; rolled back"
                                         : fmt::format("; {} of {} statements are done and stay",
                                                       failure.statements_committed, failure.statements);
    for (const SchemaBlocker& blocker : failure.blockers)
      one.message += "; blocked by " + blocker.text();
    if (!failure.committed.empty()) one.message += "; kept: " + join(failure.committed, ", ");
    if (!failure.next_commands.empty()) one.message += "; next: " + join(failure.next_commands, " | ");
    list_.push_back(std::move(one));
  }

  void add_finding(const SchemaFinding& finding) {
    std::string severity = finding.severity == "refusal" ? "error" : finding.severity;
    std::string rule = finding.kind, message = finding.message;
    // A finding of lint says its rule first: "[drop-table] …".
    if (const size_t end = message.find("] "); message.starts_with('[') && end != std::string::npos) {
      rule = message.substr(1, end - 1);
      message = message.substr(end + 2);
    }
    if (!finding.repair.empty() && finding.kind != "lint") message += "; " + finding.repair;
    list_.push_back({rule, std::move(severity), message, "", shown(parse_place(finding.file)),
                     finding.revision + ":" + finding.file});
  }

  [[nodiscard]] const std::vector<Annotation>& list() const { return list_; }

 private:
  [[nodiscard]] SourceLocation shown(SourceLocation where) const {
    if (!where.known()) return where;
    if (!where.file.starts_with('/')) where.file = directory_ + "/" + where.file;
    if (!root_.empty() && where.file.starts_with(root_ + "/"))
      where.file = where.file.substr(root_.size() + 1);
    return where;
  }

  std::string directory_, root_;
  std::vector<Annotation> list_;
};

// An error that no line of a script is behind (a lock, a gate, a connection) has no place.
std::vector<Annotation> annotations_of(const SchemaRunReport& report, const std::string& directory,
                                       const std::string& root) {
  Annotations all(directory, root);
  for (const SchemaFailure& failure : report.failures)
    all.add_failure(failure);
  for (const SchemaFinding& finding : report.findings)
    all.add_finding(finding);
  return all.list();
}

}  // namespace

std::string to_sarif(const SchemaRunReport& report, const std::string& directory, const std::string& root) {
  SarifRules rules;
  Json results = Json::array();
  for (const Annotation& one : annotations_of(report, directory, root)) {
    Json result;
    result["ruleId"] = one.rule;
    result["ruleIndex"] = rules.index_of(one.rule, one.why);
    result["level"] = one.severity;
    result["message"] = {{"text", one_line(one.message)}};
    if (one.where.known()) result["locations"] = Json::array({sarif_location(one.where)});
    result["partialFingerprints"] = {{"migration/v1", one_line(one.rule + ":" + one.fingerprint)}};
    results.push_back(std::move(result));
  }
  return sarif_document(
      rules.json(), results, report.version,
      one_line(fmt::format("{}/{}/{}", report.operation, report.database, report.environment)),
      Json::array({sarif_invocation(report.exit_code, report.started_us, report.finished_us, report.error)}));
}

std::string to_github(const SchemaRunReport& report, const std::string& directory, const std::string& root) {
  std::string text;
  for (const Annotation& one : annotations_of(report, directory, root))
    text += github_command(one.severity, one.where, one.rule, one_line(one.message));
  if (report.failures.empty() && !report.error.empty())
    text += github_command("error", {}, report.operation + " of " + report.database, one_line(report.error));
  return text;
}

}  // namespace godwit::report
