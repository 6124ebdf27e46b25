#include "duck/capi/library.h"

#include "base/check.h"
#include "base/dynamic/shared_library.h"

namespace godwit::duck {

namespace {

Result<Library> open_library() {
  ASSIGN_OR_RETURN(
      const SharedLibrary library,
      SharedLibrary::load("libduckdb.so",
                          "lib/libduckdb.so belongs beside the binary: scripts/build puts it there"));
  Library functions;
#define GODWIT_DUCKDB_RESOLVE(name)                                     \
  {                                                                     \
    ASSIGN_OR_RETURN(void* const found, library.find("duckdb_" #name)); \
    functions.name = reinterpret_cast<decltype(functions.name)>(found); \
  }
  GODWIT_DUCKDB_FUNCTIONS(GODWIT_DUCKDB_RESOLVE)
#undef GODWIT_DUCKDB_RESOLVE
  return functions;
}

const Result<Library>& the_library() {
  static const Result<Library> library = open_library();
  return library;
}

}  // namespace

Status load_library() {
  return the_library().ok() ? Status() : Status(the_library().error());
}

const Library& library() {
  CHECK(the_library().ok());
  return *the_library();
}

}  // namespace godwit::duck
