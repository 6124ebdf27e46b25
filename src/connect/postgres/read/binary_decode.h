// Binary COPY rows → DuckDB chunks, value by value, without a buffer in between.
//
// Format: PostgreSQL documentation, COPY, "Binary Format"; the fields are what each type's send function
// writes.
#pragma once

#include "base/result.h"
#include "connect/postgres/catalog/wire_type.h"
#include "duck/chunk.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace godwit::connect::postgres {

struct DecodeColumn {
  std::string name;
  WireType wire = WireType::text;
  duck::Type type;
};

// One stream. One thread at a time.
class BinaryDecoder {
 public:
  // check_utf8: the server's encoding does not promise valid text (SQL_ASCII).
  BinaryDecoder(std::string table, std::vector<DecodeColumn> columns, bool check_utf8);

  // One piece of the stream, as CopyOut gives it: at most one row (the first piece also holds the header, the
  // last one only the trailer). `wrote` says whether it was a row. A value that the column's staging type
  // cannot hold is an Error with restage_sqlstate and the column's name as hint.
  [[nodiscard]] Status decode(std::string_view piece, duck::ChunkWriter& chunk, size_t row, bool& wrote);

 private:
  [[nodiscard]] Status decode_value(const DecodeColumn& column, std::string_view bytes,
                                    duck::ColumnWriter& out, size_t row) const;
  [[nodiscard]] Status decode_numeric(const DecodeColumn& column, std::string_view bytes,
                                      duck::ColumnWriter& out, size_t row) const;
  [[nodiscard]] Error malformed() const;
  [[nodiscard]] Error restage(const DecodeColumn& column) const;

  std::string table_;
  std::vector<DecodeColumn> columns_;
  bool check_utf8_;
  bool header_seen_ = false;
};

}  // namespace godwit::connect::postgres
