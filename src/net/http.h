// One HTTP request and its answer (RFC 9110), over libcurl.
//
// http and https only. A server's certificate and name are always verified. Redirects are answers like any
// other. Proxies are those of http_proxy, https_proxy, no_proxy and all_proxy.
#pragma once

#include "base/result.h"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace godwit::net {

using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

struct HttpRequest {
  std::string method = "GET";
  // User and password in it become Basic authentication.
  std::string url;
  HttpHeaders headers;
  std::string body;                           // sent with POST, PUT and PATCH also when empty
  int64_t timeout_ms = 10'000;                // from the first look-up of a name to the answer's last byte
  std::string ca_file;                        // PEM, instead of the system's authorities; empty = those
  size_t answer_bytes_max = size_t{1} << 20;  // of the body; a larger answer is an Error
};

struct HttpResponse {
  int status = 0;
  HttpHeaders headers;  // in the answer's order, names in lower case
  std::string body;

  // The first of that name (given in lower case); nullptr when there is none.
  [[nodiscard]] const std::string* header(std::string_view name) const;
};

// Any status is an answer. Errors: ErrorKind::usage for a request that cannot be sent as it stands,
// ErrorKind::unreachable without an answer in time or over a connection that cannot be trusted,
// ErrorKind::interrupted within a second after *cancel became true, ErrorKind::failed for an answer that is
// no HTTP or too large. They name scheme, host and port of the URL only: its path may be a secret too. Safe
// from any thread; keeps nothing.
[[nodiscard]] Result<HttpResponse> send(const HttpRequest& request,
                                        const std::atomic<bool>* cancel = nullptr);

}  // namespace godwit::net
