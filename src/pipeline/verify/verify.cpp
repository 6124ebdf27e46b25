#include "pipeline/verify/verify.h"

#include "base/parallel.h"
#include "base/text.h"
#include "duck/parquet.h"
#include "duck/row_digest.h"
#include "os/files.h"
#include "pipeline/run/progress.h"
#include "pipeline/verify/target_read.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <mutex>

namespace godwit::pipeline {

namespace {

int64_t to_number(const std::optional<std::string>& text) {
  int64_t number = 0;
  if (text) std::from_chars(text->data(), text->data() + text->size(), number);
  return number;
}

struct Comparison {
  int64_t missing = 0;
  int64_t different = 0;
};

// The columns that hold the run's values. Where the target's own may stand after a merge, they are no
// difference.
std::vector<std::string> quoted_columns(const DatasetPlan& planned) {
  std::vector<std::string> out;
  for (const DatasetColumn& column : planned.dataset.columns) {
    if (planned.resolve.count(column.name) == 0) out.push_back(quote_identifier(column.name));
  }
  return out;
}

// "A column that was to be filled is empty, and the run had a value", over columns empty_0, empty_1, …
struct Filled {
  std::string columns;  // of either side
  std::string unfilled = "false";
};

Filled filled(const DatasetPlan& planned) {
  Filled out;
  int n = 0;
  for (const auto& [column, resolution] : planned.resolve) {
    if (resolution != connect::Resolution::fill) continue;
    out.columns += fmt::format(", {} IS NULL AS empty_{}", quote_identifier(column), n);
    out.unfilled += fmt::format(" OR (theirs.empty_{0} AND NOT ours.empty_{0})", n);
    ++n;
  }
  return out;
}

// Joins by primary key; without one, whole rows are compared as a bag.
Result<Comparison> compare(duck::Connection& connection, const DatasetPlan& planned, const std::string& ours,
                           const std::string& theirs) {
  const Key* key = planned.dataset.table.primary_key();
  const std::string all = join(quoted_columns(planned), ", ");
  Comparison out;
  if (key == nullptr) {
    ASSIGN_OR_RETURN(
        const auto rows,
        connection.query(fmt::format(
            "SELECT count(*) FROM (SELECT {0} FROM {1} EXCEPT ALL SELECT {0} FROM {2})", all, ours, theirs)));
    out.missing = to_number(rows.rows[0][0]);
    return out;
  }
  std::vector<std::string> equal;
  std::vector<std::string> keys;
  for (const std::string& column : key->columns) {
    keys.push_back(quote_identifier(column));
    equal.push_back(fmt::format("ours.{0} = theirs.{0}", quote_identifier(column)));
  }
  const Filled fills = filled(planned);
  const std::string side = "(SELECT {}, godwit_row_hash({}) AS godwit_hash{} FROM {})";
  const std::string left = fmt::format(fmt::runtime(side), join(keys, ", "), all, fills.columns, ours);
  const std::string right = fmt::format(fmt::runtime(side), join(keys, ", "), all, fills.columns, theirs);
  ASSIGN_OR_RETURN(const auto rows,
                   connection.query(fmt::format("SELECT count_if(theirs.godwit_hash IS NULL), "
                                                "count_if(theirs.godwit_hash <> ours.godwit_hash OR {}) "
                                                "FROM {} AS ours LEFT JOIN {} AS theirs ON {}",
                                                fills.unfilled, left, right, join(equal, " AND "))));
  out.missing = to_number(rows.rows[0][0]);
  out.different = to_number(rows.rows[0][1]);
  return out;
}

// Stores may be verified on several threads at once.
class Verification {
 public:
  Verification(const RunContext& context, const Manifest& manifest, duck::Database& staged)
      : context_(context), manifest_(manifest), staged_(staged) {}

  Status store(connect::Source& target, const StorePlan& plan) {
    ASSIGN_OR_RETURN([[maybe_unused]] const auto snapshot, target.snapshot());
    for (const DatasetPlan& planned : plan.datasets) {
      RETURN_IF_ERROR(context_.check_cancelled());
      if (const Status done = dataset(target, plan, planned); !done.ok()) {
        return wrap(done.error(), "verifying " + planned.dataset.id);
      }
    }
    return {};
  }

  [[nodiscard]] std::string folder() const { return context_.folder->path() + "/verify"; }
  [[nodiscard]] int64_t problems() const { return problems_; }
  [[nodiscard]] int64_t rows() const { return rows_; }

 private:
  Status dataset(connect::Source& target, const StorePlan& plan, const DatasetPlan& planned) {
    const DatasetManifest* staged = manifest_.dataset(planned.dataset.id);
    CHECK(staged != nullptr);
    ASSIGN_OR_RETURN(const auto connection, staged_.connect());
    connection->set_cancel_flag(context_.services->cancel);
    ASSIGN_OR_RETURN(const bool same, has_same_digest(*connection, target, plan, planned, *staged));
    Comparison result;
    if (!same) {
      ASSIGN_OR_RETURN(result, row_by_row(*connection, target, plan, planned, *staged));
    }
    note(planned, *staged, result);
    return {};
  }

  // Shared and needed rows are not told apart by the scope: the whole table is read.
  static bool is_read_whole(const Dataset& dataset) {
    return dataset.closure.membership != Membership::owned || dataset.closure.has_needed_rows;
  }

  // Asked while the rows stream by, where the run's rows are expected and no others; false: look at each row.
  Result<bool> has_same_digest(duck::Connection& connection, connect::Source& target, const StorePlan& plan,
                               const DatasetPlan& planned, const DatasetManifest& staged) {
    if (is_read_whole(planned.dataset) || !planned.resolve.empty()) return false;
    ASSIGN_OR_RETURN(auto rows,
                     target_rows(target, planned.dataset, plan.closure, context_.plan->scope, false));
    const std::string function = fmt::format("godwit_target_{}", serial_++);
    RETURN_IF_ERROR(connection.register_table(function, std::move(rows)));
    ASSIGN_OR_RETURN(const auto found, connection.query(fmt::format(
                                           "SELECT count(*), {} FROM {}()",
                                           duck::row_digest_sql(columns_of(planned.dataset)), function)));
    return to_number(found.rows[0][0]) == staged.rows && found.rows[0][1].value_or("") == staged.digest;
  }

  Result<Comparison> row_by_row(duck::Connection& connection, connect::Source& target, const StorePlan& plan,
                                const DatasetPlan& planned, const DatasetManifest& staged) {
    // A name of its own: DuckDB keeps parts of files that it has read, by their name.
    const int serial = serial_++;
    const std::string path = fmt::format("{}/rows-{}.parquet", folder(), serial);
    ASSIGN_OR_RETURN(const int64_t rows, read_target(target, connection, planned.dataset, plan.closure,
                                                     context_.plan->scope, is_read_whole(planned.dataset),
                                                     path, fmt::format("godwit_target_{}", serial)));
    const std::string theirs = duck::read_parquet_sql({path});
    if (rows == staged.rows && planned.resolve.empty()) {
      ASSIGN_OR_RETURN(const auto digest,
                       connection.query("SELECT " + duck::row_digest_sql(columns_of(planned.dataset)) +
                                        " FROM " + theirs));
      if (digest.rows[0][0].value_or("") == staged.digest) {
        RETURN_IF_ERROR(os::remove_all(path));
        return Comparison();
      }
    }
    ASSIGN_OR_RETURN(const Comparison result,
                     compare(connection, planned, staged_relation(*context_.folder, staged), theirs));
    RETURN_IF_ERROR(os::remove_all(path));
    return result;
  }

  static std::vector<std::string> columns_of(const Dataset& dataset) {
    std::vector<std::string> columns;
    for (const DatasetColumn& column : dataset.columns)
      columns.push_back(column.name);
    return columns;
  }

  void note(const DatasetPlan& planned, const DatasetManifest& staged, const Comparison& result) {
    const std::lock_guard lock(mutex_);
    // Shared and needed rows that stood in the target before are kept as they are: a difference there was
    // reported by the load and is no fault of the copy.
    for (TableReport& table : context_.report->tables) {
      if (table.dataset != planned.dataset.id) continue;
      table.verified_rows = staged.rows - result.missing - result.different;
      table.missing_rows = result.missing;
      table.mismatched_rows = std::max<int64_t>(0, result.different - table.different);
      problems_ += table.missing_rows + table.mismatched_rows;
    }
    rows_ += staged.rows;
    DatasetMeter meter(*context_.services->observer, *context_.services->clock, Phase::verify,
                       planned.dataset.id, staged.rows);
    meter.finish(staged.rows, 0);
  }

  const RunContext& context_;
  const Manifest& manifest_;
  duck::Database& staged_;
  std::atomic<int> serial_{0};
  std::mutex mutex_;  // guards what the stores find
  int64_t problems_ = 0;
  int64_t rows_ = 0;
};

}  // namespace

Status verify_rows(const RunContext& context, const std::vector<std::unique_ptr<connect::Source>>& targets,
                   const Manifest& manifest, duck::Database& staged) {
  PhaseScope phase(context, Phase::verify);
  Verification verification(context, manifest, staged);
  RETURN_IF_ERROR(in_parallel(
      targets.size(), static_cast<size_t>(context.job->pipeline->jobs),
      [&](size_t i, size_t) { return verification.store(*targets[i], context.plan->stores[i]); }));
  RETURN_IF_ERROR(os::remove_all(verification.folder()));
  if (verification.problems() > 0) {
    return make_error(ErrorKind::findings,
                      fmt::format("{} rows of the run are missing from the target or differ there",
                                  verification.problems()),
                      "the report names the tables; someone changed them since, or a trigger did");
  }
  phase.finish(verification.rows(), 0, "every row of the run is in the target, equal");
  return {};
}

}  // namespace godwit::pipeline
