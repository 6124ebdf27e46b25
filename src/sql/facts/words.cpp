#include "sql/facts/words.h"

#include "base/text.h"

#include <algorithm>
#include <array>
#include <initializer_list>

namespace godwit::sql {
namespace {

using Words = std::initializer_list<std::string_view>;

std::string upper(std::string_view text) {
  std::string result(text);
  for (char& c : result)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return result;
}

bool is_any(const Token& token, Words words) {
  return std::ranges::any_of(words, [&token](std::string_view word) { return token.is(word); });
}

// Takes the words of a statement one after another.
class Reader {
 public:
  explicit Reader(const std::vector<Token>& tokens) : tokens_(tokens) {}

  [[nodiscard]] const Token& peek() const {
    static const Token nothing;
    return at_ < tokens_.size() ? tokens_[at_] : nothing;
  }
  void skip() { ++at_; }
  void skip_all(Words words) {
    while (is_any(peek(), words))
      skip();
  }
  // Adds the word to the command when it is one of these.
  bool take(std::string& command, Words words) {
    if (!is_any(peek(), words)) return false;
    command += ' ' + upper(peek().text);
    skip();
    return true;
  }
  void skip_parentheses() {
    if (peek().kind != TokenKind::opens) return;
    int depth = 0;
    do {
      depth += static_cast<int>(peek().kind == TokenKind::opens) -
               static_cast<int>(peek().kind == TokenKind::closes);
      skip();
    } while (depth > 0 && at_ < tokens_.size());
  }

 private:
  const std::vector<Token>& tokens_;
  size_t at_ = 0;
};

// The kind of object behind CREATE, ALTER or DROP.
void take_object(Reader& reader, std::string& command) {
  if (reader.take(command, {"materialized"})) {
    reader.take(command, {"view"});
  } else if (reader.take(command, {"foreign"})) {
    if (reader.take(command, {"data"}))
      reader.take(command, {"wrapper"});
    else
      reader.take(command, {"table"});
  } else if (reader.take(command, {"event"})) {
    reader.take(command, {"trigger"});
  } else if (reader.take(command, {"text"})) {
    reader.take(command, {"search"});
    reader.take(command, {"configuration", "dictionary", "parser", "template"});
  } else if (reader.take(command, {"access", "operator", "user", "default", "large", "virtual"})) {
    reader.take(command, {"method", "class", "family", "mapping", "privileges", "object", "table"});
  } else if (reader.peek().kind == TokenKind::word) {
    command += ' ' + upper(reader.peek().text);
    reader.skip();
  }
  reader.take(command, {"concurrently"});
}

// WITH x AS (…) SELECT: the statement that uses the queries.
std::string command_after_with(const std::vector<Token>& tokens) {
  int depth = 0;
  for (const Token& token : tokens) {
    depth +=
        static_cast<int>(token.kind == TokenKind::opens) - static_cast<int>(token.kind == TokenKind::closes);
    if (depth == 0 &&
        is_any(token, {"select", "insert", "update", "delete", "merge", "values", "table", "replace"}))
      return upper(token.text);
  }
  return "WITH";
}

void take_reindex(Reader& reader, std::string& command, const std::vector<Token>& tokens) {
  reader.skip_parentheses();
  reader.take(command, {"table", "index", "schema", "database", "system"});
  if (std::ranges::any_of(tokens, [](const Token& token) { return token.is("concurrently"); }))
    command += " CONCURRENTLY";
}

}  // namespace

std::vector<Token> tokens_of(std::string_view statement, Dialect dialect) {
  std::vector<Token> tokens;
  Lexer lexer(statement, dialect);
  for (Token token = lexer.next(); token.kind != TokenKind::end; token = lexer.next())
    tokens.push_back(token);
  return tokens;
}

std::string command_of(const std::vector<Token>& tokens) {
  Reader reader(tokens);
  while (reader.peek().kind == TokenKind::opens)
    reader.skip();
  const Token first = reader.peek();
  if (first.kind != TokenKind::word) return {};
  if (first.is("with")) return command_after_with(tokens);
  std::string command = upper(first.text);
  reader.skip();
  if (is_any(first, {"create", "alter", "drop"})) {
    reader.skip_all({"or", "replace", "temp", "temporary", "unlogged", "global", "local", "unique", "trusted",
                     "procedural", "constraint", "recursive"});
    take_object(reader, command);
  } else if (first.is("reindex")) {
    take_reindex(reader, command, tokens);
  } else if (is_any(first, {"refresh", "import", "reassign", "security", "prepare", "commit", "rollback",
                            "start", "discard"})) {
    while (
        reader.take(command, {"materialized", "view", "concurrently", "foreign", "schema", "owned", "label",
                              "transaction", "prepared", "all", "plans", "sequences", "temp", "temporary"})) {
    }
  }
  if (command == "COMMIT TRANSACTION" || command == "ROLLBACK TRANSACTION") command.resize(command.find(' '));
  return command;
}

bool is_transaction_control(std::string_view command) {
  constexpr std::array<std::string_view, 12> commands = {
      "BEGIN",           "START TRANSACTION", "COMMIT",  "END",   "ROLLBACK",
      "ABORT",           "SAVEPOINT",         "RELEASE", "START", "PREPARE TRANSACTION",
      "COMMIT PREPARED", "ROLLBACK PREPARED"};
  return std::ranges::find(commands, command) != commands.end();
}

}  // namespace godwit::sql
