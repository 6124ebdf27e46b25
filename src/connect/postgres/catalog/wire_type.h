// The proven list: PostgreSQL types whose binary COPY form is decoded and encoded here, and how a column is
// staged. Whatever is not on the list travels as PostgreSQL's own text.
#pragma once

#include "duck/types.h"
#include "model/dataset.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace godwit::connect::postgres {

enum class WireType : uint8_t {
  boolean,
  int2,
  int4,
  int8,
  float4,
  float8,
  numeric,
  text,
  json,
  jsonb,
  bytea,
  date,
  time,
  timestamp,
  timestamptz,
  uuid,
  enumeration,  // its label
};

// By the base type; domains are seen through. nullopt: not on the list.
[[nodiscard]] std::optional<WireType> wire_type(const Column& column);

[[nodiscard]] DatasetColumn stage_column(const Column& column);
// True when the scan must cast the column to text: its staging type is not the one its wire type decodes to.
[[nodiscard]] bool needs_text_cast(const DatasetColumn& staged, const Column& column);
// What the type's own output function writes for an SQL expression of the type; NULL stays NULL. A cast to
// text is that for the server's types; for others somebody may have written a cast that says something else.
// `type_name` as format_type writes it with nothing but pg_catalog in the search path.
[[nodiscard]] std::string output_text(const std::string& expression, const std::string& type_name);
// Back: an SQL expression of type text, read by the type's own input function.
[[nodiscard]] std::string input_value(const std::string& text, const std::string& type_name);
[[nodiscard]] duck::Type duck_type(const DatasetColumn& column);

// How a column was staged, for the undo records: "int32", "decimal(10,2)".
[[nodiscard]] std::string staging_text(const DatasetColumn& column);
// nullopt: not such a text.
[[nodiscard]] std::optional<DatasetColumn> staging_from(const std::string& name, const std::string& text);

}  // namespace godwit::connect::postgres
