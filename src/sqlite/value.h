// One SQLite value with its storage class: what typeof() says, kept exactly.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace godwit::sqlite {

enum class ValueType : uint8_t { null, integer, real, text, blob };
// "null", "integer" … as typeof() spells it.
[[nodiscard]] std::string_view to_string(ValueType type);

// Owns its bytes. Equality is exact: same storage class, same bytes; 1 and 1.0 differ.
struct Value {
  ValueType type = ValueType::null;
  int64_t integer = 0;
  double real = 0;
  std::string bytes;  // text, blob

  [[nodiscard]] static Value null() { return {}; }
  [[nodiscard]] static Value of(int64_t number) { return {ValueType::integer, number, 0, {}}; }
  [[nodiscard]] static Value of(double number) { return {ValueType::real, 0, number, {}}; }
  [[nodiscard]] static Value text(std::string_view text) {
    return {ValueType::text, 0, 0, std::string(text)};
  }
  [[nodiscard]] static Value blob(std::string_view bytes) {
    return {ValueType::blob, 0, 0, std::string(bytes)};
  }
  friend bool operator==(const Value& left, const Value& right);
};

}  // namespace godwit::sqlite
