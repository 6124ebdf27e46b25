#include "report/live/run_metrics.h"

#include "os/files.h"
#include "report/escape.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace godwit::report {

namespace {

using Label = std::pair<std::string_view, std::string>;

// OpenMetrics and the older text format escape the same three characters.
std::string label_value(std::string_view text) {
  std::string out;
  for (const char c : one_line(text)) {
    if (c == '\\' || c == '"') out += '\\';
    out += c;
  }
  return out;
}

// Metric families in the order they were begun. Gauges only: a run is looked at, it is no process that lives
// on, and both formats know gauges.
class Families {
 public:
  explicit Families(std::vector<Label> of_run) : of_run_(std::move(of_run)) {}

  void begin(std::string_view name, std::string_view help) {
    name_ = name;
    text_ += fmt::format("# HELP {} {}\n# TYPE {} gauge\n", name, help, name);
  }
  void add(double value, const std::vector<Label>& labels = {}) {
    std::string list;
    for (const std::vector<Label>* some :
         std::initializer_list<const std::vector<Label>*>{&of_run_, &labels}) {
      for (const Label& label : *some)
        list += fmt::format("{}{}=\"{}\"", list.empty() ? "" : ",", label.first, label_value(label.second));
    }
    text_ += fmt::format("{}{{{}}} {}\n", name_, list, value);
  }
  void add(int64_t value, const std::vector<Label>& labels = {}) { add(static_cast<double>(value), labels); }
  [[nodiscard]] std::string finish() { return std::move(text_) + "# EOF\n"; }

 private:
  std::vector<Label> of_run_;
  std::string name_, text_;
};

double seconds(int64_t duration_us) {
  return static_cast<double>(std::max<int64_t>(0, duration_us)) / 1e6;
}

void add_loaded(Families& out, const RunReport& report) {
  out.begin("godwit_table_rows", "Rows of a table by what became of them.");
  for (const TableReport& table : report.tables) {
    for (const auto& [what, rows] : {std::pair{"extracted", table.rows},
                                     {"inserted", table.inserted},
                                     {"updated", table.updated},
                                     {"kept", table.kept},
                                     {"different", table.different},
                                     {"deleted", table.deleted},
                                     {"verified", table.verified_rows},
                                     {"mismatched", table.mismatched_rows},
                                     {"missing", table.missing_rows}}) {
      out.add(rows, {{"table", table.dataset}, {"rows", what}});
    }
  }
}

void add_end(Families& out, const RunReport& report) {
  out.begin("godwit_run_finished_timestamp_seconds", "When the run ended.");
  out.add(seconds(report.finished_us));
  out.begin("godwit_run_duration_seconds", "How long the run took.");
  out.add(seconds(report.finished_us - report.started_us));
  out.begin("godwit_run_exit_code", "The exit code of the run.");
  out.add(int64_t{report.exit_code});
  out.begin("godwit_run_peak_memory_bytes", "The most memory that the process held.");
  out.add(report.peak_memory_bytes);
  out.begin("godwit_stream_duration_seconds",
            "How long rows streamed from or to servers, summed over streams.");
  out.add(seconds(report.reading.total_us), {{"direction", "read"}});
  out.add(seconds(report.writing.total_us), {{"direction", "write"}});
  out.begin("godwit_stream_waited_seconds", "How long of that this side waited for the servers.");
  out.add(seconds(report.reading.waited_us), {{"direction", "read"}});
  out.add(seconds(report.writing.waited_us), {{"direction", "write"}});
  out.begin("godwit_run_skew_seconds", "How far the snapshots of the stores lie apart.");
  out.add(seconds(report.skew_us));
}

}  // namespace

RunMetrics::RunMetrics(RunObserver& next, const Clock& clock, std::string file,
                       std::optional<PushTarget> push)
    : next_(next), clock_(clock), file_(std::move(file)) {
  if (!push) return;
  push_ = std::make_unique<MetricsPush>(
      *std::move(push), [this] { return text(); },
      [this](const std::string& what) { next_.on_note("metrics could not be pushed: " + what, ""); });
}

void RunMetrics::on_run(std::string_view run, std::string_view pipeline, std::string_view scope) {
  {
    const std::lock_guard<std::mutex> guard(mutex_);
    run_ = run;
    pipeline_ = pipeline;
    scope_ = scope;
    started_us_ = clock_.now_us();
  }
  next_.on_run(run, pipeline, scope);
}

void RunMetrics::on_phase(const PhaseOutcome& phase) {
  {
    const std::lock_guard<std::mutex> guard(mutex_);
    phases_[phase.phase] = phase;
  }
  [[maybe_unused]] const Status written = write();  // finish() writes again and says so
  offer();
  next_.on_phase(phase);
}

void RunMetrics::on_dataset(const DatasetProgress& progress) {
  {
    const std::lock_guard<std::mutex> guard(mutex_);
    datasets_[{progress.phase, progress.dataset}] = progress;
  }
  offer();
  next_.on_dataset(progress);
}

void RunMetrics::on_checks(const CheckSummary& summary) {
  {
    const std::lock_guard<std::mutex> guard(mutex_);
    checks_ = summary;
  }
  next_.on_checks(summary);
}

void RunMetrics::on_note(std::string_view text, std::string_view dataset) {
  next_.on_note(text, dataset);
}

void RunMetrics::on_warning(std::string_view text) {
  {
    const std::lock_guard<std::mutex> guard(mutex_);
    ++warnings_;
  }
  next_.on_warning(text);
}

Status RunMetrics::finish(const RunReport& report) {
  {
    const std::lock_guard<std::mutex> guard(mutex_);
    ended_ = true;
    report_ = report;
  }
  if (push_ != nullptr) push_problem_ = push_->finish();
  return write();
}

void RunMetrics::offer() {
  if (push_ != nullptr) push_->offer();
}

Status RunMetrics::write() const {
  if (file_.empty()) return {};
  return os::write_file(file_, text(), os::FileReaders::everybody);
}

std::string RunMetrics::text() const {
  const std::lock_guard<std::mutex> guard(mutex_);
  Families out({{"pipeline", pipeline_}, {"scope", scope_}});
  out.begin("godwit_run_info", "The run that this file is about.");
  out.add(int64_t{1}, {{"run", run_}, {"state", ended_ ? std::string(to_string(report_.state)) : "running"}});
  out.begin("godwit_run_started_timestamp_seconds", "When the run began.");
  out.add(seconds(started_us_));
  if (ended_) add_end(out, report_);
  out.begin("godwit_run_warnings", "Warnings that were told while it ran.");
  out.add(warnings_);
  out.begin("godwit_phase_duration_seconds", "How long a phase took, or has taken so far.");
  for (const auto& [phase, outcome] : phases_) {
    const int64_t end_us = outcome.finished_us == 0 ? clock_.now_us() : outcome.finished_us;
    out.add(seconds(end_us - outcome.started_us),
            {{"phase", std::string(to_string(phase))}, {"state", outcome.state}});
  }
  out.begin("godwit_phase_rows", "Rows that a phase is done with.");
  for (const auto& [phase, outcome] : phases_)
    out.add(outcome.rows, {{"phase", std::string(to_string(phase))}});
  out.begin("godwit_phase_bytes", "Bytes of Parquet that a phase is done with.");
  for (const auto& [phase, outcome] : phases_)
    out.add(outcome.bytes, {{"phase", std::string(to_string(phase))}});
  const auto each = [&](const auto& value_of) {
    for (const auto& [key, progress] : datasets_)
      out.add(value_of(progress), {{"phase", std::string(to_string(key.first))}, {"table", key.second}});
  };
  out.begin("godwit_table_phase_rows", "Rows of a table that went through a phase.");
  each([](const DatasetProgress& progress) { return progress.rows; });
  out.begin("godwit_table_phase_bytes", "Bytes of Parquet of a table in a phase.");
  each([](const DatasetProgress& progress) { return progress.bytes; });
  out.begin("godwit_table_phase_duration_seconds", "How long a table took in a phase.");
  each([](const DatasetProgress& progress) { return seconds(progress.duration_us); });
  out.begin("godwit_checks", "Checks by verdict.");
  for (const auto& [verdict, count] : {std::pair{"passed", checks_.passed},
                                       {"failed", checks_.failed},
                                       {"warned", checks_.warned},
                                       {"skipped", checks_.skipped}}) {
    out.add(int64_t{count}, {{"verdict", verdict}});
  }
  if (ended_) add_loaded(out, report_);
  return out.finish();
}

}  // namespace godwit::report
