# One interface target carries the warnings, so that no folder can forget them.
add_library(godwit_warnings INTERFACE)
target_compile_options(
  godwit_warnings INTERFACE -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wsign-conversion -Werror)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ 12 reports these two inside its own std::string and std::variant at -O2 (GCC bugs 105329, 105593).
  target_compile_options(godwit_warnings INTERFACE -Wno-restrict -Wno-maybe-uninitialized)
endif()
