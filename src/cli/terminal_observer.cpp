#include "cli/terminal_observer.h"

#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <map>
#include <mutex>

namespace godwit::cli {

namespace {

constexpr int64_t quiet_interval_us = 10'000'000;
constexpr int64_t time_left_from_us = 2'000'000;

class TerminalObserver final : public RunObserver {
 public:
  TerminalObserver(const Clock& clock, const TerminalOptions& options) : clock_(clock), options_(options) {}
  ~TerminalObserver() override { clear_live(); }

  void on_run(std::string_view run, std::string_view pipeline, std::string_view scope) override {
    const std::lock_guard<std::mutex> guard(mutex_);
    line(fmt::format("{} {} {}", bold(run), pipeline, scope),
         fmt::format("\"event\":\"run\",\"run\":\"{}\"", run));
  }

  void on_phase(const PhaseOutcome& phase) override {
    const std::lock_guard<std::mutex> guard(mutex_);
    clear_live();
    if (phase.state == "running") {
      current_ = phase.phase;
      pace_of(phase.phase).rows_expected = phase.rows_expected;
      return;
    }
    const bool done = phase.state == "done";
    const std::string rows =
        phase.rows > 0 ? fmt::format("{:>12} rows", with_thousands(phase.rows)) : std::string(17, ' ');
    line(fmt::format("{} {:<8} {:>9} {} {}", done ? green("✓") : red("✗"), to_string(phase.phase),
                     human_duration(phase.finished_us - phase.started_us), rows, phase.detail),
         fmt::format("\"event\":\"phase\",\"phase\":\"{}\",\"state\":\"{}\",\"rows\":{}",
                     to_string(phase.phase), phase.state, phase.rows));
  }

  void on_dataset(const DatasetProgress& progress) override {
    const std::lock_guard<std::mutex> guard(mutex_);
    Pace& pace = pace_of(progress.phase);
    pace.rows[progress.dataset] = progress.rows;
    if (progress.finished && options_.verbose) {
      clear_live();
      line(fmt::format("  {} {} rows", progress.dataset, with_thousands(progress.rows)),
           fmt::format("\"event\":\"dataset\",\"rows\":{}", progress.rows));
      return;
    }
    // Loading may go on beside extraction: what is shown is what the run waits for.
    if (progress.phase != current_) return;
    const int64_t now_us = clock_.monotonic_us();
    if (!options_.live && now_us - last_line_us_ < quiet_interval_us) return;
    int64_t total = 0;
    for (const auto& [dataset, rows] : pace.rows)
      total += rows;
    const double seconds = static_cast<double>(std::max<int64_t>(1, now_us - pace.started_us)) / 1e6;
    std::string text =
        fmt::format("{} {}: {} rows in {} tables, {} rows/s", to_string(progress.phase), progress.dataset,
                    with_thousands(total), pace.rows.size(),
                    with_thousands(static_cast<int64_t>(static_cast<double>(total) / seconds)));
    text += left_text(total, pace.rows_expected, now_us - pace.started_us);
    if (options_.live) {
      show_live(text);
    } else {
      line(text, fmt::format("\"event\":\"progress\",\"rows\":{}", total));
    }
  }

  void on_checks(const CheckSummary& summary) override {
    const std::lock_guard<std::mutex> guard(mutex_);
    clear_live();
    const std::string text = fmt::format("checks: {} evaluated, {} passed, {} failed, {} warned, {} skipped",
                                         with_thousands(summary.evaluated), with_thousands(summary.passed),
                                         summary.failed, summary.warned, summary.skipped);
    line("  " + (summary.verdict == "FAILED" ? red(text) : text),
         fmt::format("\"event\":\"checks\",\"verdict\":\"{}\"", summary.verdict));
  }

  void on_note(std::string_view text, std::string_view) override { message("note", text); }
  void on_warning(std::string_view text) override { message("warning", text); }

 private:
  struct Pace {
    int64_t started_us = 0;
    int64_t rows_expected = 0;            // 0 = unknown
    std::map<std::string, int64_t> rows;  // by dataset
  };

  // Begins with whatever is heard of the phase first.
  Pace& pace_of(Phase phase) {
    Pace& pace = paces_[phase];
    if (pace.started_us == 0) pace.started_us = clock_.monotonic_us();
    return pace;
  }

  // At the pace so far. Only where the number of rows is known, which is so while loading, and only from a
  // twentieth of them on: a guess from less is none.
  static std::string left_text(int64_t rows, int64_t rows_expected, int64_t taken_us) {
    if (rows <= 0 || rows > rows_expected) return "";
    const std::string share = fmt::format(", {} %", 100 * rows / rows_expected);
    if (rows * 20 < rows_expected || taken_us < time_left_from_us) return share;
    const double left_us =
        static_cast<double>(taken_us) / static_cast<double>(rows) * static_cast<double>(rows_expected - rows);
    return fmt::format("{}, about {} left", share, human_duration(static_cast<int64_t>(left_us)));
  }

  void message(std::string_view level, std::string_view text) {
    const std::lock_guard<std::mutex> guard(mutex_);
    clear_live();
    line(fmt::format("  {}: {}", level, text), fmt::format("\"event\":\"{}\"", level));
  }

  void line(const std::string& text, const std::string& fields) {
    last_line_us_ = clock_.monotonic_us();
    if (options_.quiet) return;
    if (options_.json_lines) {
      std::fputs(fmt::format("{{\"time\":\"{}\",{}}}\n", iso_utc(clock_.now_us()), fields).c_str(), stderr);
    } else {
      std::fputs((text + "\n").c_str(), stderr);
    }
  }

  void show_live(std::string text) {
    const auto width = static_cast<size_t>(std::max(20, options_.columns - 1));
    if (text.size() > width) text.resize(width);
    std::fputs(("\r\x1b[K" + text).c_str(), stderr);
    std::fflush(stderr);
    live_shown_ = true;
  }

  void clear_live() {
    if (live_shown_) std::fputs("\r\x1b[K", stderr);
    live_shown_ = false;
  }

  [[nodiscard]] std::string styled(std::string_view code, std::string_view text) const {
    return options_.color ? fmt::format("\x1b[{}m{}\x1b[0m", code, text) : std::string(text);
  }
  [[nodiscard]] std::string bold(std::string_view text) const { return styled("1", text); }
  [[nodiscard]] std::string green(std::string_view text) const { return styled("32", text); }
  [[nodiscard]] std::string red(std::string_view text) const { return styled("31", text); }

  const Clock& clock_;
  const TerminalOptions options_;
  std::mutex mutex_;
  std::map<Phase, Pace> paces_;
  Phase current_ = Phase::plan;
  int64_t last_line_us_ = 0;
  bool live_shown_ = false;
};

}  // namespace

std::unique_ptr<RunObserver> make_terminal_observer(const Clock& clock, const TerminalOptions& options) {
  return std::make_unique<TerminalObserver>(clock, options);
}

}  // namespace godwit::cli
