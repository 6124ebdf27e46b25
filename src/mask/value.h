// A value on its way into or out of a mask, and what the mask must know of the column it stands in.
#pragma once

#include "model/catalog.h"

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace godwit::mask {

enum class ValueType : uint8_t {
  text,
  integer,
  decimal_text,  // "-12.50", "NaN", "Infinity"
  floating,
  boolean,         // in `integer`: 0 or 1
  date_days,       // days since 1970-01-01, in `integer`; +-infinity as DuckDB writes them
  timestamp_us,    // microseconds since 1970-01-01
  timestamptz_us,  // the same in UTC
  uuid_text,
  json_text,
  array_text,  // PostgreSQL's text form of an array of text: {a,"b c",NULL}
};
[[nodiscard]] std::string_view to_string(ValueType type);

// Borrows its text. A mask's output lives in the Scratch or the Mask that made it, until the next call.
struct Value {
  ValueType type = ValueType::text;
  bool null = false;
  std::string_view text;
  int64_t integer = 0;
  double floating = 0;

  static Value of(std::string_view text) {
    Value value;
    value.text = text;
    return value;
  }
  static Value of_integer(int64_t integer, ValueType type = ValueType::integer) {
    Value value;
    value.type = type;
    value.integer = integer;
    return value;
  }
  static Value of_null(ValueType type = ValueType::text) {
    Value value;
    value.type = type;
    value.null = true;
    return value;
  }
  [[nodiscard]] bool textual() const {
    return type == ValueType::text || type == ValueType::decimal_text || type == ValueType::uuid_text ||
           type == ValueType::json_text || type == ValueType::array_text;
  }
};

// Everything that decides whether a mask fits a column. Masks never look at `unique` to compute a fake: a key
// and the column that refers to it have the same fakes.
struct ColumnShape {
  ValueType type = ValueType::text;
  int max_length = 0;         // characters; 0 = unlimited
  bool fixed_length = false;  // char(n): trailing blanks are padding
  bool nullable = true;
  bool unique = false;  // a key or unique index of this column alone
  bool case_insensitive = false;
  int64_t rows = 0;                 // estimated; for the odds of a collision
  std::vector<std::string> labels;  // of an enumeration, or of CHECK (x IN (...)): fakes come from here
  int64_t integer_minimum = std::numeric_limits<int64_t>::min();
  int64_t integer_maximum = std::numeric_limits<int64_t>::max();
  int precision = 0;  // numeric(p,s); 0 = unconstrained
  int scale = 0;
  std::string type_name;  // "inet", "cidr", "macaddr", "xml" matter; else informative
};

// The shape of a catalog column. Types that no mask understands (binary, intervals, ranges) come out as text.
[[nodiscard]] ColumnShape shape_of(const Column& column, bool unique, int64_t rows);

}  // namespace godwit::mask
