// The column types that cross between DuckDB and the rest of the program.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace godwit::duck {

enum class TypeId : uint8_t {
  boolean,
  int16,
  int32,
  int64,
  hugeint,
  float32,
  float64,
  decimal,
  varchar,
  blob,
  date,
  time,
  timestamp,
  timestamptz,
  uuid,
  other,  // only in results; read it after a cast to varchar
};

struct Type {
  TypeId id = TypeId::varchar;
  uint8_t width = 0;  // decimal
  uint8_t scale = 0;  // decimal
  friend bool operator==(const Type&, const Type&) = default;
};

// "DECIMAL(10,2)", "VARCHAR" … as DuckDB's SQL spells it.
[[nodiscard]] std::string sql_name(const Type& type);

struct ColumnDef {
  std::string name;
  Type type;
};

struct HugeInt {
  uint64_t lower = 0;
  int64_t upper = 0;
  friend bool operator==(const HugeInt&, const HugeInt&) = default;
};
// The decimal number.
[[nodiscard]] std::string to_text(const HugeInt& value);

}  // namespace godwit::duck
