#include "model/catalog.h"

#include <algorithm>

namespace godwit {

std::string_view to_string(TypeClass type_class) {
  switch (type_class) {
    case TypeClass::boolean:
      return "boolean";
    case TypeClass::integer:
      return "integer";
    case TypeClass::decimal:
      return "decimal";
    case TypeClass::floating:
      return "floating";
    case TypeClass::text:
      return "text";
    case TypeClass::binary:
      return "binary";
    case TypeClass::date:
      return "date";
    case TypeClass::time:
      return "time";
    case TypeClass::timestamp:
      return "timestamp";
    case TypeClass::timestamptz:
      return "timestamptz";
    case TypeClass::interval:
      return "interval";
    case TypeClass::uuid:
      return "uuid";
    case TypeClass::json:
      return "json";
    case TypeClass::enumeration:
      return "enum";
    case TypeClass::array:
      return "array";
    case TypeClass::range:
      return "range";
    case TypeClass::composite:
      return "composite";
    case TypeClass::network:
      return "network";
    case TypeClass::bit_string:
      return "bit";
    case TypeClass::text_search:
      return "text_search";
    case TypeClass::xml:
      return "xml";
    case TypeClass::other:
      return "other";
  }
  return "other";
}

const Column* Table::column(std::string_view column_name) const {
  const auto found =
      std::find_if(columns.begin(), columns.end(), [&](const Column& c) { return c.name == column_name; });
  return found == columns.end() ? nullptr : &*found;
}

const Key* Table::primary_key() const {
  const auto found = std::find_if(keys.begin(), keys.end(), [](const Key& key) { return key.primary; });
  return found == keys.end() ? nullptr : &*found;
}

const Table* Catalog::table(const TableName& wanted) const {
  const auto found =
      std::find_if(tables.begin(), tables.end(), [&](const Table& t) { return t.name == wanted; });
  return found == tables.end() ? nullptr : &*found;
}

std::string dataset_id(std::string_view store, const TableName& table) {
  return std::string(store) + "." + table.text();
}

}  // namespace godwit
