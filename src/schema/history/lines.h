// A migration file line by line, and errors that name the line. Also what every reader of annotations asks of
// one.
#pragma once

#include "base/result.h"
#include "schema/migration.h"

#include <string>
#include <string_view>
#include <vector>

namespace godwit::schema {

// With their terminators; joined they are the text again. "\n" and "\r\n" end a line.
[[nodiscard]] std::vector<std::string_view> lines_of(std::string_view text);
// A line without "\n" or "\r\n".
[[nodiscard]] std::string_view without_terminator(std::string_view line);
// Nothing, white space, or a "--" comment.
[[nodiscard]] bool is_blank_or_comment(std::string_view line);
// The words of a line, by blanks and tabs.
[[nodiscard]] std::vector<std::string_view> words_of(std::string_view line);

// ErrorKind::config at file:line. `line` counts from 1.
[[nodiscard]] Error error_at(const MigrationFile& file, int line, std::string message, std::string hint = {});

}  // namespace godwit::schema
