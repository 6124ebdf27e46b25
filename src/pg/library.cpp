#include "pg/library.h"

namespace godwit::pg {

Result<Libpq> Libpq::load() {
  ASSIGN_OR_RETURN(const SharedLibrary library, SharedLibrary::load("libpq.so.5", "install libpq5"));
  Libpq functions;
  GODWIT_LIBPQ_FUNCTIONS(GODWIT_LIBRARY_RESOLVE)
  return functions;
}

}  // namespace godwit::pg
