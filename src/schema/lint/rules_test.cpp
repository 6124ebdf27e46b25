// Every rule by its own example: found in `bad`, not in `good`, and allowed where somebody gave a reason.
#include "schema/lint/lint.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace godwit::schema::lint {
namespace {

LintOptions options_for(const Rule& rule) {
  LintOptions options;
  options.dialect = rule.dialect == For::sqlite ? sql::Dialect::sqlite : sql::Dialect::postgres;
  if (rule.severity == Severity::off) options.severities[std::string(rule.id)] = Severity::warning;
  return options;
}

LintReport lint(const std::string& text, const LintOptions& options) {
  Script script;
  script.kind = Script::Kind::sql;
  script.file = "1.sql";
  script.sql = text;
  LintReport report;
  lint_scripts({{&script, ""}}, options, report);
  return report;
}

std::set<std::string> rules_of(const LintReport& report) {
  std::set<std::string> rules;
  for (const LintFinding& finding : report.findings)
    rules.insert(finding.rule);
  return rules;
}

std::string listed(const LintReport& report) {
  std::string all;
  for (const LintFinding& finding : report.findings)
    all += finding.rule + ": " + finding.message + "\n";
  return all;
}

LiveTables big_table() {
  LiveTables live;
  live.tables["big"].rows = 5'000'000;
  live.tables["big"].bytes = 2LL << 30;
  return live;
}

class LintRule : public ::testing::TestWithParam<const Rule*> {};

TEST_P(LintRule, FindsItsBadExampleAndNotItsGoodOne) {
  const Rule& rule = *GetParam();
  LintOptions options = options_for(rule);
  const LiveTables live = big_table();
  if (rule.id == "large-backfill") options.live = &live;
  const LintReport bad = lint(std::string(rule.bad), options);
  EXPECT_TRUE(rules_of(bad).contains(std::string(rule.id))) << rule.bad << "\n" << listed(bad);
  const LintReport good = lint(std::string(rule.good), options);
  EXPECT_FALSE(rules_of(good).contains(std::string(rule.id))) << rule.good << "\n" << listed(good);
}

TEST_P(LintRule, IsAllowedForTheFileWithAReason) {
  const Rule& rule = *GetParam();
  if (rule.id.find("allow") != std::string_view::npos) return;
  LintOptions options = options_for(rule);
  const LiveTables live = big_table();
  if (rule.id == "large-backfill") options.live = &live;
  const std::string allow = "-- godwit:allow-file " + std::string(rule.id) + ": because\n";
  const LintReport report = lint(allow + std::string(rule.bad), options);
  EXPECT_FALSE(rules_of(report).contains(std::string(rule.id))) << listed(report);
  EXPECT_FALSE(rules_of(report).contains("unused-allowance")) << listed(report);
  bool named = false;
  for (const LintAllowance& one : report.allowed)
    named = named || (one.rule == rule.id && one.reason == "because");
  EXPECT_TRUE(named);
}

TEST_P(LintRule, IsOffWhenConfiguredOff) {
  const Rule& rule = *GetParam();
  LintOptions options = options_for(rule);
  options.severities[std::string(rule.id)] = Severity::off;
  EXPECT_FALSE(rules_of(lint(std::string(rule.bad), options)).contains(std::string(rule.id)));
}

std::vector<const Rule*> with_examples() {
  std::vector<const Rule*> rules;
  for (const Rule* rule : all_rules())
    if (!rule->bad.empty()) rules.push_back(rule);
  return rules;
}

INSTANTIATE_TEST_SUITE_P(Rules, LintRule, ::testing::ValuesIn(with_examples()), [](const auto& parameter) {
  std::string name(parameter.param->id);
  std::ranges::replace(name, '-', '_');
  return name;
});

TEST(LintRules, HaveIdsOfTheirOwn) {
  std::set<std::string_view> ids;
  for (const Rule* rule : all_rules()) {
    EXPECT_TRUE(ids.insert(rule->id).second) << rule->id;
    EXPECT_EQ(find_rule(rule->id), rule);
    EXPECT_FALSE(rule->summary.empty() || rule->why.empty()) << rule->id;
    EXPECT_TRUE(!rule->bad.empty() || rule->topic == Topic::history) << rule->id;
  }
  EXPECT_EQ(find_rule("PG101"), find_rule("create-index-not-concurrent"));
  EXPECT_EQ(find_rule("MF104"), find_rule("set-not-null-without-check"));
  EXPECT_EQ(find_rule("PG"), nullptr);
}

}  // namespace
}  // namespace godwit::schema::lint
