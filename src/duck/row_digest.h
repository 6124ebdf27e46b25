// The row digest: 128 bits over a set of rows, the same in whatever order they come, on every machine and
// thread count. Format: docs/FORMATS.md, "Row digest". Not a MAC: it finds differences, it does not resist an
// attacker.
//
// Every Database knows two SQL functions:
//   godwit_row_hash(any, …) → HUGEINT     XXH3-128 of one row's canonical bytes; the order of arguments
//   counts godwit_digest(HUGEINT) → VARCHAR      aggregate: the sum modulo 2^128, 32 lower-case hexadecimal
//   digits
#pragma once

#include "base/result.h"
#include "duck/chunk.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace godwit::duck {

// "godwit_digest(godwit_row_hash("a", "b"))": an aggregate over the columns, which are quoted here. Without
// columns every row counts alike.
[[nodiscard]] std::string row_digest_sql(const std::vector<std::string>& columns);

// The same digest for rows that are at hand as chunks. Not thread-safe: one per thread, then combine.
class RowDigest {
 public:
  // All columns of the chunk. TypeId::other with a value that is not NULL is an Error.
  [[nodiscard]] Status add(const ChunkReader& chunk);
  // `count` columns from the first on; `hashes` becomes their row_hashes.
  [[nodiscard]] Status add(const ChunkReader& chunk, size_t count, std::vector<int64_t>& hashes);
  void combine(const RowDigest& other);
  // 32 lower-case hexadecimal digits.
  [[nodiscard]] std::string hex() const;

 private:
  uint64_t low_ = 0;
  uint64_t high_ = 0;
};

// 64 bits per row: the lower half of the XXH3-128 of the canonical bytes of `count` columns from `first` on,
// in the order of the rows. The same failure as RowDigest::add.
[[nodiscard]] Status row_hashes(const ChunkReader& chunk, size_t first, size_t count,
                                std::vector<int64_t>& hashes);

// XXH3-64 of any bytes.
[[nodiscard]] int64_t bytes_hash(std::string_view bytes);

}  // namespace godwit::duck
