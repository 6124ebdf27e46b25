#include "unicode/normalize.h"

#include "base/text.h"

#include <utf8proc.h>

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>

namespace godwit::unicode {

namespace {

struct Free {
  void operator()(utf8proc_uint8_t* bytes) const { std::free(bytes); }
};

bool append_mapped(std::string_view text, unsigned options, std::string& out) {
  // utf8proc accepts what UTF-8 forbids in places (overlong forms in older versions): ask our own judge
  // first.
  if (!is_valid_utf8(text)) return false;
  utf8proc_uint8_t* mapped = nullptr;
  const utf8proc_ssize_t length = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                               static_cast<utf8proc_ssize_t>(text.size()), &mapped,
                                               static_cast<utf8proc_option_t>(options));
  const std::unique_ptr<utf8proc_uint8_t, Free> owner(mapped);
  if (length < 0) return false;
  out.append(reinterpret_cast<const char*>(mapped), static_cast<size_t>(length));
  return true;
}

bool is_continuation(char c) {
  return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
}

}  // namespace

bool is_ascii(std::string_view text) {
  size_t i = 0;
  for (; i + 8 <= text.size(); i += 8) {
    uint64_t word = 0;
    std::memcpy(&word, text.data() + i, 8);
    if ((word & 0x8080808080808080ULL) != 0) return false;
  }
  for (; i < text.size(); ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0x80U) != 0) return false;
  }
  return true;
}

bool append_nfc(std::string_view text, std::string& out) {
  if (is_ascii(text)) {
    out.append(text);
    return true;
  }
  return append_mapped(text, UTF8PROC_STABLE | UTF8PROC_COMPOSE, out);
}

bool append_nfc_case_folded(std::string_view text, std::string& out) {
  if (!is_ascii(text))
    return append_mapped(text, UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_CASEFOLD, out);
  const size_t start = out.size();
  out.append(text);
  for (size_t i = start; i < out.size(); ++i) {
    if (out[i] >= 'A' && out[i] <= 'Z') out[i] = static_cast<char>(out[i] + ('a' - 'A'));
  }
  return true;
}

size_t length(std::string_view text) {
  size_t count = 0;
  for (const char c : text)
    count += is_continuation(c) ? 0U : 1U;
  return count;
}

std::string_view prefix(std::string_view text, size_t count) {
  size_t i = 0;
  for (; i < text.size(); ++i) {
    if (is_continuation(text[i])) continue;
    if (count == 0) break;
    --count;
  }
  return text.substr(0, i);
}

}  // namespace godwit::unicode
