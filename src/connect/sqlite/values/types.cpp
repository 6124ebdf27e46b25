#include "connect/sqlite/values/types.h"

#include "base/text.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <utility>

namespace godwit::connect {

namespace {

using Word = std::pair<std::string_view, TypeClass>;
constexpr std::array words = {
    Word{"BOOL", TypeClass::boolean},
    Word{"BOOLEAN", TypeClass::boolean},
    Word{"INT", TypeClass::integer},
    Word{"INTEGER", TypeClass::integer},
    Word{"TINYINT", TypeClass::integer},
    Word{"SMALLINT", TypeClass::integer},
    Word{"MEDIUMINT", TypeClass::integer},
    Word{"BIGINT", TypeClass::integer},
    Word{"UNSIGNED BIG INT", TypeClass::integer},
    Word{"INT2", TypeClass::integer},
    Word{"INT4", TypeClass::integer},
    Word{"INT8", TypeClass::integer},
    Word{"DECIMAL", TypeClass::decimal},
    Word{"NUMERIC", TypeClass::decimal},
    Word{"REAL", TypeClass::floating},
    Word{"DOUBLE", TypeClass::floating},
    Word{"DOUBLE PRECISION", TypeClass::floating},
    Word{"FLOAT", TypeClass::floating},
    Word{"FLOAT4", TypeClass::floating},
    Word{"FLOAT8", TypeClass::floating},
    Word{"TEXT", TypeClass::text},
    Word{"CLOB", TypeClass::text},
    Word{"STRING", TypeClass::text},
    Word{"CITEXT", TypeClass::text},
    Word{"VARCHAR", TypeClass::text},
    Word{"NVARCHAR", TypeClass::text},
    Word{"CHARACTER VARYING", TypeClass::text},
    Word{"VARYING CHARACTER", TypeClass::text},
    Word{"CHAR", TypeClass::text},
    Word{"NCHAR", TypeClass::text},
    Word{"CHARACTER", TypeClass::text},
    Word{"NATIVE CHARACTER", TypeClass::text},
    Word{"BLOB", TypeClass::binary},
    Word{"BYTEA", TypeClass::binary},
    Word{"BINARY", TypeClass::binary},
    Word{"VARBINARY", TypeClass::binary},
    Word{"DATE", TypeClass::date},
    Word{"TIME", TypeClass::time},
    Word{"DATETIME", TypeClass::timestamp},
    Word{"TIMESTAMP", TypeClass::timestamp},
    Word{"TIMESTAMP WITHOUT TIME ZONE", TypeClass::timestamp},
    Word{"TIMESTAMPTZ", TypeClass::timestamptz},
    Word{"TIMESTAMP WITH TIME ZONE", TypeClass::timestamptz},
    Word{"INTERVAL", TypeClass::interval},
    Word{"UUID", TypeClass::uuid},
    Word{"GUID", TypeClass::uuid},
    Word{"JSON", TypeClass::json},
    Word{"JSONB", TypeClass::json},
    Word{"INET", TypeClass::network},
    Word{"CIDR", TypeClass::network},
    Word{"MACADDR", TypeClass::network},
    Word{"TSVECTOR", TypeClass::text_search},
    Word{"XML", TypeClass::xml},
};

std::string upper(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return out;
}

// "NUMERIC( 10 , 2 ) X" → "NUMERIC X" and {10, 2}.
struct Declared {
  std::string words;
  int first = 0, second = 0;
};
Declared take_apart(std::string_view declared) {
  Declared out;
  const std::string text = upper(trim(declared));
  const size_t open = text.find('(');
  const size_t close = text.find(')', open == std::string::npos ? 0 : open);
  if (open == std::string::npos || close == std::string::npos) {
    out.words = text;
    return out;
  }
  out.words = std::string(trim(text.substr(0, open)));
  const std::string after(trim(text.substr(close + 1)));
  if (!after.empty()) out.words += " " + after;
  const std::vector<std::string> numbers = split(text.substr(open + 1, close - open - 1), ',');
  const auto number = [](std::string_view piece) {
    const std::string_view digits = trim(piece);
    int value = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return value;
  };
  out.first = number(numbers[0]);
  if (numbers.size() > 1) out.second = number(numbers[1]);
  return out;
}

}  // namespace

Affinity affinity_of(std::string_view declared) {
  const std::string text = upper(declared);
  const auto has = [&](const char* word) { return text.find(word) != std::string::npos; };
  if (has("INT")) return Affinity::integer;
  if (has("CHAR") || has("CLOB") || has("TEXT")) return Affinity::text;
  if (has("BLOB") || trim(text).empty()) return Affinity::blob;
  if (has("REAL") || has("FLOA") || has("DOUB")) return Affinity::real;
  return Affinity::numeric;
}

void describe_type(std::string_view declared, Column& column) {
  column.type_name = std::string(trim(declared));
  const Declared parts = take_apart(declared);
  column.type_identity = parts.words;
  column.type_class = TypeClass::other;
  const auto* found =
      std::find_if(words.begin(), words.end(), [&](const Word& word) { return word.first == parts.words; });
  if (found != words.end()) column.type_class = found->second;
  if (parts.words.size() > 2 && parts.words.substr(parts.words.size() - 2) == "[]") {
    column.type_class = TypeClass::array;
  }
  if (column.type_class == TypeClass::text) column.max_length = parts.first;
  if (column.type_class == TypeClass::decimal) {
    column.precision = parts.first;
    column.scale = parts.second;
  }
}

DatasetColumn stage_sqlite_column(const Column& column) {
  DatasetColumn staged;
  staged.name = column.name;
  const auto as = [&](StagingType type) {
    staged.staging = type;
    return staged;
  };
  switch (column.type_class) {
    case TypeClass::boolean:
      return as(StagingType::boolean);
    case TypeClass::integer:
      return as(StagingType::int64);
    case TypeClass::floating:
      return as(StagingType::float64);
    case TypeClass::binary:
      return as(StagingType::binary);
    case TypeClass::date:
      return as(StagingType::date);
    case TypeClass::time:
      return as(StagingType::time);
    case TypeClass::timestamp:
      return as(StagingType::timestamp);
    case TypeClass::timestamptz:
      return as(StagingType::timestamptz);
    case TypeClass::uuid:
      return as(StagingType::uuid);
    case TypeClass::decimal:
      if (column.precision > 0 && column.precision <= 38 && column.scale <= column.precision) {
        staged.precision = column.precision;
        staged.scale = column.scale;
        return as(StagingType::decimal);
      }
      break;
    default:
      break;
  }
  staged.staging = StagingType::text;
  // Under TEXT affinity every number was made text when it was written; elsewhere numbers stay numbers.
  staged.as_text = affinity_of(column.type_name) != Affinity::text;
  staged.sql_text = column.type_class != TypeClass::decimal && column.type_class != TypeClass::other;
  return staged;
}

}  // namespace godwit::connect
