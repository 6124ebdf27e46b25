// Value detectors: does a sample of a column look like something private? For classification, never for
// masking.
#pragma once

#include "mask/dictionaries/dictionaries.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace godwit::mask {

// email, phone, ssn, card, ip, url, person_name.
[[nodiscard]] const std::vector<std::string>& detector_names();

// The whole value, blanks at its ends aside. Unknown detectors detect nothing.
[[nodiscard]] bool detects(std::string_view detector, std::string_view value,
                           const Dictionaries& dictionaries);

// The detectors that at least half of the non-empty values of the sample answer to; none for an empty sample.
[[nodiscard]] std::vector<std::string> detected(std::span<const std::string> sample,
                                                const Dictionaries& dictionaries);

}  // namespace godwit::mask
