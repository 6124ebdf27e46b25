# Defines DuckDB::DuckDB, the C library. Included by src/duck alone, which seals its header.
#
# A DuckDB that find_package knows wins; else the pinned library of scripts/fetch-duckdb, copied to lib/ of the
# build folder. CMAKE_BUILD_RPATH_USE_ORIGIN makes the run path of the binary $ORIGIN/lib, so that the binary
# and its lib/ can be moved together; the tests find the same copy from their own folders.
include_guard(GLOBAL)

find_package(DuckDB CONFIG QUIET)
if(DuckDB_FOUND AND TARGET DuckDB::DuckDB)
  return()
endif()
if(DuckDB_FOUND AND TARGET duckdb)
  add_library(DuckDB::DuckDB ALIAS duckdb)
  return()
endif()

set(_duckdb_home ${PROJECT_SOURCE_DIR}/.tools/duckdb-1.4.4)
set(_duckdb_script ${PROJECT_SOURCE_DIR}/scripts/fetch-duckdb)
if(NOT EXISTS ${_duckdb_home}/lib/libduckdb.so OR NOT EXISTS ${_duckdb_home}/include/duckdb.h)
  execute_process(COMMAND ${_duckdb_script} RESULT_VARIABLE _duckdb_result)
  if(NOT _duckdb_result EQUAL 0)
    message(FATAL_ERROR "scripts/fetch-duckdb failed (${_duckdb_result}): DuckDB is needed by src/duck")
  endif()
endif()

set(_duckdb_library ${CMAKE_BINARY_DIR}/lib/libduckdb.so)
file(COPY ${_duckdb_home}/lib/libduckdb.so ${_duckdb_home}/lib/LICENSE.duckdb DESTINATION ${CMAKE_BINARY_DIR}/lib)

add_library(DuckDB::DuckDB SHARED IMPORTED GLOBAL)
set_target_properties(
  DuckDB::DuckDB PROPERTIES IMPORTED_LOCATION ${_duckdb_library} INTERFACE_INCLUDE_DIRECTORIES
                                                                 ${_duckdb_home}/include)
