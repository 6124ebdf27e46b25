#include "connect/postgres/catalog/type_modifiers.h"

#include "connect/postgres/catalog/catalog.h"

#include <array>
#include <utility>

namespace godwit::connect::postgres {
namespace {

constexpr int var_header = 4;  // VARHDRSZ: part of every length modifier

using Entry = std::pair<std::string_view, TypeClass>;
constexpr std::array built_in = {
    Entry{"bool", TypeClass::boolean},
    Entry{"int2", TypeClass::integer},
    Entry{"int4", TypeClass::integer},
    Entry{"int8", TypeClass::integer},
    Entry{"numeric", TypeClass::decimal},
    Entry{"money", TypeClass::decimal},
    Entry{"float4", TypeClass::floating},
    Entry{"float8", TypeClass::floating},
    Entry{"text", TypeClass::text},
    Entry{"varchar", TypeClass::text},
    Entry{"bpchar", TypeClass::text},
    Entry{"name", TypeClass::text},
    Entry{"char", TypeClass::text},
    Entry{"bytea", TypeClass::binary},
    Entry{"date", TypeClass::date},
    Entry{"time", TypeClass::time},
    Entry{"timetz", TypeClass::time},
    Entry{"timestamp", TypeClass::timestamp},
    Entry{"timestamptz", TypeClass::timestamptz},
    Entry{"interval", TypeClass::interval},
    Entry{"uuid", TypeClass::uuid},
    Entry{"json", TypeClass::json},
    Entry{"jsonb", TypeClass::json},
    Entry{"inet", TypeClass::network},
    Entry{"cidr", TypeClass::network},
    Entry{"macaddr", TypeClass::network},
    Entry{"macaddr8", TypeClass::network},
    Entry{"bit", TypeClass::bit_string},
    Entry{"varbit", TypeClass::bit_string},
    Entry{"tsvector", TypeClass::text_search},
    Entry{"tsquery", TypeClass::text_search},
    Entry{"xml", TypeClass::xml},
};

}  // namespace

TypeClass classify_type(std::string_view schema, std::string_view name, char typtype, char typcategory) {
  switch (typtype) {
    case 'e':
      return TypeClass::enumeration;
    case 'c':
      return TypeClass::composite;
    case 'r':
    case 'm':
      return TypeClass::range;
    default:
      break;
  }
  if (name == "citext") return TypeClass::text;  // an extension's, in any schema
  if (schema == "pg_catalog") {
    for (const auto& [type, type_class] : built_in) {
      if (type == name) return type_class;
    }
  }
  return typcategory == 'A' ? TypeClass::array : TypeClass::other;
}

void apply_type_modifier(Column& column, std::string_view base_type, int modifier) {
  column.fixed_length = base_type == "bpchar" && modifier >= var_header;
  if (modifier < 0) return;
  if (base_type == "varchar" || base_type == "bpchar") {
    column.max_length = modifier - var_header;
  } else if (base_type == "bit" || base_type == "varbit") {
    column.max_length = modifier;
  } else if (base_type == "numeric" && modifier >= var_header) {
    const int packed = modifier - var_header;
    column.precision = packed >> 16 & 0xFFFF;
    // Eleven bits, signed: PostgreSQL 15 knows negative scales.
    column.scale = ((packed & 0x7FF) ^ 1024) - 1024;
  }
}

}  // namespace godwit::connect::postgres
