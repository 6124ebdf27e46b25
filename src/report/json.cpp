#include "base/time.h"
#include "report/figures.h"
#include "report/report.h"

#include <nlohmann/json.hpp>

namespace godwit::report {

namespace {

using Json = nlohmann::ordered_json;

Json time_or_null(int64_t unix_us) {
  return unix_us == 0 ? Json(nullptr) : Json(iso_utc(unix_us));
}

Json phase_json(const PhaseOutcome& phase) {
  return {{"phase", to_string(phase.phase)},
          {"state", phase.state},
          {"started_at", time_or_null(phase.started_us)},
          {"started_us", phase.started_us},
          {"finished_us", phase.finished_us},
          {"duration_ms", duration_us(phase) / 1000},
          {"rows", phase.rows},
          {"bytes", phase.bytes},
          {"detail", phase.detail}};
}

Json mask_json(const MaskCount& mask) {
  return {{"column", mask.column},
          {"rule", mask.rule},
          {"values", mask.values},
          {"nulls", mask.nulls},
          {"unchanged", mask.unchanged}};
}

Json table_json(const TableReport& table) {
  Json masks = Json::array();
  for (const MaskCount& mask : table.masks)
    masks.push_back(mask_json(mask));
  return {{"table", table.dataset},
          {"store", table.store},
          {"membership", table.membership},
          {"reason", table.reason},
          {"rows", table.rows},
          {"owned_rows", table.owned_rows},
          {"needed_rows", table.needed_rows},
          {"bytes", table.bytes},
          {"digest", table.digest},
          {"inserted", table.inserted},
          {"updated", table.updated},
          {"kept", table.kept},
          {"different", table.different},
          {"deleted", table.deleted},
          {"strategy", table.strategy},
          {"chosen", table.chosen},
          {"existing", table.existing},
          {"brought", table.brought},
          {"proved_rows", table.proved_rows},
          {"foreign_rows", table.foreign_rows},
          {"orphans", table.orphans},
          {"verified_rows", table.verified_rows},
          {"mismatched_rows", table.mismatched_rows},
          {"missing_rows", table.missing_rows},
          {"masks", masks}};
}

Json store_json(const StoreReport& store) {
  return {{"store", store.store},
          {"kind", store.kind},
          {"snapshot_at", time_or_null(store.snapshot_us)},
          {"snapshot_us", store.snapshot_us},
          {"snapshot_position", store.snapshot_position},
          {"commit_state", store.commit_state},
          {"transaction_id", store.transaction_id},
          {"connection_notes", store.connection_notes},
          {"connections", store.connections},
          {"load_note", store.load_note}};
}

// Failing keys stay in checks.json: a report carries counts.
Json checks_json(const RunReport& report) {
  Json findings = Json::array();
  for (const CheckOutcome* found : findings_of(report)) {
    const CheckOutcome& outcome = *found;
    findings.push_back({{"id", outcome.check.id},
                        {"rule", outcome.check.rule},
                        {"table", outcome.check.dataset},
                        {"column", outcome.check.column},
                        {"category", to_string(outcome.check.category)},
                        {"severity", to_string(outcome.check.severity)},
                        {"verdict", to_string(outcome.verdict)},
                        {"evaluated_rows", outcome.evaluated_rows},
                        {"findings", outcome.findings},
                        {"description", outcome.check.description},
                        {"reason", outcome.reason}});
  }
  Json categories = Json::array();
  for (const CheckCategoryCount& count : count_checks(report)) {
    categories.push_back({{"category", to_string(count.category)},
                          {"passed", count.passed},
                          {"warned", count.warned},
                          {"failed", count.failed},
                          {"skipped", count.skipped}});
  }
  const CheckSummary& summary = report.check_summary;
  return {{"evaluated", summary.evaluated}, {"passed", summary.passed},   {"failed", summary.failed},
          {"warned", summary.warned},       {"skipped", summary.skipped}, {"verdict", summary.verdict},
          {"categories", categories},       {"findings", findings}};
}

}  // namespace

std::string to_json(const RunReport& report) {
  Json phases = Json::array();
  for (const PhaseOutcome& phase : report.phases)
    phases.push_back(phase_json(phase));
  Json stores = Json::array();
  for (const StoreReport& store : report.stores)
    stores.push_back(store_json(store));
  Json tables = Json::array();
  for (const TableReport& table : report.tables)
    tables.push_back(table_json(table));
  const Json document = {{"version", 1},
                         {"run", report.run},
                         {"kind", report.kind},
                         {"of_run", report.of_run},
                         {"status", to_string(report.state)},
                         {"exit_code", report.exit_code},
                         {"dry_run", report.dry_run},
                         {"pipeline", report.pipeline},
                         {"scope_name", report.scope_name},
                         {"scope", report.scope},
                         {"from", report.from},
                         {"to", report.to},
                         {"strategy", report.strategy},
                         {"plan_hash", report.plan_hash},
                         {"key_fingerprint", report.key_fingerprint},
                         {"godwit_version", report.godwit_version},
                         {"started_at", time_or_null(report.started_us)},
                         {"started_us", report.started_us},
                         {"finished_at", time_or_null(report.finished_us)},
                         {"finished_us", report.finished_us},
                         {"duration_ms", duration_us(report) / 1000},
                         {"error", report.error},
                         {"hint", report.hint},
                         {"skew_us", report.skew_us},
                         {"peak_memory_bytes", report.peak_memory_bytes},
                         {"phases", phases},
                         {"stores", stores},
                         {"tables", tables},
                         {"checks", checks_json(report)},
                         {"notes", report.notes},
                         {"warnings", report.warnings},
                         {"artifacts", report.artifacts}};
  return document.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace godwit::report
