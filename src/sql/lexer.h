// The tokens of an SQL script, one after another, without allocating anything.
//
// PostgreSQL: after scan.l of the server (15, with standard_conforming_strings) and psql's psqlscan.l, whose
// backslash commands are tokens here. SQLite: after its tokenize.c, except that a block comment must end.
// Inside this folder only: others take script.h.
#pragma once

#include "sql/dialect.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace godwit::sql {

enum class TokenKind : uint8_t {
  word,    // a keyword or an identifier without quotes
  quoted,  // "x", U&"x"; SQLite also `x` and [x]
  string,  // 'x' with its prefix (E, N, B, X, U&), $tag$x$tag$
  number,
  parameter,  // $1; SQLite also ?1
  symbol,     // an operator or one character of punctuation
  semicolon,
  opens,   // (
  closes,  // )
  meta,  // psql: from the backslash to the end of its line or to the backslashes that end it; also \; and \:
  end,   // of the script, or a problem
};

struct Token {
  TokenKind kind = TokenKind::end;
  std::string_view text;  // a view into the script
  size_t offset = 0;
  bool continues = false;  // a string that, after a line end, continues the one before it

  // An unquoted word in any case; `lower` is in lower case.
  [[nodiscard]] bool is(std::string_view lower) const;
  [[nodiscard]] size_t end_offset() const { return offset + text.size(); }
};

class Lexer {
 public:
  Lexer(std::string_view script, Dialect dialect);

  // Past white space and comments. After the last token, and for ever after a problem: TokenKind::end.
  Token next();
  // Goes on at this offset of the script.
  void skip_to(size_t offset) { at_ = offset; }

  // What never ends ("a string"), and where it starts; null when the script was read to its end.
  [[nodiscard]] const char* unterminated() const { return unterminated_; }
  [[nodiscard]] size_t unterminated_offset() const { return unterminated_offset_; }

 private:
  bool skip_blanks();
  bool skip_block_comment();
  Token token(TokenKind kind, size_t start, size_t end);
  Token fail(const char* what, size_t start);
  Token quoted(TokenKind kind, size_t start, size_t quote, bool backslashes);
  Token bracketed();
  Token dollar();
  Token word();
  Token number();
  Token meta();
  Token operators();
  Token other();
  void find_continuation(size_t from);
  [[nodiscard]] char peek(size_t offset) const { return offset < script_.size() ? script_[offset] : '\0'; }
  [[nodiscard]] size_t end_of_line(size_t from) const;

  std::string_view script_;
  bool postgres_;
  size_t at_ = 0;
  size_t continuation_at_ = std::string_view::npos;
  bool continuation_backslashes_ = false;
  const char* unterminated_ = nullptr;
  size_t unterminated_offset_ = 0;
};

}  // namespace godwit::sql
