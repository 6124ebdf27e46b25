#include "connect/postgres/load/copy_encode.h"

#include "connect/postgres/read/binary_form.h"
#include "connect/postgres/read/value_text.h"

#include <array>

namespace godwit::connect::postgres {
namespace {

template <typename T>
void append(std::string& out, T value) {
  char bytes[sizeof(T)];
  store_big_endian(bytes, value);
  out.append(bytes, sizeof bytes);
}

// A field: its length, then the value.
template <typename T>
void append_field(std::string& out, T value) {
  char bytes[4 + sizeof(T)];
  store_big_endian(bytes, static_cast<int32_t>(sizeof(T)));
  store_big_endian(bytes + 4, value);
  out.append(bytes, sizeof bytes);
}

void append_bytes(std::string& out, std::string_view bytes) {
  append(out, static_cast<int32_t>(bytes.size()));
  out += bytes;
}

int64_t timestamp_to_wire(int64_t value) {
  if (value == duck_timestamp_infinity) return pg_timestamp_infinity;
  if (value == -duck_timestamp_infinity) return pg_timestamp_minus_infinity;
  return value - epoch_us;
}

int32_t date_to_wire(int32_t value) {
  if (value == duck_date_infinity) return pg_date_infinity;
  if (value == -duck_date_infinity) return pg_date_minus_infinity;
  return value - epoch_days;
}

// numeric_recv's form (see BinaryDecoder::decode_numeric): base-10000 digits aligned at the decimal point.
void append_numeric(std::string& out, duck::HugeInt unscaled, int scale) {
  const Int128 number = (static_cast<Int128>(unscaled.upper) << 64) | static_cast<Int128>(unscaled.lower);
  const bool negative = number < 0;
  UInt128 rest = negative ? 0 - static_cast<UInt128>(number) : static_cast<UInt128>(number);
  std::array<uint16_t, 12> digits{};  // the least significant first; 39 digits and the alignment fit
  size_t count = 0;
  int weight = -1 - (scale + 3) / 4;  // of the digit before the first one
  if (rest != 0) {
    // The lowest digit holds what of the scale is no whole group of four.
    int in_group = scale % 4;
    if (in_group != 0) {
      constexpr std::array<uint16_t, 4> powers = {1, 10, 100, 1000};
      const auto low = static_cast<uint16_t>(rest % powers[static_cast<size_t>(in_group)]);
      rest /= powers[static_cast<size_t>(in_group)];
      digits[count++] = static_cast<uint16_t>(low * powers[static_cast<size_t>(4 - in_group)]);
      ++weight;
    }
    for (; rest != 0; rest /= 10000) {
      digits[count++] = static_cast<uint16_t>(rest % 10000);
      ++weight;
    }
  }
  append(out, static_cast<int32_t>(8 + 2 * count));
  append(out, static_cast<int16_t>(count));
  append(out, static_cast<int16_t>(count == 0 ? 0 : weight));
  append(out, static_cast<int16_t>(negative ? numeric_negative : 0));
  append(out, static_cast<int16_t>(scale));
  for (size_t i = count; i > 0; --i)
    append(out, static_cast<int16_t>(digits[i - 1]));
}

void append_value(std::string& out, const duck::ColumnReader& column, WireType wire, size_t row) {
  switch (wire) {
    case WireType::boolean:
      append_field(out, static_cast<uint8_t>(column.get<bool>(row) ? 1 : 0));
      break;
    case WireType::int2:
      append_field(out, column.get<int16_t>(row));
      break;
    case WireType::int4:
      append_field(out, column.get<int32_t>(row));
      break;
    case WireType::int8:
      append_field(out, column.get<int64_t>(row));
      break;
    case WireType::float4:
      append_field(out, column.get<float>(row));
      break;
    case WireType::float8:
      append_field(out, column.get<double>(row));
      break;
    case WireType::numeric:
      append_numeric(out, column.decimal(row), column.type().scale);
      break;
    case WireType::jsonb: {
      const std::string_view text = column.text(row);
      append(out, static_cast<int32_t>(text.size() + 1));
      out += '\1';  // the version of jsonb's binary form
      out += text;
      break;
    }
    case WireType::text:
    case WireType::json:
    case WireType::enumeration:
    case WireType::bytea:
      append_bytes(out, column.text(row));
      break;
    case WireType::date:
      append_field(out, date_to_wire(column.get<int32_t>(row)));
      break;
    case WireType::time:
      append_field(out, column.get<int64_t>(row));
      break;
    case WireType::timestamp:
    case WireType::timestamptz:
      append_field(out, timestamp_to_wire(column.get<int64_t>(row)));
      break;
    case WireType::uuid: {
      const auto value = column.get<duck::HugeInt>(row);
      append(out, int32_t{16});
      append(out, static_cast<uint64_t>(value.upper) ^ (uint64_t{1} << 63));
      append(out, value.lower);
      break;
    }
  }
}

// COPY's text escapes (PostgreSQL documentation, COPY, "Text Format"), from `from` to the end of `out`.
void append_escaped(std::string& out, std::string_view value) {
  for (const char c : value) {
    switch (c) {
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        out += c;
    }
  }
}

}  // namespace

bool encodes(duck::TypeId staged, WireType wire) {
  switch (wire) {
    case WireType::boolean:
      return staged == duck::TypeId::boolean;
    case WireType::int2:
      return staged == duck::TypeId::int16;
    case WireType::int4:
      return staged == duck::TypeId::int32;
    case WireType::int8:
      return staged == duck::TypeId::int64;
    case WireType::float4:
      return staged == duck::TypeId::float32;
    case WireType::float8:
      return staged == duck::TypeId::float64;
    case WireType::numeric:
      return staged == duck::TypeId::decimal;
    case WireType::text:
    case WireType::json:
    case WireType::jsonb:
    case WireType::enumeration:
      return staged == duck::TypeId::varchar;
    case WireType::bytea:
      return staged == duck::TypeId::blob;
    case WireType::date:
      return staged == duck::TypeId::date;
    case WireType::time:
      return staged == duck::TypeId::time;
    case WireType::timestamp:
      return staged == duck::TypeId::timestamp;
    case WireType::timestamptz:
      return staged == duck::TypeId::timestamptz;
    case WireType::uuid:
      return staged == duck::TypeId::uuid;
  }
  return false;
}

void CopyEncoder::begin(std::string& out) const {
  if (!shape_.binary) return;
  out += copy_signature;
  append(out, int32_t{0});
  append(out, int32_t{0});
}

void CopyEncoder::end(std::string& out) const {
  if (shape_.binary) append(out, int16_t{-1});
}

void CopyEncoder::add(const duck::ChunkReader& chunk, size_t row, std::optional<int64_t> last,
                      std::string& out) const {
  shape_.binary ? add_binary(chunk, row, last, out) : add_text(chunk, row, last, out);
}

void CopyEncoder::add_binary(const duck::ChunkReader& chunk, size_t row, std::optional<int64_t> last,
                             std::string& out) const {
  append(out, static_cast<int16_t>(shape_.wires.size() + (last ? 1 : 0)));
  for (size_t i = 0; i < shape_.wires.size(); ++i) {
    const duck::ColumnReader& column = chunk.column(i);
    if (column.is_null(row)) {
      append(out, int32_t{-1});
    } else {
      append_value(out, column, *shape_.wires[i], row);
    }
  }
  if (last) append_field(out, *last);
}

void CopyEncoder::add_text(const duck::ChunkReader& chunk, size_t row, std::optional<int64_t> last,
                           std::string& out) const {
  for (size_t i = 0; i < shape_.wires.size(); ++i) {
    if (i > 0) out += '\t';
    const duck::ColumnReader& column = chunk.column(i);
    if (column.is_null(row)) {
      out += "\\N";
    } else if (column.type().id == duck::TypeId::varchar) {
      append_escaped(out, column.text(row));
    } else if (column.type().id == duck::TypeId::blob) {
      out += '\\';  // doubles the backslash of \x
      append_value_text(out, column, row);
    } else {
      append_value_text(out, column, row);
    }
  }
  if (last) out += '\t' + std::to_string(*last);
  out += '\n';
}

}  // namespace godwit::connect::postgres
