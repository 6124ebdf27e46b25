#include "check/scan/key_scan.h"

#include "duck/test_fixture.h"

#include <gtest/gtest.h>

namespace godwit::check {
namespace {

class KeyScanTest : public duck::DuckTest {
 protected:
  // Of "the key" in the rows of this SELECT.
  std::optional<int64_t> repeated(const std::string& select) {
    EXPECT_TRUE(connection_->run("CREATE OR REPLACE VIEW \"ids.public.t\" AS " + select).ok());
    const auto counted = count_repeated(*connection_, "\"ids.public.t\"", "the key");
    EXPECT_TRUE(counted.ok()) << counted.error().text();
    return counted.ok() ? *counted : std::nullopt;
  }
};

TEST_F(KeyScanTest, CountsEveryRowThatRepeatsAnEarlierOne) {
  EXPECT_EQ(repeated("SELECT i AS \"the key\" FROM range(100000) t(i)"), 0);
  EXPECT_EQ(repeated("SELECT (99999 - i) * 30 AS \"the key\" FROM range(100000) t(i)"), 0);
  EXPECT_EQ(repeated("SELECT i // 4 AS \"the key\" FROM range(100000) t(i)"), 75'000);
  EXPECT_EQ(repeated("SELECT CASE WHEN i = 99999 THEN 0 ELSE i END AS \"the key\" FROM range(100000) t(i)"),
            1);
  EXPECT_EQ(repeated("SELECT 7 AS \"the key\" FROM range(5)"), 4);
  EXPECT_EQ(repeated("SELECT (i % 10)::SMALLINT - 5 AS \"the key\" FROM range(60) t(i)"), 50);
  EXPECT_EQ(repeated("SELECT (i % 20)::INTEGER - 5 AS \"the key\" FROM range(60) t(i)"), 40);
}

TEST_F(KeyScanTest, CountsAtBothEndsOfTheType) {
  EXPECT_EQ(repeated("SELECT 9223372036854775807 - i // 2 AS \"the key\" FROM range(100) t(i)"), 50);
  EXPECT_EQ(repeated("SELECT (-9223372036854775808)::BIGINT + i // 2 AS \"the key\" FROM range(100) t(i)"),
            50);
}

TEST_F(KeyScanTest, LeavesTheRestToAQuery) {
  EXPECT_EQ(repeated("SELECT nullif(i, 5) AS \"the key\" FROM range(100) t(i)"), std::nullopt);
  EXPECT_EQ(repeated("SELECT i * 33 AS \"the key\" FROM range(100) t(i)"), std::nullopt);
  EXPECT_EQ(repeated("SELECT unnest([-9223372036854775808, 9223372036854775807]) AS \"the key\""),
            std::nullopt);
  EXPECT_EQ(repeated("SELECT i::VARCHAR AS \"the key\" FROM range(100) t(i)"), std::nullopt);
  EXPECT_EQ(repeated("SELECT i::DOUBLE AS \"the key\" FROM range(100) t(i)"), std::nullopt);
  EXPECT_EQ(repeated("SELECT i AS \"the key\" FROM range(0) t(i)"), std::nullopt);
}

}  // namespace
}  // namespace godwit::check
