#include "report/test_reports.h"

#include "base/prng.h"

#include <fmt/format.h>

#include <utility>

namespace godwit::report {

namespace {

constexpr int64_t second = 1'000'000;
constexpr int64_t start_us = 1'795'229'539 * second + 204'000;  // 2026-11-21T02:52:19Z

CheckOutcome outcome(CheckCategory category, const std::string& dataset, const std::string& column,
                     CheckVerdict verdict, int64_t findings) {
  CheckOutcome out;
  out.check.rule = std::string(to_string(category));
  out.check.id = out.check.rule + ":" + dataset + (column.empty() ? "" : "." + column);
  out.check.category = category;
  out.check.severity = verdict == CheckVerdict::warned ? Severity::warning : Severity::error;
  out.check.dataset = dataset;
  out.check.column = column;
  out.check.description = "what is demanded of " + (column.empty() ? dataset : column);
  out.verdict = verdict;
  out.evaluated_rows = 1000;
  out.findings = findings;
  if (findings > 0) out.failing_keys = {"KEY-MUST-NOT-LEAVE"};
  return out;
}

void summarize(RunReport& report) {
  CheckSummary& sum = report.check_summary;
  for (const CheckOutcome& check : report.checks) {
    sum.passed += check.verdict == CheckVerdict::passed ? 1 : 0;
    sum.failed += check.verdict == CheckVerdict::failed ? 1 : 0;
    sum.warned += check.verdict == CheckVerdict::warned ? 1 : 0;
    sum.skipped += check.verdict == CheckVerdict::skipped ? 1 : 0;
  }
  sum.evaluated = sum.passed + sum.failed + sum.warned;
  sum.verdict = sum.failed + sum.skipped > 0 ? "FAILED" : sum.warned > 0 ? "PASSED_WITH_WARNINGS" : "PASSED";
}

PhaseOutcome phase(Phase which, std::string state, int64_t from_ms, int64_t to_ms, int64_t rows,
                   int64_t bytes, std::string detail) {
  PhaseOutcome out;
  out.phase = which;
  out.state = std::move(state);
  out.started_us = start_us + from_ms * 1000;
  out.finished_us = to_ms == 0 ? 0 : start_us + to_ms * 1000;
  out.rows = rows;
  out.bytes = bytes;
  out.detail = std::move(detail);
  return out;
}

RunReport begun(const std::string& prefix) {
  RunReport report;
  report.kind = prefix;
  report.run = prefix + "-20261121-025219-001";
  report.pipeline = "district";
  report.scope_name = "district";
  report.scope = "district-001";
  report.from = "prod";
  report.to = "cert";
  report.strategy = "insert";
  report.plan_hash = "4c1f0a9be2d75e8863a0b1c2d3e4f5061728394a5b6c7d8e9fa0b1c2d3e4f506";
  report.key_fingerprint = "9f86d081884c7d65";
  report.godwit_version = "0.1.0";
  report.started_us = start_us;
  return report;
}

TableReport table(const std::string& store, const std::string& name, int64_t rows) {
  TableReport out;
  out.store = store;
  out.dataset = store + "." + name;
  out.membership = "owned";
  out.reason = "reached from public.districts by district_id";
  out.rows = out.owned_rows = rows;
  out.bytes = rows * 37 + 512;
  const auto word = static_cast<uint64_t>(rows + 1) * 0x9E3779B97F4A7C15ULL;
  out.digest = fmt::format("{:016x}{:016x}", word, word ^ 0xD1B54A32D192ED03ULL);
  return out;
}

void loaded(TableReport& table) {
  table.inserted = table.proved_rows = table.verified_rows = table.rows;
}

}  // namespace

RunReport nasty_report() {
  RunReport report = begun("mig");
  report.scope = "<script>alert('scope')</script>";
  report.pipeline = "=HYPERLINK(\"http://evil.example\")";
  report.finished_us = start_us + 4'250'000;
  report.state = RunState::completed;
  report.phases = {phase(Phase::plan, "done", 0, 310, 0, 0, "2 tables | `code` <b>bold</b> *stars*"),
                   phase(Phase::extract, "done", 310, 2900, 1200, 44912, ""),
                   phase(Phase::check, "done", 2900, 3000, 1200, 0, "5 checks")};
  StoreReport store;
  store.store = "ids";
  store.kind = "postgres";
  store.snapshot_us = start_us + 320'000;
  store.snapshot_position = "0/16B3748";
  store.commit_state = "committed";
  store.transaction_id = "771";
  store.connection_notes = {"prod: TLS is off, as configured: \"require\" & <none>"};
  store.connections = 2;
  store.load_note = "loaded over 2 connections, a transaction each: public.\"stud<ents>\"";
  report.stores = {store};
  TableReport nasty = table(
      "ids",
      "public.Schüler we\"ird | na'me\nwith <img src=x onerror=alert(1)> & \x01\x1b[31m\xff\xe2\x80\xae",
      1000);
  nasty.reason = "@everybody, see #12 and [this](javascript:alert(1))";
  nasty.membership = "shared";
  nasty.owned_rows = 0;
  nasty.kept = 7;
  nasty.different = 2;
  nasty.masks = {{"=cmd|' /C calc'!A0", "rule `tick` | bar", 990, 10, 1}, {"plain", "full name", 1000, 0, 0}};
  loaded(nasty);
  TableReport plain = table("ids", "public.students", 200);
  plain.needed_rows = 20;
  plain.owned_rows = 180;
  loaded(plain);
  report.tables = {nasty, plain};
  report.checks = {
      outcome(CheckCategory::not_null, "ids.public.students", "email", CheckVerdict::passed, 0),
      outcome(CheckCategory::business, "ids.public.<b>x</b>", "\"quoted\"\r\nline", CheckVerdict::warned, 3),
      outcome(CheckCategory::data_quality, "+ids.public.students", "-1", CheckVerdict::warned, 12),
      outcome(CheckCategory::cross_store, "ids.public.students", "", CheckVerdict::passed, 0),
  };
  report.checks[2].check.severity = Severity::info;
  report.checks[1].check.where = {"/home/someone/project/che cks.yml", 12, 5};
  report.checks[1].check.description = "]]> \"quotes\" & <!-- comment --> 100%\x0c";
  summarize(report);
  report.skew_us = 1'250'000;
  report.peak_memory_bytes = int64_t{187} << 20;
  report.notes = {"a note with <a href=\"http://evil.example\">a link</a>", "- a dash\n# and a title"};
  report.warnings = {"*stars* and _lines_ and ~~tildes~~ and `code`"};
  report.artifacts = {{"folder", "/srv/project/.godwit/runs/x"},
                      {"report.html", "/srv/project/.godwit/runs/x/report.html"},
                      {"report.json", "/srv/project/.godwit/runs/x/report.json"},
                      {"pl\"an", "/elsewhere/pl\"an.json"}};
  return report;
}

RunReport stopped_report() {
  RunReport report = begun("mig");
  report.finished_us = start_us + 95 * second;
  report.state = RunState::check_failed;
  report.exit_code = 3;
  report.error = "1 of 3 checks failed, 1 could not be evaluated";
  report.hint = "see checks.json for the keys; nothing was loaded";
  report.phases = {phase(Phase::plan, "done", 0, 2100, 0, 0, "1 table, 3 checks"),
                   phase(Phase::extract, "done", 2100, 93000, 400, 15312, ""),
                   phase(Phase::check, "failed", 93000, 95000, 400, 0, "1 of 3 checks failed")};
  report.tables = {table("ids", "public.students", 400)};
  report.checks = {
      outcome(CheckCategory::unique, "ids.public.students", "id", CheckVerdict::passed, 0),
      outcome(CheckCategory::referential, "ids.public.students", "school_id", CheckVerdict::failed, 17),
      outcome(CheckCategory::business, "ids.public.students", "grade", CheckVerdict::skipped, 0)};
  report.checks[2].reason = "column grade does not exist";
  summarize(report);
  return report;
}

RunReport rollback_report() {
  RunReport report = begun("rb");
  report.of_run = "mig-20261120-101500-001";
  report.state = RunState::completed;
  report.finished_us = start_us + 3 * second;
  report.phases = {phase(Phase::undo, "done", 0, 2990, 1204332, 0, "4 stores undone")};
  return report;
}

RunReport verification_report() {
  RunReport report = begun("ver");
  report.of_run = "mig-20261120-101500-001";
  report.exit_code = 3;
  report.error = "1 of 1 tables differs from the run's data";
  report.state = RunState::failed;
  report.finished_us = start_us + second / 2;
  report.phases = {phase(Phase::verify, "failed", 0, 480, 398, 0, "1 table differs")};
  report.tables = {table("ids", "public.students", 400)};
  report.tables[0].verified_rows = 398;
  report.tables[0].mismatched_rows = 1;
  report.tables[0].missing_rows = 1;
  return report;
}

std::vector<std::pair<std::string, RunReport>> small_reports() {
  return {{"empty", {}},
          {"nasty", nasty_report()},
          {"stopped", stopped_report()},
          {"rollback", rollback_report()},
          {"verification", verification_report()}};
}

namespace {

const std::vector<std::string> subjects = {"student",  "teacher",   "guardian", "enrollment", "attendance",
                                           "grade",    "section",   "course",   "school",     "incident",
                                           "health",   "program",   "transfer", "assessment", "contact",
                                           "schedule", "transport", "meal"};
const std::vector<std::string> aspects = {"s",      "_records", "_history", "_details",
                                          "_links", "_notes",   "_events",  "_status_codes"};
const std::vector<std::string> rules = {"first name from 815",
                                        "last name from 1,000",
                                        "e-mail at example.org",
                                        "phone 555-01xx",
                                        "birth date ± 365 days by subject",
                                        "street, city, state, zip",
                                        "free text, redacted",
                                        "student number by FF1"};
const std::vector<std::string> columns = {"first_name", "last_name", "email", "phone",
                                          "birth_date", "address",   "notes", "student_number"};

void add_store(RunReport& report, const std::string& name, size_t tables, Prng& random) {
  StoreReport store;
  store.store = name;
  store.kind = name == "adb" ? "sqlite" : "postgres";
  store.snapshot_us = start_us + 2'300'000 + static_cast<int64_t>(report.stores.size()) * 410'000;
  store.snapshot_position = fmt::format("0/{:X}", 0x16B3748 + report.stores.size() * 0x1A0);
  store.commit_state = "committed";
  store.transaction_id = std::to_string(771 + report.stores.size() * 13);
  if (name == "hcp2") store.connection_notes = {"cert: TLS is `require`: the server's name is not verified"};
  report.stores.push_back(store);
  for (size_t i = 0; i < tables; ++i) {
    const size_t k = i + report.stores.size() * 7;
    const std::string label = subjects[k % subjects.size()] + aspects[k / subjects.size() % aspects.size()];
    const auto magnitude = static_cast<int64_t>(random.below(6));
    int64_t rows = static_cast<int64_t>(random.below(900)) + 1;
    for (int64_t m = 1; m < magnitude; ++m)
      rows *= 4;
    if (i % 19 == 18) rows = 0;
    TableReport entry = table(name, "public." + label, rows);
    if (i % 6 == 0) {
      entry.membership = "shared";
      entry.owned_rows = 0;
      entry.reason = "listed under shared: copied whole, inserted where absent";
    } else if (i % 11 == 0) {
      entry.membership = "needed";
      entry.needed_rows = std::exchange(entry.owned_rows, 0);
      entry.reason = "parent of owned rows, outside the scope (include)";
    }
    loaded(entry);
    if (entry.membership == "shared") {
      entry.kept = rows / 3;
      entry.inserted = rows - entry.kept;
      entry.different = i == 12 ? 3 : 0;
    }
    for (size_t m = 0; m < (i * 5 + 3) % 9 && m < rules.size(); ++m) {
      const int64_t nulls = static_cast<int64_t>(random.below(20)) * rows / 100;
      entry.masks.push_back(
          {columns[m], rules[m], rows - nulls, nulls, m == 6 && i % 9 == 0 ? rows / 50 : 0});
    }
    report.tables.push_back(std::move(entry));
  }
}

void add_checks(RunReport& report, Prng& random) {
  const std::vector<std::pair<CheckCategory, size_t>> wanted = {
      {CheckCategory::schema, 210},      {CheckCategory::not_null, 412},  {CheckCategory::unique, 188},
      {CheckCategory::referential, 171}, {CheckCategory::constraint, 94}, {CheckCategory::masking, 240},
      {CheckCategory::completeness, 31}, {CheckCategory::business, 27},   {CheckCategory::data_quality, 19},
      {CheckCategory::cross_store, 8}};
  for (const auto& [category, count] : wanted) {
    for (size_t i = 0; i < count; ++i) {
      const TableReport& where = report.tables[random.below(report.tables.size())];
      const bool quality = category == CheckCategory::business || category == CheckCategory::data_quality;
      const bool warned = (quality && i % 5 == 0) || (category == CheckCategory::completeness && i % 13 == 0);
      report.checks.push_back(outcome(category, where.dataset, columns[i % columns.size()],
                                      warned ? CheckVerdict::warned : CheckVerdict::passed,
                                      warned ? static_cast<int64_t>(random.below(400)) + 1 : 0));
      report.checks.back().evaluated_rows = where.rows;
      if (warned && i % 2 == 1) report.checks.back().check.severity = Severity::info;
    }
  }
  summarize(report);
}

}  // namespace

RunReport big_report() {
  Prng random(20261121);
  RunReport report = begun("mig");
  report.state = RunState::completed;
  add_store(report, "ids", 45, random);
  add_store(report, "hcp1", 32, random);
  add_store(report, "hcp2", 28, random);
  add_store(report, "adb", 52, random);
  add_checks(report, random);
  int64_t rows = 0;
  int64_t bytes = 0;
  for (const TableReport& entry : report.tables) {
    rows += entry.rows;
    bytes += entry.bytes;
  }
  report.phases = {phase(Phase::plan, "done", 0, 2240, 0, 0, "157 tables, 1,400 checks, plan 4c1f0a9be2d7"),
                   phase(Phase::extract, "done", 2260, 41830, rows, bytes, "4 stores, one snapshot each"),
                   phase(Phase::check, "done", 41840, 47320, rows, 0, "1,400 checks evaluated"),
                   phase(Phase::load, "done", 47330, 83110, rows, bytes, "insert, 4 stores"),
                   phase(Phase::commit, "done", 83110, 83190, 0, 0, "two-phase, 3 prepared"),
                   phase(Phase::verify, "done", 83200, 97480, rows, 0, "row by row")};
  report.finished_us = start_us + 97'500'000;
  report.skew_us = 1'230'000;
  report.peak_memory_bytes = int64_t{413} << 20;
  report.notes = {"staff and stores refer to each other: broken by one statement of data-modifying CTEs",
                  "public.state_codes is shared: rows that stand in the target are kept",
                  "12 columns are kept on purpose, each with a reason in masks.yml"};
  report.warnings = {"hcp2 (cert): TLS is `require`: the server's name is not verified",
                     "adb.public.meal_notes: 3 shared rows differ from the source and were kept",
                     "target trigger public.students_audit fires during the load"};
  return report;
}

}  // namespace godwit::report
