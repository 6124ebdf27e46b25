#include "duck/capi/library.h"

#include "base/check.h"

#include <dlfcn.h>

#include <string>

namespace godwit::duck {

namespace {

constexpr const char* file_name = "libduckdb.so";

Error missing(const std::string& what) {
  return make_error(ErrorKind::config, "duckdb: " + what,
                    "lib/libduckdb.so belongs beside the binary: scripts/build puts it there");
}

// Never closed: its threads may outlive everything else.
Result<Library> open_library() {
  void* handle = dlopen(file_name, RTLD_LAZY | RTLD_LOCAL);
  if (handle == nullptr) return missing(dlerror());
  Library library;
#define GODWIT_DUCKDB_RESOLVE(name)                                                        \
  library.name = reinterpret_cast<decltype(library.name)>(dlsym(handle, "duckdb_" #name)); \
  if (library.name == nullptr) return missing("the library has no function duckdb_" #name);
  GODWIT_DUCKDB_FUNCTIONS(GODWIT_DUCKDB_RESOLVE)
#undef GODWIT_DUCKDB_RESOLVE
  return library;
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
