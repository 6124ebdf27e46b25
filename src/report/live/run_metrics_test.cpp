// The metrics of a run, as a collector would read them.
#include "report/live/run_metrics.h"

#include "base/test_folder.h"
#include "os/files.h"

#include <gtest/gtest.h>

namespace godwit::report {
namespace {

class StoppedClock final : public Clock {
 public:
  [[nodiscard]] int64_t now_us() const override { return 10'000'000; }
  [[nodiscard]] int64_t monotonic_us() const override { return 0; }
  void sleep_ms(int64_t /*duration_ms*/) const override {}
};

class Listener final : public RunObserver {
 public:
  void on_run(std::string_view, std::string_view, std::string_view) override { heard += "run "; }
  void on_phase(const PhaseOutcome&) override { heard += "phase "; }
  void on_dataset(const DatasetProgress&) override { heard += "dataset "; }
  void on_checks(const CheckSummary&) override { heard += "checks "; }
  void on_note(std::string_view, std::string_view) override { heard += "note "; }
  void on_warning(std::string_view) override { heard += "warning "; }
  std::string heard;
};

bool has_line(const std::string& text, const std::string& line) {
  return text.find("\n" + line + "\n") != std::string::npos;
}

TEST(RunMetrics, TellsHowFarARunIsAndPassesEverythingOn) {
  const TestFolder scratch;
  const std::string file = scratch.path() + "/run.prom";
  const StoppedClock clock;
  Listener listener;
  RunMetrics metrics(listener, clock, file);
  metrics.on_run("mig-20261121-025219-001", "district", R"(a"b\c)");
  DatasetProgress progress;
  progress.dataset = "ids.public.students";
  progress.rows = 1234567;
  progress.bytes = 99;
  progress.duration_us = 1'500'000;
  metrics.on_dataset(progress);
  metrics.on_checks({3, 2, 1, 0, 0, "FAILED"});
  metrics.on_note("a note", "");
  metrics.on_warning("a warning");
  PhaseOutcome phase;
  phase.phase = Phase::extract;
  phase.state = "running";
  phase.started_us = 6'000'000;
  metrics.on_phase(phase);
  EXPECT_EQ(listener.heard, "run dataset checks note warning phase ");

  const std::string text = os::read_file(file).value();
  const std::string of_run = R"(pipeline="district",scope="a\"b\\c")";
  EXPECT_TRUE(
      has_line(text, "godwit_run_info{" + of_run + R"(,run="mig-20261121-025219-001",state="running"} 1)"))
      << text;
  EXPECT_TRUE(
      has_line(text, "godwit_phase_duration_seconds{" + of_run + R"(,phase="extract",state="running"} 4)"));
  EXPECT_TRUE(has_line(text, "godwit_table_phase_rows{" + of_run +
                                 R"(,phase="extract",table="ids.public.students"} 1234567)"));
  EXPECT_TRUE(has_line(text, "godwit_table_phase_duration_seconds{" + of_run +
                                 R"(,phase="extract",table="ids.public.students"} 1.5)"));
  EXPECT_TRUE(has_line(text, "godwit_checks{" + of_run + R"(,verdict="failed"} 1)"));
  EXPECT_TRUE(has_line(text, "godwit_run_warnings{" + of_run + "} 1"));
  EXPECT_TRUE(text.ends_with("\n# EOF\n"));
  EXPECT_EQ(text.find("godwit_run_exit_code"), std::string::npos) << "it has not ended";
}

TEST(RunMetrics, TellsHowARunEnded) {
  const TestFolder scratch;
  const StoppedClock clock;
  Listener listener;
  RunMetrics metrics(listener, clock, scratch.path() + "/run.prom");
  metrics.on_run("mig-20261121-025219-001", "district", "d1");
  RunReport report;
  report.state = RunState::cancelled;
  report.exit_code = 75;
  report.started_us = 1'000'000;
  report.finished_us = 3'500'000;
  report.reading = {4'000'000, 3'000'000};
  TableReport table;
  table.dataset = "ids.public.students";
  table.kept = 7;
  report.tables.push_back(table);
  ASSERT_TRUE(metrics.finish(report).ok());
  const std::string text = metrics.text();
  const std::string of_run = R"(pipeline="district",scope="d1")";
  EXPECT_TRUE(has_line(text, "godwit_run_exit_code{" + of_run + "} 75"));
  EXPECT_TRUE(has_line(text, "godwit_run_duration_seconds{" + of_run + "} 2.5"));
  EXPECT_TRUE(has_line(text, "godwit_stream_waited_seconds{" + of_run + R"(,direction="read"} 3)"));
  EXPECT_TRUE(
      has_line(text, "godwit_table_rows{" + of_run + R"(,table="ids.public.students",rows="kept"} 7)"));
  EXPECT_NE(text.find(R"(state="cancelled")"), std::string::npos);

  RunMetrics nowhere(listener, clock, scratch.path() + "/no/such/folder/run.prom");
  nowhere.on_run("mig-20261121-025219-001", "district", "d1");
  nowhere.on_phase({});
  EXPECT_EQ(nowhere.finish(report).error().kind, ErrorKind::io);
}

}  // namespace
}  // namespace godwit::report
