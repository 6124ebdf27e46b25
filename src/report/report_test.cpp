#include "report/report.h"

#include "base/test_folder.h"
#include "os/files.h"
#include "report/figures.h"
#include "report/test_reports.h"

#include <gtest/gtest.h>

#include <string>

namespace godwit::report {
namespace {

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

const std::vector<std::string> file_names = {"report.json",  "report.md",  "report.html", "checks.junit.xml",
                                             "checks.sarif", "tables.csv", "checks.csv"};

TEST(WriteAll, WritesEveryFormOfARunThatKnowsNothing) {
  const TestFolder scratch;
  const std::string folder = scratch.path() + "/reports";
  RunReport report;
  ASSERT_TRUE(write_all(folder, report).ok());
  for (const std::string& name : file_names) {
    EXPECT_EQ(report.artifacts[name], folder + "/" + name);
    const auto size = os::file_size(folder + "/" + name);
    ASSERT_TRUE(size.ok()) << name;
    EXPECT_GT(*size, 0) << name;
  }
  EXPECT_EQ(report.artifacts.count("checks.json"), 0U) << "names a file that is not there";
}

TEST(WriteAll, PutsAVerificationBesideTheRun) {
  const TestFolder scratch;
  const std::string folder = scratch.path() + "/reports";
  RunReport run = nasty_report();
  RunReport verification = verification_report();
  ASSERT_TRUE(write_all(folder, run).ok());
  ASSERT_TRUE(write_all(folder, verification).ok());
  const auto of_run = read_json(folder);
  ASSERT_TRUE(of_run.ok());
  EXPECT_EQ(of_run->kind, "mig");
  const auto of_verification = read_json(folder, verification.run);
  ASSERT_TRUE(of_verification.ok()) << of_verification.error().text();
  EXPECT_EQ(of_verification->kind, "ver");
  EXPECT_EQ(of_verification->tables.at(0).missing_rows, 1);
}

// Resuming a run that is completed does nothing: what it has to say is what was said before.
TEST(WriteAll, NothingDoneNeverReplacesAReport) {
  const TestFolder scratch;
  const std::string folder = scratch.path() + "/reports";
  RunReport first = nasty_report();
  ASSERT_TRUE(write_all(folder, first).ok());
  const std::string before = *os::read_file(folder + "/report.html");
  RunReport second;
  second.run = first.run;
  second.state = RunState::completed;
  ASSERT_TRUE(write_all(folder, second).ok());
  EXPECT_EQ(*os::read_file(folder + "/report.html"), before);
  EXPECT_EQ(second.tables.size(), first.tables.size());

  RunReport refused;
  refused.run = first.run;
  refused.state = RunState::rolled_back;
  refused.exit_code = 2;
  refused.error = "the run was rolled back";
  ASSERT_TRUE(write_all(folder, refused).ok());
  EXPECT_EQ(*os::read_file(folder + "/report.html"), before);
  EXPECT_EQ(refused.state, RunState::rolled_back);
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_EQ(refused.error, "the run was rolled back");
  EXPECT_EQ(refused.tables.size(), first.tables.size());
}

TEST(Figures, TellWhereRowsComeFrom) {
  Figures sum = add_up(nasty_report());
  EXPECT_EQ(sum.rows, 1200);
  EXPECT_EQ(sum.owned_rows + sum.needed_rows + sum.shared_rows, sum.rows);
  EXPECT_EQ(origin_of_rows(sum), "180 owned · 20 needed · 1,000 shared");
  EXPECT_TRUE(holds(to_html(nasty_report()), "180 owned · 20 needed · 1,000 shared"));
  EXPECT_TRUE(holds(to_markdown(nasty_report()), "180 owned · 20 needed · 1,000 shared"));
  sum.needed_rows = sum.shared_rows = 0;
  EXPECT_EQ(origin_of_rows(sum), "all of the scope");
}

TEST(WriteAll, SaysWhichFileCouldNotBeWritten) {
  const TestFolder scratch;
  const std::string folder = scratch.path() + "/reports";
  ASSERT_TRUE(os::make_folder(folder + "/report.json").ok());  // a folder stands where the file should
  RunReport report;
  report.started_us = 1;
  const Status status = write_all(folder, report);
  ASSERT_FALSE(status.ok());
  EXPECT_TRUE(holds(status.error().text(), "report.json"));
}

TEST(ReadJson, GivesBackWhatWasWritten) {
  for (auto& [name, report] : small_reports()) {
    const TestFolder scratch;
    const std::string folder = scratch.path() + "/reports";
    ASSERT_TRUE(os::make_folder(folder).ok());
    ASSERT_TRUE(os::write_file(folder + "/report.json", to_json(report)).ok());
    const auto back = read_json(folder);
    ASSERT_TRUE(back.ok()) << name << ": " << back.error().text();
    EXPECT_EQ(to_json(*back), to_json(report)) << name;
    EXPECT_EQ(to_markdown(*back), to_markdown(*read_json(folder))) << name;
    EXPECT_EQ(count_checks(*back).size(), count_checks(report).size()) << name;
  }
}

TEST(ReadJson, RefusesWhatItDoesNotUnderstand) {
  const TestFolder scratch;
  const std::string folder = scratch.path() + "/reports";
  ASSERT_TRUE(os::make_folder(folder).ok());
  EXPECT_FALSE(read_json(folder).ok());
  for (const char* text : {"", "[]", "{\"version\": 2}", "{\"version\": 1}", "{\"version\": \"1\"}",
                           "{\"version\": 1, \"run\": 5}"}) {
    ASSERT_TRUE(os::write_file(folder + "/report.json", text).ok());
    const auto read = read_json(folder);
    ASSERT_FALSE(read.ok()) << text;
    EXPECT_TRUE(holds(read.error().text(), "report.json")) << read.error().text();
  }
}

// DESIGN: everything meant to leave the machine carries counts.
TEST(Report, NoFormCarriesFailingKeys) {
  for (const auto& [name, report] : small_reports()) {
    for (const std::string& text : {to_json(report), to_markdown(report), to_html(report), to_junit(report),
                                    to_sarif(report), to_tables_csv(report), to_checks_csv(report)}) {
      EXPECT_FALSE(holds(text, "KEY-MUST-NOT-LEAVE")) << name;
    }
  }
}

TEST(Report, PathsOfTheMachineStayOutOfWhatLeavesIt) {
  const RunReport report = nasty_report();
  for (const std::string& text : {to_markdown(report), to_html(report), to_junit(report), to_sarif(report)}) {
    EXPECT_FALSE(holds(text, "/srv/project"));
    EXPECT_FALSE(holds(text, "/home/someone"));
  }
}

TEST(Html, ALargeRunStaysALightPage) {
  const TestFolder scratch;
  const std::string folder = scratch.path() + "/reports";
  RunReport report = big_report();
  ASSERT_EQ(report.tables.size(), 157U);
  ASSERT_EQ(report.checks.size(), 1400U);
  ASSERT_TRUE(write_all(folder, report).ok());
  std::string page = to_html(report);
  EXPECT_LT(page.size(), size_t{512} << 10);
  for (size_t at = 0; (at = page.find("<wbr/>", at)) != std::string::npos;)
    page.erase(at, 6);
  // Every table and every masked column is there, also those inside closed parts.
  for (const TableReport& table : report.tables)
    EXPECT_TRUE(holds(page, table.dataset.substr(table.store.size() + 1))) << table.dataset;
}

TEST(Junit, AFailedRunWithoutChecksIsNoEmptySuccess) {
  RunReport report;
  report.exit_code = 5;
  report.error = "store ids does not answer";
  const std::string junit = to_junit(report);
  EXPECT_TRUE(holds(junit, "tests=\"1\" failures=\"0\" errors=\"1\""));
  EXPECT_TRUE(holds(junit, "store ids does not answer"));
  EXPECT_FALSE(holds(to_junit(stopped_report()), "<error")) << "the failing check says it already";
}

TEST(Sarif, AFailedRunIsNoSuccessfulInvocation) {
  RunReport report;
  EXPECT_TRUE(holds(to_sarif(report), "\"executionSuccessful\": true"));
  report.exit_code = 5;
  report.error = "store ids does not answer";
  EXPECT_TRUE(holds(to_sarif(report), "\"executionSuccessful\": false"));
  EXPECT_TRUE(holds(to_sarif(report), "store ids does not answer"));
}

RunReport ended(int exit_code, RunState state, const std::string& commit_state) {
  RunReport report = stopped_report();
  report.exit_code = exit_code;
  report.state = state;
  StoreReport store;
  store.store = "ids";
  store.commit_state = commit_state;
  report.stores = {store};
  return report;
}

TEST(Headline, NeverCallsATargetUnchangedThatIsNot) {
  for (const int code : {1, 2, 3, 4, 5, 6, 7, 75}) {
    const Headline said = headline(ended(code, RunState::failed, "committed"));
    EXPECT_FALSE(holds(said.meaning, "committed nothing")) << code;
    EXPECT_NE(said.tone, Tone::good) << code;
    EXPECT_EQ(headline(ended(code, RunState::failed, "")).tone == Tone::good, false) << code;
  }
  EXPECT_TRUE(holds(headline(ended(1, RunState::failed, "")).meaning, "committed nothing"));
  EXPECT_EQ(headline(ended(8, RunState::in_doubt, "committing")).verdict, "In doubt");
  EXPECT_EQ(headline(ended(3, RunState::check_failed, "")).verdict, "Stopped by checks");
}

TEST(Headline, AnUnfinishedRunIsNoSuccess) {
  RunReport report;
  EXPECT_NE(headline(report).tone, Tone::good);
  report.state = RunState::loading;
  EXPECT_NE(headline(report).tone, Tone::good);
  report.state = RunState::completed;
  EXPECT_EQ(headline(report).tone, Tone::good);
}

TEST(NextSteps, SuitTheOutcome) {
  const auto commands = [](const RunReport& report) {
    std::string all;
    for (const NextStep& step : next_steps(report)) {
      if (!step.command.empty()) all += step.command + "\n";
    }
    return all;
  };
  EXPECT_TRUE(holds(commands(ended(0, RunState::completed, "committed")),
                    "godwit rollback mig-20261121-025219-001\n"));
  EXPECT_TRUE(
      holds(commands(ended(4, RunState::partial, "committed")), "--resume mig-20261121-025219-001\n"));
  EXPECT_TRUE(holds(commands(ended(0, RunState::checked, "")), "--from-run mig-20261121-025219-001\n"));
  EXPECT_FALSE(holds(commands(ended(3, RunState::check_failed, "")), "rollback"));
  // In doubt, asking is the only step: nothing may be repeated.
  EXPECT_EQ(commands(ended(8, RunState::in_doubt, "committing")), "godwit status mig-20261121-025219-001\n");
  RunReport nasty = nasty_report();
  nasty.exit_code = 75;
  EXPECT_TRUE(holds(commands(nasty), "'<script>alert('\\''scope'\\'')</script>'")) << commands(nasty);
}

TEST(Findings, WorstFirst) {
  RunReport report = stopped_report();
  for (const CheckOutcome& outcome : nasty_report().checks)
    report.checks.push_back(outcome);
  const auto found = findings_of(report);
  ASSERT_EQ(found.size(), 4U);
  EXPECT_EQ(found[0]->verdict, CheckVerdict::failed);
  EXPECT_EQ(found[1]->verdict, CheckVerdict::skipped);
  EXPECT_EQ(found[2]->check.severity, Severity::warning);
  EXPECT_EQ(found[3]->check.severity, Severity::info);
}

}  // namespace
}  // namespace godwit::report
