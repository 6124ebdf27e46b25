// Unicode normal form C and full case folding (Unicode Standard, chapter 3, D117 and toCasefold), on UTF-8.
#pragma once

#include <string>
#include <string_view>

namespace godwit::unicode {

// Appends the normal form C of `text` to `out`. False, and nothing appended, when `text` is not valid UTF-8.
// Pure; safe from any thread. ASCII is copied without a look-up.
[[nodiscard]] bool append_nfc(std::string_view text, std::string& out);

// The same of the case-folded text: "Straße" and "STRASSE" agree.
[[nodiscard]] bool append_nfc_case_folded(std::string_view text, std::string& out);

[[nodiscard]] bool is_ascii(std::string_view text);

// Code points of a valid UTF-8 text: what varchar(n) counts.
[[nodiscard]] size_t length(std::string_view text);

// The first `count` code points of a valid UTF-8 text.
[[nodiscard]] std::string_view prefix(std::string_view text, size_t count);

}  // namespace godwit::unicode
