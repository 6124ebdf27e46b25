#include "net/library.h"

namespace godwit::net {

Result<Libcurl> Libcurl::load() {
  ASSIGN_OR_RETURN(const SharedLibrary library, SharedLibrary::load("libcurl.so.4", "install libcurl4"));
  Libcurl functions;
  GODWIT_LIBCURL_FUNCTIONS(GODWIT_LIBRARY_RESOLVE)
  if (functions.curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
    return make_error(ErrorKind::failed, "libcurl cannot be started");
  return functions;
}

}  // namespace godwit::net
