// duck_bench: the DuckDB adapter alone. `write ROWS FILE` streams generated rows of 13 columns through two
// lanes into Parquet with a memory limit of 256 MB; `digest FILE`, `stream FILE` and `count FILE` read it
// back. Each prints rows, wall and CPU seconds and the peak resident memory of the process.
#include "duck/database.h"
#include "duck/parquet.h"
#include "duck/row_digest.h"

#include <fmt/format.h>
#include <sys/resource.h>

#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace godwit::duck {
namespace {

constexpr int64_t lane_count = 2;

// Rows like a table of students: numbers, names, addresses, dates, about 200 bytes each.
class Students : public TableProducer {
 public:
  explicit Students(int64_t rows) : rows_(rows) {}
  [[nodiscard]] const std::vector<ColumnDef>& columns() const override { return columns_; }
  [[nodiscard]] size_t lanes() const override { return size_t{lane_count}; }
  [[nodiscard]] Result<bool> fill(size_t lane, ChunkWriter& chunk) override {
    int64_t& next = next_[lane];
    size_t row = 0;
    for (; row < chunk.capacity() && next < rows_; ++row, next += lane_count)
      write(chunk, row, next);
    chunk.set_rows(row);
    return row > 0;
  }

 private:
  void write(ChunkWriter& chunk, size_t row, int64_t id) {
    const uint64_t mixed = static_cast<uint64_t>(id) * 0x9E3779B97F4A7C15U;
    chunk.column(0).set(row, id);
    chunk.column(1).set(row, HugeInt{mixed, static_cast<int64_t>(mixed ^ 0x5555)});
    chunk.column(2).set_text(row, fmt::format("first{}", mixed % 5000));
    chunk.column(3).set_text(row, fmt::format("last{}", mixed / 7 % 90000));
    chunk.column(4).set_text(row, fmt::format("student.{}@district.example.org", id));
    chunk.column(5).set_text(row, fmt::format("555-01{:02}-{:07}", mixed % 100, id));
    chunk.column(6).set_text(row, fmt::format("{:09}", mixed % 1'000'000'000U));
    chunk.column(7).set(row, static_cast<int32_t>(10'000 + mixed % 9'000));
    chunk.column(8).set_decimal(row, HugeInt{mixed % 400, 0});
    chunk.column(9).set(row, static_cast<int64_t>(1'600'000'000'000'000U + mixed % 100'000'000'000'000U));
    chunk.column(10).set(row, mixed % 2 == 0);
    if (mixed % 3 == 0) {
      chunk.column(11).set_null(row);
    } else {
      chunk.column(11).set_text(
          row, fmt::format("a note about number {} that is some sixty bytes long, {:x}", id, mixed));
    }
    chunk.column(12).set(row, static_cast<int32_t>(mixed % 13));
  }

  int64_t rows_;
  std::array<int64_t, 2> next_ = {0, 1};
  std::vector<ColumnDef> columns_ = {
      {"id", {TypeId::int64}},          {"uuid", {TypeId::uuid}},      {"first_name", {TypeId::varchar}},
      {"last_name", {TypeId::varchar}}, {"email", {TypeId::varchar}},  {"phone", {TypeId::varchar}},
      {"ssn", {TypeId::varchar}},       {"born", {TypeId::date}},      {"gpa", {TypeId::decimal, 4, 2}},
      {"seen", {TypeId::timestamptz}},  {"active", {TypeId::boolean}}, {"note", {TypeId::varchar}},
      {"grade", {TypeId::int32}},
  };
};

Result<std::string> act(Connection& connection, const std::string& action, const std::string& file,
                        int64_t rows) {
  if (action == "write") {
    RETURN_IF_ERROR(connection.register_table("students", std::make_shared<Students>(rows)));
    ASSIGN_OR_RETURN(const int64_t written, connection.run(copy_to_parquet_sql(
                                                "SELECT * FROM students()", file, {{"godwit.format", "1"}})));
    return fmt::format("{} rows, {} bytes", written, std::filesystem::file_size(file));
  }
  const std::string table = read_parquet_sql({file});
  if (action == "digest" || action == "count") {
    ASSIGN_OR_RETURN(const std::vector<ColumnDef> columns, connection.describe("SELECT * FROM " + table));
    std::vector<std::string> names;
    std::string counts = "SELECT count(*)";
    for (const ColumnDef& column : columns) {
      names.push_back(column.name);
      counts += ", count_if(\"" + column.name + "\" IS NULL)";
    }
    ASSIGN_OR_RETURN(const Rows result,
                     connection.query((action == "count" ? counts : "SELECT " + row_digest_sql(names)) +
                                      " FROM " + table));
    return result.rows[0][0].value_or("");
  }
  RowDigest digest;
  RETURN_IF_ERROR(connection.stream(
      "SELECT * FROM " + table, [](const std::vector<ColumnDef>&) { return Status(); },
      [&digest](const ChunkReader& chunk) { return digest.add(chunk); }));
  return digest.hex();
}

Result<std::string> run(const std::string& action, const std::string& file, int64_t rows) {
  ASSIGN_OR_RETURN(const std::unique_ptr<Database> database,
                   Database::open(DatabaseOptions{std::filesystem::path(file).parent_path(), 256, 2}));
  ASSIGN_OR_RETURN(const std::unique_ptr<Connection> connection, database->connect());
  return act(*connection, action, file, rows);
}

}  // namespace
}  // namespace godwit::duck

int main(int count, char** arguments) {
  const std::vector<std::string> words(arguments + 1, arguments + count);
  const bool writes = words.size() == 3 && words[0] == "write";
  if (!writes && (words.size() != 2 || words[0] == "write")) {
    std::fputs("usage: duck_bench write ROWS FILE | digest FILE | stream FILE | count FILE\n", stderr);
    return 2;
  }
  int64_t rows = 0;
  if (writes) std::from_chars(words[1].data(), words[1].data() + words[1].size(), rows);
  const auto begin = std::chrono::steady_clock::now();
  const auto outcome = godwit::duck::run(words[0], words.back(), rows);
  const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - begin;
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const double cpu = static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
                     static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
  fmt::print("{:<7} {}: {:.2f} s wall, {:.2f} s CPU, {} MiB peak\n", words[0],
             outcome.ok() ? *outcome : outcome.error().text(), wall.count(), cpu, usage.ru_maxrss / 1024);
  return outcome.ok() ? 0 : 1;
}
