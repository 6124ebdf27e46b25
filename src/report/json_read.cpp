// report.json read back: what to_json writes, and nothing else.
#include "os/files.h"
#include "report/report.h"

#include <nlohmann/json.hpp>

namespace godwit::report {

namespace {

using Json = nlohmann::ordered_json;

// The enumerator that a document names.
template <typename Enum>
Enum named(const Json& json, Enum last, Enum otherwise) {
  const std::string name = json.get<std::string>();
  for (int i = 0; i <= static_cast<int>(last); ++i) {
    if (to_string(static_cast<Enum>(i)) == name) return static_cast<Enum>(i);
  }
  return otherwise;
}

PhaseOutcome phase_from(const Json& json) {
  PhaseOutcome phase;
  phase.phase = named(json.at("phase"), Phase::undo, Phase::plan);
  phase.state = json.at("state");
  phase.started_us = json.at("started_us");
  phase.finished_us = json.at("finished_us");
  phase.rows = json.at("rows");
  phase.bytes = json.at("bytes");
  phase.detail = json.at("detail");
  return phase;
}

TableReport table_from(const Json& json) {
  TableReport table;
  table.dataset = json.at("table");
  table.store = json.at("store");
  table.membership = json.at("membership");
  table.reason = json.at("reason");
  table.rows = json.at("rows");
  table.owned_rows = json.at("owned_rows");
  table.needed_rows = json.at("needed_rows");
  table.bytes = json.at("bytes");
  table.digest = json.at("digest");
  table.inserted = json.at("inserted");
  table.updated = json.at("updated");
  table.kept = json.at("kept");
  table.different = json.at("different");
  // Reports of earlier versions have none of these.
  table.deleted = json.value("deleted", int64_t{0});
  table.strategy = json.value("strategy", std::string());
  table.chosen = json.value("chosen", false);
  table.existing = json.value("existing", int64_t{0});
  table.brought = json.value("brought", int64_t{0});
  table.proved_rows = json.at("proved_rows");
  table.foreign_rows = json.at("foreign_rows");
  table.orphans = json.at("orphans");
  table.verified_rows = json.at("verified_rows");
  table.mismatched_rows = json.at("mismatched_rows");
  table.missing_rows = json.at("missing_rows");
  for (const Json& mask : json.at("masks")) {
    table.masks.push_back(
        {mask.at("column"), mask.at("rule"), mask.at("values"), mask.at("nulls"), mask.at("unchanged")});
  }
  return table;
}

StoreReport store_from(const Json& json) {
  StoreReport store;
  store.store = json.at("store");
  store.kind = json.at("kind");
  store.snapshot_us = json.at("snapshot_us");
  store.snapshot_position = json.at("snapshot_position");
  store.commit_state = json.at("commit_state");
  store.transaction_id = json.at("transaction_id");
  store.connection_notes = json.at("connection_notes").get<std::vector<std::string>>();
  store.connections = json.value("connections", 1);  // reports of earlier versions have neither
  store.load_note = json.value("load_note", std::string());
  return store;
}

CheckOutcome finding_from(const Json& json) {
  CheckOutcome outcome;
  outcome.check.id = json.at("id");
  outcome.check.rule = json.at("rule");
  outcome.check.dataset = json.at("table");
  outcome.check.column = json.at("column");
  outcome.check.category = named(json.at("category"), CheckCategory::cross_store, CheckCategory::schema);
  outcome.check.severity = named(json.at("severity"), Severity::info, Severity::error);
  outcome.check.description = json.at("description");
  outcome.verdict = named(json.at("verdict"), CheckVerdict::skipped, CheckVerdict::skipped);
  outcome.evaluated_rows = json.at("evaluated_rows");
  outcome.findings = json.at("findings");
  outcome.reason = json.at("reason");
  return outcome;
}

void read_checks(const Json& json, RunReport& report) {
  CheckSummary& summary = report.check_summary;
  summary.evaluated = json.at("evaluated");
  summary.passed = json.at("passed");
  summary.failed = json.at("failed");
  summary.warned = json.at("warned");
  summary.skipped = json.at("skipped");
  summary.verdict = json.at("verdict");
  for (const Json& entry : json.at("categories")) {
    CheckCategoryCount count;
    count.category = named(entry.at("category"), CheckCategory::cross_store, CheckCategory::schema);
    count.passed = entry.at("passed");
    count.warned = entry.at("warned");
    count.failed = entry.at("failed");
    count.skipped = entry.at("skipped");
    report.check_categories.push_back(count);
  }
  for (const Json& entry : json.at("findings"))
    report.checks.push_back(finding_from(entry));
}

RunReport report_from(const Json& json) {
  RunReport report;
  report.run = json.at("run");
  report.kind = json.at("kind");
  report.of_run = json.at("of_run");
  report.state = run_state_from(json.at("status").get<std::string>()).value_or(RunState::planned);
  report.exit_code = json.at("exit_code");
  report.dry_run = json.at("dry_run");
  report.pipeline = json.at("pipeline");
  report.scope_name = json.at("scope_name");
  report.scope = json.at("scope");
  report.from = json.at("from");
  report.to = json.at("to");
  report.strategy = json.at("strategy");
  report.plan_hash = json.at("plan_hash");
  report.key_fingerprint = json.at("key_fingerprint");
  report.godwit_version = json.at("godwit_version");
  report.started_us = json.at("started_us");
  report.finished_us = json.at("finished_us");
  report.error = json.at("error");
  report.hint = json.at("hint");
  report.skew_us = json.at("skew_us");
  report.peak_memory_bytes = json.at("peak_memory_bytes");
  for (const Json& phase : json.at("phases"))
    report.phases.push_back(phase_from(phase));
  for (const Json& table : json.at("tables"))
    report.tables.push_back(table_from(table));
  for (const Json& store : json.at("stores"))
    report.stores.push_back(store_from(store));
  read_checks(json.at("checks"), report);
  report.notes = json.at("notes").get<std::vector<std::string>>();
  report.warnings = json.at("warnings").get<std::vector<std::string>>();
  report.artifacts = json.at("artifacts").get<std::map<std::string, std::string>>();
  return report;
}

}  // namespace

Result<RunReport> read_json(const std::string& folder, const std::string& about_run) {
  const std::string path = folder + "/" + (about_run.empty() ? "" : about_run + ".") + "report.json";
  ASSIGN_OR_RETURN(const std::string text, os::read_file(path));
  try {
    const Json json = Json::parse(text);
    if (json.at("version").get<int>() != 1) {
      return make_error(ErrorKind::failed, path + " is of a version that this godwit does not know",
                        "read it with the version that wrote it, or a newer one");
    }
    return report_from(json);
  } catch (const nlohmann::json::exception& problem) {
    return make_error(ErrorKind::failed, path + " cannot be read: " + problem.what());
  }
}

}  // namespace godwit::report
