#include "pipeline/run/run_documents.h"

#include "os/files.h"

#include <nlohmann/json.hpp>

namespace godwit::pipeline {

namespace {

using Json = nlohmann::ordered_json;

template <typename Enum>
Enum enum_from(const std::string& text, std::initializer_list<Enum> values, Enum otherwise) {
  for (const Enum value : values) {
    if (to_string(value) == text) return value;
  }
  return otherwise;
}

Json outcome_json(const CheckOutcome& outcome) {
  return {{"id", outcome.check.id},
          {"rule", outcome.check.rule},
          {"category", to_string(outcome.check.category)},
          {"severity", to_string(outcome.check.severity)},
          {"dataset", outcome.check.dataset},
          {"column", outcome.check.column},
          {"description", outcome.check.description},
          {"verdict", to_string(outcome.verdict)},
          {"evaluated_rows", outcome.evaluated_rows},
          {"findings", outcome.findings},
          {"failing_keys", outcome.failing_keys},
          {"reason", outcome.reason}};
}

CheckOutcome outcome_from(const Json& json) {
  CheckOutcome outcome;
  outcome.check.id = json.at("id");
  outcome.check.rule = json.at("rule");
  outcome.check.dataset = json.at("dataset");
  outcome.check.column = json.at("column");
  outcome.check.description = json.at("description");
  outcome.check.category = enum_from(
      json.at("category"),
      {CheckCategory::schema, CheckCategory::not_null, CheckCategory::unique, CheckCategory::referential,
       CheckCategory::constraint, CheckCategory::masking, CheckCategory::completeness,
       CheckCategory::business, CheckCategory::data_quality, CheckCategory::cross_store},
      CheckCategory::schema);
  outcome.check.severity =
      enum_from(json.at("severity"), {Severity::error, Severity::warning, Severity::info}, Severity::error);
  outcome.verdict =
      enum_from(json.at("verdict"),
                {CheckVerdict::passed, CheckVerdict::failed, CheckVerdict::warned, CheckVerdict::skipped},
                CheckVerdict::skipped);
  outcome.evaluated_rows = json.at("evaluated_rows");
  outcome.findings = json.at("findings");
  outcome.failing_keys = json.at("failing_keys").get<std::vector<std::string>>();
  outcome.reason = json.at("reason");
  return outcome;
}

}  // namespace

Status write_checks(const RunFolder& folder, const std::vector<CheckOutcome>& outcomes,
                    const CheckSummary& summary) {
  Json list = Json::array();
  for (const CheckOutcome& outcome : outcomes)
    list.push_back(outcome_json(outcome));
  const Json document = {{"version", 1},
                         {"summary",
                          {{"evaluated", summary.evaluated},
                           {"passed", summary.passed},
                           {"failed", summary.failed},
                           {"warned", summary.warned},
                           {"skipped", summary.skipped},
                           {"verdict", summary.verdict}}},
                         {"checks", list}};
  return os::write_file(folder.checks(), document.dump(1, ' ', false, Json::error_handler_t::replace) + "\n");
}

Result<std::vector<CheckOutcome>> read_checks(const RunFolder& folder) {
  ASSIGN_OR_RETURN(const auto text, os::read_file_if_exists(folder.checks()));
  std::vector<CheckOutcome> outcomes;
  if (!text) return outcomes;
  try {
    const Json document = Json::parse(*text);
    for (const Json& entry : document.at("checks"))
      outcomes.push_back(outcome_from(entry));
  } catch (const nlohmann::json::exception& problem) {
    return make_error(ErrorKind::failed, std::string("checks.json cannot be read: ") + problem.what());
  }
  return outcomes;
}

Status write_load(const RunFolder& folder, const RunReport& report) {
  Json tables = Json::array();
  for (const TableReport& table : report.tables) {
    tables.push_back({{"dataset", table.dataset},
                      {"membership", table.membership},
                      {"rows", table.rows},
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
                      {"orphans", table.orphans}});
  }
  Json stores = Json::array();
  for (const StoreReport& store : report.stores) {
    stores.push_back({{"store", store.store},
                      {"state", store.commit_state},
                      {"transaction_id", store.transaction_id},
                      {"connections", store.connections},
                      {"load_note", store.load_note}});
  }
  const Json document = {{"version", 1},
                         {"run", report.run},
                         {"strategy", report.strategy},
                         {"stores", stores},
                         {"tables", tables}};
  return os::write_file(folder.load(), document.dump(1) + "\n");
}

Status read_load(const RunFolder& folder, RunReport& report) {
  ASSIGN_OR_RETURN(const auto text, os::read_file_if_exists(folder.load()));
  if (!text) return {};
  try {
    const Json document = Json::parse(*text);
    for (const Json& entry : document.at("tables")) {
      for (TableReport& table : report.tables) {
        if (table.dataset != entry.at("dataset").get<std::string>()) continue;
        entry.at("inserted").get_to(table.inserted);
        entry.at("updated").get_to(table.updated);
        entry.at("kept").get_to(table.kept);
        entry.at("different").get_to(table.different);
        table.deleted = entry.value("deleted", int64_t{0});
        table.strategy = entry.value("strategy", table.strategy);
        table.chosen = entry.value("chosen", false);
        table.existing = entry.value("existing", int64_t{0});
        table.brought = entry.value("brought", int64_t{0});
        entry.at("proved_rows").get_to(table.proved_rows);
      }
    }
    for (const Json& entry : document.at("stores")) {
      for (StoreReport& store : report.stores) {
        if (store.store != entry.at("store").get<std::string>()) continue;
        store.connections = entry.value("connections", store.connections);
        store.load_note = entry.value("load_note", store.load_note);
      }
    }
  } catch (const nlohmann::json::exception& problem) {
    return make_error(ErrorKind::failed, std::string("load.json cannot be read: ") + problem.what());
  }
  return {};
}

}  // namespace godwit::pipeline
