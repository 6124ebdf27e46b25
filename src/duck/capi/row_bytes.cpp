#include "duck/capi/row_bytes.h"

#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

namespace godwit::duck {
namespace {

static_assert(std::endian::native == std::endian::little,
              "the canonical form is written as it stands in memory");

constexpr char format_version = 1;

enum Tag : char {
  tag_null = 0,
  tag_boolean = 1,
  tag_integer = 2,
  tag_hugeint = 3,
  tag_float32 = 4,
  tag_float64 = 5,
  tag_decimal = 6,
  tag_text = 7,
  tag_binary = 8,
  tag_date = 9,
  tag_time = 10,
  tag_timestamp = 11,
  tag_timestamptz = 12,
  tag_uuid = 13,
};

constexpr size_t fixed_bytes_max = 1 + 1 + 16;  // tag, scale, 128 bits

template <typename T>
char* put(char* at, char tag, const T& value) {
  *at++ = tag;
  std::memcpy(at, &value, sizeof value);
  return at + sizeof value;
}

template <typename T>
char* put_float(char* at, char tag, T value) {
  // One NaN for all of them; -0 stays -0.
  return put(at, tag, std::isnan(value) ? std::numeric_limits<T>::quiet_NaN() : value);
}

char* put_decimal(char* at, const Type& type, const HugeInt& value) {
  *at++ = tag_decimal;
  *at++ = static_cast<char>(type.scale);
  std::memcpy(at, &value, sizeof value);
  return at + sizeof value;
}

// The sixteen bytes in the order of the text form.
char* put_uuid(char* at, const HugeInt& value) {
  *at++ = tag_uuid;
  const uint64_t high = __builtin_bswap64(static_cast<uint64_t>(value.upper) ^ (uint64_t{1} << 63));
  const uint64_t low = __builtin_bswap64(value.lower);
  std::memcpy(at, &high, sizeof high);
  std::memcpy(at + sizeof high, &low, sizeof low);
  return at + sizeof high + sizeof low;
}

// Every type of fixed size; null when there is no form for it.
char* put_fixed(char* at, const ColumnReader& column, size_t row) {
  switch (column.type().id) {
    case TypeId::boolean:
      return put(at, tag_boolean, static_cast<char>(column.get<bool>(row) ? 1 : 0));
    case TypeId::int16:
      return put(at, tag_integer, int64_t{column.get<int16_t>(row)});
    case TypeId::int32:
      return put(at, tag_integer, int64_t{column.get<int32_t>(row)});
    case TypeId::int64:
      return put(at, tag_integer, column.get<int64_t>(row));
    case TypeId::hugeint:
      return put(at, tag_hugeint, column.get<HugeInt>(row));
    case TypeId::float32:
      return put_float(at, tag_float32, column.get<float>(row));
    case TypeId::float64:
      return put_float(at, tag_float64, column.get<double>(row));
    case TypeId::decimal:
      return put_decimal(at, column.type(), column.decimal(row));
    case TypeId::date:
      return put(at, tag_date, column.get<int32_t>(row));
    case TypeId::time:
      return put(at, tag_time, column.get<int64_t>(row));
    case TypeId::timestamp:
      return put(at, tag_timestamp, column.get<int64_t>(row));
    case TypeId::timestamptz:
      return put(at, tag_timestamptz, column.get<int64_t>(row));
    case TypeId::uuid:
      return put_uuid(at, column.get<HugeInt>(row));
    case TypeId::varchar:
    case TypeId::blob:
    case TypeId::other:
      break;
  }
  return nullptr;
}

}  // namespace

RowBytes::RowBytes(const ChunkReader& chunk, size_t first, size_t count) {
  for (size_t index = first; index < first + count; ++index)
    columns_.push_back(&chunk.column(index));
  buffer_.resize(1 + columns_.size() * fixed_bytes_max + 256);
  buffer_[0] = format_version;
}

std::string_view RowBytes::encode(size_t row) {
  size_t used = 1;
  size_t left = columns_.size();
  for (const ColumnReader* column : columns_) {
    const size_t reserve = left-- * fixed_bytes_max;
    if (column->is_null(row)) {
      buffer_[used++] = tag_null;
      continue;
    }
    const TypeId id = column->type().id;
    if (id == TypeId::varchar || id == TypeId::blob) {
      const std::string_view text = column->text(row);
      if (used + reserve + text.size() > buffer_.size()) buffer_.resize(2 * (used + reserve + text.size()));
      char* at = put(&buffer_[used], id == TypeId::varchar ? tag_text : tag_binary,
                     static_cast<uint32_t>(text.size()));
      if (!text.empty()) std::memcpy(at, text.data(), text.size());
      used = static_cast<size_t>(at - buffer_.data()) + text.size();
      continue;
    }
    const char* end = put_fixed(&buffer_[used], *column, row);
    if (end == nullptr) return {};
    used = static_cast<size_t>(end - buffer_.data());
  }
  return {buffer_.data(), used};
}

}  // namespace godwit::duck
