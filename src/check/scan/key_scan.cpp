#include "check/scan/key_scan.h"

#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <vector>

namespace godwit::check {

namespace {

constexpr uint64_t bits_per_row_max = 32;
constexpr uint64_t bits_max = uint64_t{1} << 28;

bool is_whole_number(duck::TypeId type) {
  return type == duck::TypeId::int16 || type == duck::TypeId::int32 || type == duck::TypeId::int64;
}

int64_t number_of(const std::optional<std::string>& text) {
  int64_t number = 0;
  if (text) std::from_chars(text->data(), text->data() + text->size(), number);
  return number;
}

class SeenNumbers {
 public:
  SeenNumbers(int64_t lowest, uint64_t count) : lowest_(lowest), count_(count), bits_(count / 64 + 1) {}

  Status take(const duck::ChunkReader& chunk) {
    const duck::ColumnReader& column = chunk.column(0);
    switch (column.type().id) {
      case duck::TypeId::int16:
        return take<int16_t>(column, chunk.rows());
      case duck::TypeId::int32:
        return take<int32_t>(column, chunk.rows());
      default:
        return take<int64_t>(column, chunk.rows());
    }
  }
  [[nodiscard]] int64_t repeated() const { return repeated_; }

 private:
  template <typename T>
  Status take(const duck::ColumnReader& column, size_t rows) {
    for (size_t row = 0; row < rows; ++row) {
      const uint64_t at = static_cast<uint64_t>(int64_t{column.get<T>(row)}) - static_cast<uint64_t>(lowest_);
      if (column.is_null(row) || at >= count_) {
        return make_error(ErrorKind::failed, "the rows changed while they were looked at", "run again");
      }
      const uint64_t bit = uint64_t{1} << (at % 64);
      repeated_ += (bits_[at / 64] & bit) != 0 ? 1 : 0;
      bits_[at / 64] |= bit;
    }
    return {};
  }

  const int64_t lowest_;
  const uint64_t count_;  // of the numbers that may come
  std::vector<uint64_t> bits_;
  int64_t repeated_ = 0;
};

}  // namespace

Result<std::optional<int64_t>> count_repeated(duck::Connection& connection, const std::string& relation,
                                              const std::string& column) {
  const std::string name = quote_identifier(column);
  const std::string values = fmt::format("SELECT {} FROM {}", name, relation);
  ASSIGN_OR_RETURN(const auto described, connection.describe(values));
  if (!is_whole_number(described.at(0).type.id)) return std::optional<int64_t>();
  ASSIGN_OR_RETURN(const auto answer,
                   connection.query(fmt::format("SELECT min({0}), max({0}), count(*), count({0}) FROM {1}",
                                                name, relation)));
  const auto& row = answer.rows.at(0);
  const auto rows = static_cast<uint64_t>(number_of(row.at(2)));
  if (rows == 0 || row.at(2) != row.at(3)) return std::optional<int64_t>();
  const int64_t lowest = number_of(row.at(0));
  const uint64_t range = static_cast<uint64_t>(number_of(row.at(1))) - static_cast<uint64_t>(lowest);
  if (range >= std::min(bits_max, rows * bits_per_row_max)) return std::optional<int64_t>();
  SeenNumbers seen(lowest, range + 1);
  RETURN_IF_ERROR(connection.stream(
      values, [](const std::vector<duck::ColumnDef>&) { return Status(); },
      [&seen](const duck::ChunkReader& chunk) { return seen.take(chunk); }));
  return std::optional<int64_t>(seen.repeated());
}

}  // namespace godwit::check
