// Canonical forms: the one spelling of a value that its fake is drawn from (docs/FORMATS.md, Masking).
#pragma once

#include "base/result.h"
#include "mask/value.h"

#include <string>

namespace godwit::mask {

enum class Canon : uint8_t {
  text,     // normal form C, case kept
  folded,   // normal form C of the case-folded text, ends trimmed, inner blanks single: names, places,
            // e-mails, logins
  phone,    // digits up to an extension; a leading 1 of eleven is the country and goes. No digits: as folded
  digits,   // digits only: SSN, card. No digits: as folded
  address,  // lower case, trimmed: IP, MAC
};

// Replaces `out`. Typed values have one form whatever the Canon: integers decimal; decimals without leading
// or trailing zeros; floats in the shortest form that reads back; booleans true/false; dates YYYY-MM-DD;
// timestamps YYYY-MM-DDTHH:MM:SS[.ffffff]Z in UTC; uuids lower case. Fails on invalid UTF-8; the error names
// no value.
[[nodiscard]] Status canonicalize(const Value& value, Canon canon, std::string& out);

// The key of a person: an integer in one store and the same digits as text in another agree.
[[nodiscard]] Status canonicalize_subject(const Value& value, std::string& out);

// "-00.500" -> "-0.5"; "1E5" and words such as NaN come back as they are.
[[nodiscard]] std::string canonical_decimal(std::string_view text);

}  // namespace godwit::mask
