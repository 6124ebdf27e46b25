#include "check/scan/pattern_scan.h"

#include "base/text.h"
#include "duck/test_fixture.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace godwit::check {
namespace {

class PatternScanTest : public duck::DuckTest {
 protected:
  void SetUp() override {
    DuckTest::SetUp();
    ASSERT_TRUE(
        connection_
            ->run(
                "CREATE TABLE texts AS SELECT i AS number, CASE i % 9 WHEN 0 THEN NULL WHEN 1 THEN '' "
                "WHEN 2 THEN 'line' || chr(10) || i WHEN 3 THEN 'Zoë ' || i WHEN 4 THEN repeat('x', i % 90) "
                "WHEN 5 THEN i || '@example.org' WHEN 6 THEN '日本' || i WHEN 7 THEN 'a' || chr(0) || 'b' "
                "ELSE 'it''s ' || i || chr(13) || chr(10) END AS \"The Text\" FROM range(20000) t(i)")
            .ok());
  }
  [[nodiscard]] std::vector<std::string> together(std::vector<std::string> expressions) {
    const auto columns = connection_->describe("SELECT * FROM texts").value();
    EXPECT_TRUE(match_patterns_together(*connection_, columns, serial_, expressions).ok());
    return expressions;
  }
  [[nodiscard]] std::vector<std::string> counted(const std::vector<std::string>& expressions) {
    std::vector<std::string> columns;
    for (const std::string& expression : expressions)
      columns.push_back("count_if(NOT (" + expression + ")), count_if((" + expression + ") IS NULL)");
    std::vector<std::string> counts;
    const duck::Rows answer = connection_->query("SELECT " + join(columns, ", ") + " FROM texts").value();
    for (const auto& count : answer.rows[0])
      counts.push_back(*count);
    return counts;
  }
  [[nodiscard]] static std::string matches(const std::string& pattern,
                                           const std::string& column = "\"The Text\"") {
    return fmt::format("regexp_matches({}, {})", column, quote_literal(pattern));
  }

  int serial_ = 0;
};

// One by one is DuckDB's own answer.
TEST_F(PatternScanTest, FindsWhatEachPatternFindsAlone) {
  std::vector<std::string> expressions;
  for (const char* pattern : {"^$",          "",
                              ".",           "^.+$",
                              "e.1",         "\\s",
                              "[^a-z]",      "^[a-z]+ ?[0-9]*$",
                              "it's",        "\\bit\\b",
                              "x{3,40}",     "^x{3,40}$",
                              "(a|b)(c|d)?", "@example\\.(org|com)$",
                              "^.{0,10}$",   "^.{11,}$",
                              "[[:upper:]]", "\\d{4}$",
                              "\\w+@\\w+",   "\\x00"}) {
    expressions.push_back(matches(pattern));
  }
  for (int longest = 2; longest < 90; ++longest)
    expressions.push_back(matches(fmt::format("^[a-z]{{2,{}}}$", longest)));
  const std::vector<std::string> rewritten = together(expressions);
  for (size_t i = 0; i < expressions.size(); ++i)
    EXPECT_NE(rewritten[i], expressions[i]);
  EXPECT_EQ(counted(rewritten), counted(expressions));
  EXPECT_EQ(serial_, 2);  // more patterns than one answer has bits
}

TEST_F(PatternScanTest, LeavesWhatItCannotMatchAlike) {
  const std::vector<std::string> few = {matches("^a"), matches("^b"), matches("^c")};
  EXPECT_EQ(together(few), few);
  std::vector<std::string> expressions = {matches("(?i)zo"),
                                          matches("\\p{L}"),
                                          matches("ë"),
                                          matches("("),
                                          "regexp_matches(\"The Text\", '^a', 'i')",
                                          "regexp_matches(lower(\"The Text\"), '^a')",
                                          matches("^1", "number"),
                                          "regexp_matches(\"The Text\", 'a' || 'b')",
                                          "regexp_full_match(\"The Text\", 'a')"};
  const std::vector<std::string> left = expressions;
  for (int i = 0; i < 5; ++i)
    expressions.push_back(matches(fmt::format("^{}$", i)));
  std::vector<std::string> rewritten = together(expressions);
  rewritten.resize(left.size());
  EXPECT_EQ(rewritten, left);
}

TEST_F(PatternScanTest, KnowsTheColumnByAnyOfItsNames) {
  std::vector<std::string> expressions = {matches("^a", "\"the text\""),
                                          "REGEXP_MATCHES ( \"The Text\" , '^b' )"};
  for (int i = 0; i < 4; ++i)
    expressions.push_back(matches(fmt::format("{}$", i)));
  const std::vector<std::string> rewritten = together(expressions);
  EXPECT_EQ(serial_, 1);
  EXPECT_NE(rewritten[0], expressions[0]);
  EXPECT_NE(rewritten[1], expressions[1]);
  EXPECT_EQ(counted(rewritten), counted(expressions));
}

}  // namespace
}  // namespace godwit::check
