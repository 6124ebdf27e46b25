// libduckdb, loaded when the first database is opened: resolving its symbols takes longer than most commands
// do that need none. Private to src/duck; the only way to its functions.
#pragma once

#include "base/dynamic/shared_library.h"
#include "base/result.h"

#include <duckdb.h>

namespace godwit::duck {

// What this folder calls, without the prefix duckdb_.
// clang-format off
#define GODWIT_DUCKDB_FUNCTIONS(X) \
  X(aggregate_function_add_parameter) X(aggregate_function_set_functions) \
  X(aggregate_function_set_name) X(aggregate_function_set_return_type) X(bind_add_result_column) \
  X(bind_get_extra_info) X(bind_set_bind_data) X(bind_set_error) X(close) X(column_count) \
  X(column_logical_type) X(column_name) X(connect) X(create_aggregate_function) X(create_config) \
  X(create_data_chunk) X(create_decimal_type) X(create_logical_type) X(create_scalar_function) \
  X(create_table_function) X(data_chunk_get_column_count) X(data_chunk_get_size) \
  X(data_chunk_get_vector) X(data_chunk_reset) X(data_chunk_set_size) X(decimal_scale) \
  X(decimal_width) X(destroy_aggregate_function) X(destroy_config) X(destroy_data_chunk) \
  X(destroy_extracted) X(destroy_logical_type) X(destroy_pending) X(destroy_prepare) \
  X(destroy_result) X(destroy_scalar_function) X(destroy_table_function) X(disconnect) \
  X(execute_pending) X(extract_statements) X(extract_statements_error) X(fetch_chunk) X(free) \
  X(function_get_bind_data) X(function_get_init_data) X(function_get_local_init_data) \
  X(function_set_error) X(get_type_id) X(init_get_bind_data) X(init_set_error) \
  X(init_set_init_data) X(init_set_max_threads) X(interrupt) X(library_version) X(open_ext) \
  X(pending_error) X(pending_execute_task) X(pending_execution_is_finished) X(pending_prepared) \
  X(pending_prepared_streaming) X(prepare_error) X(prepare_extracted_statement) \
  X(prepared_statement_column_count) X(prepared_statement_column_logical_type) \
  X(prepared_statement_column_name) X(prepared_statement_type) X(query) \
  X(register_aggregate_function) X(register_scalar_function) X(register_table_function) \
  X(result_error) X(rows_changed) X(scalar_function_add_parameter) \
  X(scalar_function_get_extra_info) X(scalar_function_set_error) X(scalar_function_set_extra_info) \
  X(scalar_function_set_function) X(scalar_function_set_name) X(scalar_function_set_return_type) \
  X(scalar_function_set_special_handling) X(scalar_function_set_varargs) X(set_config) \
  X(table_function_set_bind) X(table_function_set_extra_info) X(table_function_set_function) \
  X(table_function_set_init) X(table_function_set_local_init) X(table_function_set_name) \
  X(vector_assign_string_element_len) X(vector_ensure_validity_writable) X(vector_get_column_type) \
  X(vector_get_data) X(vector_get_validity) X(vector_size)
// clang-format on

// Named as in duckdb.h; same signatures.
struct Library {
#define GODWIT_DUCKDB_POINTER(name) decltype(&::duckdb_##name) name = nullptr;
  GODWIT_DUCKDB_FUNCTIONS(GODWIT_DUCKDB_POINTER)
#undef GODWIT_DUCKDB_POINTER
  // Use load_once<Library>(). The run path of the binary says where the library lies. ErrorKind::config when
  // it is not there or lacks a function.
  [[nodiscard]] static Result<Library> load();
};

// After load_once<Library>() succeeded.
[[nodiscard]] inline const Library& library() {
  return loaded<Library>();
}

}  // namespace godwit::duck
