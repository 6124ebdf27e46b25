#include "connect/postgres/catalog/wire_type.h"

#include <fmt/format.h>

#include <array>
#include <cstdlib>
#include <string_view>
#include <utility>

namespace godwit::connect::postgres {
namespace {

using Entry = std::pair<std::string_view, WireType>;
constexpr std::array proven = {
    Entry{"pg_catalog.bool", WireType::boolean},
    Entry{"pg_catalog.int2", WireType::int2},
    Entry{"pg_catalog.int4", WireType::int4},
    Entry{"pg_catalog.int8", WireType::int8},
    Entry{"pg_catalog.float4", WireType::float4},
    Entry{"pg_catalog.float8", WireType::float8},
    Entry{"pg_catalog.numeric", WireType::numeric},
    Entry{"pg_catalog.text", WireType::text},
    Entry{"pg_catalog.varchar", WireType::text},
    Entry{"pg_catalog.bpchar", WireType::text},
    Entry{"pg_catalog.name", WireType::text},
    Entry{"pg_catalog.json", WireType::json},
    Entry{"pg_catalog.jsonb", WireType::jsonb},
    Entry{"pg_catalog.bytea", WireType::bytea},
    Entry{"pg_catalog.date", WireType::date},
    Entry{"pg_catalog.time", WireType::time},
    Entry{"pg_catalog.timestamp", WireType::timestamp},
    Entry{"pg_catalog.timestamptz", WireType::timestamptz},
    Entry{"pg_catalog.uuid", WireType::uuid},
};

// -2^63 microseconds in an interval, and the same in words.
constexpr std::string_view least_time = "-2562047788:00:54.775808";
constexpr std::string_view least_time_readable = "-2562047788 hours -54.775808 secs";

// Not one of the server's own, which are written without pg_catalog.
bool is_of_a_schema(const std::string& type_name) {
  return type_name.find('.') != std::string::npos;
}

// DuckDB's DECIMAL holds 38 digits; PostgreSQL 15 knows scales below zero and above the precision.
bool fits_decimal(const Column& column) {
  return column.precision >= 1 && column.precision <= 38 && column.scale >= 0 &&
         column.scale <= column.precision;
}

std::optional<StagingType> staging_of(WireType wire, const Column& column) {
  switch (wire) {
    case WireType::boolean:
      return StagingType::boolean;
    case WireType::int2:
      return StagingType::int16;
    case WireType::int4:
      return StagingType::int32;
    case WireType::int8:
      return StagingType::int64;
    case WireType::float4:
      return StagingType::float32;
    case WireType::float8:
      return StagingType::float64;
    case WireType::numeric:
      if (fits_decimal(column)) return StagingType::decimal;
      return std::nullopt;
    case WireType::text:
    case WireType::json:
    case WireType::jsonb:
      return StagingType::text;
    case WireType::bytea:
      return StagingType::binary;
    case WireType::date:
      return StagingType::date;
    case WireType::time:
      return StagingType::time;
    case WireType::timestamp:
      return StagingType::timestamp;
    case WireType::timestamptz:
      return StagingType::timestamptz;
    case WireType::uuid:
      return StagingType::uuid;
    case WireType::enumeration:
      return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace

std::optional<WireType> wire_type(const Column& column) {
  const std::string& base = column.domain_base.empty() ? column.type_identity : column.domain_base;
  for (const auto& [name, wire] : proven) {
    if (name == base) return wire;
  }
  if (base.ends_with(".citext") && column.type_class == TypeClass::text) return WireType::text;
  if (column.type_class == TypeClass::enumeration) return WireType::enumeration;
  return std::nullopt;
}

DatasetColumn stage_column(const Column& column) {
  DatasetColumn staged;
  staged.name = column.name;
  const std::optional<WireType> wire = wire_type(column);
  const std::optional<StagingType> staging = wire ? staging_of(*wire, column) : std::nullopt;
  staged.as_text = !staging.has_value();
  staged.staging = staging.value_or(StagingType::text);
  staged.sql_text = wire == WireType::text;
  if (staged.staging == StagingType::decimal) {
    staged.precision = column.precision;
    staged.scale = column.scale;
  }
  return staged;
}

bool needs_text_cast(const DatasetColumn& staged, const Column& column) {
  const std::optional<WireType> wire = wire_type(column);
  const std::optional<StagingType> staging = wire ? staging_of(*wire, column) : std::nullopt;
  return staged.as_text || staging != staged.staging;
}

std::string output_text(const std::string& expression, const std::string& type_name) {
  if (type_name.starts_with("interval") && !type_name.ends_with("]")) {
    // The least time of day is the one that the server writes and does not read again.
    return "pg_catalog.replace(" + expression + "::text, '" + std::string(least_time) + "', '" +
           std::string(least_time_readable) + "')";
  }
  if (!is_of_a_schema(type_name)) return expression + "::text";
  // IS NOT NULL would be false for a row of NULLs; DISTINCT FROM NULL asks for nothing of the type, not even
  // an equality. The output function itself can only be called by its name, format() calls it.
  return "CASE WHEN " + expression + " IS DISTINCT FROM NULL THEN pg_catalog.format('%s', " + expression +
         ") END";
}

std::string input_value(const std::string& text, const std::string& type_name) {
  const bool array = type_name.ends_with("]");
  if (array || (!is_of_a_schema(type_name) && type_name != "regclass")) return text + "::" + type_name;
  // A cast from text may be a function that reads less, or something else: the one to regclass knows no "-".
  // The elements of an array's text are read by the input function in any case.
  return "(ARRAY[" + text + "]::text::" + type_name + "[])[1]";
}

duck::Type duck_type(const DatasetColumn& column) {
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

std::string staging_text(const DatasetColumn& column) {
  std::string text(to_string(column.staging));
  if (column.staging == StagingType::decimal) text += fmt::format("({},{})", column.precision, column.scale);
  return text;
}

std::optional<DatasetColumn> staging_from(const std::string& name, const std::string& text) {
  DatasetColumn column;
  column.name = name;
  const size_t bracket = text.find('(');
  for (int i = 0; i <= static_cast<int>(StagingType::uuid); ++i) {
    column.staging = static_cast<StagingType>(i);
    if (to_string(column.staging) != text.substr(0, bracket)) continue;
    if (column.staging != StagingType::decimal) return column;
    const size_t comma = text.find(',');
    if (bracket == std::string::npos || comma == std::string::npos) return std::nullopt;
    column.precision = std::atoi(text.c_str() + bracket + 1);
    column.scale = std::atoi(text.c_str() + comma + 1);
    return column;
  }
  return std::nullopt;
}

}  // namespace godwit::connect::postgres
