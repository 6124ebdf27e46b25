#include "report/escape.h"
#include "report/figures.h"
#include "report/report.h"

#include <fmt/format.h>

#include <map>

namespace godwit::report {

namespace {

struct Suite {
  std::string cases;
  size_t tests = 0, failures = 0, errors = 0, skipped = 0;
};

std::string counts(const Suite& suite) {
  return fmt::format("tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\"", suite.tests, suite.failures,
                     suite.errors, suite.skipped);
}

void add(const CheckOutcome& outcome, Suite& suite) {
  const std::string head = fmt::format("    <testcase classname=\"{}\" name=\"{}\"",
                                       escape_xml(outcome.check.dataset), escape_xml(outcome.check.id));
  const std::string text = escape_xml(finding_text(outcome));
  const std::string_view severity = to_string(outcome.check.severity);
  ++suite.tests;
  switch (outcome.verdict) {
    case CheckVerdict::passed:
      suite.cases += head + "/>\n";
      break;
    case CheckVerdict::failed:
      ++suite.failures;
      suite.cases +=
          fmt::format("{}>\n      <failure type=\"{}\" message=\"{} findings: {}\"/>\n    </testcase>\n",
                      head, severity, outcome.findings, text);
      break;
    case CheckVerdict::warned:
      suite.cases += fmt::format("{}>\n      <system-out>{}: {} findings: {}</system-out>\n    </testcase>\n",
                                 head, severity, outcome.findings, text);
      break;
    case CheckVerdict::skipped:
      ++suite.skipped;
      suite.cases += fmt::format("{}>\n      <skipped message=\"{}\"/>\n    </testcase>\n", head, text);
      break;
  }
}

// A run that failed for another reason than a failing check: without this case an empty file would look like
// success.
void add_run(const RunReport& report, Suite& suite) {
  ++suite.tests;
  ++suite.errors;
  suite.cases += fmt::format(
      "    <testcase classname=\"run\" name=\"{}\">\n      <error type=\"exit code {}\" message=\"{}\"/>\n   "
      " "
      "</testcase>\n",
      escape_xml(report.run.empty() ? "run" : report.run), report.exit_code,
      escape_xml(report.error.empty() ? to_string(report.state) : report.error));
}

}  // namespace

std::string to_junit(const RunReport& report) {
  std::map<std::string, Suite> suites;
  Suite all;
  for (const CheckOutcome& outcome : report.checks)
    add(outcome, suites[std::string(to_string(outcome.check.category))]);
  for (const auto& [name, suite] : suites)
    all.failures += suite.failures;
  if (report.exit_code != 0 && all.failures == 0) add_run(report, suites["run"]);
  std::string body;
  all = {};
  for (const auto& [name, suite] : suites) {
    all.tests += suite.tests;
    all.failures += suite.failures;
    all.errors += suite.errors;
    all.skipped += suite.skipped;
    body += fmt::format("  <testsuite name=\"{}\" {}>\n{}  </testsuite>\n", escape_xml(name), counts(suite),
                        suite.cases);
  }
  return fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"{}\" {}>\n{}</testsuites>\n",
      escape_xml(report.run), counts(all), body);
}

}  // namespace godwit::report
