#include "net/http.h"

#include "base/text.h"
#include "net/library.h"
#include "net/url.h"

#include <algorithm>
#include <memory>

namespace godwit::net {

namespace {

constexpr size_t answer_headers_bytes_max = size_t{64} << 10;

struct FreeEasy {
  void operator()(CURL* handle) const { libcurl().curl_easy_cleanup(handle); }
};
struct FreeList {
  void operator()(curl_slist* list) const { libcurl().curl_slist_free_all(list); }
};

// What the callbacks of one transfer share.
struct Transfer {
  HttpResponse response;
  size_t body_bytes_max = 0;
  size_t header_bytes = 0;
  bool too_large = false;
  const std::atomic<bool>* cancel = nullptr;
};

size_t take_body(const char* data, size_t /*one*/, size_t size, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  if (size > transfer.body_bytes_max - transfer.response.body.size()) {
    transfer.too_large = true;
    return 0;
  }
  transfer.response.body.append(data, size);
  return size;
}

size_t take_header(const char* data, size_t /*one*/, size_t size, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  transfer.header_bytes += size;
  if (transfer.header_bytes > answer_headers_bytes_max) {
    transfer.too_large = true;
    return 0;
  }
  const std::string_view line = trim(std::string_view(data, size));
  // Interim answers have headers of their own; those of the last one count.
  if (line.starts_with("HTTP/")) transfer.response.headers.clear();
  const size_t colon = line.find(':');
  if (colon != std::string_view::npos && !line.starts_with("HTTP/")) {
    transfer.response.headers.emplace_back(to_lower_ascii(std::string(line.substr(0, colon))),
                                           std::string(trim(line.substr(colon + 1))));
  }
  return size;
}

int look_at_cancel(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  const auto* cancel = static_cast<Transfer*>(user)->cancel;
  return cancel != nullptr && cancel->load() ? 1 : 0;
}

// Nothing that would begin another header or another request.
bool is_one_line(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
}

Status check(const HttpRequest& request) {
  const bool method = !request.method.empty() && std::all_of(request.method.begin(), request.method.end(),
                                                             [](char c) { return c >= 'A' && c <= 'Z'; });
  if (!method) return make_error(ErrorKind::usage, "an HTTP method is made of capital letters");
  for (const auto& [name, value] : request.headers) {
    if (name.empty() || name.find(':') != std::string::npos || !is_one_line(name) || !is_one_line(value))
      return make_error(ErrorKind::usage, "an HTTP header is one line, and its name has no colon");
  }
  return {};
}

Error transfer_error(const std::string& shown, CURLcode code, const Transfer& transfer) {
  if (transfer.too_large) return make_error(ErrorKind::failed, shown + " answered with more than is taken");
  switch (code) {
    case CURLE_ABORTED_BY_CALLBACK:
      return make_error(ErrorKind::interrupted, "the request was cancelled");
    case CURLE_OPERATION_TIMEDOUT:
      return make_error(ErrorKind::unreachable, shown + " did not answer in time");
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CACERT_BADFILE:
      return make_error(ErrorKind::unreachable,
                        shown + ": no trusted connection: " + libcurl().curl_easy_strerror(code),
                        "name the server as its certificate does, and give the file of its authority");
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_UNSUPPORTED_PROTOCOL:
      return make_error(ErrorKind::failed, shown + ": the answer is not HTTP");
    default:
      // libcurl's own words for the code; its longer text may repeat the URL.
      return make_error(ErrorKind::unreachable, shown + ": " + libcurl().curl_easy_strerror(code));
  }
}

}  // namespace

const std::string* HttpResponse::header(std::string_view name) const {
  const auto found =
      std::find_if(headers.begin(), headers.end(), [&](const auto& each) { return each.first == name; });
  return found == headers.end() ? nullptr : &found->second;
}

Result<HttpResponse> send(const HttpRequest& request, const std::atomic<bool>* cancel) {
  RETURN_IF_ERROR(check(request));
  ASSIGN_OR_RETURN(const Url url, parse_url(request.url));
  const std::unique_ptr<CURL, FreeEasy> easy(libcurl().curl_easy_init());
  if (easy == nullptr) return make_error(ErrorKind::failed, "libcurl cannot be started");

  Transfer transfer;
  transfer.body_bytes_max = request.answer_bytes_max;
  transfer.cancel = cancel;
  // Without "Expect", a large body is not held back until the server has said that it wants it.
  std::unique_ptr<curl_slist, FreeList> headers(libcurl().curl_slist_append(nullptr, "Expect:"));
  for (const auto& [name, value] : request.headers) {
    // libcurl takes "name:" as "leave it out", "name;" as empty.
    const std::string line = value.empty() ? name + ";" : name + ": " + value;
    curl_slist* longer = libcurl().curl_slist_append(headers.get(), line.c_str());
    CHECK(longer == headers.get());
  }

  CURLcode code = CURLE_OK;
  const auto set = [&](CURLoption option, auto value) {
    if (code == CURLE_OK) code = libcurl().curl_easy_setopt(easy.get(), option, value);
  };
  set(CURLOPT_URL, request.url.c_str());
  set(CURLOPT_PROTOCOLS_STR, "http,https");
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_FOLLOWLOCATION, 0L);
  set(CURLOPT_SSL_VERIFYPEER, 1L);
  set(CURLOPT_SSL_VERIFYHOST, 2L);
  set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  if (!request.ca_file.empty()) {
    set(CURLOPT_CAINFO, request.ca_file.c_str());
    set(CURLOPT_CAPATH, static_cast<const char*>(nullptr));
  }
  set(CURLOPT_TIMEOUT_MS, static_cast<long>(request.timeout_ms));
  set(CURLOPT_HTTPHEADER, headers.get());
  if (!request.body.empty() || request.method == "POST" || request.method == "PUT" ||
      request.method == "PATCH") {
    set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    set(CURLOPT_POSTFIELDS, request.body.c_str());
  }
  if (request.method == "HEAD") set(CURLOPT_NOBODY, 1L);
  set(CURLOPT_CUSTOMREQUEST, request.method.c_str());
  set(CURLOPT_WRITEFUNCTION, &take_body);
  set(CURLOPT_WRITEDATA, static_cast<void*>(&transfer));
  set(CURLOPT_HEADERFUNCTION, &take_header);
  set(CURLOPT_HEADERDATA, static_cast<void*>(&transfer));
  set(CURLOPT_XFERINFOFUNCTION, &look_at_cancel);
  set(CURLOPT_XFERINFODATA, static_cast<void*>(&transfer));
  set(CURLOPT_NOPROGRESS, 0L);
  if (code == CURLE_OK) code = libcurl().curl_easy_perform(easy.get());
  if (code != CURLE_OK) return transfer_error(url.shown, code, transfer);
  long status = 0;
  libcurl().curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &status);
  transfer.response.status = static_cast<int>(status);
  return std::move(transfer.response);
}

}  // namespace godwit::net
