#include "sql/meaning.h"

#include "base/text.h"
#include "sql/lexer.h"
#include "sql/script.h"

namespace godwit::sql {
namespace {

// The prefix of a literal or a quoted name in lower case, the rest as it is.
void append_literal(std::string_view text, std::string& form) {
  const size_t prefix = text.front() == '$' ? 0 : text.find_first_of("'\"`[");
  form += to_lower_ascii(text.substr(0, prefix));
  form += text.substr(prefix);
}

void append_statement(std::string_view text, Dialect dialect, std::string& form) {
  Lexer lexer(text, dialect);
  bool first = true;
  for (Token token = lexer.next(); token.kind != TokenKind::end; token = lexer.next()) {
    if (!first) form += token.continues ? '\n' : ' ';
    first = false;
    if (token.kind == TokenKind::string || token.kind == TokenKind::quoted) {
      append_literal(token.text, form);
    } else {
      form += to_lower_ascii(token.text);
    }
  }
}

// A second carriage return is nobody's line end: then all of them stay.
std::string with_line_feeds(std::string text) {
  if (text.find("\r\r\n") != std::string::npos) return text;
  size_t end = 0;
  for (size_t at = 0; at < text.size(); ++at)
    if (text[at] != '\r' || at + 1 == text.size() || text[at + 1] != '\n') text[end++] = text[at];
  text.resize(end);
  return text;
}

}  // namespace

std::string canonical(std::string_view script, Dialect dialect) {
  const auto statements = split(script, dialect);
  if (!statements) return with_line_feeds(std::string(script));
  std::string form;
  form.reserve(script.size() + 16);
  for (const Statement& statement : *statements) {
    if (statement.kind == Statement::Kind::meta) {
      form += statement.text;
    } else {
      append_statement(statement.text, dialect, form);
      form += ';';
    }
    form += '\n';
    if (!statement.copy_data.empty() || statement.kind == Statement::Kind::copy_data) {
      form += statement.copy_data;
      form += "\\.\n";
    }
  }
  return with_line_feeds(std::move(form));
}

}  // namespace godwit::sql
