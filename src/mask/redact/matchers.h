// What private values look like, found at a place in a text. Used by redaction and by the value detectors.
#pragma once

#include <cstddef>
#include <string_view>

namespace godwit::mask {

// Each returns the length of the match that starts at `at`, or 0. A match does not end inside a longer number
// or word.
[[nodiscard]] size_t match_email(std::string_view text, size_t at);
[[nodiscard]] size_t match_url(std::string_view text, size_t at);  // http, https, ftp, www.
[[nodiscard]] size_t match_ip(std::string_view text, size_t at);   // four numbers up to 255
[[nodiscard]] size_t match_ipv6(std::string_view text, size_t at);
[[nodiscard]] size_t match_ssn(std::string_view text, size_t at);  // ddd-dd-dddd, with blanks, or nine digits
[[nodiscard]] size_t match_phone(std::string_view text,
                                 size_t at);  // ten digits with or without country, or ddd-dddd
[[nodiscard]] size_t match_card(std::string_view text, size_t at);  // 13 to 19 digits whose Luhn sum is right
[[nodiscard]] size_t match_date(std::string_view text, size_t at);  // YYYY-MM-DD or M/D/YYYY
[[nodiscard]] size_t match_digits(std::string_view text, size_t at, size_t digits_min);
// A word of letters with inner apostrophes; bytes above 127 count as letters.
[[nodiscard]] size_t match_word(std::string_view text, size_t at);

}  // namespace godwit::mask
