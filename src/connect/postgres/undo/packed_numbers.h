// Whole numbers in a column of type bytea: a few bytes each where they stand close together, as the keys of
// rows that come one after another do. An array of bigint would cost the server three times as much to take.
//
// The form (docs/FORMATS.md): a byte with the width w of a number (1, 2, 4 or 8), eight bytes with what is
// added to each, then w bytes per number; everything from the lowest byte on. Of width 8 nothing is added,
// and the numbers are in two's complement; of the others the distance from the lowest is kept, without a
// sign.
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace godwit::connect::postgres {

void append_packed(std::string& out, std::span<const int64_t> numbers);
// How many bytes append_packed() adds.
[[nodiscard]] size_t packed_size(std::span<const int64_t> numbers);

// A SQL expression of type bigint[]: the numbers in `packed`, an expression of type bytea. NULL for NULL.
[[nodiscard]] std::string unpack_numbers_sql(const std::string& packed);

}  // namespace godwit::connect::postgres
