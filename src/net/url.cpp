#include "net/url.h"

#include "base/text.h"
#include "net/library.h"

#include <memory>

namespace godwit::net {

namespace {

struct FreeUrl {
  void operator()(CURLU* url) const { libcurl().curl_url_cleanup(url); }
};
using UrlHandle = std::unique_ptr<CURLU, FreeUrl>;

Error not_a_url() {
  return make_error(ErrorKind::usage, "the address is not a URL that begins with http:// or https://");
}

Result<UrlHandle> parsed(const std::string& url) {
  RETURN_IF_ERROR(load_once<Libcurl>());
  UrlHandle handle(libcurl().curl_url());
  if (!is_http_url(url) || handle == nullptr ||
      libcurl().curl_url_set(handle.get(), CURLUPART_URL, url.c_str(), 0) != CURLUE_OK) {
    return not_a_url();
  }
  return handle;
}

// Empty when the URL has no such part.
std::string part(const UrlHandle& url, CURLUPart which) {
  char* text = nullptr;
  if (libcurl().curl_url_get(url.get(), which, &text, 0) != CURLUE_OK) return "";
  const std::unique_ptr<char, decltype(Libcurl::curl_free)> owner(text, libcurl().curl_free);
  return text;
}

}  // namespace

bool is_http_url(std::string_view text) {
  const std::string start = to_lower_ascii(std::string(text.substr(0, 8)));
  return start.starts_with("http://") || start.starts_with("https://");
}

Result<Url> parse_url(const std::string& url) {
  ASSIGN_OR_RETURN(const UrlHandle handle, parsed(url));
  Url out;
  const std::string port = part(handle, CURLUPART_PORT);
  out.shown = part(handle, CURLUPART_SCHEME) + "://" + part(handle, CURLUPART_HOST);
  if (!port.empty()) out.shown += ":" + port;
  out.path = part(handle, CURLUPART_PATH);
  out.has_user = !part(handle, CURLUPART_USER).empty() || !part(handle, CURLUPART_PASSWORD).empty();
  return out;
}

Result<std::string> with_path(const std::string& url, const std::string& path) {
  ASSIGN_OR_RETURN(const UrlHandle handle, parsed(url));
  if (libcurl().curl_url_set(handle.get(), CURLUPART_PATH, path.c_str(), 0) != CURLUE_OK) return not_a_url();
  return part(handle, CURLUPART_URL);
}

std::string path_segment(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                       std::string_view("-._~").find(c) != std::string_view::npos;
    if (plain) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += {'%', digits[byte >> 4], digits[byte & 15]};
  }
  return out;
}

}  // namespace godwit::net
