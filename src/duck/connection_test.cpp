#include "duck/test_fixture.h"

#include <atomic>
#include <chrono>
#include <thread>

namespace godwit::duck {
namespace {

using ConnectionTest = DuckTest;

TEST_F(ConnectionTest, RunsSeveralStatementsAndReportsTheLastCount) {
  const auto changed = connection_->run(
      "CREATE TABLE t (a INTEGER); INSERT INTO t SELECT range FROM range(10); -- a comment; with a "
      "semicolon\n"
      "UPDATE t SET a = a + 1 WHERE a < 4;");
  ASSERT_TRUE(changed.ok()) << changed.error().text();
  EXPECT_EQ(*changed, 4);
  EXPECT_EQ(cell("SELECT sum(a) FROM t"), "49");
}

TEST_F(ConnectionTest, StopsAtTheStatementThatFails) {
  EXPECT_FALSE(
      connection_->run("CREATE TABLE a (x INTEGER); SELECT * FROM missing; CREATE TABLE b (x INTEGER)").ok());
  EXPECT_EQ(cell("SELECT count(*) FROM a"), "0");
  EXPECT_FALSE(connection_->query("SELECT * FROM b").ok());
}

TEST_F(ConnectionTest, AnEmptyTextIsAnError) {
  EXPECT_FALSE(connection_->run("").ok());
  EXPECT_FALSE(connection_->run("  -- nothing\n").ok());
  EXPECT_FALSE(connection_->query("SELECT 1; SELECT 2").ok());
}

TEST_F(ConnectionTest, GivesEveryTypeAsText) {
  const auto rows = connection_->query(
      "SELECT true AS b, 7::smallint AS s, '-9223372036854775808'::bigint AS l, NULL::integer AS n,"
      " '-170141183460469231731687303715884105728'::hugeint AS h, 1.50::decimal(5,2) AS d, '-infinity'::date "
      "AS i,"
      " '0044-03-15 (BC)'::date AS bc, 'NaN'::double AS nan, '\\x00\\xFF'::blob AS x, [1, NULL] AS list,"
      " 12::utinyint AS u, 'text' AS t, INTERVAL 1 DAY AS v");
  ASSERT_TRUE(rows.ok()) << rows.error().text();
  const std::vector<std::string> names = {"b",  "s",   "l", "n",    "h", "d", "i",
                                          "bc", "nan", "x", "list", "u", "t", "v"};
  EXPECT_EQ(rows->columns, names);
  const std::vector<std::optional<std::string>> cells = {"true",
                                                         "7",
                                                         "-9223372036854775808",
                                                         std::nullopt,
                                                         "-170141183460469231731687303715884105728",
                                                         "1.50",
                                                         "-infinity",
                                                         "0044-03-15 (BC)",
                                                         "nan",
                                                         "\\x00\\xFF",
                                                         "[1, NULL]",
                                                         "12",
                                                         "text",
                                                         "1 day"};
  EXPECT_EQ(rows->rows.at(0), cells);
}

TEST_F(ConnectionTest, KeepsTheOrderOfOrderBy) {
  const auto rows = connection_->query("SELECT range, range::double FROM range(50_000) ORDER BY range DESC;");
  ASSERT_TRUE(rows.ok()) << rows.error().text();
  ASSERT_EQ(rows->rows.size(), 50'000U);
  for (size_t row = 0; row < 50'000; ++row)
    ASSERT_EQ(rows->rows[row][0], std::to_string(49'999 - row));
}

TEST_F(ConnectionTest, RefusesAResultThatIsTooLarge) {
  EXPECT_TRUE(connection_->query("SELECT * FROM range(10)", 10).ok());
  EXPECT_FALSE(connection_->query("SELECT * FROM range(11)", 10).ok());
  EXPECT_EQ(cell("SELECT 1"), "1");
}

TEST_F(ConnectionTest, HugeNumbersAsText) {
  EXPECT_EQ(to_text(HugeInt{0, 0}), "0");
  EXPECT_EQ(to_text(HugeInt{UINT64_MAX, 0}), "18446744073709551615");
  EXPECT_EQ(to_text(HugeInt{UINT64_MAX, -1}), "-1");
  EXPECT_EQ(to_text(HugeInt{UINT64_MAX, INT64_MAX}), "170141183460469231731687303715884105727");
  EXPECT_EQ(to_text(HugeInt{0, INT64_MIN}), "-170141183460469231731687303715884105728");
  EXPECT_EQ(to_text(HugeInt{0, 1}), "18446744073709551616");
  EXPECT_EQ(to_text(HugeInt{1'000'000'000, 0}), "1000000000");
}

TEST_F(ConnectionTest, DescribesWithoutRunning) {
  const auto columns =
      connection_->describe("SELECT error('ran') AS a, 1::decimal(38,5) AS b, 1::utinyint AS c");
  ASSERT_TRUE(columns.ok()) << columns.error().text();
  ASSERT_EQ(columns->size(), 3U);
  EXPECT_EQ((*columns)[1].name, "b");
  EXPECT_EQ((*columns)[1].type, (Type{TypeId::decimal, 38, 5}));
  EXPECT_EQ((*columns)[2].type.id, TypeId::other);
  EXPECT_FALSE(connection_->describe("SELECT missing_column").ok());
}

TEST_F(ConnectionTest, StreamsEveryRowOnceWithItsColumns) {
  size_t rows = 0;
  int64_t sum = 0;
  std::vector<ColumnDef> seen;
  const Status status = connection_->stream(
      "SELECT range::bigint AS a, repeat('x', (range % 40)::int) AS b FROM range(300_000)",
      [&seen](const std::vector<ColumnDef>& columns) {
        seen = columns;
        return Status();
      },
      [&rows, &sum](const ChunkReader& chunk) {
        for (size_t row = 0; row < chunk.rows(); ++row) {
          const auto number = chunk.column(0).get<int64_t>(row);
          EXPECT_EQ(chunk.column(1).text(row), std::string(static_cast<size_t>(number % 40), 'x'));
          sum += number;
        }
        rows += chunk.rows();
        return Status();
      });
  ASSERT_TRUE(status.ok()) << status.error().text();
  ASSERT_EQ(seen.size(), 2U);
  EXPECT_EQ(seen[0].name, "a");
  EXPECT_EQ(rows, 300'000U);
  EXPECT_EQ(sum, int64_t{300'000} * 299'999 / 2);
}

TEST_F(ConnectionTest, AConsumersErrorEndsTheStreamUnchanged) {
  int calls = 0;
  const Status status = connection_->stream(
      "SELECT * FROM range(10_000_000)", [](const std::vector<ColumnDef>&) { return Status(); },
      [&calls](const ChunkReader&) -> Status {
        if (++calls < 3) return {};
        return make_error(ErrorKind::unreachable, "the target went away", "start it");
      });
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().kind, ErrorKind::unreachable);
  EXPECT_EQ(status.error().message, "the target went away");
  EXPECT_EQ(calls, 3);
  EXPECT_EQ(cell("SELECT 42"), "42");
}

class Cancelled : public ConnectionTest {
 protected:
  // Raises the flag after a while, runs, and expects `interrupted` long before the statement's own end.
  void expect_interrupted(const std::function<Status()>& statement) {
    connection_->set_cancel_flag(&flag_);
    const auto begin = std::chrono::steady_clock::now();
    std::thread raise([this] {
      std::this_thread::sleep_for(std::chrono::milliseconds(150));
      flag_ = true;
    });
    const Status status = statement();
    raise.join();
    const auto took = std::chrono::steady_clock::now() - begin;
    ASSERT_FALSE(status.ok());
    EXPECT_EQ(status.error().kind, ErrorKind::interrupted) << status.error().text();
    EXPECT_LT(took, std::chrono::seconds(3));
    EXPECT_EQ(connection_->run("SELECT 1").error().kind, ErrorKind::interrupted);  // the flag is still up
    flag_ = false;
    EXPECT_EQ(cell("SELECT 1"), "1");
  }
  std::atomic<bool> flag_{false};
};

constexpr const char* endless =
    "SELECT sum(sqrt(a.range * b.range)) FROM range(10_000_000) a, range(1_000_000) b";

TEST_F(Cancelled, Run) {
  expect_interrupted([this]() -> Status {
    const auto outcome = connection_->run(endless);
    return outcome.ok() ? Status() : Status(outcome.error());
  });
}

TEST_F(Cancelled, Query) {
  expect_interrupted([this]() -> Status {
    const auto outcome = connection_->query(endless);
    return outcome.ok() ? Status() : Status(outcome.error());
  });
}

TEST_F(Cancelled, StreamThatWaitsForAChunk) {
  // The first rows come at once, the next one never.
  expect_interrupted([this] {
    return connection_->stream(
        "SELECT range FROM range(1_000_000_000_000) WHERE range < 3000 OR range % 7 = -1",
        [](const std::vector<ColumnDef>&) { return Status(); }, [](const ChunkReader&) { return Status(); });
  });
}

TEST_F(Cancelled, StreamWithASlowConsumer) {
  expect_interrupted([this] {
    return connection_->stream(
        "SELECT * FROM range(1_000_000_000)", [](const std::vector<ColumnDef>&) { return Status(); },
        [](const ChunkReader&) {
          std::this_thread::sleep_for(std::chrono::milliseconds(5));
          return Status();
        });
  });
}

}  // namespace
}  // namespace godwit::duck
