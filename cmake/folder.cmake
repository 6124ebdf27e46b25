# godwit_folder(NAME [FOLDERS lower folders...] [LIBRARIES foreign libraries...] SOURCES files... [TESTS files...])
#
# One static library godwit_NAME per folder of src/, linking only folders below it. LIBRARIES are foreign and
# private: their headers stay sealed in this folder. Every *_test.cpp of TESTS goes into one binary,
# godwit_NAME_test, whose cases ctest runs under the label "unit".
function(godwit_folder name)
  cmake_parse_arguments(ARG "" "" "FOLDERS;LIBRARIES;SOURCES;TESTS" ${ARGN})
  if(ARG_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "godwit_folder(${name}): unknown arguments: ${ARG_UNPARSED_ARGUMENTS}")
  endif()
  add_library(godwit_${name} STATIC ${ARG_SOURCES})
  target_include_directories(godwit_${name} PUBLIC ${PROJECT_SOURCE_DIR}/src)
  list(TRANSFORM ARG_FOLDERS PREPEND godwit_)
  target_link_libraries(godwit_${name} PUBLIC ${ARG_FOLDERS} PRIVATE ${ARG_LIBRARIES} godwit_warnings)
  godwit_precompiled(godwit_${name})
  if(GODWIT_TESTS AND ARG_TESTS)
    add_executable(godwit_${name}_test ${ARG_TESTS})
    target_link_libraries(godwit_${name}_test PRIVATE godwit_${name} ${ARG_LIBRARIES} godwit_warnings GTest::gtest_main)
    godwit_precompiled(godwit_${name}_test)
    gtest_discover_tests(
      godwit_${name}_test
      TEST_PREFIX ${name}.
      WORKING_DIRECTORY ${PROJECT_SOURCE_DIR}
      PROPERTIES LABELS unit TIMEOUT 300
      DISCOVERY_TIMEOUT 60)
  endif()
endfunction()
