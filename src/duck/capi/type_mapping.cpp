#include "duck/capi/type_mapping.h"

#include "base/check.h"

#include <array>

namespace godwit::duck {
namespace {

struct Pair {
  TypeId ours;
  duckdb_type theirs;
};

constexpr std::array pairs = {
    Pair{TypeId::boolean, DUCKDB_TYPE_BOOLEAN},     Pair{TypeId::int16, DUCKDB_TYPE_SMALLINT},
    Pair{TypeId::int32, DUCKDB_TYPE_INTEGER},       Pair{TypeId::int64, DUCKDB_TYPE_BIGINT},
    Pair{TypeId::hugeint, DUCKDB_TYPE_HUGEINT},     Pair{TypeId::float32, DUCKDB_TYPE_FLOAT},
    Pair{TypeId::float64, DUCKDB_TYPE_DOUBLE},      Pair{TypeId::decimal, DUCKDB_TYPE_DECIMAL},
    Pair{TypeId::varchar, DUCKDB_TYPE_VARCHAR},     Pair{TypeId::blob, DUCKDB_TYPE_BLOB},
    Pair{TypeId::date, DUCKDB_TYPE_DATE},           Pair{TypeId::time, DUCKDB_TYPE_TIME},
    Pair{TypeId::timestamp, DUCKDB_TYPE_TIMESTAMP}, Pair{TypeId::timestamptz, DUCKDB_TYPE_TIMESTAMP_TZ},
    Pair{TypeId::uuid, DUCKDB_TYPE_UUID},
};

}  // namespace

Type from_logical(duckdb_logical_type type) {
  const duckdb_type id = library().get_type_id(type);
  for (const Pair& pair : pairs) {
    if (pair.theirs != id) continue;
    if (id != DUCKDB_TYPE_DECIMAL) return Type{pair.ours, 0, 0};
    return Type{TypeId::decimal, library().decimal_width(type), library().decimal_scale(type)};
  }
  return Type{TypeId::other, 0, 0};
}

LogicalTypeHandle to_logical(const Type& type) {
  CHECK(type.id != TypeId::other);
  if (type.id == TypeId::decimal) {
    CHECK(type.width >= 1 && type.width <= 38 && type.scale <= type.width);
    return LogicalTypeHandle(library().create_decimal_type(type.width, type.scale));
  }
  duckdb_type theirs = DUCKDB_TYPE_INVALID;
  for (const Pair& pair : pairs) {
    if (pair.ours == type.id) theirs = pair.theirs;
  }
  return LogicalTypeHandle(library().create_logical_type(theirs));
}

}  // namespace godwit::duck
