// libcurl, loaded when the first URL is looked at (base/dynamic/shared_library.h). Private to src/net; the
// only way to its functions.
#pragma once

#include "base/dynamic/shared_library.h"
#include "base/result.h"

#include <curl/curl.h>

namespace godwit::net {

// clang-format off
#define GODWIT_LIBCURL_FUNCTIONS(FUNCTION) \
  FUNCTION(curl_easy_cleanup) FUNCTION(curl_easy_getinfo) FUNCTION(curl_easy_init) \
  FUNCTION(curl_easy_perform) FUNCTION(curl_easy_setopt) FUNCTION(curl_easy_strerror) \
  FUNCTION(curl_free) FUNCTION(curl_global_init) FUNCTION(curl_slist_append) \
  FUNCTION(curl_slist_free_all) FUNCTION(curl_url) FUNCTION(curl_url_cleanup) \
  FUNCTION(curl_url_get) FUNCTION(curl_url_set)
// clang-format on

// Named as in curl.h; same signatures.
struct Libcurl {
  GODWIT_LIBCURL_FUNCTIONS(GODWIT_LIBRARY_POINTER)
  // Use load_once<Libcurl>(). ErrorKind::config when the library is not there.
  [[nodiscard]] static Result<Libcurl> load();
};

// After load_once<Libcurl>() succeeded.
[[nodiscard]] inline const Libcurl& libcurl() {
  return loaded<Libcurl>();
}

}  // namespace godwit::net
