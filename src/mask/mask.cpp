#include "mask/mask.h"

#include "base/check.h"

#include <cmath>

namespace godwit::mask {

std::string_view to_string(ValueType type) {
  switch (type) {
    case ValueType::text:
      return "text";
    case ValueType::integer:
      return "integer";
    case ValueType::decimal_text:
      return "decimal";
    case ValueType::floating:
      return "floating";
    case ValueType::boolean:
      return "boolean";
    case ValueType::date_days:
      return "date";
    case ValueType::timestamp_us:
      return "timestamp";
    case ValueType::timestamptz_us:
      return "timestamptz";
    case ValueType::uuid_text:
      return "uuid";
    case ValueType::json_text:
      return "json";
    case ValueType::array_text:
      return "array";
  }
  return "text";
}

double Traits::collision_odds(double rows) const {
  if (mac_bits == 0) return 0;
  return rows * rows / std::exp2(mac_bits + 1);
}

Status Mask::apply(std::span<const Value> inputs, Value& out, Scratch& scratch) const {
  CHECK(!inputs.empty());
  const Value& value = inputs.front();
  if (value.null || (value.textual() && value.text.empty())) {
    out = value;
    return {};
  }
  return compute(inputs, out, scratch);
}

namespace {

void set_integer_range(std::string_view type_name, ColumnShape& shape) {
  if (type_name.find("smallint") != std::string_view::npos ||
      type_name.find("int2") != std::string_view::npos) {
    shape.integer_minimum = std::numeric_limits<int16_t>::min();
    shape.integer_maximum = std::numeric_limits<int16_t>::max();
  } else if (type_name == "integer" || type_name == "int4" || type_name == "int") {
    shape.integer_minimum = std::numeric_limits<int32_t>::min();
    shape.integer_maximum = std::numeric_limits<int32_t>::max();
  }
}

ValueType value_type_of(TypeClass type_class) {
  switch (type_class) {
    case TypeClass::boolean:
      return ValueType::boolean;
    case TypeClass::integer:
      return ValueType::integer;
    case TypeClass::decimal:
      return ValueType::decimal_text;
    case TypeClass::floating:
      return ValueType::floating;
    case TypeClass::date:
      return ValueType::date_days;
    case TypeClass::timestamp:
      return ValueType::timestamp_us;
    case TypeClass::timestamptz:
      return ValueType::timestamptz_us;
    case TypeClass::uuid:
      return ValueType::uuid_text;
    case TypeClass::json:
      return ValueType::json_text;
    case TypeClass::array:
      return ValueType::array_text;
    default:
      return ValueType::text;
  }
}

}  // namespace

ColumnShape shape_of(const Column& column, bool unique, int64_t rows) {
  ColumnShape shape;
  shape.type = value_type_of(column.type_class);
  shape.max_length = column.max_length;
  shape.fixed_length = column.fixed_length;
  shape.nullable = column.nullable;
  shape.unique = unique;
  shape.case_insensitive = column.case_insensitive;
  shape.rows = rows;
  shape.labels = column.enum_labels;
  shape.precision = column.precision;
  shape.scale = column.scale;
  shape.type_name = column.type_name;
  if (shape.type == ValueType::integer) set_integer_range(column.type_name, shape);
  return shape;
}

}  // namespace godwit::mask
