// Python source as tokens, as far as the header of a revision file needs it. Nothing is ever executed.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace godwit::schema::alembic {

struct Token {
  enum class Kind : uint8_t {
    name,
    string,     // `text` is its value; adjacent literals are separate tokens
    formatted,  // an f-string, or bytes: no constant text
    sign,       // one character of anything else: = , ( ) [ ] : …, or a number
    broken      // a string that does not end
  };
  Kind kind = Kind::sign;
  std::string text;
  int line = 0, column = 0;  // of its first character, from 1

  [[nodiscard]] bool is(char c) const { return kind == Kind::sign && text.size() == 1 && text[0] == c; }
  [[nodiscard]] bool is_name(std::string_view name) const { return kind == Kind::name && text == name; }
};

// One logical line: brackets and backslashes join lines, a semicolon ends one. Never empty.
using Line = std::vector<Token>;

// Those logical lines of a module that are not indented. Line ends may be of any kind, a byte order mark is
// skipped.
[[nodiscard]] std::vector<Line> top_level_lines(std::string_view source);

}  // namespace godwit::schema::alembic
