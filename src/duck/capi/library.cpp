#include "duck/capi/library.h"

namespace godwit::duck {

Result<Library> Library::load() {
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

}  // namespace godwit::duck
