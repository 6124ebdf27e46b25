#include "base/time.h"
#include "report/escape.h"
#include "report/schema_report.h"

#include <nlohmann/json.hpp>

namespace godwit::report {

namespace {

using Json = nlohmann::ordered_json;

Json finding_json(const SchemaFinding& finding) {
  return {{"severity", finding.severity}, {"kind", finding.kind},       {"revision", finding.revision},
          {"file", finding.file},         {"message", finding.message}, {"repair", finding.repair}};
}

Json blockers_json(const std::vector<SchemaBlocker>& blockers) {
  Json list = Json::array();
  for (const SchemaBlocker& one : blockers) {
    list.push_back({{"pid", one.pid},
                    {"application", one.application},
                    {"user", one.user},
                    {"state", one.state},
                    {"transaction_s", one.transaction_s},
                    {"command", one.command},
                    {"lock", one.lock},
                    {"relation", one.relation}});
  }
  return list;
}

Json step_json(const SchemaStep& step) {
  Json json = {{"revision", step.revision},
               {"name", step.name},
               {"file", step.file},
               {"direction", step.direction},
               {"state", step.state},
               {"mode", step.mode},
               {"sha256", step.sha256},
               {"statements", step.statements},
               {"attempts", step.attempts},
               {"cancels", step.cancels},
               {"duration_ms", step.duration_us / 1000}};
  if (!step.blockers.empty()) json["blockers"] = blockers_json(step.blockers);
  if (!step.sql.empty()) json["sql"] = step.sql;
  return json;
}

Json failure_json(const SchemaFailure& failure) {
  return {{"revision", failure.revision},
          {"file", failure.where.file},
          {"line", failure.where.line},
          {"column", failure.where.column},
          {"excerpt", failure.excerpt},
          {"command", failure.command},
          {"sqlstate", failure.sqlstate},
          {"message", failure.message},
          {"statement", failure.statement},
          {"statements", failure.statements},
          {"statements_committed", failure.statements_committed},
          {"transactional", failure.transactional},
          {"blockers", blockers_json(failure.blockers)},
          {"committed", failure.committed},
          {"not_begun", failure.not_begun},
          {"next_commands", failure.next_commands}};
}

// `check`, `success` and `message` are what scripts of older tools read.
Json health_check_json(const SchemaHealthCheck& check) {
  return {{"check", check.check},
          {"success", check.state == "ok"},
          {"message", check.message},
          {"name", check.name},
          {"severity", check.severity},
          {"state", check.state},
          {"measured", check.measured},
          {"threshold", check.threshold},
          {"duration_ms", check.duration_us / 1000}};
}

Json health_checks_json(const std::vector<SchemaHealthCheck>& checks) {
  Json list = Json::array();
  for (const SchemaHealthCheck& check : checks)
    list.push_back(health_check_json(check));
  return list;
}

Json text_or_null(const std::string& text) {
  return text.empty() ? Json(nullptr) : Json(text);
}

Json receipt_json(const SchemaReceipt& receipt) {
  return {{"from", receipt.from},           {"public_key", receipt.public_key},
          {"made_at", receipt.made_at},     {"start_fingerprint", receipt.start},
          {"end_fingerprint", receipt.end}, {"found_fingerprint", text_or_null(receipt.found)}};
}

Json preview_json(const SchemaPreview& preview) {
  Json changes = Json::array();
  for (const SchemaChange& change : preview.changes) {
    changes.push_back({{"what", change.what},
                       {"kind", change.kind},
                       {"name", change.name},
                       {"before", change.before},
                       {"after", change.after},
                       {"sql", change.sql},
                       {"destructive", change.destructive}});
  }
  return {{"rehearsed", preview.why_not.empty()},
          {"why_not", text_or_null(preview.why_not)},
          {"where", preview.where},
          {"server", preview.server},
          {"start_fingerprint", preview.before},
          {"end_fingerprint", preview.after},
          {"changes", changes}};
}

int64_t count_of(const SchemaRunReport& report, std::string_view state) {
  int64_t count = 0;
  for (const SchemaStep& step : report.steps)
    count += step.state == state ? 1 : 0;
  return count;
}

void add_lists(const SchemaRunReport& report, Json& json) {
  json["findings"] = Json::array();
  for (const SchemaFinding& finding : report.findings)
    json["findings"].push_back(finding_json(finding));
  json["steps"] = Json::array();
  for (const SchemaStep& step : report.steps)
    json["steps"].push_back(step_json(step));
  if (report.dry_run) json["structure"] = report.preview ? preview_json(*report.preview) : Json(nullptr);
  json["failure"] = report.failures.empty() ? Json(nullptr) : failure_json(report.failures[0]);
}

}  // namespace

std::string to_json(const SchemaRunReport& report) {
  Json json = {{"version", 1},
               {"success", report.exit_code == 0},
               {"run", text_or_null(report.run)},
               {"operation", report.operation},
               {"outcome", report.outcome},
               {"exit_code", report.exit_code},
               {"error", text_or_null(report.error)},
               {"database", report.database},
               {"environment", report.environment},
               {"executor", report.tool},
               {"table", report.table},
               {"server", report.server},
               {"target", report.target},
               {"plan_hash", report.plan_hash},
               {"dry_run", report.dry_run},
               {"applied", count_of(report, "applied")},
               {"rolled_back", count_of(report, "reverted")},
               {"pending_count", count_of(report, "planned")},
               {"pre_revision", report.before.empty() ? Json(nullptr) : Json(report.before.back())},
               {"post_revision", report.after.empty() ? Json(nullptr) : Json(report.after.back())},
               {"timestamp", iso_utc(report.started_us)},
               {"duration_ms", (report.finished_us - report.started_us) / 1000},
               {"actor", report.actor},
               {"commit", text_or_null(report.commit)},
               {"ci_run_id", text_or_null(report.ci_run_id)},
               {"ci_url", text_or_null(report.ci_url)},
               {"ci_attempt", text_or_null(report.ci_attempt)},
               {"host", report.host},
               {"godwit_version", report.version},
               {"skipped", report.skipped},
               {"health_checks", health_checks_json(report.health)},
               {"backup_file", text_or_null(report.backup_file)},
               {"receipt", report.receipt ? receipt_json(*report.receipt) : Json(nullptr)},
               {"approved_by", text_or_null(report.approved_by)},
               {"approval", text_or_null(report.approval)},
               {"validation", text_or_null(report.validation)}};
  add_lists(report, json);
  return json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string health_json(const SchemaHealth& health, const std::string& database,
                        const std::string& environment, int exit_code) {
  const Json json = {{"version", 1},
                     {"database", database},
                     {"environment", environment},
                     {"success", exit_code == 0},
                     {"exit_code", exit_code},
                     {"checks", health_checks_json(health.checks)}};
  return json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace godwit::report
