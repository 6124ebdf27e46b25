// What the binary forms of both directions agree on: byte order, epochs, limits.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string_view>

namespace godwit::connect::postgres {

__extension__ using Int128 = __int128;
__extension__ using UInt128 = unsigned __int128;

inline constexpr std::string_view copy_signature{"PGCOPY\n\377\r\n\0", 11};
inline constexpr size_t copy_header_size = 19;  // signature, flags, length of the (empty) extension

// PostgreSQL counts from 2000-01-01, DuckDB from 1970-01-01.
inline constexpr int32_t epoch_days = 10957;
inline constexpr int64_t epoch_us = 946'684'800'000'000;
inline constexpr int64_t day_us = 86'400'000'000;

inline constexpr int32_t pg_date_infinity = std::numeric_limits<int32_t>::max();
inline constexpr int32_t pg_date_minus_infinity = std::numeric_limits<int32_t>::min();
inline constexpr int64_t pg_timestamp_infinity = std::numeric_limits<int64_t>::max();
inline constexpr int64_t pg_timestamp_minus_infinity = std::numeric_limits<int64_t>::min();
inline constexpr int32_t duck_date_infinity = std::numeric_limits<int32_t>::max();
inline constexpr int64_t duck_timestamp_infinity = std::numeric_limits<int64_t>::max();

inline constexpr uint16_t numeric_base = 10'000;  // of each digit
inline constexpr uint16_t numeric_negative = 0x4000;
inline constexpr uint16_t numeric_special = 0xC000;  // NaN; with more bits set, the infinities

template <typename T>
T load_big_endian(const char* bytes) {
  if constexpr (sizeof(T) == 1) {
    T value;
    std::memcpy(&value, bytes, 1);
    return value;
  } else if constexpr (sizeof(T) == 2) {
    uint16_t raw;
    std::memcpy(&raw, bytes, sizeof raw);
    return static_cast<T>(__builtin_bswap16(raw));
  } else if constexpr (sizeof(T) == 4) {
    uint32_t raw;
    std::memcpy(&raw, bytes, sizeof raw);
    return std::bit_cast<T>(__builtin_bswap32(raw));
  } else {
    static_assert(sizeof(T) == 8);
    uint64_t raw;
    std::memcpy(&raw, bytes, sizeof raw);
    return std::bit_cast<T>(__builtin_bswap64(raw));
  }
}

template <typename T>
void store_big_endian(char* bytes, T value) {
  if constexpr (sizeof(T) == 1) {
    std::memcpy(bytes, &value, 1);
  } else if constexpr (sizeof(T) == 2) {
    const uint16_t raw = __builtin_bswap16(static_cast<uint16_t>(value));
    std::memcpy(bytes, &raw, sizeof raw);
  } else if constexpr (sizeof(T) == 4) {
    const uint32_t raw = __builtin_bswap32(std::bit_cast<uint32_t>(value));
    std::memcpy(bytes, &raw, sizeof raw);
  } else {
    static_assert(sizeof(T) == 8);
    const uint64_t raw = __builtin_bswap64(std::bit_cast<uint64_t>(value));
    std::memcpy(bytes, &raw, sizeof raw);
  }
}

}  // namespace godwit::connect::postgres
