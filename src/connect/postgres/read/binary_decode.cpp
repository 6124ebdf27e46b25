#include "connect/postgres/read/binary_decode.h"

#include "base/text.h"
#include "connect/postgres/read/binary_form.h"
#include "connect/source.h"

#include <array>
#include <utility>

namespace godwit::connect::postgres {
namespace {

constexpr int64_t power_of_ten(int exponent) {
  int64_t result = 1;
  for (int i = 0; i < exponent; ++i)
    result *= 10;
  return result;
}

constexpr size_t fixed_sizes = 17;
// Bytes of the fixed-size types; 0 = any size.
constexpr std::array<size_t, fixed_sizes> sizes = {1, 2, 4, 8, 4, 8, 0, 0, 0, 0, 0, 4, 8, 8, 8, 16, 0};

int64_t timestamp_to_duck(int64_t value, bool& fits) {
  if (value == pg_timestamp_infinity) return duck_timestamp_infinity;
  if (value == pg_timestamp_minus_infinity) return -duck_timestamp_infinity;
  fits = value < duck_timestamp_infinity - epoch_us;
  return fits ? value + epoch_us : 0;
}

int32_t date_to_duck(int32_t value, bool& fits) {
  if (value == pg_date_infinity) return duck_date_infinity;
  if (value == pg_date_minus_infinity) return -duck_date_infinity;
  fits = value < duck_date_infinity - epoch_days;
  return fits ? value + epoch_days : 0;
}

duck::HugeInt uuid_to_duck(const char* bytes) {
  duck::HugeInt value;
  value.upper = std::bit_cast<int64_t>(load_big_endian<uint64_t>(bytes) ^ (uint64_t{1} << 63));
  value.lower = load_big_endian<uint64_t>(bytes + 8);
  return value;
}

}  // namespace

BinaryDecoder::BinaryDecoder(std::string table, std::vector<DecodeColumn> columns, bool check_utf8)
    : table_(std::move(table)), columns_(std::move(columns)), check_utf8_(check_utf8) {}

Error BinaryDecoder::malformed() const {
  return make_error(ErrorKind::failed, "the binary rows of " + table_ + " are not as expected",
                    "the table was changed while it was read: run again");
}

Error BinaryDecoder::restage(const DecodeColumn& column) const {
  Error error =
      make_error(ErrorKind::failed,
                 "a value of " + table_ + "." + column.name + " does not fit its staging type", column.name);
  error.sqlstate = restage_sqlstate;
  return error;
}

Status BinaryDecoder::decode(std::string_view piece, duck::ChunkWriter& chunk, size_t row, bool& wrote) {
  wrote = false;
  if (!header_seen_) {
    if (!piece.starts_with(copy_signature) || piece.size() < copy_header_size) return malformed();
    piece.remove_prefix(copy_header_size);
    header_seen_ = true;
  }
  if (piece.empty()) return {};
  if (piece.size() < 2) return malformed();
  const auto fields = load_big_endian<int16_t>(piece.data());
  if (fields == -1) return {};  // the trailer
  if (static_cast<size_t>(fields) != columns_.size()) return malformed();
  const char* at = piece.data() + 2;
  const char* const end = piece.data() + piece.size();
  for (size_t i = 0; i < columns_.size(); ++i) {
    if (end - at < 4) return malformed();
    const auto size = load_big_endian<int32_t>(at);
    at += 4;
    duck::ColumnWriter& out = chunk.column(i);
    if (size == -1) {
      out.set_null(row);
      continue;
    }
    if (size < 0 || end - at < size) return malformed();
    RETURN_IF_ERROR(decode_value(columns_[i], {at, static_cast<size_t>(size)}, out, row));
    at += size;
  }
  if (at != end) return malformed();
  wrote = true;
  return {};
}

Status BinaryDecoder::decode_value(const DecodeColumn& column, std::string_view bytes,
                                   duck::ColumnWriter& out, size_t row) const {
  const size_t size = sizes[static_cast<size_t>(column.wire)];
  if (size != 0 && bytes.size() != size) return malformed();
  const char* const data = bytes.data();
  bool fits = true;
  switch (column.wire) {
    case WireType::boolean:
      out.set<bool>(row, data[0] != 0);
      break;
    case WireType::int2:
      out.set(row, load_big_endian<int16_t>(data));
      break;
    case WireType::int4:
      out.set(row, load_big_endian<int32_t>(data));
      break;
    case WireType::int8:
      out.set(row, load_big_endian<int64_t>(data));
      break;
    case WireType::float4:
      out.set(row, load_big_endian<float>(data));
      break;
    case WireType::float8:
      out.set(row, load_big_endian<double>(data));
      break;
    case WireType::numeric:
      return decode_numeric(column, bytes, out, row);
    case WireType::jsonb:
      if (bytes.empty() || bytes[0] != 1) return malformed();  // the version of jsonb's binary form
      bytes.remove_prefix(1);
      [[fallthrough]];
    case WireType::text:
    case WireType::json:
    case WireType::enumeration:
      if (check_utf8_ && !is_valid_utf8(bytes)) {
        return make_error(ErrorKind::failed,
                          "a value of " + table_ + "." + column.name + " is not valid UTF-8",
                          "the database has encoding SQL_ASCII: repair the value, or leave the column out");
      }
      out.set_text(row, bytes);
      break;
    case WireType::bytea:
      out.set_text(row, bytes);
      break;
    case WireType::date:
      out.set(row, date_to_duck(load_big_endian<int32_t>(data), fits));
      break;
    case WireType::time: {
      const auto time = load_big_endian<int64_t>(data);
      fits = time >= 0 && time < day_us;  // 24:00:00 is a time of its own in PostgreSQL
      out.set(row, time);
      break;
    }
    case WireType::timestamp:
    case WireType::timestamptz:
      out.set(row, timestamp_to_duck(load_big_endian<int64_t>(data), fits));
      break;
    case WireType::uuid:
      out.set(row, uuid_to_duck(data));
      break;
  }
  if (!fits) return restage(column);
  return {};
}

// numeric_send (src/backend/utils/adt/numeric.c): count, weight, sign, display scale, then base-10000 digits;
// the first digit counts 10000^weight.
Status BinaryDecoder::decode_numeric(const DecodeColumn& column, std::string_view bytes,
                                     duck::ColumnWriter& out, size_t row) const {
  if (bytes.size() < 8) return malformed();
  const auto digits = load_big_endian<uint16_t>(bytes.data());
  const auto weight = load_big_endian<int16_t>(bytes.data() + 2);
  const auto sign = load_big_endian<uint16_t>(bytes.data() + 4);
  if (bytes.size() != 8U + 2U * digits) return malformed();
  if ((sign & numeric_special) == numeric_special) return restage(column);
  if (sign != 0 && sign != numeric_negative) return malformed();
  const auto digit = [&bytes](int i) { return load_big_endian<uint16_t>(bytes.data() + 8 + 2 * i); };
  for (int i = 0; i < digits; ++i) {
    if (digit(i) >= numeric_base) return malformed();
  }
  UInt128 value = 0;
  if (digits > 0) {
    // How many decimal digits the first one may have.
    const int room = column.type.width - (4 * weight + column.type.scale);
    if (room < 4 && (room <= 0 || digit(0) >= power_of_ten(room))) return restage(column);
    // The power of ten that one unit of the last digit counts, in units of the staging scale.
    const int shift = 4 * (weight - digits + 1) + column.type.scale;
    if (shift < -3) return restage(column);
    for (int i = 0; i < digits - 1; ++i) {
      value = value * numeric_base + digit(i);
    }
    const auto last = digit(digits - 1);
    if (shift >= 0) {
      value = value * numeric_base + last;
      for (int i = 0; i < shift; ++i)
        value *= 10;
    } else {
      // The last digit reaches below the scale: only zeros may stand there.
      const int64_t below = power_of_ten(-shift);
      if (last % below != 0) return restage(column);
      value = value * static_cast<UInt128>(power_of_ten(4 + shift)) + static_cast<UInt128>(last / below);
    }
  }
  if ((sign & numeric_negative) != 0) value = 0 - value;
  duck::HugeInt unscaled;
  unscaled.lower = static_cast<uint64_t>(value);
  unscaled.upper = std::bit_cast<int64_t>(static_cast<uint64_t>(value >> 64));
  out.set_decimal(row, unscaled);
  return {};
}

}  // namespace godwit::connect::postgres
