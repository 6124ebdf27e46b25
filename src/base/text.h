// Text: splitting, joining, quoting, percent-encoding, UTF-8 validity. Pure functions on byte strings.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace godwit {

// "a.b" split on '.' gives {"a", "b"}; an empty text gives one empty piece.
[[nodiscard]] std::vector<std::string> split(std::string_view text, char separator);
[[nodiscard]] std::string join(const std::vector<std::string>& pieces, std::string_view separator);
[[nodiscard]] std::string_view trim(std::string_view text);
// ASCII only; other bytes stay.
[[nodiscard]] std::string to_lower_ascii(std::string_view text);

// An SQL identifier in double quotes, inner quotes doubled.
[[nodiscard]] std::string quote_identifier(std::string_view name);
// An SQL string literal in single quotes, inner quotes doubled. For constants of our own and of the
// configuration; tenant values travel as parameters.
[[nodiscard]] std::string quote_literal(std::string_view value);

// Safe as one path component: every byte outside [A-Za-z0-9_-] and every leading '.' becomes %XX, '.' inside
// stays.
[[nodiscard]] std::string percent_encode(std::string_view text);

[[nodiscard]] bool is_valid_utf8(std::string_view text);

// 1234567 -> "1,234,567".
[[nodiscard]] std::string with_thousands(int64_t number);
// 1536 -> "1.5 KiB".
[[nodiscard]] std::string human_bytes(int64_t bytes);
[[nodiscard]] std::string to_hex(std::string_view bytes);

// The candidates at a small edit distance from `word`, nearest first: for "did you mean" hints.
[[nodiscard]] std::vector<std::string> nearest(std::string_view word,
                                               const std::vector<std::string>& candidates);

}  // namespace godwit
