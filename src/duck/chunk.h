// Chunks: up to 2048 rows, column by column. ChunkReader looks at one that DuckDB made, ChunkWriter fills one
// that DuckDB reads. Both are views: they own nothing and live only inside the call that received them.
// Physical forms (DuckDB's): date = days since 1970-01-01; time, timestamp, timestamptz = microseconds;
// ±infinity = the type's limits as DuckDB defines them; uuid = HugeInt with the top bit flipped;
// decimal = int16/int32/int64/HugeInt by width (use the decimal calls).
#pragma once

#include "duck/types.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace godwit::duck {

// One column of an input chunk.
class ColumnReader {
 public:
  ColumnReader() = default;
  ColumnReader(const void* data, const uint64_t* validity, Type type)
      : data_(data), validity_(validity), type_(type) {}

  [[nodiscard]] const Type& type() const { return type_; }
  [[nodiscard]] bool is_null(size_t row) const {
    return validity_ != nullptr && (validity_[row / 64] >> (row % 64) & 1U) == 0;
  }
  // The value as its physical type; the caller knows the type. Not for strings.
  template <typename T>
  [[nodiscard]] T get(size_t row) const {
    return static_cast<const T*>(data_)[row];
  }
  // varchar and blob; valid until the chunk goes.
  [[nodiscard]] std::string_view text(size_t row) const;
  // decimal of any width, widened.
  [[nodiscard]] HugeInt decimal(size_t row) const;

 private:
  const void* data_ = nullptr;
  const uint64_t* validity_ = nullptr;
  Type type_;
};

class ChunkReader {
 public:
  virtual ~ChunkReader() = default;
  [[nodiscard]] virtual size_t rows() const = 0;
  [[nodiscard]] virtual size_t columns() const = 0;
  [[nodiscard]] virtual const ColumnReader& column(size_t index) const = 0;
};

// One column of an output chunk. Rows are set once each, in any order; a row not set to null is not null.
class ColumnWriter {
 public:
  ColumnWriter() = default;
  ColumnWriter(void* vector, void* data, Type type) : vector_(vector), data_(data), type_(type) {}

  [[nodiscard]] const Type& type() const { return type_; }
  void set_null(size_t row);
  template <typename T>
  void set(size_t row, T value) {
    static_cast<T*>(data_)[row] = value;
  }
  // Copies the bytes. varchar must be valid UTF-8: the caller has checked (engine-facts: an invalid byte
  // gives a Parquet file that cannot be read).
  void set_text(size_t row, std::string_view bytes);
  // Stores by the width of the decimal type.
  void set_decimal(size_t row, HugeInt unscaled);

 private:
  void* vector_ = nullptr;  // WrittenVector of capi/chunk_views.h
  void* data_ = nullptr;
  uint64_t* validity_ = nullptr;
  Type type_;
};

class ChunkWriter {
 public:
  virtual ~ChunkWriter() = default;
  [[nodiscard]] virtual size_t capacity() const = 0;  // rows that fit
  [[nodiscard]] virtual ColumnWriter& column(size_t index) = 0;
  virtual void set_rows(size_t rows) = 0;
};

}  // namespace godwit::duck
