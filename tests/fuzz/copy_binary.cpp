// COPY's binary form, as a server could send it: a row of any types is decoded or refused, never misread.
// What was decoded is encoded, and that is the same row: it decodes again, to the same bytes.
#include "connect/postgres/load/copy_encode.h"
#include "connect/postgres/read/binary_decode.h"
#include "connect/postgres/read/binary_form.h"
#include "duck/chunk_buffer.h"
#include "tests/fuzz/input.h"

#include <optional>

namespace godwit::connect::postgres {
namespace {

constexpr unsigned wire_types = 17;
constexpr unsigned columns_max = 6;
constexpr unsigned decimal_width_max = 38;

duck::TypeId staged_as(WireType wire) {
  for (unsigned id = 0; id <= static_cast<unsigned>(duck::TypeId::uuid); ++id) {
    if (encodes(static_cast<duck::TypeId>(id), wire)) return static_cast<duck::TypeId>(id);
  }
  std::abort();
}

std::vector<DecodeColumn> columns_of(fuzz::Input& input) {
  std::vector<DecodeColumn> columns(1 + input.byte() % columns_max);
  for (DecodeColumn& column : columns) {
    column.name = "c";
    column.wire = static_cast<WireType>(input.byte() % wire_types);
    column.type.id = staged_as(column.wire);
    if (column.wire != WireType::numeric) continue;
    column.type.width = static_cast<uint8_t>(1 + input.byte() % decimal_width_max);
    column.type.scale = static_cast<uint8_t>(input.byte() % (column.type.width + 1U));
  }
  return columns;
}

std::string_view next_field(std::string_view& row) {
  const auto size = load_big_endian<int32_t>(row.data());
  row.remove_prefix(4);
  const std::string_view field = size < 0 ? std::string_view() : row.substr(0, static_cast<size_t>(size));
  row.remove_prefix(field.size());
  return field;
}

// Zeros before and behind mean nothing; nor does the display scale.
struct Numeric {
  bool negative = false;
  int weight = 0;
  std::string_view digits;

  explicit Numeric(std::string_view field)
      : weight(load_big_endian<int16_t>(field.data() + 2)), digits(field.substr(8)) {
    while (digits.starts_with(std::string_view("\0\0", 2))) {
      digits.remove_prefix(2);
      --weight;
    }
    while (digits.ends_with(std::string_view("\0\0", 2)) && digits.size() % 2 == 0)
      digits.remove_suffix(2);
    if (digits.empty()) weight = 0;
    negative = !digits.empty() && load_big_endian<int16_t>(field.data() + 4) != 0;
  }
  friend bool operator==(const Numeric&, const Numeric&) = default;
};

void compare(const std::vector<DecodeColumn>& columns, std::string_view came, std::string_view encoded) {
  came.remove_prefix(2);
  encoded.remove_prefix(2);
  for (const DecodeColumn& column : columns) {
    const bool null = came.starts_with("\xff\xff\xff\xff");
    fuzz::demand(null == encoded.starts_with("\xff\xff\xff\xff"), "NULL stays NULL");
    const std::string_view before = next_field(came);
    const std::string_view after = next_field(encoded);
    if (null) continue;
    if (column.wire == WireType::numeric) {
      fuzz::demand(Numeric(before) == Numeric(after), "a number stays the number that it is");
    } else if (column.wire == WireType::boolean) {
      fuzz::demand((before[0] != 0) == (after[0] != 0), "true stays true");
    } else {
      fuzz::demand(before == after, "a value stays the value that it is");
    }
  }
}

class RoundTrip {
 public:
  explicit RoundTrip(std::vector<DecodeColumn> columns)
      : columns_(std::move(columns)), buffer_(defined(columns_)) {
    for (const DecodeColumn& column : columns_)
      shape_.add(column.type.id, column.wire);
    fuzz::demand(shape_.binary, "every column has a binary form");
  }

  // The row, encoded from what it was decoded to; nullopt when it was refused.
  std::optional<std::string> again(std::string_view row) {
    const CopyEncoder encoder(shape_);
    std::string stream;
    encoder.begin(stream);
    stream += row;
    BinaryDecoder decoder("t", columns_, true);
    duck::ChunkWriter& chunk = buffer_.start();
    bool wrote = false;
    const Status decoded = decoder.decode(stream, chunk, 0, wrote);
    if (!decoded.ok()) {
      fuzz::demand(!decoded.error().message.empty() && !decoded.error().hint.empty(),
                   "a refusal says why, and what to do");
      return std::nullopt;
    }
    if (!wrote) return std::nullopt;
    chunk.set_rows(1);
    std::string out;
    encoder.add(buffer_.rows(), 0, std::nullopt, out);
    compare(columns_, row, out);
    return out;
  }

 private:
  static std::vector<duck::ColumnDef> defined(const std::vector<DecodeColumn>& columns) {
    std::vector<duck::ColumnDef> definitions;
    for (const DecodeColumn& column : columns)
      definitions.push_back({column.name, column.type});
    return definitions;
  }

  std::vector<DecodeColumn> columns_;
  duck::ChunkBuffer buffer_;
  CopyShape shape_;
};

}  // namespace
}  // namespace godwit::connect::postgres

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace godwit;
  fuzz::Input input(data, size);
  connect::postgres::RoundTrip round_trip(connect::postgres::columns_of(input));
  const auto once = round_trip.again(input.rest());
  if (!once) return 0;
  const auto twice = round_trip.again(*once);
  fuzz::demand(twice.has_value(), "what was encoded can be decoded");
  fuzz::demand(*twice == *once, "decoding and encoding change nothing");
  return 0;
}
