#include "sql/lexer.h"

#include <algorithm>
#include <array>

namespace godwit::sql {
namespace {

constexpr uint8_t blank = 1;
constexpr uint8_t word_start = 2;
constexpr uint8_t digit = 4;
constexpr uint8_t operator_character = 8;

constexpr std::array<uint8_t, 256> classes_of_characters() {
  std::array<uint8_t, 256> classes{};
  for (const char c : {' ', '\t', '\n', '\r', '\f', '\v'})
    classes[static_cast<unsigned char>(c)] = blank;
  for (size_t c = 'a'; c <= 'z'; ++c)
    classes[c] = classes[c - 'a' + 'A'] = word_start;
  for (size_t c = 128; c < 256; ++c)
    classes[c] = word_start;
  classes['_'] = word_start;
  for (size_t c = '0'; c <= '9'; ++c)
    classes[c] = digit;
  for (const char c : std::string_view("~!@#^&|`?+-*/%<>="))
    classes[static_cast<unsigned char>(c)] = operator_character;
  return classes;
}

constexpr std::array<uint8_t, 256> classes = classes_of_characters();

bool has(char c, int wanted) {
  return (classes[static_cast<unsigned char>(c)] & wanted) != 0;
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

// SQLite's operators of two and three characters; the longest first.
constexpr std::array<std::string_view, 9> sqlite_operators = {"->>", "->", "||", "<<", ">>",
                                                              "<=",  ">=", "==", "!="};

}  // namespace

bool Token::is(std::string_view wanted) const {
  if (kind != TokenKind::word || text.size() != wanted.size()) return false;
  for (size_t i = 0; i < text.size(); ++i)
    if (lower(text[i]) != wanted[i]) return false;
  return true;
}

Lexer::Lexer(std::string_view script, Dialect dialect)
    : script_(script), postgres_(dialect == Dialect::postgres) {}

Token Lexer::next() {
  if (unterminated_ != nullptr || !skip_blanks() || at_ >= script_.size())
    return {TokenKind::end, {}, script_.size()};
  const char c = script_[at_];
  if (has(c, word_start)) return word();
  if (has(c, digit) || (c == '.' && has(peek(at_ + 1), digit))) return number();
  switch (c) {
    case '\'':
      if (at_ == continuation_at_) {
        Token segment = quoted(TokenKind::string, at_, at_, continuation_backslashes_);
        segment.continues = true;
        return segment;
      }
      return quoted(TokenKind::string, at_, at_, false);
    case '"':
      return quoted(TokenKind::quoted, at_, at_, false);
    case '(':
      return token(TokenKind::opens, at_, at_ + 1);
    case ')':
      return token(TokenKind::closes, at_, at_ + 1);
    case ';':
      return token(TokenKind::semicolon, at_, at_ + 1);
    default:
      return other();
  }
}

Token Lexer::other() {
  const char c = script_[at_];
  if (postgres_) {
    if (c == '$') return dollar();
    if (c == '\\') return meta();
  } else {
    if (c == '`') return quoted(TokenKind::quoted, at_, at_, false);
    if (c == '[') return bracketed();
    if (c == '?' && has(peek(at_ + 1), digit)) {
      Token parameter = token(TokenKind::parameter, at_, at_ + 1);
      while (has(peek(at_), digit))
        ++at_;
      parameter.text = script_.substr(parameter.offset, at_ - parameter.offset);
      return parameter;
    }
  }
  if (has(c, operator_character)) return operators();
  const std::string_view pair = script_.substr(at_, 2);
  if (postgres_ && (pair == "::" || pair == ":=" || pair == ".."))
    return token(TokenKind::symbol, at_, at_ + 2);
  return token(TokenKind::symbol, at_, at_ + 1);
}

// False at a comment that does not end.
bool Lexer::skip_blanks() {
  while (at_ < script_.size()) {
    const char c = script_[at_];
    if (has(c, blank)) {
      ++at_;
    } else if (c == '-' && peek(at_ + 1) == '-') {
      at_ = end_of_line(at_);
    } else if (c == '/' && peek(at_ + 1) == '*') {
      if (!skip_block_comment()) return false;
    } else {
      break;
    }
  }
  return true;
}

bool Lexer::skip_block_comment() {
  const size_t start = at_;
  size_t depth = 1;
  for (at_ += 2; at_ + 1 < script_.size(); ++at_) {
    const char c = script_[at_];
    if (c == '*' && script_[at_ + 1] == '/') {
      ++at_;
      if (--depth == 0) {
        ++at_;
        return true;
      }
    } else if (postgres_ && c == '/' && script_[at_ + 1] == '*') {
      ++at_;
      ++depth;
    }
  }
  (void)fail("a comment", start);
  return false;
}

// PostgreSQL ends a line at a carriage return too.
size_t Lexer::end_of_line(size_t from) const {
  return std::min(script_.find_first_of(postgres_ ? "\r\n" : "\n", from), script_.size());
}

Token Lexer::token(TokenKind kind, size_t start, size_t end) {
  at_ = end;
  return {kind, script_.substr(start, end - start), start};
}

Token Lexer::fail(const char* what, size_t start) {
  unterminated_ = what;
  unterminated_offset_ = start;
  at_ = script_.size();
  return {TokenKind::end, {}, script_.size()};
}

// From `start`, where a prefix may stand, with the opening quote at `quote`; two of them inside are one.
Token Lexer::quoted(TokenKind kind, size_t start, size_t quote, bool backslashes) {
  const char mark = script_[quote];
  for (size_t at = quote + 1; at < script_.size(); ++at) {
    if (backslashes && script_[at] == '\\') {
      ++at;
    } else if (script_[at] == mark) {
      if (peek(at + 1) == mark) {
        ++at;
        continue;
      }
      if (postgres_ && kind == TokenKind::string) {
        continuation_backslashes_ = backslashes;
        find_continuation(at + 1);
      }
      return token(kind, start, at + 1);
    }
  }
  return fail(kind == TokenKind::string ? "a string" : "a quoted name", start);
}

// 'a' and 'b' with a line end between them, and nothing else but comments up to a line's end, are one string:
// 'b' then has the backslashes of 'a'.
void Lexer::find_continuation(size_t from) {
  continuation_at_ = std::string_view::npos;
  bool line_ended = false;
  for (size_t at = from; at < script_.size(); ++at) {
    const char c = script_[at];
    if (c == '\n' || c == '\r') {
      line_ended = true;
    } else if (line_ended && c == '-' && peek(at + 1) == '-') {
      at = end_of_line(at);
    } else if (line_ended && c == '\'') {
      continuation_at_ = at;
      return;
    } else if (!has(c, blank)) {
      return;
    }
  }
}

// SQLite: [x]; nothing inside can be a closing bracket.
Token Lexer::bracketed() {
  const size_t end = script_.find(']', at_);
  if (end == std::string_view::npos) return fail("a quoted name", at_);
  return token(TokenKind::quoted, at_, end + 1);
}

// $1, $$…$$ or $tag$…$tag$; a dollar sign alone is none of these.
Token Lexer::dollar() {
  const size_t start = at_;
  size_t at = start + 1;
  if (has(peek(at), digit)) {
    while (has(peek(at), digit))
      ++at;
    return token(TokenKind::parameter, start, at);
  }
  if (has(peek(at), word_start))
    while (has(peek(at), word_start | digit))
      ++at;
  if (peek(at) != '$') return token(TokenKind::symbol, start, start + 1);
  const std::string_view tag = script_.substr(start, at + 1 - start);
  const size_t end = script_.find(tag, at + 1);
  if (end == std::string_view::npos) return fail("a dollar-quoted string", start);
  return token(TokenKind::string, start, end + tag.size());
}

// A word may hold dollar signs, so a$b$ opens nothing. One letter right before a quote is its prefix.
Token Lexer::word() {
  const size_t start = at_;
  size_t at = start + 1;
  while (at < script_.size() && (has(script_[at], word_start | digit) || script_[at] == '$'))
    ++at;
  if (at == start + 1) {
    const char letter = lower(script_[start]);
    const bool quote = peek(at) == '\'';
    if (quote && letter == 'x') return quoted(TokenKind::string, start, at, false);
    if (postgres_) {
      if (quote && letter == 'e') return quoted(TokenKind::string, start, at, true);
      if (quote && (letter == 'b' || letter == 'n')) return quoted(TokenKind::string, start, at, false);
      if (letter == 'u' && peek(at) == '&' && peek(at + 1) == '\'')
        return quoted(TokenKind::string, start, at + 1, false);
      if (letter == 'u' && peek(at) == '&' && peek(at + 1) == '"')
        return quoted(TokenKind::quoted, start, at + 1, false);
    }
  }
  return token(TokenKind::word, start, at);
}

// Generous: 1e-5, 0x1F, 1_000; what is no number is for the server to refuse.
Token Lexer::number() {
  const size_t start = at_;
  size_t at = start;
  bool decimal = true;
  while (at < script_.size()) {
    const char c = script_[at];
    if (c == '.' && peek(at + 1) == '.') break;
    if (!has(c, word_start | digit) && c != '.') break;
    ++at;
    if (decimal && lower(c) == 'e' && (peek(at) == '+' || peek(at) == '-') && has(peek(at + 1), digit)) ++at;
    if (!has(c, digit) && c != '.') decimal = false;
  }
  return token(TokenKind::number, start, at);
}

// psql takes \; and \: for the characters after the backslash. Any other command goes on to the end of the
// line, or to two backslashes that stand outside of quotes; a few take the line whatever stands in it.
Token Lexer::meta() {
  const size_t start = at_;
  const char next = peek(start + 1);
  if (next == ';' || next == ':') return token(TokenKind::meta, start, start + 2);
  const size_t line_end = std::min(script_.find('\n', start), script_.size());
  const std::string_view command = script_.substr(start, line_end - start);
  const bool whole_line = command.starts_with("\\copy") || command.starts_with("\\!");
  char quote = '\0';
  for (size_t at = start + 1; at < line_end && !whole_line; ++at) {
    const char c = script_[at];
    if (quote != '\0') {
      if (c == '\\' && quote == '\'') ++at;
      if (c == quote) quote = '\0';
    } else if (c == '\'' || c == '"' || c == '`') {
      quote = c;
    } else if (c == '\\' && peek(at + 1) == '\\') {
      return token(TokenKind::meta, start, at + 2);
    }
  }
  size_t end = line_end;
  while (end > start + 1 && has(script_[end - 1], blank))
    --end;
  Token meta = token(TokenKind::meta, start, end);
  at_ = line_end;
  return meta;
}

// PostgreSQL: as many operator characters as there are, up to a comment; a plus or minus at the end belongs
// to it only when a character stands in it that no operator of the SQL standard has.
Token Lexer::operators() {
  const size_t start = at_;
  if (!postgres_) {
    for (const std::string_view known : sqlite_operators)
      if (script_.substr(start).starts_with(known))
        return token(TokenKind::symbol, start, start + known.size());
    return token(TokenKind::symbol, start, start + (script_.substr(start, 2) == "<>" ? 2 : 1));
  }
  size_t end = start;
  bool unusual = false;
  while (end < script_.size() && has(script_[end], operator_character)) {
    const std::string_view pair = script_.substr(end, 2);
    if (pair == "--" || pair == "/*") break;
    unusual = unusual || std::string_view("~!@#^&|`?%").find(script_[end]) != std::string_view::npos;
    ++end;
  }
  while (!unusual && end > start + 1 && (script_[end - 1] == '+' || script_[end - 1] == '-'))
    --end;
  return token(TokenKind::symbol, start, end);
}

}  // namespace godwit::sql
