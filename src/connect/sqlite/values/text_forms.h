// Text forms of dates, numbers and literals: strict in, exact out. Pure functions.
#pragma once

#include "duck/types.h"
#include "sqlite/value.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace godwit::connect {

// Each parses its one canonical form and nothing else; days and microseconds since 1970 (or midnight).
[[nodiscard]] std::optional<int32_t> parse_date(std::string_view text);
[[nodiscard]] std::optional<int64_t> parse_time_us(std::string_view text);
[[nodiscard]] std::optional<int64_t> parse_timestamp_us(std::string_view text);
[[nodiscard]] std::optional<duck::HugeInt> parse_uuid(std::string_view text);
[[nodiscard]] std::string format_date(int32_t days);
[[nodiscard]] std::string format_time(int64_t us);
[[nodiscard]] std::string format_timestamp(int64_t us);
[[nodiscard]] std::string format_uuid(duck::HugeInt uuid);

// Shortest decimal form that gives the same double again.
[[nodiscard]] std::string format_real(double number);
// A number written as format_real or an integer writes it; nullopt for any other text.
[[nodiscard]] std::optional<sqlite::Value> parse_number(std::string_view text);

// A decimal as precision digits, `scale` of them after the point; nullopt when the number needs more.
[[nodiscard]] std::optional<duck::HugeInt> decimal_of(int64_t number, int precision, int scale);
[[nodiscard]] std::optional<duck::HugeInt> decimal_of(double number, int precision, int scale);
// The number that SQLite stores for it: an integer when it is whole, else the nearest double.
[[nodiscard]] sqlite::Value value_of_decimal(duck::HugeInt unscaled, int scale);

[[nodiscard]] std::string format_literal(const sqlite::Value& value);
// Text that is no literal is taken as it is: a mask may have written it.
[[nodiscard]] sqlite::Value parse_literal(std::string_view text);

}  // namespace godwit::connect
