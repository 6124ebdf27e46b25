// A run as metrics: rows, bytes and durations per phase and table, checks by verdict, state. One text that
// OpenMetrics readers and Prometheus' textfile collector both take (docs/FORMATS.md, "Metrics").
#pragma once

#include "base/result.h"
#include "base/time.h"
#include "model/run.h"
#include "model/run_report.h"
#include "report/live/metrics_push.h"

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

namespace godwit::report {

// Passes everything on to `next`, which outlives it; so does `clock`. Safe from any thread if `next` is. The
// file is replaced as a whole whenever a phase begins or ends, so that a run that dies leaves its last state.
// A file that cannot be written never fails a run before its end: finish() says so. What cannot be pushed
// never fails a run at all: the first time is a note, the last word is push_problem().
class RunMetrics final : public RunObserver {
 public:
  // `file` may be empty.
  RunMetrics(RunObserver& next, const Clock& clock, std::string file,
             std::optional<PushTarget> push = std::nullopt);

  void on_run(std::string_view run, std::string_view pipeline, std::string_view scope) override;
  void on_phase(const PhaseOutcome& phase) override;
  void on_dataset(const DatasetProgress& progress) override;
  void on_checks(const CheckSummary& summary) override;
  void on_note(std::string_view text, std::string_view dataset) override;
  void on_warning(std::string_view text) override;

  // The last word: state, exit code and what the load did, from the report. ErrorKind::io.
  [[nodiscard]] Status finish(const RunReport& report);
  [[nodiscard]] std::string text() const;
  // After finish(): why the last metrics did not arrive where they were to be pushed; empty when they did.
  [[nodiscard]] const std::string& push_problem() const { return push_problem_; }

 private:
  [[nodiscard]] Status write() const;
  void offer();

  RunObserver& next_;
  const Clock& clock_;
  const std::string file_;
  mutable std::mutex mutex_;
  std::string run_, pipeline_, scope_;
  int64_t started_us_ = 0;
  int64_t warnings_ = 0;
  std::map<Phase, PhaseOutcome> phases_;
  std::map<std::pair<Phase, std::string>, DatasetProgress> datasets_;
  CheckSummary checks_;
  bool ended_ = false;
  RunReport report_;  // when it ended
  std::string push_problem_;
  std::unique_ptr<MetricsPush> push_;  // last: its thread reads all the others
};

}  // namespace godwit::report
