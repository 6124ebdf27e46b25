// tests/golden/report/<case>/<file>: every form of the reports of test_reports.h. UPDATE_GOLDEN=1 rewrites
// them; a mismatch writes <file>.FAIL beside it. documents_test.py holds the same files to their formats.
#include "os/files.h"
#include "report/report.h"
#include "report/test_reports.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

namespace godwit::report {
namespace {

const std::string golden_folder = GODWIT_GOLDEN_FOLDER;

std::vector<std::pair<std::string, std::string>> forms(const RunReport& report) {
  return {{"report.json", to_json(report)},     {"report.md", to_markdown(report)},
          {"report.html", to_html(report)},     {"checks.junit.xml", to_junit(report)},
          {"checks.sarif", to_sarif(report)},   {"tables.csv", to_tables_csv(report)},
          {"checks.csv", to_checks_csv(report)}};
}

void compare(const std::string& file, const std::string& actual) {
  const char* update = std::getenv("UPDATE_GOLDEN");
  if (update != nullptr && std::string_view(update) == "1") {
    ASSERT_TRUE(os::make_folder(os::parent_folder(file)).ok());
    ASSERT_TRUE(os::write_file(file, actual).ok());
    return;
  }
  const auto expected = os::read_file_if_exists(file);
  ASSERT_TRUE(expected.ok()) << expected.error().text();
  const bool same = expected->has_value() && **expected == actual;
  if (same) {
    EXPECT_TRUE(os::remove_all(file + ".FAIL").ok());
  } else {
    EXPECT_TRUE(os::write_file(file + ".FAIL", actual).ok());
  }
  EXPECT_TRUE(same) << file << " is not what the report says now: compare it with " << file << ".FAIL";
}

using Case = std::pair<std::string, RunReport>;
class GoldenReport : public ::testing::TestWithParam<Case> {};

TEST_P(GoldenReport, Matches) {
  for (const auto& [name, text] : forms(GetParam().second))
    compare(golden_folder + "/" + GetParam().first + "/" + name, text);
}

INSTANTIATE_TEST_SUITE_P(Cases, GoldenReport, ::testing::ValuesIn(small_reports()),
                         [](const auto& parameter) { return parameter.param.first; });

}  // namespace
}  // namespace godwit::report
