# godwit_precompiled(TARGET): the headers that most files include, compiled once for all libraries and once for all
# programs of tests. Does nothing unless GODWIT_BUILD_ONCE is set.
include_guard(GLOBAL)

set(_godwit_headers
    <algorithm> <array> <atomic> <charconv> <cstdint> <functional> <map> <memory> <mutex> <optional> <set> <string>
    <string_view> <unordered_map> <utility> <variant> <vector> <fmt/format.h>)

if(GODWIT_BUILD_ONCE)
  find_package(fmt REQUIRED)
  file(WRITE ${CMAKE_BINARY_DIR}/precompiled.cpp "")
  file(WRITE ${CMAKE_BINARY_DIR}/precompiled_test.cpp "int main() {}\n")
  add_library(godwit_precompiled STATIC ${CMAKE_BINARY_DIR}/precompiled.cpp)
  target_link_libraries(godwit_precompiled PRIVATE fmt::fmt godwit_warnings)
  target_precompile_headers(godwit_precompiled PRIVATE ${_godwit_headers})
  if(GODWIT_TESTS)
    add_executable(godwit_precompiled_test ${CMAKE_BINARY_DIR}/precompiled_test.cpp)
    target_link_libraries(godwit_precompiled_test PRIVATE fmt::fmt godwit_warnings GTest::gtest)
    target_precompile_headers(godwit_precompiled_test PRIVATE ${_godwit_headers} <gtest/gtest.h>)
  endif()
endif()

function(godwit_precompiled target)
  if(NOT GODWIT_BUILD_ONCE)
    return()
  endif()
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # What g++ 12 keeps to itself about its own headers (GCC bug 105329) it tells when they come precompiled.
    target_compile_options(${target} PRIVATE -Wno-array-bounds -Wno-stringop-overflow -Wno-stringop-overread)
  endif()
  get_target_property(type ${target} TYPE)
  if(type STREQUAL "EXECUTABLE")
    target_precompile_headers(${target} REUSE_FROM godwit_precompiled_test)
  else()
    target_precompile_headers(${target} REUSE_FROM godwit_precompiled)
  endif()
endfunction()
