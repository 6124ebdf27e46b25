// How version numbers compare, and what the next file is called.
#pragma once

#include "schema/migration.h"

#include <optional>
#include <string>
#include <string_view>

namespace godwit::schema {

// The digits that a text begins with; may be empty.
[[nodiscard]] std::string_view leading_digits(std::string_view text);
// "0012" -> "12", "000" -> "0".
[[nodiscard]] std::string without_zeros(std::string_view digits);
// Texts of digits, of any length, by their value: negative, 0 or positive.
[[nodiscard]] int compare_digits(std::string_view left, std::string_view right);
// "1.2", "1_2", "1.2.0" part by part; missing parts are 0.
[[nodiscard]] int compare_dotted(std::string_view left, std::string_view right);

// By compare_digits of the revisions; equal ones keep their order.
void sort_by_number(std::vector<Migration>& migrations);

// What the next file begins with: where the newest migration of the folder is numbered (less than ten
// digits), the next number in the same width; else `timestamp`.
[[nodiscard]] std::string next_prefix(const MigrationFolder& folder, std::string_view timestamp);

}  // namespace godwit::schema
