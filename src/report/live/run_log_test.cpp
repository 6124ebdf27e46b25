#include "report/live/run_log.h"

#include "base/test_folder.h"
#include "base/text.h"
#include "os/files.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

namespace godwit::report {
namespace {

class StoppedClock final : public Clock {
 public:
  int64_t now_us() const override { return 1'795'229'539'204'000; }
  int64_t monotonic_us() const override { return 0; }
  void sleep_ms(int64_t /*duration_ms*/) const override {}
};

class Listener final : public RunObserver {
 public:
  void on_run(std::string_view /*run*/, std::string_view /*pipeline*/, std::string_view /*scope*/) override {
    heard += "run ";
  }
  void on_phase(const PhaseOutcome& /*phase*/) override { heard += "phase "; }
  void on_dataset(const DatasetProgress& /*progress*/) override { heard += "dataset "; }
  void on_checks(const CheckSummary& /*summary*/) override { heard += "checks "; }
  void on_note(std::string_view /*text*/, std::string_view /*dataset*/) override { heard += "note "; }
  void on_warning(std::string_view /*text*/) override { heard += "warning "; }
  std::string heard;
};

class Silent final : public RunObserver {
 public:
  void on_run(std::string_view /*run*/, std::string_view /*pipeline*/, std::string_view /*scope*/) override {}
  void on_phase(const PhaseOutcome& /*phase*/) override {}
  void on_dataset(const DatasetProgress& /*progress*/) override {}
  void on_checks(const CheckSummary& /*summary*/) override {}
  void on_note(std::string_view /*text*/, std::string_view /*dataset*/) override {}
  void on_warning(std::string_view /*text*/) override {}
};

const std::string run = "mig-20261121-025219-001";

std::string log_of(const std::string& folder, const std::string& of_run = run) {
  const auto text = os::read_file(folder + "/" + of_run + "/log.jsonl");
  return text.ok() ? *text : "";
}

std::vector<nlohmann::json> lines_of(const std::string& text) {
  std::vector<nlohmann::json> lines;
  for (const std::string& line : split(text, '\n')) {
    if (!line.empty()) lines.push_back(nlohmann::json::parse(line, nullptr, false));
  }
  return lines;
}

TEST(RunLog, WritesALinePerEventAndPassesItOn) {
  const TestFolder scratch;
  const std::string folder = scratch.path() + "/reports";
  const StoppedClock clock;
  Listener listener;
  RunLog log(listener, clock, folder);
  log.on_note("before the run has a name", "");
  log.on_run(run, "district", "district-001");
  PhaseOutcome phase;
  phase.phase = Phase::extract;
  phase.state = "failed";
  phase.started_us = 1'000'000;
  phase.finished_us = 3'500'000;
  log.on_phase(phase);
  DatasetProgress progress;
  progress.dataset = "ids.public.students";
  log.on_dataset(progress);
  progress.finished = true;
  log.on_dataset(progress);
  log.on_checks({3, 2, 1, 0, 0, "FAILED"});
  log.on_note("two\nlines \"quoted\" \x01\xff", "ids.public.students");
  log.on_warning("careful");
  RunReport report;
  report.state = RunState::check_failed;
  report.exit_code = 3;
  report.error = "checks: 1 of 3 failed";
  report.started_us = 1'000'000;
  report.finished_us = 8'000'000;
  log.on_end(report);
  EXPECT_EQ(listener.heard, "note run phase dataset dataset checks note warning ");

  const auto lines = lines_of(log_of(folder));
  ASSERT_EQ(lines.size(), 7U);
  for (const auto& line : lines) {
    ASSERT_TRUE(line.is_object());
    EXPECT_EQ(line.at("run"), run);
    EXPECT_EQ(line.at("time"), "2026-11-21T02:52:19.204Z");
  }
  EXPECT_EQ(lines[0].at("scope"), "district-001");
  EXPECT_EQ(lines[1].at("level"), "error");
  EXPECT_EQ(lines[1].at("duration_ms"), 2500);
  EXPECT_EQ(lines[2].at("dataset"), "ids.public.students");
  EXPECT_EQ(lines[3].at("level"), "error");
  EXPECT_EQ(lines[4].at("text"), "two\nlines \"quoted\" \x01\xEF\xBF\xBD");
  EXPECT_EQ(lines[4].at("dataset"), "ids.public.students");
  EXPECT_EQ(lines[5].at("level"), "warn");
  EXPECT_FALSE(lines[5].contains("dataset"));
  EXPECT_EQ(lines[6].at("event"), "end");
  EXPECT_EQ(lines[6].at("level"), "error");
  EXPECT_EQ(lines[6].at("state"), "check_failed");
  EXPECT_EQ(lines[6].at("exit_code"), 3);
  EXPECT_EQ(lines[6].at("duration_ms"), 7000);
  EXPECT_EQ(lines[6].at("text"), "checks: 1 of 3 failed");
}

TEST(RunLog, AppendsBehindALineThatACrashCutShort) {
  const TestFolder scratch;
  const std::string folder = scratch.path() + "/reports";
  ASSERT_TRUE(os::make_folder(folder + "/" + run).ok());
  ASSERT_TRUE(os::write_file(folder + "/" + run + "/log.jsonl", "{\"event\":\"run\"}\n{\"event\":\"no").ok());
  const StoppedClock clock;
  Silent silent;
  RunLog(silent, clock, folder).on_run(run, "district", "district-001");
  const auto lines = lines_of(log_of(folder));
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_TRUE(lines[1].is_discarded());
  EXPECT_EQ(lines[2].at("event"), "run");
}

TEST(RunLog, EachRunHasItsOwn) {
  const TestFolder scratch;
  const std::string folder = scratch.path() + "/reports";
  const StoppedClock clock;
  Silent silent;
  RunLog log(silent, clock, folder);
  log.on_run(run, "district", "district-001");
  log.on_run("ver-20261121-025300-001", "district", "district-001");
  log.on_note("of the second", "");
  EXPECT_EQ(lines_of(log_of(folder)).size(), 1U);
  EXPECT_EQ(lines_of(log_of(folder, "ver-20261121-025300-001")).size(), 2U);
}

TEST(RunLog, ARunGoesOnWithoutALog) {
  const TestFolder scratch;
  const std::string folder = scratch.path() + "/reports";
  ASSERT_TRUE(os::make_folder(folder).ok());
  ASSERT_TRUE(os::write_file(folder + "/" + run, "a file stands where the folder should").ok());
  const StoppedClock clock;
  Listener listener;
  RunLog log(listener, clock, folder);
  log.on_run(run, "district", "district-001");
  log.on_note("heard", "");
  EXPECT_EQ(listener.heard, "run note ");
}

TEST(RunLog, LinesOfThreadsDoNotMix) {
  const TestFolder scratch;
  const std::string folder = scratch.path() + "/reports";
  const StoppedClock clock;
  Silent silent;
  RunLog log(silent, clock, folder);
  log.on_run(run, "district", "district-001");
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&log] {
      for (int n = 0; n < 250; ++n)
        log.on_note(std::string(200, 'x'), "");
    });
  }
  for (auto& thread : threads)
    thread.join();
  const auto lines = lines_of(log_of(folder));
  ASSERT_EQ(lines.size(), 1001U);
  for (const auto& line : lines)
    EXPECT_TRUE(line.is_object());
}

}  // namespace
}  // namespace godwit::report
