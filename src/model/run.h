// A run: its id, its phases, its outcome, and what watches it. Plain values and one observer interface.
#pragma once

#include "base/error.h"
#include "model/check_rule.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace godwit {

enum class RunState : uint8_t {
  planned,
  extracting,
  extracted,
  checking,
  checked,
  loading,
  loaded,
  committing,
  committed,
  verified,
  completed,
  failed,
  check_failed,
  partial,
  in_doubt,
  cancelled,
  rolling_back,
  rolled_back,
  rollback_partial,
};
[[nodiscard]] std::string_view to_string(RunState state);
[[nodiscard]] std::optional<RunState> run_state_from(std::string_view text);
// No further work is under way or owed.
[[nodiscard]] bool is_final(RunState state);

enum class Phase : uint8_t { plan, extract, check, load, commit, verify, report, undo };
[[nodiscard]] std::string_view to_string(Phase phase);

// "mig-20261121-025219-482913"; the short form "mig-20261121-001" is accepted too (grammar
// ^(mig|db|rb|ver)-\d{8}-(\d{6}-)?\d{3,}$).
[[nodiscard]] bool is_run_id(std::string_view text);
[[nodiscard]] std::string format_run_id(std::string_view prefix, int64_t unix_us, int number);

struct PhaseOutcome {
  Phase phase = Phase::plan;
  std::string state;  // "running", "done", "failed", "skipped"
  int64_t started_us = 0;
  int64_t finished_us = 0;
  int64_t rows_expected = 0;  // when it begins; 0 = unknown
  int64_t rows = 0;
  int64_t bytes = 0;
  std::string detail;
};

// One line of progress inside a phase.
struct DatasetProgress {
  Phase phase = Phase::extract;
  std::string dataset;
  int64_t rows = 0;
  int64_t rows_expected = 0;  // an estimate; 0 = unknown
  int64_t bytes = 0;
  int64_t duration_us = 0;  // so far
  bool finished = false;
};

// Called as things happen, from any thread, several at once (loads beside extraction, the run's heart):
// implementations are safe for that, never block for long, never fail the run. No argument has tenant data.
class RunObserver {
 public:
  virtual ~RunObserver() = default;
  virtual void on_run(std::string_view run, std::string_view pipeline, std::string_view scope) = 0;
  virtual void on_phase(const PhaseOutcome& phase) = 0;
  virtual void on_dataset(const DatasetProgress& progress) = 0;
  virtual void on_checks(const CheckSummary& summary) = 0;
  // Worth a line for a person; `dataset` is empty when it is about none.
  virtual void on_note(std::string_view text, std::string_view dataset) = 0;
  virtual void on_warning(std::string_view text) = 0;  // worth a coloured line, and one in the report
};

}  // namespace godwit
