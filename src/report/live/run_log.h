// log.jsonl: one JSON object per line for everything the observer hears, with the run on every line (fields:
// docs/CLI_JSON.md). Appended to when a run is resumed.
#pragma once

#include "base/time.h"
#include "model/run.h"
#include "model/run_report.h"
#include "os/files.h"

#include <mutex>
#include <optional>
#include <string>

namespace godwit::report {

// Passes everything on to `next`, which outlives it; so does `clock`. Safe from any thread if `next` is. A
// log that cannot be written never fails a run. What is heard before on_run is not logged.
class RunLog final : public RunObserver {
 public:
  // `runs_folder` is where runs live: the file opens as soon as the run has a name.
  RunLog(RunObserver& next, const Clock& clock, std::string runs_folder);

  void on_run(std::string_view run, std::string_view pipeline, std::string_view scope) override;
  void on_phase(const PhaseOutcome& phase) override;
  void on_dataset(const DatasetProgress& progress) override;
  void on_checks(const CheckSummary& summary) override;
  void on_note(std::string_view text, std::string_view dataset) override;
  void on_warning(std::string_view text) override;
  // The last line of a run: how it ended.
  void on_end(const RunReport& report);

 private:
  void open(std::string_view run);
  void line(std::string_view level, std::string_view event, const std::string& fields);

  RunObserver& next_;
  const Clock& clock_;
  std::string runs_folder_;
  std::string run_;
  std::optional<os::LineFile> file_;
  std::mutex mutex_;
};

}  // namespace godwit::report
