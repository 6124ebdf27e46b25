#include "check/evaluate.h"

#include "base/parallel.h"
#include "base/text.h"
#include "check/expression.h"
#include "check/generate.h"
#include "check/relations.h"
#include "check/scan/key_scan.h"
#include "check/scan/pattern_scan.h"
#include "check/scan/value_scan.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <mutex>
#include <utility>

namespace godwit::check {

namespace {

// Rows of one hash partition at the most: keeps the memory of key checks flat, whatever the table's size.
constexpr int64_t partition_rows = 1'500'000;
// Below, a question costs more to ask than to answer: several are one statement, and datasets are looked at
// beside each other.
constexpr int64_t small_rows_max = 50'000;
constexpr size_t batch_max = 16;

int64_t number_of(const duck::Rows& rows, size_t column, size_t row = 0) {
  if (rows.rows.empty() || !rows.rows[row][column]) return 0;
  const std::string& text = *rows.rows[row][column];
  int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

class Evaluation {
 public:
  Evaluation(const EvaluateInput& input, const std::vector<Check>& checks) : input_(input) {
    for (const Check& check : checks) {
      CheckOutcome outcome;
      outcome.check = check;
      outcomes_.push_back(std::move(outcome));
    }
  }

  Result<std::vector<CheckOutcome>> run() {
    std::vector<Unit> small, large;
    for (Unit& unit : units())
      (unit.rows <= small_rows_max ? small : large).push_back(std::move(unit));
    RETURN_IF_ERROR(in_parallel(small.size(), input_.connections.size(), [&](size_t index, size_t lane) {
      return answer(small[index], *input_.connections[lane]);
    }));
    for (const Unit& unit : large)
      RETURN_IF_ERROR(answer(unit, *input_.connections.at(0)));
    for (CheckOutcome& outcome : outcomes_) {
      if (outcome.findings > 0) RETURN_IF_ERROR(fetch_failing_keys(outcome));
    }
    return std::move(outcomes_);
  }

 private:
  // What is asked about one dataset.
  struct Unit {
    std::string dataset;  // empty: of the rules that name none
    std::vector<CheckOutcome*> scanned, queried;
    int64_t rows = 0;  // of the largest relation that is looked at
  };

  // By dataset; every outcome is in one.
  std::vector<Unit> units() {
    std::map<std::string, Unit> by_dataset;
    for (CheckOutcome& outcome : outcomes_) {
      Unit& unit = by_dataset[outcome.check.dataset];
      (in_scan(outcome.check) ? unit.scanned : unit.queried).push_back(&outcome);
      unit.rows = std::max(unit.rows, largest_rows(outcome.check));
    }
    std::vector<Unit> units;
    for (auto& [dataset, unit] : by_dataset) {
      unit.dataset = dataset;
      relation_types_[dataset];  // its place: lanes only look it up
      if (const DatasetManifest* manifest = manifest_of(dataset))
        unit.rows = std::max(unit.rows, manifest->rows);
      units.push_back(std::move(unit));
    }
    return units;
  }

  Status answer(const Unit& unit, duck::Connection& connection) {
    if (!unit.scanned.empty()) {
      ASSIGN_OR_RETURN(const auto left, answer_by_value(connection, unit.dataset, unit.scanned));
      if (!left.empty()) RETURN_IF_ERROR(scan(connection, unit.dataset, left));
      report_progress(static_cast<int64_t>(unit.scanned.size()));
    }
    std::vector<CheckOutcome*> batch;
    for (CheckOutcome* outcome : unit.queried) {
      ASSIGN_OR_RETURN(const bool known, answer_from_elsewhere(connection, *outcome));
      if (known) continue;
      // What a person wrote may have any shape of answer.
      if (unit.rows > small_rows_max || outcome->check.origin == CheckOrigin::file) {
        RETURN_IF_ERROR(query(connection, *outcome));
        continue;
      }
      batch.push_back(outcome);
      if (batch.size() < batch_max) continue;
      RETURN_IF_ERROR(query_together(connection, batch));
      batch.clear();
    }
    RETURN_IF_ERROR(query_together(connection, batch));
    report_progress(static_cast<int64_t>(unit.queried.size()));
    return {};
  }

  [[nodiscard]] std::string failing(const Check& check) const {
    const std::string condition = compare_in_utc(freeze_time(check.row_condition, input_.now_text));
    return check.null_passes ? fmt::format("NOT ({})", condition)
                             : fmt::format("(({}) IS NOT TRUE)", condition);
  }

  static bool in_scan(const Check& check) { return !check.row_condition.empty() || !check.aggregate.empty(); }

  // The check's column of the one scan: how many findings.
  [[nodiscard]] std::string findings_of(const Check& check, const DatasetManifest* manifest) const {
    if (!check.aggregate.empty()) return fill(check.aggregate, manifest, 1, 0);
    return "count_if(" + failing(check) + ")";
  }

  // Answers what a look at each value answers; returns the others.
  Result<std::vector<CheckOutcome*>> answer_by_value(duck::Connection& connection, const std::string& dataset,
                                                     const std::vector<CheckOutcome*>& members) {
    const DatasetManifest* manifest = manifest_of(dataset);
    if (manifest == nullptr || manifest->rows < value_scan_rows_min) return members;
    std::vector<CheckOutcome*> left, asked;
    std::vector<std::string> conditions;
    for (CheckOutcome* member : members) {
      if (member->check.row_condition.empty()) {
        left.push_back(member);
      } else {
        asked.push_back(member);
        conditions.push_back(failing(member->check));
      }
    }
    ASSIGN_OR_RETURN(const auto counts, count_by_value(connection, quote_identifier(dataset), conditions));
    for (size_t i = 0; i < asked.size(); ++i) {
      if (!counts[i]) {
        left.push_back(asked[i]);
        continue;
      }
      asked[i]->evaluated_rows = manifest->rows;
      conclude(*asked[i], *counts[i]);
    }
    return left;
  }

  // Where there are rows enough to pay for it. Such datasets are looked at one after the other.
  Status match_patterns(duck::Connection& connection, const std::string& dataset,
                        std::vector<std::string>& columns) {
    const DatasetManifest* manifest = manifest_of(dataset);
    if (columns.size() <= 2 || manifest == nullptr || manifest->rows <= small_rows_max) return {};
    const auto described = connection.describe("SELECT * FROM " + quote_identifier(dataset));
    if (!described.ok()) return {};
    return match_patterns_together(connection, *described, pattern_functions_, columns);
  }

  // One scan for all; when it raises, one by one, so that only the guilty check is unevaluable.
  Status scan(duck::Connection& connection, const std::string& dataset,
              const std::vector<CheckOutcome*>& members) {
    std::vector<std::string> columns = {"count(*)"};
    for (const CheckOutcome* member : members)
      columns.push_back(findings_of(member->check, manifest_of(dataset)));
    RETURN_IF_ERROR(match_patterns(connection, dataset, columns));
    const auto rows =
        connection.query("SELECT " + join(columns, ", ") + " FROM " + quote_identifier(dataset));
    if (!rows.ok()) {
      if (rows.error().kind == ErrorKind::interrupted) return rows.error();
      if (members.size() == 1) {
        unevaluable(*members[0], rows.error());
        return {};
      }
      for (CheckOutcome* member : members)
        RETURN_IF_ERROR(scan(connection, dataset, {member}));
      return {};
    }
    for (size_t i = 0; i < members.size(); ++i) {
      members[i]->evaluated_rows = number_of(*rows, 0);
      conclude(*members[i], number_of(*rows, i + 1));
    }
    return {};
  }

  // What extraction, the target or a file's schema has answered; false: the rows must be asked.
  Result<bool> answer_from_elsewhere(duck::Connection& connection, CheckOutcome& outcome) {
    const Dataset* dataset = input_.datasets->by_id(outcome.check.dataset);
    const DatasetManifest* manifest = manifest_of(outcome.check.dataset);
    const auto counted = counted_elsewhere(connection, outcome.check, dataset, manifest);
    if (!counted.ok()) {
      if (counted.error().kind == ErrorKind::interrupted) return counted.error();
      unevaluable(outcome, counted.error());
      return true;
    }
    outcome.evaluated_rows = manifest != nullptr ? manifest->rows : 0;
    if (!counted->has_value()) return false;
    conclude(outcome, **counted);
    return true;
  }

  // Small relations: one statement for all; when it raises, one by one, as in scan().
  Status query_together(duck::Connection& connection, const std::vector<CheckOutcome*>& asked) {
    std::vector<std::string> queries;
    for (const CheckOutcome* outcome : asked) {
      queries.push_back(fmt::format("SELECT {} AS place, findings FROM ({}) AS answer(findings)",
                                    queries.size(), count_sql(outcome->check, 1, 0)));
    }
    if (asked.size() > 1) {
      const auto rows = connection.query(join(queries, " UNION ALL "));
      if (rows.ok() && rows->rows.size() == asked.size()) {
        for (size_t row = 0; row < asked.size(); ++row)
          conclude(*asked[static_cast<size_t>(number_of(*rows, 0, row))], number_of(*rows, 1, row));
        return {};
      }
      if (!rows.ok() && rows.error().kind == ErrorKind::interrupted) return rows.error();
    }
    for (CheckOutcome* outcome : asked)
      RETURN_IF_ERROR(query(connection, *outcome));
    return {};
  }

  [[nodiscard]] std::string count_sql(const Check& check, int64_t passes, int64_t pass) const {
    return freeze_time(fill(check.count_query, manifest_of(check.dataset), passes, pass), input_.now_text);
  }

  Status query(duck::Connection& connection, CheckOutcome& outcome) {
    const int64_t largest = largest_rows(outcome.check);
    if (largest > small_rows_max && outcome.check.category == CheckCategory::unique &&
        outcome.check.origin == CheckOrigin::catalog && !outcome.check.column.empty()) {
      const auto repeated =
          count_repeated(connection, quote_identifier(outcome.check.dataset), outcome.check.column);
      // What went wrong is said of the query below.
      if (repeated.ok() && *repeated) {
        conclude(outcome, **repeated);
        return {};
      }
    }
    const bool partitioned = outcome.check.count_query.find("${partition:") != std::string::npos;
    const int64_t passes =
        partitioned ? std::max<int64_t>(1, (largest + partition_rows - 1) / partition_rows) : 1;
    int64_t findings = 0;
    for (int64_t pass = 0; pass < passes; ++pass) {
      const auto rows = connection.query(count_sql(outcome.check, passes, pass));
      if (!rows.ok()) {
        if (rows.error().kind == ErrorKind::interrupted) return rows.error();
        unevaluable(outcome, rows.error());
        return {};
      }
      findings += number_of(*rows, 0);
    }
    conclude(outcome, findings);
    return {};
  }

  // The parent of a foreign key may be the larger side.
  [[nodiscard]] int64_t largest_rows(const Check& check) const {
    int64_t largest = 0;
    for (const DatasetManifest* manifest : input_.manifests) {
      if (check.count_query.find(quote_identifier(manifest->id)) != std::string::npos)
        largest = std::max(largest, manifest->rows);
    }
    return largest;
  }

  [[nodiscard]] const DatasetManifest* manifest_of(const std::string& id) const {
    for (const DatasetManifest* manifest : input_.manifests) {
      if (manifest->id == id) return manifest;
    }
    return nullptr;
  }

  // What extraction or the file's schema answers without a query.
  Result<std::optional<int64_t>> counted_elsewhere(duck::Connection& connection, const Check& check,
                                                   const Dataset* dataset, const DatasetManifest* manifest) {
    const std::string& text = check.count_query;
    if (text.starts_with("${unchanged:")) {
      if (manifest != nullptr) {
        for (const MaskCount& mask : manifest->masks) {
          if (mask.column == check.column) return std::optional<int64_t>(mask.unchanged);
        }
      }
      return make_error(ErrorKind::failed, "extraction did not count this mask");
    }
    if (text == counted_in_target) {
      const auto found = input_.counted.find(check.id);
      if (found != input_.counted.end()) return std::optional<int64_t>(found->second);
      return make_error(ErrorKind::failed, "the target was not asked");
    }
    if (text.starts_with("${staged_type_differs:")) {
      CHECK(dataset != nullptr);
      return staged_type_differs(connection, *dataset, check.column);
    }
    return std::optional<int64_t>();
  }

  Result<std::optional<int64_t>> staged_type_differs(duck::Connection& connection, const Dataset& dataset,
                                                     const std::string& column) {
    auto& types = relation_types_.at(dataset.id);
    if (types.empty()) {
      ASSIGN_OR_RETURN(const auto columns, connection.describe("SELECT * FROM " + relation_name(dataset)));
      for (const auto& described : columns)
        types[described.name] = duck::sql_name(described.type);
    }
    const auto staged =
        std::find_if(dataset.columns.begin(), dataset.columns.end(),
                     [&](const DatasetColumn& candidate) { return candidate.name == column; });
    CHECK(staged != dataset.columns.end());
    const std::string expected = visible_type_sql(*staged, dataset.table.column(column));
    return std::optional<int64_t>(types[column] == expected ? 0 : 1);
  }

  [[nodiscard]] std::string fill(const std::string& text, const DatasetManifest* manifest, int64_t passes,
                                 int64_t pass) const {
    return fill_tokens(text, [&](std::string_view name, std::string_view argument) -> std::string {
      if (name == "partition") {
        return passes == 1 ? "TRUE" : fmt::format("hash({}) % {} = {}", argument, passes, pass);
      }
      CHECK(manifest != nullptr);
      if (name == "extracted_rows") return std::to_string(manifest->rows);
      if (name == "nulls") {
        for (const MaskCount& mask : manifest->masks) {
          if (mask.column == argument) return std::to_string(mask.nulls);
        }
      }
      return "NULL";
    });
  }

  static void conclude(CheckOutcome& outcome, int64_t findings) {
    outcome.findings = findings;
    const bool fails = outcome.check.severity == Severity::error;
    outcome.verdict = findings == 0 ? CheckVerdict::passed
                      : fails       ? CheckVerdict::failed
                                    : CheckVerdict::warned;
  }

  static void unevaluable(CheckOutcome& outcome, const Error& error) {
    outcome.verdict = CheckVerdict::failed;
    outcome.reason = "cannot be evaluated: " + error.message;
  }

  Status fetch_failing_keys(CheckOutcome& outcome) {
    const Dataset* dataset = input_.datasets->by_id(outcome.check.dataset);
    if (dataset == nullptr || outcome.check.row_condition.empty() || input_.sample_size == 0) return {};
    const Key* primary = dataset->table.primary_key();
    if (primary == nullptr) return {};
    std::vector<std::string> columns;
    for (const std::string& column : primary->columns)
      columns.push_back("CAST(" + quote_identifier(column) + " AS VARCHAR)");
    const auto rows = input_.connections.at(0)->query(
        fmt::format("SELECT {} FROM {} WHERE {} LIMIT {}", join(columns, ", "), relation_name(*dataset),
                    failing(outcome.check), input_.sample_size));
    if (!rows.ok()) return rows.error();
    for (const auto& row : rows->rows) {
      std::vector<std::string> key;
      for (const auto& value : row)
        key.push_back(value.value_or("NULL"));
      outcome.failing_keys.push_back(join(key, "|"));
    }
    return {};
  }

  void report_progress(int64_t more) {
    const std::lock_guard lock(progress_mutex_);
    done_ += more;
    if (input_.progress) input_.progress(done_, static_cast<int64_t>(outcomes_.size()));
  }

  const EvaluateInput& input_;
  std::vector<CheckOutcome> outcomes_;
  std::map<std::string, std::map<std::string, std::string>> relation_types_;
  std::mutex progress_mutex_;
  int64_t done_ = 0;
  int pattern_functions_ = 0;
};

}  // namespace

Result<std::vector<CheckOutcome>> evaluate(const EvaluateInput& input, const std::vector<Check>& checks) {
  return Evaluation(input, checks).run();
}

}  // namespace godwit::check
