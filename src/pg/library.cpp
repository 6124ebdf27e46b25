#include "pg/library.h"

#include "base/check.h"

namespace godwit::pg {

namespace {

Result<Libpq> open_library() {
  ASSIGN_OR_RETURN(const SharedLibrary library, SharedLibrary::load("libpq.so.5", "install libpq5"));
  Libpq functions;
  GODWIT_LIBPQ_FUNCTIONS(GODWIT_LIBRARY_RESOLVE)
  return functions;
}

const Result<Libpq>& the_library() {
  static const Result<Libpq> library = open_library();
  return library;
}

}  // namespace

Status load_libpq() {
  return the_library().ok() ? Status() : Status(the_library().error());
}

const Libpq& libpq() {
  CHECK(the_library().ok());
  return *the_library();
}

}  // namespace godwit::pg
