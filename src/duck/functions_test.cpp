// Table functions over producers and scalar functions.
#include "base/text.h"
#include "duck/parquet.h"
#include "duck/test_fixture.h"

#include <sys/resource.h>

#include <atomic>
#include <chrono>
#include <ctime>
#include <mutex>
#include <set>
#include <thread>

namespace godwit::duck {
namespace {

using TableFunctionTest = DuckTest;
using ScalarFunctionTest = DuckTest;

TEST_F(TableFunctionTest, ReadsEveryLaneOnce) {
  ASSERT_TRUE(connection_->register_table("numbers", numbers(7, 10'000)).ok());
  const auto rows = connection_->query("SELECT count(*), sum(n), count(DISTINCT n) FROM numbers()");
  ASSERT_TRUE(rows.ok()) << rows.error().text();
  EXPECT_EQ(rows->rows[0][0], "70000");
  EXPECT_EQ(rows->rows[0][1], std::to_string(7 * 49'995'000));
  EXPECT_EQ(rows->rows[0][2], "10000");
}

// Texts of every length, the limits of what stands in place, shares a room and has one of its own among them.
TEST_F(TableFunctionTest, TextsOfEveryLengthComeOutAsTheyWereSet) {
  constexpr size_t rows = 3 * 2048;
  auto next = std::make_shared<size_t>(0);
  auto producer = std::make_shared<FunctionProducer>(
      std::vector<ColumnDef>{{"n", {TypeId::int64}}, {"t", {TypeId::varchar}}, {"b", {TypeId::blob}}}, 1,
      [next](size_t, ChunkWriter& chunk) -> Result<bool> {
        size_t row = 0;
        for (; row < chunk.capacity() && *next < rows; ++row, ++*next) {
          const size_t length = *next % 1024 == 1000 ? 40'000 : *next % 1024;
          chunk.column(0).set(row, static_cast<int64_t>(length));
          chunk.column(1).set_text(row, std::string(length, static_cast<char>('a' + length % 26)));
          *next % 5 == 0 ? chunk.column(2).set_null(row)
                         : chunk.column(2).set_text(row, std::string(length, '\0'));
        }
        chunk.set_rows(row);
        return row > 0;
      });
  ASSERT_TRUE(connection_->register_table("texts", producer).ok());
  ASSERT_TRUE(connection_->run("CREATE TABLE kept AS SELECT * FROM texts()").ok());
  EXPECT_EQ(cell("SELECT count(*) FROM kept WHERE t = repeat(chr(97 + (n % 26)::int), n)"),
            std::to_string(rows));
  EXPECT_EQ(cell("SELECT count(DISTINCT t) FROM kept"), "1024");
  EXPECT_EQ(cell("SELECT count(b) FROM kept"), std::to_string(rows - (rows + 4) / 5));
  EXPECT_EQ(cell("SELECT count(*) FROM kept WHERE octet_length(b) <> n OR b <> repeat('\\x00'::blob, n)"),
            "0");
}

TEST_F(TableFunctionTest, OneLaneIsNeverFilledTwiceAtOnceAndLanesAreFilledSideBySide) {
  auto inside = std::make_shared<std::array<std::atomic<int>, 4>>();
  auto most = std::make_shared<std::atomic<int>>(0);
  auto now = std::make_shared<std::atomic<int>>(0);
  auto calls = std::make_shared<std::array<std::atomic<int>, 4>>();
  auto producer = std::make_shared<FunctionProducer>(
      std::vector<ColumnDef>{{"n", {TypeId::int64}}}, 4,
      [=](size_t lane, ChunkWriter& chunk) -> Result<bool> {
        EXPECT_EQ((*inside)[lane].fetch_add(1), 0);
        const int together = now->fetch_add(1) + 1;
        for (int seen = most->load(); together > seen && !most->compare_exchange_weak(seen, together);) {
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(3));
        const bool more = (*calls)[lane].fetch_add(1) < 10;
        if (more) chunk.column(0).set<int64_t>(0, 1);
        chunk.set_rows(more ? 1 : 0);
        now->fetch_sub(1);
        (*inside)[lane].fetch_sub(1);
        return more;
      });
  ASSERT_TRUE(connection_->register_table("p", producer).ok());
  EXPECT_EQ(cell("SELECT sum(n) FROM p()"), "40");
  EXPECT_EQ(most->load(), 2);
}

TEST_F(TableFunctionTest, AProducersErrorComesOutUnchanged) {
  auto calls = std::make_shared<std::atomic<int>>(0);
  auto producer = std::make_shared<FunctionProducer>(
      std::vector<ColumnDef>{{"n", {TypeId::int64}}}, 3, [calls](size_t, ChunkWriter& chunk) -> Result<bool> {
        if (calls->fetch_add(1) == 50) {
          Error error =
              make_error(ErrorKind::unreachable, "the source of 'quoted' went away", "look at \"it\"");
          error.sqlstate = "57P01";
          return error;
        }
        for (size_t row = 0; row < chunk.capacity(); ++row)
          chunk.column(0).set<int64_t>(row, 1);
        chunk.set_rows(chunk.capacity());
        return true;
      });
  ASSERT_TRUE(connection_->register_table("p", producer).ok());
  const auto outcome = connection_->run("COPY (SELECT * FROM p()) TO " + quote_literal(path("p.parquet")) +
                                        " (FORMAT parquet)");
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.error().kind, ErrorKind::unreachable);
  EXPECT_EQ(outcome.error().message, "the source of 'quoted' went away");
  EXPECT_EQ(outcome.error().hint, "look at \"it\"");
  EXPECT_EQ(outcome.error().sqlstate, "57P01");
  const int after = calls->load();
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  EXPECT_EQ(calls->load(), after);  // nobody is inside fill() any more
}

TEST_F(TableFunctionTest, NobodyFillsAfterAStreamWasLeft) {
  auto calls = std::make_shared<std::atomic<int>>(0);
  auto inside = std::make_shared<std::atomic<int>>(0);
  auto producer = std::make_shared<FunctionProducer>(
      std::vector<ColumnDef>{{"n", {TypeId::int64}}}, 2, [=](size_t, ChunkWriter& chunk) -> Result<bool> {
        inside->fetch_add(1);
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
        calls->fetch_add(1);
        for (size_t row = 0; row < chunk.capacity(); ++row)
          chunk.column(0).set<int64_t>(row, 1);
        chunk.set_rows(chunk.capacity());
        inside->fetch_sub(1);
        return true;  // endless
      });
  ASSERT_TRUE(connection_->register_table("p", producer).ok());
  int chunks = 0;
  const Status status = connection_->stream(
      "SELECT n FROM p()", [](const std::vector<ColumnDef>&) { return Status(); },
      [&chunks](const ChunkReader&) -> Status {
        if (++chunks < 5) return {};
        return make_error(ErrorKind::failed, "enough");
      });
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().message, "enough");
  EXPECT_EQ(inside->load(), 0);
  const int after = calls->load();
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  EXPECT_EQ(calls->load(), after);
}

TEST_F(TableFunctionTest, ASecondScanIsAnErrorNotAnEmptyTable) {
  ASSERT_TRUE(connection_->register_table("numbers", numbers(1, 10)).ok());
  EXPECT_EQ(cell("SELECT count(*) FROM numbers()"), "10");
  EXPECT_EQ(cell("SELECT count(*) FROM numbers()"),
            "table function numbers was read already and cannot be read twice");
}

TEST_F(TableFunctionTest, UnregisteringLetsTheProducerGoAndFreesTheName) {
  std::weak_ptr<TableProducer> watch;
  {
    auto producer = numbers(1, 10);
    watch = producer;
    ASSERT_TRUE(connection_->register_table("numbers", producer).ok());
  }
  EXPECT_FALSE(connection_->register_table("numbers", numbers(1, 5)).ok());
  connection_->unregister_table("numbers");
  connection_->unregister_table("never registered");
  EXPECT_TRUE(watch.expired());
  EXPECT_EQ(cell("SELECT count(*) FROM numbers()"), "table function numbers has no producer any more");
  ASSERT_TRUE(connection_->register_table("numbers", numbers(2, 5)).ok());
  EXPECT_EQ(cell("SELECT count(*) FROM numbers()"), "10");
}

TEST_F(TableFunctionTest, ProducersGoWithTheirConnection) {
  auto other = database_->connect();
  auto producer = numbers(1, 10);
  const std::weak_ptr<TableProducer> watch = producer;
  ASSERT_TRUE((*other)->register_table("numbers", std::move(producer)).ok());
  EXPECT_EQ(cell("SELECT count(*) FROM numbers()"), "10");
  other->reset();
  EXPECT_TRUE(watch.expired());
}

TEST_F(TableFunctionTest, ChunksWithoutRowsInTheMiddleAreNotTheEnd) {
  auto calls = std::make_shared<int>(0);
  auto producer = std::make_shared<FunctionProducer>(std::vector<ColumnDef>{{"n", {TypeId::int64}}}, 1,
                                                     [calls](size_t, ChunkWriter& chunk) -> Result<bool> {
                                                       const int call = (*calls)++;
                                                       if (call == 10) return false;
                                                       chunk.column(0).set<int64_t>(0, call);
                                                       chunk.set_rows(call % 2 == 0 ? 0 : 1);
                                                       return true;
                                                     });
  ASSERT_TRUE(connection_->register_table("p", producer).ok());
  EXPECT_EQ(cell("SELECT string_agg(n, ',' ORDER BY n) FROM p()"), "1,3,5,7,9");
}

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

double thread_cpu_seconds() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

// A producer of one lane that computes for 2 ms per chunk, 100 chunks, and adds up what it used.
std::shared_ptr<TableProducer> slow_numbers(double& used) {
  auto calls = std::make_shared<int>(0);
  return std::make_shared<FunctionProducer>(std::vector<ColumnDef>{{"n", {TypeId::int64}}}, 1,
                                            [calls, &used](size_t, ChunkWriter& chunk) -> Result<bool> {
                                              if ((*calls)++ == 100) return false;
                                              const double begin = thread_cpu_seconds();
                                              while (thread_cpu_seconds() < begin + 0.002) {
                                              }
                                              for (size_t row = 0; row < chunk.capacity(); ++row)
                                                chunk.column(0).set<int64_t>(row, 1);
                                              chunk.set_rows(chunk.capacity());
                                              used += thread_cpu_seconds() - begin;
                                              return true;
                                            });
}

TEST_F(TableFunctionTest, DoesNotSpinBesideASingleSlowSource) {
  // Which thread takes the task is left to chance: several rounds.
  for (int round = 0; round < 4; ++round) {
    const std::string name = "slow" + std::to_string(round);
    double used = 0;
    ASSERT_TRUE(connection_->register_table(name, slow_numbers(used)).ok());
    const double cpu = cpu_seconds();
    const std::string query = "SELECT n FROM " + name + "()";
    ASSERT_TRUE(connection_->run(copy_to_parquet_sql(query, path(name), {})).ok());
    EXPECT_GE(used, 0.2);
    EXPECT_LT(cpu_seconds() - cpu, 1.3 * used);
  }
}

TEST_F(TableFunctionTest, AStreamOnOneThreadDoesNotSpinBesideASlowSource) {
  open(DatabaseOptions{folder_.path(), 256, 1});
  double used = 0;
  ASSERT_TRUE(connection_->register_table("slow", slow_numbers(used)).ok());
  const double cpu = cpu_seconds();
  const Status status = connection_->stream(
      "SELECT n FROM slow()", [](const std::vector<ColumnDef>&) { return Status(); },
      [](const ChunkReader&) { return Status(); });
  ASSERT_TRUE(status.ok());
  EXPECT_LT(cpu_seconds() - cpu, 1.3 * used);
}

TEST_F(TableFunctionTest, AStreamOfAFileDoesNotSpinBesideASlowConsumer) {
  ASSERT_TRUE(
      connection_->run(copy_to_parquet_sql("SELECT range AS n FROM range(400_000)", path("n"), {})).ok());
  const double cpu = cpu_seconds();
  const Status status = connection_->stream(
      "SELECT n FROM " + read_parquet_sql({path("n")}),
      [](const std::vector<ColumnDef>&) { return Status(); },
      [](const ChunkReader&) {
        std::this_thread::sleep_for(std::chrono::milliseconds(3));
        return Status();
      });
  ASSERT_TRUE(status.ok());
  EXPECT_LT(cpu_seconds() - cpu, 0.2) << "of 0.6 s";
}

TEST_F(TableFunctionTest, DoesNotSpinBesideASourceThatWaits) {
  for (int round = 0; round < 4; ++round) {
    auto calls = std::make_shared<int>(0);
    auto waiting =
        std::make_shared<FunctionProducer>(std::vector<ColumnDef>{{"n", {TypeId::int64}}}, 1,
                                           [calls](size_t, ChunkWriter& chunk) -> Result<bool> {
                                             if ((*calls)++ == 60) return false;
                                             std::this_thread::sleep_for(std::chrono::milliseconds(5));
                                             chunk.column(0).set<int64_t>(0, 1);
                                             chunk.set_rows(1);
                                             return true;
                                           });
    const std::string name = "waiting" + std::to_string(round);
    ASSERT_TRUE(connection_->register_table(name, waiting).ok());
    const double cpu = cpu_seconds();
    if (round % 2 == 0) {
      EXPECT_EQ(cell("SELECT sum(n) FROM " + name + "()"), "60");
    } else {
      ASSERT_TRUE(connection_->run("CREATE TABLE " + name + "_t AS SELECT n FROM " + name + "()").ok());
    }
    EXPECT_LT(cpu_seconds() - cpu, 0.1) << "of 0.3 s";
  }
}

ScalarFunction shout() {
  ScalarFunction function;
  function.name = "shout";
  function.parameters = {{TypeId::varchar}};
  function.result = {TypeId::varchar};
  function.run = [](const ChunkReader& input, ColumnWriter& output) -> Status {
    for (size_t row = 0; row < input.rows(); ++row) {
      if (input.column(0).is_null(row)) {
        output.set_null(row);
      } else {
        output.set_text(row, std::string(input.column(0).text(row)) + "!");
      }
    }
    return {};
  };
  return function;
}

TEST_F(ScalarFunctionTest, SeesNullsAndEveryRow) {
  ASSERT_TRUE(connection_->register_scalar(shout()).ok());
  EXPECT_EQ(cell("SELECT shout('short')"), "short!");
  EXPECT_EQ(cell("SELECT shout(NULL)"), "NULL");
  EXPECT_EQ(cell("SELECT count(*) FROM (SELECT range AS n, CASE WHEN range % 7 = 0 THEN NULL ELSE"
                 " 'a text longer than twelve bytes ' || range END AS t FROM range(100_000))"
                 " WHERE shout(t) IS NOT DISTINCT FROM CASE WHEN n % 7 = 0 THEN NULL ELSE t || '!' END"),
            "100000");
}

TEST_F(ScalarFunctionTest, TakesAnyNumberOfAnyType) {
  ScalarFunction function;
  function.name = "type_names";
  function.varargs_any = true;
  function.result = {TypeId::varchar};
  function.run = [](const ChunkReader& input, ColumnWriter& output) -> Status {
    std::vector<std::string> names;
    for (size_t index = 0; index < input.columns(); ++index)
      names.push_back(sql_name(input.column(index).type()));
    for (size_t row = 0; row < input.rows(); ++row)
      output.set_text(row, join(names, " "));
    return {};
  };
  ASSERT_TRUE(connection_->register_scalar(std::move(function)).ok());
  EXPECT_EQ(cell("SELECT type_names(1, 'a', 2.5, '2020-01-01'::date, uuid(), true, 1::bigint, 'x'::blob)"),
            "INTEGER VARCHAR DECIMAL(2,1) DATE UUID BOOLEAN BIGINT BLOB");
}

TEST_F(ScalarFunctionTest, ItsErrorComesOutUnchanged) {
  ScalarFunction function = shout();
  function.run = [](const ChunkReader& input, ColumnWriter& output) -> Status {
    for (size_t row = 0; row < input.rows(); ++row) {
      if (input.column(0).text(row) == "row 70000") {
        return make_error(ErrorKind::plan_refused, "mask capacity is used up", "widen it");
      }
      output.set_null(row);
    }
    return {};
  };
  ASSERT_TRUE(connection_->register_scalar(std::move(function)).ok());
  const auto outcome = connection_->query("SELECT count(shout('row ' || range)) FROM range(100_000)");
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.error().kind, ErrorKind::plan_refused);
  EXPECT_EQ(outcome.error().message, "mask capacity is used up");
  EXPECT_EQ(outcome.error().hint, "widen it");
}

TEST_F(ScalarFunctionTest, DecimalsOfEveryWidthPass) {
  for (const uint8_t width : {uint8_t{4}, uint8_t{9}, uint8_t{18}, uint8_t{38}}) {
    ScalarFunction function;
    function.name = "negate" + std::to_string(width);
    function.parameters = {{TypeId::decimal, width, 2}};
    function.result = {TypeId::decimal, width, 2};
    function.run = [](const ChunkReader& input, ColumnWriter& output) -> Status {
      for (size_t row = 0; row < input.rows(); ++row) {
        const HugeInt value = input.column(0).decimal(row);
        const uint64_t low = ~value.lower + 1;
        output.set_decimal(
            row, HugeInt{low, static_cast<int64_t>(~static_cast<uint64_t>(value.upper) + (low == 0))});
      }
      return {};
    };
    ASSERT_TRUE(connection_->register_scalar(function).ok());
    EXPECT_EQ(cell("SELECT " + function.name + "(12.34)"), "-12.34");
    EXPECT_EQ(cell("SELECT " + function.name + "(-0.05)"), "0.05");
  }
}

}  // namespace
}  // namespace godwit::duck
