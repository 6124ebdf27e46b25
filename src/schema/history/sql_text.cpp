#include "schema/history/sql_text.h"

#include "base/text.h"

namespace godwit::schema {

namespace {

std::string without_nul(std::string_view text) {
  std::string out(text);
  std::erase(out, '\0');
  return out;
}

}  // namespace

std::string literal(std::string_view text, sql::Dialect dialect) {
  // With standard_conforming_strings off, a backslash in a plain literal would escape: E'' reads alike both
  // ways.
  if (dialect == sql::Dialect::sqlite || text.find('\\') == std::string_view::npos)
    return quote_literal(without_nul(text));
  std::string escaped;
  for (const char c : text) {
    if (c == '\\') escaped += '\\';
    escaped += c;
  }
  return "E" + quote_literal(without_nul(escaped));
}

std::string literal_or_null(std::string_view text, sql::Dialect dialect) {
  return text.empty() ? "NULL" : literal(text, dialect);
}

bool is_true(const std::optional<std::string>& value) {
  return value == "t" || value == "1" || value == "true";
}

std::string sqlite_epoch_ms(std::string_view moment) {
  return "CAST(round((julianday(" + std::string(moment) + ") - 2440587.5) * 86400000.0) AS INTEGER)";
}

std::string qualified(std::string_view schema, std::string_view table) {
  return schema.empty() ? quote_identifier(table) : quote_identifier(schema) + "." + quote_identifier(table);
}

}  // namespace godwit::schema
