#include "schema/history/checksum.h"

#include <array>

namespace godwit::schema {

namespace {

constexpr std::array<uint32_t, 256> crc_table = [] {
  std::array<uint32_t, 256> table{};
  for (uint32_t i = 0; i < 256; ++i) {
    uint32_t value = i;
    for (int bit = 0; bit < 8; ++bit)
      value = (value & 1U) != 0 ? 0xEDB88320U ^ (value >> 1U) : value >> 1U;
    table[i] = value;
  }
  return table;
}();

}  // namespace

uint32_t crc32(std::string_view bytes, uint32_t before) {
  uint32_t value = ~before;
  for (const char c : bytes)
    value = crc_table[(value ^ static_cast<uint8_t>(c)) & 0xFFU] ^ (value >> 8U);
  return ~value;
}

uint32_t fnv1_32(std::string_view bytes) {
  uint32_t value = 2166136261U;
  for (const char c : bytes)
    value = (value * 16777619U) ^ static_cast<uint8_t>(c);
  return value;
}

int32_t java_string_hash(std::string_view text) {
  uint32_t value = 0;
  for (const char c : text)
    value = 31U * value + static_cast<uint8_t>(c);
  return static_cast<int32_t>(value);
}

std::string base64(std::string_view bytes) {
  constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (size_t i = 0; i < bytes.size(); i += 3) {
    uint32_t group = 0;
    for (size_t j = 0; j < 3; ++j)
      group = group << 8U | (i + j < bytes.size() ? static_cast<uint8_t>(bytes[i + j]) : 0U);
    for (size_t j = 0; j < 4; ++j)
      out += i + j <= bytes.size() ? digits[group >> (18U - 6U * j) & 63U] : '=';
  }
  return out;
}

}  // namespace godwit::schema
