#include "duck/row_digest.h"

#define XXH_INLINE_ALL
#include "base/check.h"
#include "base/text.h"
#include "duck/capi/row_bytes.h"
#include "duck/capi/row_digest_functions.h"
#include "duck/capi/type_mapping.h"

#include <fmt/format.h>
#include <xxhash.h>

#include <charconv>

namespace godwit::duck {
namespace {

// A number modulo 2^128; as HUGEINT the same bits in two's complement.
struct Sum {
  uint64_t low = 0;
  uint64_t high = 0;

  void add(uint64_t other_low, uint64_t other_high) {
    low += other_low;
    high += other_high + (low < other_low ? 1 : 0);
  }
  [[nodiscard]] std::string hex() const { return fmt::format("{:016x}{:016x}", high, low); }
};

// sink(row, hash of its canonical bytes) for every row.
template <typename Sink>
Status hash_rows(const ChunkReader& chunk, RowBytes bytes, const Sink& sink) {
  for (size_t row = 0; row < chunk.rows(); ++row) {
    const std::string_view encoded = bytes.encode(row);
    if (encoded.empty()) {
      return make_error(ErrorKind::failed, "a column of the row digest has a type without a canonical form",
                        "cast it to one of the staging types, VARCHAR for instance");
    }
    sink(row, XXH3_128bits(encoded.data(), encoded.size()));
  }
  return {};
}

Sum& state_of(duckdb_aggregate_state state) {
  return *reinterpret_cast<Sum*>(state);
}

idx_t state_size(duckdb_function_info) {
  return sizeof(Sum);
}

void start(duckdb_function_info, duckdb_aggregate_state state) {
  state_of(state) = Sum{};
}

void update(duckdb_function_info, duckdb_data_chunk input, duckdb_aggregate_state* states) {
  duckdb_vector vector = library().data_chunk_get_vector(input, 0);
  const ColumnReader column(library().vector_get_data(vector), library().vector_get_validity(vector),
                            Type{TypeId::hugeint});
  const size_t rows = library().data_chunk_get_size(input);
  for (size_t row = 0; row < rows; ++row) {
    if (column.is_null(row)) continue;
    const auto hash = column.get<HugeInt>(row);
    state_of(states[row]).add(hash.lower, static_cast<uint64_t>(hash.upper));
  }
}

void merge(duckdb_function_info, duckdb_aggregate_state* source, duckdb_aggregate_state* target,
           idx_t count) {
  for (idx_t index = 0; index < count; ++index) {
    state_of(target[index]).add(state_of(source[index]).low, state_of(source[index]).high);
  }
}

void finalize(duckdb_function_info, duckdb_aggregate_state* states, duckdb_vector result, idx_t count,
              idx_t offset) {
  for (idx_t index = 0; index < count; ++index) {
    const std::string hex = state_of(states[index]).hex();
    library().vector_assign_string_element_len(result, offset + index, hex.data(), hex.size());
  }
}

}  // namespace

std::string row_digest_sql(const std::vector<std::string>& columns) {
  std::vector<std::string> quoted;
  for (const std::string& column : columns)
    quoted.push_back(quote_identifier(column));
  return "godwit_digest(godwit_row_hash(" + join(quoted, ", ") + "))";
}

Status RowDigest::add(const ChunkReader& chunk) {
  std::vector<int64_t> ignored;
  return add(chunk, chunk.columns(), ignored);
}

Status RowDigest::add(const ChunkReader& chunk, size_t count, std::vector<int64_t>& hashes) {
  Sum sum{low_, high_};
  hashes.resize(chunk.rows());
  RETURN_IF_ERROR(hash_rows(chunk, RowBytes(chunk, 0, count), [&](size_t row, const XXH128_hash_t& hash) {
    sum.add(hash.low64, hash.high64);
    hashes[row] = static_cast<int64_t>(hash.low64);
  }));
  low_ = sum.low;
  high_ = sum.high;
  return {};
}

void RowDigest::combine(const RowDigest& other) {
  Sum sum{low_, high_};
  sum.add(other.low_, other.high_);
  low_ = sum.low;
  high_ = sum.high;
}

void RowDigest::combine(std::string_view hex) {
  RowDigest other;
  CHECK(hex.size() == 32);
  for (auto [part, sum] :
       {std::pair(hex.substr(0, 16), &other.high_), std::pair(hex.substr(16), &other.low_)}) {
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), *sum, 16);
    CHECK(error == std::errc() && end == part.data() + part.size());
  }
  combine(other);
}

std::string RowDigest::hex() const {
  return Sum{low_, high_}.hex();
}

Status row_hashes(const ChunkReader& chunk, size_t first, size_t count, std::vector<int64_t>& hashes) {
  hashes.resize(chunk.rows());
  return hash_rows(chunk, RowBytes(chunk, first, count), [&hashes](size_t row, const XXH128_hash_t& hash) {
    hashes[row] = static_cast<int64_t>(hash.low64);
  });
}

int64_t bytes_hash(std::string_view bytes) {
  return static_cast<int64_t>(XXH3_64bits(bytes.data(), bytes.size()));
}

ScalarFunction row_hash_function() {
  ScalarFunction function;
  function.name = "godwit_row_hash";
  function.varargs_any = true;
  function.result = Type{TypeId::hugeint};
  function.run = [](const ChunkReader& input, ColumnWriter& output) {
    return hash_rows(input, RowBytes(input), [&output](size_t row, const XXH128_hash_t& hash) {
      output.set(row, HugeInt{hash.low64, static_cast<int64_t>(hash.high64)});
    });
  };
  return function;
}

Status create_digest_aggregate(duckdb_connection connection) {
  const AggregateFunctionHandle function(library().create_aggregate_function());
  const LogicalTypeHandle hugeint = to_logical(Type{TypeId::hugeint});
  const LogicalTypeHandle text = to_logical(Type{TypeId::varchar});
  library().aggregate_function_set_name(function.get(), "godwit_digest");
  library().aggregate_function_add_parameter(function.get(), hugeint.get());
  library().aggregate_function_set_return_type(function.get(), text.get());
  library().aggregate_function_set_functions(function.get(), state_size, start, update, merge, finalize);
  if (library().register_aggregate_function(connection, function.get()) != DuckDBSuccess) {
    return make_error(ErrorKind::failed, "cannot register the aggregate function godwit_digest");
  }
  return {};
}

}  // namespace godwit::duck
