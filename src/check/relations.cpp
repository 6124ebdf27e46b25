#include "check/relations.h"

#include "base/text.h"

#include <fmt/format.h>

#include <vector>

namespace godwit::check {

namespace {

// The type that a rule writer expects of a column that is staged as text because a value (NaN, 24:00:00, a
// year beyond DuckDB's calendar, a free form) did not fit; nullptr when text is what it is.
const char* expected_type(const Column* described) {
  if (described == nullptr) return nullptr;
  switch (described->type_class) {
    case TypeClass::decimal:
    case TypeClass::floating:
    case TypeClass::integer:
      return "DOUBLE";
    case TypeClass::date:
      return "DATE";
    case TypeClass::time:
      return "TIME";
    case TypeClass::timestamp:
      return "TIMESTAMP";
    case TypeClass::timestamptz:
      return "TIMESTAMP WITH TIME ZONE";
    case TypeClass::boolean:
      return "BOOLEAN";
    default:
      return nullptr;
  }
}

// Plain UTC: one cast here instead of one per comparison. `value` may be infinite.
std::string utc_timestamp(const std::string& value) {
  return fmt::format(
      "CASE WHEN isfinite({0}) THEN make_timestamp(epoch_us({0})) WHEN {0} > TIMESTAMPTZ '2000-01-01 "
      "00:00:00+00' "
      "THEN 'infinity'::TIMESTAMP WHEN {0} IS NOT NULL THEN '-infinity'::TIMESTAMP END",
      value);
}

// A staged column as rules see it.
std::string visible_expression(const DatasetColumn& column, const Column* described) {
  const std::string name = quote_identifier(column.name);
  if (column.staging == StagingType::timestamptz) return utc_timestamp(name);
  if (column.staging != StagingType::text || expected_type(described) == nullptr) return name;
  const std::string typed = fmt::format("TRY_CAST({} AS {})", name, expected_type(described));
  return described->type_class == TypeClass::timestamptz ? utc_timestamp(typed) : typed;
}

std::string null_flag(const std::string& column) {
  return quote_identifier("godwit$null$" + column);
}

// A rule is bound to columns that are NULL or not; flags stand only where the visible type may lose a value.
bool has_null_flag(const Column& column) {
  return !column.nullable && expected_type(&column) != nullptr;
}

std::string select_list(const Dataset& dataset) {
  std::vector<std::string> pieces;
  for (const DatasetColumn& column : dataset.columns) {
    const Column* described = dataset.table.column(column.name);
    const std::string name = quote_identifier(column.name);
    pieces.push_back(visible_expression(column, described) + " AS " + name);
    if (described != nullptr && has_null_flag(*described))
      pieces.push_back(name + " IS NULL AS " + null_flag(column.name));
    if (is_rounded(column, described)) {
      // 1.10 and 1.1 are one number.
      pieces.push_back(
          fmt::format("CASE WHEN contains({0}, '.') THEN rtrim(rtrim({0}, '0'), '.') ELSE {0} END AS {1}",
                      name, exact_name(column.name)));
    }
  }
  if (dataset.has_owned_column) pieces.push_back(quote_identifier(owned_column_name));
  return join(pieces, ", ");
}

}  // namespace

std::string relation_name(const Dataset& dataset) {
  return quote_identifier(dataset.id);
}

std::string staged_type_sql(const DatasetColumn& column) {
  switch (column.staging) {
    case StagingType::boolean:
      return "BOOLEAN";
    case StagingType::int16:
      return "SMALLINT";
    case StagingType::int32:
      return "INTEGER";
    case StagingType::int64:
      return "BIGINT";
    case StagingType::float32:
      return "FLOAT";
    case StagingType::float64:
      return "DOUBLE";
    case StagingType::decimal:
      return fmt::format("DECIMAL({},{})", column.precision, column.scale);
    case StagingType::text:
      return "VARCHAR";
    case StagingType::binary:
      return "BLOB";
    case StagingType::date:
      return "DATE";
    case StagingType::time:
      return "TIME";
    case StagingType::timestamp:
      return "TIMESTAMP";
    case StagingType::timestamptz:
      return "TIMESTAMP WITH TIME ZONE";
    case StagingType::uuid:
      return "UUID";
  }
  return "VARCHAR";
}

std::string is_null_expression(const Column& column) {
  return has_null_flag(column) ? null_flag(column.name) : quote_identifier(column.name) + " IS NULL";
}

bool is_rounded(const DatasetColumn& column, const Column* described) {
  return column.staging == StagingType::text && described != nullptr &&
         described->type_class == TypeClass::decimal;
}

std::string exact_name(const std::string& column) {
  return quote_identifier("godwit$exact$" + column);
}

std::string visible_type_sql(const DatasetColumn& column, const Column* described) {
  if (column.staging == StagingType::timestamptz) return "TIMESTAMP";
  if (column.staging != StagingType::text || expected_type(described) == nullptr)
    return staged_type_sql(column);
  return described->type_class == TypeClass::timestamptz ? "TIMESTAMP" : expected_type(described);
}

Status create_empty_relation(duck::Connection& connection, const Dataset& dataset) {
  std::vector<std::string> columns;
  for (const DatasetColumn& column : dataset.columns) {
    columns.push_back("NULL::" + staged_type_sql(column) + " AS " + quote_identifier(column.name));
  }
  if (dataset.has_owned_column) columns.push_back("NULL::BOOLEAN AS " + quote_identifier(owned_column_name));
  return create_relation(connection, dataset, "(SELECT " + join(columns, ", ") + " WHERE FALSE)");
}

Status create_relation(duck::Connection& connection, const Dataset& dataset, const std::string& source,
                       bool in_memory) {
  const auto created =
      connection.run(fmt::format("CREATE OR REPLACE {} {} AS SELECT {} FROM {}", in_memory ? "TABLE" : "VIEW",
                                 relation_name(dataset), select_list(dataset), source));
  if (!created.ok()) return wrap(created.error(), "cannot read dataset " + dataset.id);
  return {};
}

}  // namespace godwit::check
