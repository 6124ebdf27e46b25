set(GODWIT_SANITIZE "" CACHE STRING "address+undefined, thread, or empty")
if(GODWIT_SANITIZE STREQUAL "address+undefined")
  add_compile_options(-fsanitize=address,undefined -fno-omit-frame-pointer -fno-sanitize-recover=undefined)
  add_link_options(-fsanitize=address,undefined)
elseif(GODWIT_SANITIZE STREQUAL "thread")
  add_compile_options(-fsanitize=thread)
  # libduckdb.so, which is not instrumented, shall not use our instrumented copies of the standard library's templates:
  # its locks are not seen, and what it does under them would look like races of ours.
  file(WRITE ${CMAKE_BINARY_DIR}/export_nothing.map "{ local: *; };\n")
  add_link_options(-fsanitize=thread -Wl,--version-script=${CMAKE_BINARY_DIR}/export_nothing.map)
elseif(NOT GODWIT_SANITIZE STREQUAL "")
  message(FATAL_ERROR "GODWIT_SANITIZE=${GODWIT_SANITIZE}: expected address+undefined or thread")
endif()
