#include "duck/types.h"

#include <fmt/format.h>

namespace godwit::duck {

std::string sql_name(const Type& type) {
  switch (type.id) {
    case TypeId::boolean:
      return "BOOLEAN";
    case TypeId::int16:
      return "SMALLINT";
    case TypeId::int32:
      return "INTEGER";
    case TypeId::int64:
      return "BIGINT";
    case TypeId::hugeint:
      return "HUGEINT";
    case TypeId::float32:
      return "FLOAT";
    case TypeId::float64:
      return "DOUBLE";
    case TypeId::decimal:
      return fmt::format("DECIMAL({},{})", type.width, type.scale);
    case TypeId::varchar:
    case TypeId::other:
      return "VARCHAR";
    case TypeId::blob:
      return "BLOB";
    case TypeId::date:
      return "DATE";
    case TypeId::time:
      return "TIME";
    case TypeId::timestamp:
      return "TIMESTAMP";
    case TypeId::timestamptz:
      return "TIMESTAMP WITH TIME ZONE";
    case TypeId::uuid:
      return "UUID";
  }
  return "VARCHAR";
}

std::string to_text(const HugeInt& value) {
  const bool negative = value.upper < 0;
  uint64_t high = static_cast<uint64_t>(value.upper);
  uint64_t low = value.lower;
  if (negative) {
    low = ~low + 1;
    high = ~high + (low == 0 ? 1 : 0);
  }
  if (high == 0) return fmt::format("{}{}", negative ? "-" : "", low);
  // Long division of four 32-bit digits by 10^9, the lowest nine decimals first.
  uint32_t digits[4] = {static_cast<uint32_t>(high >> 32), static_cast<uint32_t>(high),
                        static_cast<uint32_t>(low >> 32), static_cast<uint32_t>(low)};
  std::string text;
  bool more = true;
  while (more) {
    uint64_t remainder = 0;
    more = false;
    for (uint32_t& digit : digits) {
      const uint64_t current = (remainder << 32) | digit;
      digit = static_cast<uint32_t>(current / 1'000'000'000U);
      remainder = current % 1'000'000'000U;
      more = more || digit != 0;
    }
    text = (more ? fmt::format("{:09}", remainder) : fmt::format("{}", remainder)) + text;
  }
  return (negative ? "-" : "") + text;
}

}  // namespace godwit::duck
