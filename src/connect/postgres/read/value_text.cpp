#include "connect/postgres/read/value_text.h"

#include "base/time.h"
#include "connect/postgres/read/binary_form.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <iterator>

namespace godwit::connect::postgres {
namespace {

template <typename T>
void append_integer(std::string& out, T value) {
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof digits, value);
  out.append(digits, end.ptr);
}

template <typename T>
void append_float(std::string& out, T value) {
  if (std::isnan(value)) {
    out += "NaN";
  } else if (std::isinf(value)) {
    out += value > 0 ? "Infinity" : "-Infinity";
  } else {
    char digits[64];
    const auto end =
        std::to_chars(digits, digits + sizeof digits, value);  // shortest that reads back the same
    out.append(digits, end.ptr);
  }
}

void append_decimal(std::string& out, duck::HugeInt value, int scale) {
  Int128 number = (static_cast<Int128>(value.upper) << 64) | static_cast<Int128>(value.lower);
  const bool negative = number < 0;
  UInt128 rest = negative ? 0 - static_cast<UInt128>(number) : static_cast<UInt128>(number);
  char digits[48];
  char* const end = digits + sizeof digits;
  char* at = end;
  for (int written = 0; rest != 0 || written <= scale; ++written) {
    if (written == scale && scale > 0) *--at = '.';
    *--at = static_cast<char>('0' + static_cast<int>(rest % 10));
    rest /= 10;
  }
  if (negative) *--at = '-';
  out.append(at, end);
}

void append_date(std::string& out, const CivilTime& civil, bool& before_christ) {
  before_christ = civil.year <= 0;  // the year before 1 is 1 BC
  fmt::format_to(std::back_inserter(out), "{:04}-{:02}-{:02}", before_christ ? 1 - civil.year : civil.year,
                 civil.month, civil.day);
}

void append_clock(std::string& out, const CivilTime& civil) {
  fmt::format_to(std::back_inserter(out), "{:02}:{:02}:{:02}", civil.hour, civil.minute, civil.second);
  if (civil.microsecond != 0) fmt::format_to(std::back_inserter(out), ".{:06}", civil.microsecond);
}

void append_timestamp(std::string& out, int64_t value, const char* zone) {
  if (value == duck_timestamp_infinity || value == -duck_timestamp_infinity) {
    out += value > 0 ? "infinity" : "-infinity";
    return;
  }
  const CivilTime civil = to_civil(value);
  bool before_christ = false;
  append_date(out, civil, before_christ);
  out += ' ';
  append_clock(out, civil);
  out += zone;
  if (before_christ) out += " BC";
}

void append_day(std::string& out, int32_t days) {
  if (days == duck_date_infinity || days == -duck_date_infinity) {
    out += days > 0 ? "infinity" : "-infinity";
    return;
  }
  // In microseconds a date of PostgreSQL's range may not fit: go round by 400-year eras of 146,097 days.
  constexpr int64_t era_days = 146'097;
  int64_t era = days / era_days;
  if (days % era_days < 0) --era;
  CivilTime civil = to_civil((days - era * era_days) * day_us);
  civil.year += era * 400;
  bool before_christ = false;
  append_date(out, civil, before_christ);
  if (before_christ) out += " BC";
}

void append_hexadecimal(std::string& out, uint64_t value, int digits) {
  for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4)
    out += "0123456789abcdef"[value >> shift & 15];
}

void append_uuid(std::string& out, duck::HugeInt value) {
  const uint64_t upper = static_cast<uint64_t>(value.upper) ^ (uint64_t{1} << 63);
  append_hexadecimal(out, upper >> 32, 8);
  out += '-';
  append_hexadecimal(out, upper >> 16 & 0xFFFF, 4);
  out += '-';
  append_hexadecimal(out, upper & 0xFFFF, 4);
  out += '-';
  append_hexadecimal(out, value.lower >> 48, 4);
  out += '-';
  append_hexadecimal(out, value.lower & 0xFFFF'FFFF'FFFF, 12);
}

void append_bytes(std::string& out, std::string_view bytes) {
  out += "\\x";
  for (const char byte : bytes)
    append_hexadecimal(out, static_cast<unsigned char>(byte), 2);
}

}  // namespace

void append_value_text(std::string& out, const duck::ColumnReader& column, size_t row) {
  switch (column.type().id) {
    case duck::TypeId::boolean:
      out += column.get<bool>(row) ? 't' : 'f';
      break;
    case duck::TypeId::int16:
      append_integer(out, column.get<int16_t>(row));
      break;
    case duck::TypeId::int32:
      append_integer(out, column.get<int32_t>(row));
      break;
    case duck::TypeId::int64:
      append_integer(out, column.get<int64_t>(row));
      break;
    case duck::TypeId::hugeint:
      append_decimal(out, column.get<duck::HugeInt>(row), 0);
      break;
    case duck::TypeId::float32:
      append_float(out, column.get<float>(row));
      break;
    case duck::TypeId::float64:
      append_float(out, column.get<double>(row));
      break;
    case duck::TypeId::decimal:
      append_decimal(out, column.decimal(row), column.type().scale);
      break;
    case duck::TypeId::varchar:
      out += column.text(row);
      break;
    case duck::TypeId::blob:
      append_bytes(out, column.text(row));
      break;
    case duck::TypeId::date:
      append_day(out, column.get<int32_t>(row));
      break;
    case duck::TypeId::time:
      append_clock(out, to_civil(column.get<int64_t>(row)));
      break;
    case duck::TypeId::timestamp:
      append_timestamp(out, column.get<int64_t>(row), "");
      break;
    case duck::TypeId::timestamptz:
      append_timestamp(out, column.get<int64_t>(row), "+00");
      break;
    case duck::TypeId::uuid:
      append_uuid(out, column.get<duck::HugeInt>(row));
      break;
    case duck::TypeId::other:
      break;  // the encoder refuses such columns before the first row
  }
}

}  // namespace godwit::connect::postgres
