// Owners of DuckDB's C handles: each is destroyed once, by its own function. Private to src/duck.
#pragma once

#include "duck/capi/library.h"

#include <utility>

namespace godwit::duck {

// Movable owner of one handle; empty when null. Not thread-safe.
template <typename Handle, void (*Library::*destroy)(Handle*)>
class DuckHandle {
 public:
  DuckHandle() = default;
  explicit DuckHandle(Handle handle) : handle_(handle) {}
  DuckHandle(DuckHandle&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  DuckHandle& operator=(DuckHandle&& other) noexcept {
    if (this != &other) {
      reset();
      handle_ = std::exchange(other.handle_, nullptr);
    }
    return *this;
  }
  DuckHandle(const DuckHandle&) = delete;
  DuckHandle& operator=(const DuckHandle&) = delete;
  ~DuckHandle() { reset(); }

  [[nodiscard]] Handle get() const { return handle_; }
  // For functions that fill a handle; what was held before is destroyed.
  [[nodiscard]] Handle* out() {
    reset();
    return &handle_;
  }
  explicit operator bool() const { return handle_ != nullptr; }
  void reset() {
    if (handle_ != nullptr) (library().*destroy)(&handle_);
    handle_ = nullptr;
  }

 private:
  Handle handle_ = nullptr;
};

using DatabaseHandle = DuckHandle<duckdb_database, &Library::close>;
using ConnectionHandle = DuckHandle<duckdb_connection, &Library::disconnect>;
using ConfigHandle = DuckHandle<duckdb_config, &Library::destroy_config>;
using ExtractedHandle = DuckHandle<duckdb_extracted_statements, &Library::destroy_extracted>;
using PreparedHandle = DuckHandle<duckdb_prepared_statement, &Library::destroy_prepare>;
using PendingHandle = DuckHandle<duckdb_pending_result, &Library::destroy_pending>;
using ChunkHandle = DuckHandle<duckdb_data_chunk, &Library::destroy_data_chunk>;
using LogicalTypeHandle = DuckHandle<duckdb_logical_type, &Library::destroy_logical_type>;
using TableFunctionHandle = DuckHandle<duckdb_table_function, &Library::destroy_table_function>;
using ScalarFunctionHandle = DuckHandle<duckdb_scalar_function, &Library::destroy_scalar_function>;
using AggregateFunctionHandle = DuckHandle<duckdb_aggregate_function, &Library::destroy_aggregate_function>;

// duckdb_result is a struct, not a pointer.
class ResultHandle {
 public:
  ResultHandle() = default;
  ResultHandle(ResultHandle&& other) noexcept : result_(std::exchange(other.result_, duckdb_result{})) {}
  ResultHandle& operator=(ResultHandle&& other) noexcept {
    if (this != &other) {
      library().destroy_result(&result_);
      result_ = std::exchange(other.result_, duckdb_result{});
    }
    return *this;
  }
  ResultHandle(const ResultHandle&) = delete;
  ResultHandle& operator=(const ResultHandle&) = delete;
  ~ResultHandle() { library().destroy_result(&result_); }

  [[nodiscard]] duckdb_result* get() { return &result_; }
  void reset() {
    library().destroy_result(&result_);
    result_ = duckdb_result{};
  }

 private:
  duckdb_result result_{};
};

}  // namespace godwit::duck
