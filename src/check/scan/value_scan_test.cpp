#include "check/scan/value_scan.h"

#include "duck/test_fixture.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace godwit::check {
namespace {

class ValueScanTest : public duck::DuckTest {
 protected:
  void SetUp() override {
    DuckTest::SetUp();
    ASSERT_TRUE(
        connection_
            ->run("CREATE TABLE \"ids.public.visits\" AS SELECT i AS id, i % 7 AS weekday, "
                  "CASE WHEN i % 5 > 0 THEN 'room ' || i % 5 END AS \"the room\" FROM range(60000) t(i)")
            .ok());
  }
  [[nodiscard]] std::vector<std::optional<int64_t>> counted(const std::vector<std::string>& conditions) {
    return count_by_value(*connection_, relation_, conditions).value();
  }
  // The same condition, asked of every row.
  [[nodiscard]] std::string of_rows(const std::string& condition) {
    return *connection_->query("SELECT count_if(" + condition + ") FROM " + relation_).value().rows[0][0];
  }

  const std::string relation_ = "\"ids.public.visits\"";
};

TEST_F(ValueScanTest, CountsRowsLikeAScan) {
  std::vector<std::string> conditions;
  for (int day = 0; day < 8; ++day)
    conditions.push_back(fmt::format("NOT (weekday <> {})", day));
  for (int room = 0; room < 8; ++room)
    conditions.push_back(fmt::format("((\"The Room\" = 'room {}') IS NOT TRUE)", room));
  const auto counts = counted(conditions);
  for (size_t i = 0; i < conditions.size(); ++i) {
    ASSERT_TRUE(counts[i].has_value()) << conditions[i];
    EXPECT_EQ(std::to_string(*counts[i]), of_rows(conditions[i])) << conditions[i];
  }
}

TEST_F(ValueScanTest, LeavesWhatNeedsTheRows) {
  std::vector<std::string> conditions;
  for (int i = 0; i < 8; ++i)
    conditions.push_back(fmt::format("id = {}", i));  // of many values
  for (int i = 0; i < 8; ++i)
    conditions.push_back(fmt::format("weekday = {} AND id > 5", i));  // of two columns
  conditions.emplace_back("weekday = 3");                             // alone on its column
  conditions.emplace_back("TRUE");
  for (const auto& count : counted(conditions))
    EXPECT_FALSE(count.has_value());
}

TEST_F(ValueScanTest, AConditionThatCannotBeEvaluatedLeavesItsColumnToTheScan) {
  std::vector<std::string> conditions;
  for (int i = 0; i < 8; ++i) {
    conditions.push_back(fmt::format("weekday = {}", i));
    conditions.push_back(fmt::format("\"the room\" = 'room {}'", i));
  }
  conditions.emplace_back("CAST(\"the room\" AS INTEGER) = 1");
  const auto counts = counted(conditions);
  for (size_t i = 0; i < 8; ++i) {
    EXPECT_TRUE(counts[2 * i].has_value());
    EXPECT_FALSE(counts[2 * i + 1].has_value());
  }
}

TEST_F(ValueScanTest, ARelationThatCannotBeReadIsLeftToTheScan) {
  ASSERT_TRUE(
      connection_->run("CREATE VIEW broken AS SELECT CAST('x' || i AS INTEGER) AS code FROM range(9) t(i)")
          .ok());
  const std::vector<std::string> conditions(8, "code = 1");
  const auto counts = count_by_value(*connection_, "broken", conditions);
  ASSERT_TRUE(counts.ok());
  for (const auto& count : *counts)
    EXPECT_FALSE(count.has_value());
}

}  // namespace
}  // namespace godwit::check
