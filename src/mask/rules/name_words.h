// Names of columns and tables as words.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace godwit::mask {

// "studentSSN_last4" -> student, ssn, last, 4; "HTTPServer" -> http, server.
[[nodiscard]] std::vector<std::string> name_words(std::string_view name);

// The words of `phrase` ("first name") stand side by side in `words`; the last of them may be a plural.
[[nodiscard]] bool has_phrase(const std::vector<std::string>& words, std::string_view phrase);
[[nodiscard]] bool ends_with_phrase(const std::vector<std::string>& words, std::string_view phrase);

}  // namespace godwit::mask
