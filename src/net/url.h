// Addresses (RFC 3986), as far as requests need them. Pure.
#pragma once

#include "base/result.h"

#include <string>
#include <string_view>

namespace godwit::net {

// "http://" or "https://", in any case.
[[nodiscard]] bool is_http_url(std::string_view text);

struct Url {
  std::string shown;  // scheme://host or scheme://host:port: what messages may repeat
  std::string path;   // as written; "/" when there is none
  bool has_user = false;
};
// ErrorKind::usage when it is no http or https URL; the message repeats nothing of it.
[[nodiscard]] Result<Url> parse_url(const std::string& url);

// The URL with another path; user, query and all else stay.
[[nodiscard]] Result<std::string> with_path(const std::string& url, const std::string& path);

// One segment of a path: everything but letters, digits and "-._~" as %XX.
[[nodiscard]] std::string path_segment(std::string_view text);

}  // namespace godwit::net
