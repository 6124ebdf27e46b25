# Defines DuckDB::headers. Included by src/duck alone, which seals them and loads the library when it is needed: the
# pinned one of scripts/fetch-duckdb, copied to lib/ of the build folder. The run path of the binary is $ORIGIN/lib
# (CMakeLists.txt), so that the binary and its lib/ can be moved together; the tests find the same copy from their own
# folders.
include_guard(GLOBAL)

set(_duckdb_home ${PROJECT_SOURCE_DIR}/.tools/duckdb-1.4.4)
set(_duckdb_script ${PROJECT_SOURCE_DIR}/scripts/fetch-duckdb)
if(NOT EXISTS ${_duckdb_home}/lib/libduckdb.so OR NOT EXISTS ${_duckdb_home}/include/duckdb.h)
  execute_process(COMMAND ${_duckdb_script} RESULT_VARIABLE _duckdb_result)
  if(NOT _duckdb_result EQUAL 0)
    message(FATAL_ERROR "scripts/fetch-duckdb failed (${_duckdb_result}): DuckDB is needed by src/duck")
  endif()
endif()

file(COPY ${_duckdb_home}/lib/libduckdb.so ${_duckdb_home}/lib/LICENSE.duckdb DESTINATION ${CMAKE_BINARY_DIR}/lib)

add_library(DuckDB::headers INTERFACE IMPORTED GLOBAL)
target_include_directories(DuckDB::headers INTERFACE ${_duckdb_home}/include)
target_link_libraries(DuckDB::headers INTERFACE ${CMAKE_DL_LIBS})
