#include "report/live/run_log.h"

#include "report/escape.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace godwit::report {

namespace {

// A crash may have cut the last line short: what follows must not be glued to it.
bool ends_in_the_middle(const std::string& path) {
  const auto text = os::read_file_if_exists(path);
  return text.ok() && text->has_value() && !(*text)->empty() && (*text)->back() != '\n';
}

std::string iso_milliseconds(int64_t unix_us) {
  std::string time = iso_utc(unix_us);
  time.pop_back();
  return fmt::format("{}.{:03}Z", time, unix_us / 1000 % 1000);
}

}  // namespace

RunLog::RunLog(RunObserver& next, const Clock& clock, std::string runs_folder)
    : next_(next), clock_(clock), runs_folder_(std::move(runs_folder)) {}

void RunLog::line(std::string_view level, std::string_view event, const std::string& fields) {
  const std::lock_guard<std::mutex> guard(mutex_);
  if (!file_) return;
  file_->append(fmt::format("{{\"time\":\"{}\",\"level\":\"{}\",\"run\":{},\"event\":\"{}\"{}}}",
                            iso_milliseconds(clock_.now_us()), level, json_text(run_), event, fields));
}

// Without a log the run goes on: the ledger is the record, the log is for people.
void RunLog::open(std::string_view run) {
  const std::lock_guard<std::mutex> guard(mutex_);
  run_ = run;
  file_.reset();
  const std::string folder = runs_folder_ + "/" + run_;
  if (!os::make_folder(folder).ok()) return;
  const std::string path = folder + "/log.jsonl";
  const bool torn = ends_in_the_middle(path);
  auto opened = os::LineFile::open(path);
  if (!opened.ok()) return;
  file_.emplace(std::move(opened).value());
  if (torn) file_->append("");
}

void RunLog::on_run(std::string_view run, std::string_view pipeline, std::string_view scope) {
  open(run);
  line("info", "run", fmt::format(",\"pipeline\":{},\"scope\":{}", json_text(pipeline), json_text(scope)));
  next_.on_run(run, pipeline, scope);
}

void RunLog::on_phase(const PhaseOutcome& phase) {
  const int64_t duration_us =
      phase.finished_us == 0 ? 0 : std::max<int64_t>(0, phase.finished_us - phase.started_us);
  line(phase.state == "failed" ? "error" : "info", "phase",
       fmt::format(",\"phase\":\"{}\",\"state\":{},\"duration_ms\":{},\"rows\":{},\"bytes\":{},\"detail\":{}",
                   to_string(phase.phase), json_text(phase.state), duration_us / 1000, phase.rows,
                   phase.bytes, json_text(phase.detail)));
  next_.on_phase(phase);
}

void RunLog::on_dataset(const DatasetProgress& progress) {
  if (progress.finished) {
    line("debug", "dataset",
         fmt::format(",\"phase\":\"{}\",\"dataset\":{},\"rows\":{},\"bytes\":{},\"duration_ms\":{}",
                     to_string(progress.phase), json_text(progress.dataset), progress.rows, progress.bytes,
                     progress.duration_us / 1000));
  }
  next_.on_dataset(progress);
}

void RunLog::on_checks(const CheckSummary& summary) {
  const bool bad = summary.failed > 0 || summary.skipped > 0 || summary.verdict == "FAILED";
  line(
      bad ? "error" : "info", "checks",
      fmt::format(",\"evaluated\":{},\"passed\":{},\"failed\":{},\"warned\":{},\"skipped\":{},\"verdict\":{}",
                  summary.evaluated, summary.passed, summary.failed, summary.warned, summary.skipped,
                  json_text(summary.verdict)));
  next_.on_checks(summary);
}

void RunLog::on_note(std::string_view text, std::string_view dataset) {
  const std::string about = dataset.empty() ? "" : ",\"dataset\":" + json_text(dataset);
  line("info", "note", about + ",\"text\":" + json_text(text));
  next_.on_note(text, dataset);
}

void RunLog::on_warning(std::string_view text) {
  line("warn", "warning", ",\"text\":" + json_text(text));
  next_.on_warning(text);
}

void RunLog::on_end(const RunReport& report) {
  line(report.exit_code == 0 ? "info" : "error", "end",
       fmt::format(",\"state\":\"{}\",\"exit_code\":{},\"duration_ms\":{},\"text\":{}",
                   to_string(report.state), report.exit_code,
                   std::max<int64_t>(0, report.finished_us - report.started_us) / 1000,
                   json_text(report.error)));
}

}  // namespace godwit::report
