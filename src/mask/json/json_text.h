// Strings of JSON (RFC 8259): from their escapes to UTF-8 and back.
#pragma once

#include <string>
#include <string_view>

namespace godwit::mask {

// Reads the string that starts at text[at] == '"', moves `at` behind it and replaces `out` by its UTF-8 text.
// A lone surrogate becomes U+FFFD: no text can hold it. False when the string is malformed.
[[nodiscard]] bool read_json_string(std::string_view text, size_t& at, std::string& out);

// Appends `text` in quotes; only what must be escaped is.
void append_json_string(std::string_view text, std::string& out);

// The length of the number at `at` by the grammar, or 0.
[[nodiscard]] size_t json_number_length(std::string_view text, size_t at);

}  // namespace godwit::mask
