#include "connect/postgres/undo/packed_numbers.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace godwit::connect::postgres {
namespace {

constexpr size_t header_bytes = 9;

struct Form {
  size_t width = 8;
  int64_t base = 0;
};

Form form_of(std::span<const int64_t> numbers) {
  if (numbers.empty()) return {};
  const auto [lowest, highest] = std::minmax_element(numbers.begin(), numbers.end());
  const uint64_t range = static_cast<uint64_t>(*highest) - static_cast<uint64_t>(*lowest);
  if (range > std::numeric_limits<uint32_t>::max()) return {};
  const size_t width = range <= std::numeric_limits<uint8_t>::max()    ? 1
                       : range <= std::numeric_limits<uint16_t>::max() ? 2
                                                                       : 4;
  return {width, *lowest};
}

void append_low_bytes(std::string& out, uint64_t number, size_t width) {
  char bytes[8];
  for (size_t i = 0; i < width; ++i)
    bytes[i] = static_cast<char>(number >> (8 * i));
  out.append(bytes, width);
}

// `width` bytes of p from `from` on, as a bigint.
std::string number_sql(const std::string& from, size_t width) {
  std::string sql;
  for (size_t i = 0; i < width; ++i) {
    sql += i == 0 ? fmt::format("get_byte(v.p, {})::bigint", from)
                  : fmt::format(" | (get_byte(v.p, {} + {})::bigint << {})", from, i, 8 * i);
  }
  return "(" + sql + ")";
}

}  // namespace

size_t packed_size(std::span<const int64_t> numbers) {
  return header_bytes + form_of(numbers).width * numbers.size();
}

void append_packed(std::string& out, std::span<const int64_t> numbers) {
  const Form form = form_of(numbers);
  out += static_cast<char>(form.width);
  append_low_bytes(out, static_cast<uint64_t>(form.base), 8);
  for (const int64_t number : numbers)
    append_low_bytes(out, static_cast<uint64_t>(number) - static_cast<uint64_t>(form.base), form.width);
}

std::string unpack_numbers_sql(const std::string& packed) {
  std::string by_width;
  for (const size_t width : {size_t{1}, size_t{2}, size_t{4}, size_t{8}}) {
    by_width += fmt::format(" WHEN {} THEN {}", width,
                            number_sql(fmt::format("{} + {} * n.i", header_bytes, width), width));
  }
  // The concatenation reads a value that is kept apart once, not for every byte; OFFSET keeps it from being
  // repeated.
  return fmt::format(
      "CASE WHEN {0} IS NOT NULL THEN ARRAY(SELECT v.base + CASE v.width{1} END FROM (SELECT v.p, "
      "get_byte(v.p, "
      "0) AS width, {2} AS base FROM (SELECT {0} || ''::bytea AS p OFFSET 0) v OFFSET 0) v, LATERAL "
      "generate_series(0, (length(v.p) - {3}) / v.width - 1) AS n(i) ORDER BY n.i) END",
      packed, by_width, number_sql("1", 8), header_bytes);
}

}  // namespace godwit::connect::postgres
