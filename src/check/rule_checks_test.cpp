#include "check/evaluate.h"
#include "check/generate.h"
#include "check/relations.h"
#include "duck/test_fixture.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

namespace godwit::check {
namespace {

Dataset dataset(const std::string& store, const std::string& name,
                const std::vector<std::pair<std::string, StagingType>>& columns) {
  Dataset out;
  out.store = store;
  out.table.name = {"public", name};
  out.id = dataset_id(store, out.table.name);
  for (const auto& [column_name, staging] : columns) {
    Column column;
    column.name = column_name;
    column.type_class = staging == StagingType::text ? TypeClass::text : TypeClass::integer;
    out.table.columns.push_back(column);
    DatasetColumn staged;
    staged.name = column_name;
    staged.staging = staging;
    out.columns.push_back(staged);
  }
  out.masks.resize(out.columns.size());
  out.mask_facts.resize(out.columns.size());
  out.table.keys.push_back(Key{"pk", {columns[0].first}, true, false, "", "", true});
  return out;
}

class RuleChecksTest : public duck::DuckTest {
 protected:
  void SetUp() override {
    DuckTest::SetUp();
    students_ = dataset("ids", "students",
                        {{"id", StagingType::int32},
                         {"school_id", StagingType::int32},
                         {"district_id", StagingType::text},
                         {"first_name", StagingType::text}});
    schools_ = dataset("ids", "schools", {{"id", StagingType::int32}, {"district_id", StagingType::text}});
    health_ = dataset("hcp1", "students", {{"id", StagingType::int32}, {"district_key", StagingType::text}});
    index_ = std::make_unique<DatasetIndex>(std::vector<const Dataset*>{&students_, &schools_, &health_});
    for (const Dataset* each : index_->all())
      ASSERT_TRUE(create_empty_relation(*connection_, *each).ok());
  }

  static CheckRule rule(CheckRuleKind kind, const std::string& name) {
    CheckRule out;
    out.kind = kind;
    out.name = name;
    out.store = "ids";
    out.table = "students";
    out.where = {"checks.yml", 3, 5};
    out.condition_where = {"checks.yml", 4, 16};
    return out;
  }

  Result<std::vector<Check>> generate(std::vector<CheckRule> rules) {
    CheckRules file;
    file.rules = std::move(rules);
    GenerateInput input;
    input.datasets = index_.get();
    input.connection = connection_.get();
    return rule_checks(input, file);
  }

  // Findings of the first check over the given rows.
  int64_t findings(const Check& check, const std::string& students, const std::string& schools,
                   const std::string& health) {
    const auto fill = [&](const Dataset& each, const std::string& columns, const std::string& values) {
      EXPECT_TRUE(
          create_relation(*connection_, each, "(SELECT * FROM (VALUES " + values + ") v(" + columns + "))")
              .ok());
    };
    fill(students_, "id, school_id, district_id, first_name", students);
    fill(schools_, "id, district_id", schools);
    fill(health_, "id, district_key", health);
    EvaluateInput input;
    input.datasets = index_.get();
    input.connections = {connection_.get()};
    input.now_text = "2026-11-21 00:00:00";
    const auto outcomes = evaluate(input, {check});
    EXPECT_TRUE(outcomes.ok());
    EXPECT_EQ(outcomes.value()[0].reason, "");
    return outcomes.value()[0].findings;
  }

  Dataset students_, schools_, health_;
  std::unique_ptr<DatasetIndex> index_;
};

constexpr const char* two_students = "(1, 1, 'd1', 'Ada'), (2, 2, 'd1', '')";
constexpr const char* two_schools = "(1, 'd1'), (2, 'd2'), (3, 'd1')";

TEST_F(RuleChecksTest, CrossTable) {
  CheckRule in_district = rule(CheckRuleKind::cross_table, "student_school_in_district");
  in_district.join_table = "schools";
  in_district.join_condition = "this.school_id = other.id";
  in_district.condition = "this.district_id = other.district_id";
  EXPECT_EQ(findings(generate({in_district}).value()[0], two_students, two_schools, "(1, 'd1')"), 1);
}

TEST_F(RuleChecksTest, Exists) {
  CheckRule used = rule(CheckRuleKind::exists, "school_has_students");
  used.table = "schools";
  used.join_table = "students";
  used.join_condition = "this.id = other.school_id";
  EXPECT_EQ(findings(generate({used}).value()[0], two_students, two_schools, "(1, 'd1')"), 1);
}

TEST_F(RuleChecksTest, AggregatePerGroup) {
  CheckRule enough = rule(CheckRuleKind::aggregate, "minimum_students");
  enough.group_by = "district_id";
  enough.condition = "count(*) >= 3";
  EXPECT_EQ(findings(generate({enough}).value()[0], two_students, two_schools, "(1, 'd1')"), 1);
}

TEST_F(RuleChecksTest, CrossStoreCountsAndSets) {
  CheckRule counts = rule(CheckRuleKind::cross_store, "student_counts");
  counts.stores = {"ids", "hcp1"};
  counts.measure = "count(*)";
  counts.tolerance = 0.05;
  EXPECT_EQ(findings(generate({counts}).value()[0], two_students, two_schools, "(1, 'd1'), (2, 'd1')"), 0);
  EXPECT_EQ(findings(generate({counts}).value()[0], two_students, two_schools, "(1, 'd1')"), 1);
  CheckRule sets = rule(CheckRuleKind::cross_store, "district_ids");
  sets.stores = {"ids.students", "hcp1.students.district_key"};
  sets.measure = "set(district_id)";
  EXPECT_EQ(findings(generate({sets}).value()[0], two_students, two_schools, "(1, 'd1')"), 0);
  EXPECT_EQ(findings(generate({sets}).value()[0], two_students, two_schools, "(1, 'd2')"), 2);
}

TEST_F(RuleChecksTest, FieldsByPatternAndIds) {
  CheckRule names = rule(CheckRuleKind::field_pattern, "name_length");
  names.store.clear();
  names.table.clear();
  names.all_tables = true;
  names.field_pattern = ".*name.*";
  names.condition = "length(field) BETWEEN 1 AND 100";
  const auto checks = generate({names}).value();
  ASSERT_EQ(checks.size(), 1U);
  EXPECT_EQ(checks[0].id, "rule:name_length:ids.public.students.first_name");
  EXPECT_EQ(findings(checks[0], two_students, two_schools, "(1, 'd1')"), 1);
  CheckRule ids = rule(CheckRuleKind::row, "positive_ids");
  ids.all_id_fields = true;
  ids.condition = "field > 0";
  EXPECT_EQ(generate({ids}).value().size(), 3U);
}

TEST_F(RuleChecksTest, AllTablesMeansThoseWithTheColumns) {
  CheckRule known = rule(CheckRuleKind::row, "district_known");
  known.store.clear();
  known.table.clear();
  known.all_tables = true;
  known.condition = "district_id <> ''";
  EXPECT_EQ(generate({known}).value().size(), 2U);
  known.condition = "no_such_column > 1";
  EXPECT_EQ(generate({known}).error().where.text(), "checks.yml:4:16");
}

TEST_F(RuleChecksTest, UnknownNamesAreErrorsWithTheirPlaceAllAtOnce) {
  CheckRule column = rule(CheckRuleKind::row, "age_range");
  column.condition = "agee BETWEEN 5 AND 22";
  CheckRule table = rule(CheckRuleKind::row, "typing_error");
  table.table = "studnets";
  table.condition = "TRUE";
  CheckRule field = rule(CheckRuleKind::required_fields, "required");
  field.fields = {"id", "frist_name"};
  const Error error = generate({column, table, field}).error();
  EXPECT_EQ(error.kind, ErrorKind::config);
  EXPECT_EQ(error.where.text(), "checks.yml:4:16");
  EXPECT_NE(error.message.find("agee"), std::string::npos);
  EXPECT_NE(error.message.find("did you mean ids.students?"), std::string::npos);
  EXPECT_NE(error.message.find("did you mean first_name?"), std::string::npos);
}

TEST_F(RuleChecksTest, NullPassesUnlessSaid) {
  CheckRule rule_over_null = rule(CheckRuleKind::row, "named");
  rule_over_null.condition = "length(first_name) > 0";
  const std::string with_null = "(1, 1, 'd1', NULL), (2, 2, 'd1', 'Ada')";
  EXPECT_EQ(findings(generate({rule_over_null}).value()[0], with_null, two_schools, "(1, 'd1')"), 0);
  rule_over_null.null_fails = true;
  EXPECT_EQ(findings(generate({rule_over_null}).value()[0], with_null, two_schools, "(1, 'd1')"), 1);
}

}  // namespace
}  // namespace godwit::check
