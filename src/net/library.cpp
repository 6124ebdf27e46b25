#include "net/library.h"

#include "base/check.h"

namespace godwit::net {

namespace {

Result<Libcurl> open_library() {
  ASSIGN_OR_RETURN(const SharedLibrary library, SharedLibrary::load("libcurl.so.4", "install libcurl4"));
  Libcurl functions;
  GODWIT_LIBCURL_FUNCTIONS(GODWIT_LIBRARY_RESOLVE)
  if (functions.curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
    return make_error(ErrorKind::failed, "libcurl cannot be started");
  return functions;
}

const Result<Libcurl>& the_library() {
  static const Result<Libcurl> library = open_library();
  return library;
}

}  // namespace

Status load_libcurl() {
  return the_library().ok() ? Status() : Status(the_library().error());
}

const Libcurl& libcurl() {
  CHECK(the_library().ok());
  return *the_library();
}

}  // namespace godwit::net
