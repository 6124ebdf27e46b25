#include "check/evaluate.h"
#include "check/generate.h"
#include "check/relations.h"
#include "duck/test_fixture.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

namespace godwit::check {
namespace {

Column column(const std::string& name, TypeClass type, bool nullable = true) {
  Column out;
  out.name = name;
  out.type_name = std::string(to_string(type));
  out.type_class = type;
  out.nullable = nullable;
  return out;
}

Dataset dataset(const std::string& name, std::vector<Column> columns,
                const std::vector<StagingType>& staging) {
  Dataset out;
  out.store = "ids";
  out.table.name = {"public", name};
  out.id = dataset_id(out.store, out.table.name);
  out.table.columns = std::move(columns);
  for (size_t i = 0; i < out.table.columns.size(); ++i) {
    DatasetColumn staged;
    staged.name = out.table.columns[i].name;
    staged.staging = staging[i];
    out.columns.push_back(staged);
  }
  out.masks.resize(out.columns.size());
  out.mask_facts.resize(out.columns.size());
  out.mask_rules.resize(out.columns.size());
  out.closure.table = out.table.name;
  out.closure.membership = Membership::owned;
  out.table.keys.push_back(Key{"pk", {out.columns[0].name}, true, false, "", "", true});
  return out;
}

class ChecksTest : public duck::DuckTest {
 protected:
  void SetUp() override {
    DuckTest::SetUp();

    schools_ =
        dataset("schools", {column("id", TypeClass::integer, false), column("district_id", TypeClass::text)},
                {StagingType::int32, StagingType::text});
    students_ = dataset("students",
                        {column("id", TypeClass::integer, false), column("school_id", TypeClass::integer),
                         column("age", TypeClass::integer), column("email", TypeClass::text, false),
                         column("created_at", TypeClass::timestamptz)},
                        {StagingType::int32, StagingType::int32, StagingType::int16, StagingType::text,
                         StagingType::timestamptz});
    students_.table.columns[3].max_length = 20;
    students_.table.checks.push_back({"age_positive", "((age > 0) AND ((email)::text ~ '@'::text))"});
    students_.table.checks.push_back({"exotic", "pg_catalog.some_function(age)"});
    NecessityEdge edge;
    edge.foreign_key.name = "students_school";
    edge.foreign_key.columns = {"school_id"};
    edge.foreign_key.parent = {"public", "schools"};
    edge.foreign_key.parent_columns = {"id"};
    edge.inside = true;
    students_.closure.edges.push_back(edge);
    students_.masks[3].strategy = MaskStrategy::template_;
    students_.masks[3].argument = "email";
    students_.mask_facts[3].always_changes = true;
    index_ = std::make_unique<DatasetIndex>(std::vector<const Dataset*>{&schools_, &students_});
    for (const Dataset* each : index_->all())
      ASSERT_TRUE(create_empty_relation(*connection_, *each).ok());
    input_.datasets = index_.get();
    input_.connection = connection_.get();
    input_.scope = "d1";
  }

  std::vector<Check> all_checks() {
    std::vector<std::string> not_translated;
    auto checks = catalog_checks(input_, not_translated).value();
    EXPECT_EQ(not_translated, std::vector<std::string>{"ids.public.students: CHECK constraint exotic"});
    for (Check& check : masking_checks(*index_))
      checks.push_back(check);
    return checks;
  }

  std::map<std::string, CheckOutcome> evaluate_on(const std::string& student_rows, int64_t rows,
                                                  std::vector<Check> checks) {
    EXPECT_TRUE(
        connection_
            ->run("CREATE OR REPLACE TABLE schools_data AS SELECT 1::INTEGER AS id, 'd1' AS district_id")
            .ok());
    EXPECT_TRUE(connection_
                    ->run("CREATE OR REPLACE TABLE students_data AS SELECT id::INTEGER AS id, "
                          "school_id::INTEGER AS school_id, "
                          "age::SMALLINT AS age, email::VARCHAR AS email, created_at::TIMESTAMPTZ AS "
                          "created_at FROM (VALUES " +
                          student_rows + ") v(id, school_id, age, email, created_at)")
                    .ok());
    EXPECT_TRUE(create_relation(*connection_, schools_, "schools_data").ok());
    EXPECT_TRUE(create_relation(*connection_, students_, "students_data").ok());
    DatasetManifest schools_manifest;
    schools_manifest.id = schools_.id;
    schools_manifest.rows = 1;
    DatasetManifest students_manifest;
    students_manifest.id = students_.id;
    students_manifest.rows = rows;
    students_manifest.masks.push_back({"email", "email_addresses", rows, 0, 0});
    EvaluateInput input;
    input.datasets = index_.get();
    input.manifests = {&schools_manifest, &students_manifest};
    const auto second = database_->connect().value();
    input.connections = {connection_.get(), second.get()};
    input.now_text = "2026-11-21 00:00:00";
    const auto outcomes = evaluate(input, checks);
    EXPECT_TRUE(outcomes.ok());
    std::map<std::string, CheckOutcome> by_id;
    for (const CheckOutcome& outcome : outcomes.value())
      by_id[outcome.check.id] = outcome;
    EXPECT_EQ(by_id.size(), checks.size()) << "ids are unique";
    return by_id;
  }

  Dataset schools_, students_;
  std::unique_ptr<DatasetIndex> index_;
  GenerateInput input_;
};

TEST_F(ChecksTest, GoodRowsPassEverything) {
  const auto outcomes = evaluate_on(
      "(1, 1, 7, 'a@example.org', '2024-01-01'), (2, NULL, NULL, 'b@example.org', NULL)", 2, all_checks());
  for (const auto& [id, outcome] : outcomes)
    EXPECT_EQ(outcome.verdict, CheckVerdict::passed) << id << " " << outcome.reason;
  EXPECT_TRUE(outcomes.contains("foreign_key:ids.public.students.students_school"));
  EXPECT_TRUE(outcomes.contains("check:ids.public.students.age_positive"));
}

TEST_F(ChecksTest, EachKindFindsItsRows) {
  const auto outcomes = evaluate_on(
      "(1, 1, 7, 'a@example.org', NULL), (1, 9, -7, 'real-address@school.example.net.real', NULL), (3, 1, 7, "
      "NULL, NULL)",
      4, all_checks());
  const auto findings = [&](const std::string& id) { return outcomes.at(id).findings; };
  EXPECT_EQ(findings("primary_key:ids.public.students.pk"), 1);
  EXPECT_EQ(findings("foreign_key:ids.public.students.students_school"), 1);
  EXPECT_EQ(findings("check:ids.public.students.age_positive"), 1);
  EXPECT_EQ(findings("not_null:ids.public.students.email"), 1);
  EXPECT_EQ(findings("length:ids.public.students.email"), 1);
  EXPECT_EQ(findings("masked_format:ids.public.students.email"), 1);
  EXPECT_EQ(findings("rows:ids.public.students"), 1);
  EXPECT_EQ(findings("masked_nulls:ids.public.students.email"), 1);
  EXPECT_EQ(outcomes.at("not_null:ids.public.students.email").failing_keys, std::vector<std::string>{"3"});
}

TEST_F(ChecksTest, ACheckThatRaisesHasFailedAndTheOthersStand) {
  std::vector<Check> checks = all_checks();
  Check raising;
  raising.id = "raising";
  raising.dataset = students_.id;
  raising.severity = Severity::info;
  raising.row_condition = "CAST(email AS INTEGER) > 0";
  checks.push_back(raising);
  const auto outcomes = evaluate_on("(1, 1, 7, 'a@example.org', NULL)", 1, checks);
  EXPECT_EQ(outcomes.at("raising").verdict, CheckVerdict::failed);
  EXPECT_NE(outcomes.at("raising").reason.find("cannot be evaluated"), std::string::npos);
  EXPECT_EQ(outcomes.at("raising").reason.find("a@example.org"), std::string::npos) << "no data in a reason";
  EXPECT_EQ(outcomes.at("check:ids.public.students.age_positive").verdict, CheckVerdict::passed);
}

TEST_F(ChecksTest, QueriesThatAreAskedTogetherAreAnsweredEachForItself) {
  std::vector<Check> checks;
  for (int i = 0; i < 40; ++i) {
    Check check;
    check.id = std::to_string(i);
    check.dataset = i % 3 == 0 ? schools_.id : students_.id;
    check.count_query = "SELECT count(*) FROM generate_series(1, " + check.id + ")";
    checks.push_back(check);
  }
  checks[25].count_query = "SELECT count(*) FROM generate_series(1, CAST('a@example.org' AS INTEGER))";
  const auto outcomes = evaluate_on("(1, 1, 7, 'a@example.org', NULL)", 1, checks);
  for (int i = 0; i < 40; ++i) {
    const CheckOutcome& outcome = outcomes.at(std::to_string(i));
    EXPECT_EQ(outcome.findings, i == 25 ? 0 : i);
    EXPECT_EQ(outcome.verdict, i == 0 ? CheckVerdict::passed : CheckVerdict::failed);
    EXPECT_EQ(outcome.reason.empty(), i != 25) << outcome.reason;
  }
  EXPECT_EQ(outcomes.at("25").reason.find("a@example.org"), std::string::npos);
}

TEST(Summary, Verdicts) {
  const auto outcome = [](CheckVerdict verdict, Severity severity) {
    CheckOutcome out;
    out.verdict = verdict;
    out.check.severity = severity;
    return out;
  };
  CheckSettings settings;
  settings.max_warnings_allowed = 1;
  EXPECT_EQ(summarize({}, settings).verdict, "FAILED") << "nothing evaluated is not success";
  const auto passed = outcome(CheckVerdict::passed, Severity::error);
  const auto warned = outcome(CheckVerdict::warned, Severity::warning);
  EXPECT_EQ(summarize({passed}, settings).verdict, "PASSED");
  EXPECT_EQ(summarize({passed, warned}, settings).verdict, "PASSED_WITH_WARNINGS");
  EXPECT_EQ(summarize({passed, warned, warned}, settings).verdict, "FAILED");
  EXPECT_EQ(summarize({passed, outcome(CheckVerdict::warned, Severity::info)}, settings).verdict,
            "PASSED_WITH_WARNINGS");
  EXPECT_EQ(summarize({passed, outcome(CheckVerdict::skipped, Severity::info)}, settings).verdict, "FAILED");
  settings.fail_on_warnings = true;
  EXPECT_EQ(summarize({passed, warned}, settings).verdict, "FAILED");
}

}  // namespace
}  // namespace godwit::check
