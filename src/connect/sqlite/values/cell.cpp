#include "connect/sqlite/values/cell.h"

#include "base/check.h"
#include "base/text.h"
#include "connect/sqlite/values/text_forms.h"

namespace godwit::connect {

using sqlite::Statement;
using sqlite::Value;
using sqlite::ValueType;

CellForm cell_form(const DatasetColumn& column, const Table& described) {
  const Column* declared = described.column(column.name);
  CHECK(declared != nullptr);
  CellForm form;
  form.column = column.name;
  form.staging = column.staging;
  form.affinity = affinity_of(declared->type_name);
  form.precision = column.precision;
  form.scale = column.scale;
  form.as_text = column.as_text;
  const bool any_class = form.affinity == Affinity::blob || declared->type_class == TypeClass::other ||
                         declared->type_class == TypeClass::binary;
  form.literal = column.as_text && any_class;
  return form;
}

duck::Type staged_type(const DatasetColumn& column) {
  switch (column.staging) {
    case StagingType::boolean:
      return {duck::TypeId::boolean};
    case StagingType::int16:
      return {duck::TypeId::int16};
    case StagingType::int32:
      return {duck::TypeId::int32};
    case StagingType::int64:
      return {duck::TypeId::int64};
    case StagingType::float32:
      return {duck::TypeId::float32};
    case StagingType::float64:
      return {duck::TypeId::float64};
    case StagingType::decimal:
      return {duck::TypeId::decimal, static_cast<uint8_t>(column.precision),
              static_cast<uint8_t>(column.scale)};
    case StagingType::text:
      return {duck::TypeId::varchar};
    case StagingType::binary:
      return {duck::TypeId::blob};
    case StagingType::date:
      return {duck::TypeId::date};
    case StagingType::time:
      return {duck::TypeId::time};
    case StagingType::timestamp:
      return {duck::TypeId::timestamp};
    case StagingType::timestamptz:
      return {duck::TypeId::timestamptz};
    case StagingType::uuid:
      return {duck::TypeId::uuid};
  }
  return {duck::TypeId::varchar};
}

namespace {

Fit read_text(const Statement& statement, int index, const CellForm& form, duck::ColumnWriter& out,
              size_t row) {
  const ValueType type = statement.type(index);
  if (form.literal) {
    const Value value = statement.value(index);
    if (type == ValueType::text && !is_valid_utf8(value.bytes)) return Fit::refused;
    out.set_text(row, format_literal(value));
    return Fit::fits;
  }
  if (type == ValueType::text) {
    const std::string_view text = statement.text(index);
    if (!is_valid_utf8(text)) return Fit::refused;
    out.set_text(row, text);
    return Fit::fits;
  }
  if (type == ValueType::blob) return Fit::refused;
  if (!form.as_text) return Fit::restage;
  out.set_text(row, type == ValueType::integer ? std::to_string(statement.integer(index))
                                               : format_real(statement.real(index)));
  return Fit::fits;
}

template <typename T>
Fit put(duck::ColumnWriter& out, size_t row, const std::optional<T>& value) {
  if (!value.has_value()) return Fit::restage;
  out.set<T>(row, *value);
  return Fit::fits;
}

Fit read_decimal(const Statement& statement, int index, const CellForm& form, duck::ColumnWriter& out,
                 size_t row) {
  std::optional<duck::HugeInt> unscaled;
  if (statement.type(index) == ValueType::integer) {
    unscaled = decimal_of(statement.integer(index), form.precision, form.scale);
  } else if (statement.type(index) == ValueType::real) {
    unscaled = decimal_of(statement.real(index), form.precision, form.scale);
  }
  if (!unscaled.has_value()) return Fit::restage;
  out.set_decimal(row, *unscaled);
  return Fit::fits;
}

// The canonical text of dates and times, and of nothing else.
Fit read_from_text(const Statement& statement, int index, const CellForm& form, duck::ColumnWriter& out,
                   size_t row) {
  if (statement.type(index) != ValueType::text) return Fit::restage;
  std::string_view text = statement.text(index);
  switch (form.staging) {
    case StagingType::date:
      return put(out, row, parse_date(text));
    case StagingType::time:
      return put(out, row, parse_time_us(text));
    case StagingType::timestamp:
      return put(out, row, parse_timestamp_us(text));
    case StagingType::timestamptz:
      if (text.size() < 3 || text.substr(text.size() - 3) != "+00") return Fit::restage;
      text.remove_suffix(3);
      return put(out, row, parse_timestamp_us(text));
    case StagingType::uuid:
      return put(out, row, parse_uuid(text));
    default:
      return Fit::restage;
  }
}

}  // namespace

Fit read_cell(const Statement& statement, int index, const CellForm& form, duck::ColumnWriter& out,
              size_t row) {
  const ValueType type = statement.type(index);
  if (type == ValueType::null) {
    out.set_null(row);
    return Fit::fits;
  }
  switch (form.staging) {
    case StagingType::text:
      return read_text(statement, index, form, out, row);
    case StagingType::int64:
      if (type != ValueType::integer) return Fit::restage;
      out.set<int64_t>(row, statement.integer(index));
      return Fit::fits;
    case StagingType::float64:
      if (type != ValueType::real) return Fit::restage;
      out.set<double>(row, statement.real(index));
      return Fit::fits;
    case StagingType::boolean: {
      const int64_t number = statement.integer(index);
      if (type != ValueType::integer || (number != 0 && number != 1)) return Fit::restage;
      out.set<bool>(row, number == 1);
      return Fit::fits;
    }
    case StagingType::binary:
      if (type != ValueType::blob) return Fit::restage;
      out.set_text(row, statement.blob(index));
      return Fit::fits;
    case StagingType::decimal:
      return read_decimal(statement, index, form, out, row);
    default:
      return read_from_text(statement, index, form, out, row);
  }
}

Value write_cell(const duck::ColumnReader& in, size_t row, const CellForm& form) {
  if (in.is_null(row)) return Value::null();
  switch (in.type().id) {
    case duck::TypeId::boolean:
      return Value::of(int64_t{in.get<bool>(row) ? 1 : 0});
    case duck::TypeId::int16:
      return Value::of(int64_t{in.get<int16_t>(row)});
    case duck::TypeId::int32:
      return Value::of(int64_t{in.get<int32_t>(row)});
    case duck::TypeId::int64:
      return Value::of(in.get<int64_t>(row));
    case duck::TypeId::float32:
      return Value::of(double{in.get<float>(row)});
    case duck::TypeId::float64:
      return Value::of(in.get<double>(row));
    case duck::TypeId::decimal:
    case duck::TypeId::hugeint:
      return value_of_decimal(in.decimal(row), in.type().scale);
    case duck::TypeId::blob:
      return Value::blob(in.text(row));
    case duck::TypeId::date:
      return Value::text(format_date(in.get<int32_t>(row)));
    case duck::TypeId::time:
      return Value::text(format_time(in.get<int64_t>(row)));
    case duck::TypeId::timestamp:
      return Value::text(format_timestamp(in.get<int64_t>(row)));
    case duck::TypeId::timestamptz:
      return Value::text(format_timestamp(in.get<int64_t>(row)) + "+00");
    case duck::TypeId::uuid:
      return Value::text(format_uuid(in.get<duck::HugeInt>(row)));
    case duck::TypeId::varchar:
    case duck::TypeId::other:
      break;
  }
  const std::string_view text = in.text(row);
  if (form.literal) return parse_literal(text);
  const bool numeric = form.affinity != Affinity::text && form.affinity != Affinity::blob;
  if (form.as_text && numeric) {
    if (auto number = parse_number(text); number.has_value()) return *number;
  }
  return Value::text(text);
}

}  // namespace godwit::connect
