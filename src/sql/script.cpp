#include "sql/script.h"

#include "sql/lexer.h"

#include <algorithm>
#include <array>
#include <string>

namespace godwit::sql {
namespace {

constexpr size_t nowhere = std::string_view::npos;
constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

// Lines and columns of offsets that only grow.
class Places {
 public:
  explicit Places(std::string_view script)
      : script_(script), line_start_(script.starts_with(byte_order_mark) ? byte_order_mark.size() : 0) {
    at_ = line_start_;
  }

  void look_up(size_t offset, int* line, int* column) {
    for (size_t end = script_.find('\n', at_); end < offset; end = script_.find('\n', at_)) {
      ++line_;
      at_ = line_start_ = end + 1;
    }
    *line = line_;
    const std::string_view before = script_.substr(line_start_, offset - line_start_);
    *column = 1 + static_cast<int>(std::ranges::count_if(
                      before, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80; }));
  }

 private:
  std::string_view script_;
  size_t line_start_;
  size_t at_ = 0;
  int line_ = 1;
};

// What the first words of a statement say of the semicolons that follow.
class Beginning {
 public:
  enum class State : uint8_t {
    start,
    create,       // CREATE [OR [REPLACE]] [TEMP], or SQLite's EXPLAIN before it
    routine,      // CREATE FUNCTION or PROCEDURE: its body may be BEGIN ATOMIC … END
    trigger,      // SQLite's CREATE TRIGGER: its body is BEGIN …; END
    copy,         // COPY, and no FROM so far
    copy_from,    // COPY … FROM
    copy_data,    // COPY … FROM stdin
    set,          // SET, and no name so far
    set_strings,  // SET standard_conforming_strings
    strings_off,  // … to anything but on: from then on, other rules hold
    other,
  };

  [[nodiscard]] State state() const { return state_; }

  // A token outside of parentheses.
  void take(const Token& token, Dialect dialect) {
    switch (state_) {
      case State::start:
        state_ = first(token, dialect);
        break;
      case State::create:
        state_ = after_create(token, dialect);
        break;
      case State::copy:
        if (token.is("from")) state_ = State::copy_from;
        break;
      case State::copy_from:  // the server's grammar takes either word, and means the client's data
        state_ = token.is("stdin") || token.is("stdout") ? State::copy_data : State::other;
        break;
      case State::set:
        if (!token.is("local") && !token.is("session"))
          state_ = token.is("standard_conforming_strings") ? State::set_strings : State::other;
        break;
      case State::set_strings:
        if (!token.is("to") && token.text != "=")
          state_ = means_on(token) ? State::other : State::strings_off;
        break;
      case State::routine:
      case State::trigger:
      case State::copy_data:
      case State::strings_off:
      case State::other:
        break;
    }
  }

 private:
  static State first(const Token& token, Dialect dialect) {
    if (token.is("create")) return State::create;
    if (dialect == Dialect::postgres) {
      if (token.is("set")) return State::set;
      return token.is("copy") ? State::copy : State::other;
    }
    for (const std::string_view word : {"explain", "query", "plan"})
      if (token.is(word)) return State::start;
    return State::other;
  }

  static bool means_on(const Token& token) {
    const std::string_view value = token.text;
    return token.is("on") || token.is("true") || token.is("default") || value == "'on'" ||
           value == "'true'" || value == "1";
  }

  static State after_create(const Token& token, Dialect dialect) {
    if (dialect == Dialect::sqlite) {
      if (token.is("temp") || token.is("temporary")) return State::create;
      return token.is("trigger") ? State::trigger : State::other;
    }
    if (token.is("or") || token.is("replace")) return State::create;
    return token.is("function") || token.is("procedure") ? State::routine : State::other;
  }

  State state_ = State::start;
};

class Splitter {
 public:
  Splitter(std::string_view script, Dialect dialect)
      : script_(script), dialect_(dialect), lexer_(script, dialect), places_(script) {}

  Result<std::vector<Statement>> run() {
    if (script_.starts_with(byte_order_mark)) lexer_.skip_to(byte_order_mark.size());
    for (Token token = lexer_.next(); token.kind != TokenKind::end; token = lexer_.next()) {
      if (token.kind == TokenKind::meta) {
        RETURN_IF_ERROR(take_meta(token));
      } else if (token.kind == TokenKind::semicolon && depth_ == 0 && block_depth_ == 0) {
        RETURN_IF_ERROR(finish(token.end_offset()));
      } else {
        take(token);
      }
    }
    RETURN_IF_ERROR(look_for_open_ends());
    RETURN_IF_ERROR(finish(script_.size()));
    return std::move(statements_);
  }

 private:
  using State = Beginning::State;

  void take(const Token& token) {
    if (start_ == nowhere) start_ = token.offset;
    end_ = token.end_offset();
    if (token.kind == TokenKind::opens && depth_++ == 0) parenthesis_ = token.offset;
    if (token.kind == TokenKind::closes && depth_ > 0) --depth_;
    if (depth_ == 0) {
      beginning_.take(token, dialect_);
      if (beginning_.state() == State::routine) follow_routine(token);
      if (beginning_.state() == State::trigger) follow_trigger(token);
    }
    previous_ = token;
  }

  // BEGIN ATOMIC … END, with CASE … END inside; after a dot or AS any of these is a name.
  void follow_routine(const Token& token) {
    if (token.kind != TokenKind::word || previous_.text == "." || previous_.is("as")) return;
    if (block_depth_ == 0) {
      if (previous_.is("begin") && token.is("atomic")) {
        block_depth_ = 1;
        block_ = previous_.offset;
      }
    } else if (token.is("case")) {
      ++block_depth_;
    } else if (token.is("end")) {
      --block_depth_;
    }
  }

  // SQLite lets END be a name; right behind a semicolon it ends the body.
  void follow_trigger(const Token& token) {
    if (block_depth_ == 0 && !body_seen_ && token.is("begin")) {
      block_depth_ = 1;
      block_ = token.offset;
      body_seen_ = true;
    } else if (block_depth_ == 1 && previous_.kind == TokenKind::semicolon && token.is("end")) {
      block_depth_ = 0;
    }
  }

  // The statement so far ends before `after`, where its semicolon ends.
  Status finish(size_t after) {
    if (beginning_.state() == State::strings_off)
      return error(start_,
                   "standard_conforming_strings is set off: where strings end is then no longer known");
    const bool copies = beginning_.state() == State::copy_data;
    if (start_ != nowhere) {
      add(start_, end_, copies ? Statement::Kind::copy_data : Statement::Kind::sql);
      if (copies) RETURN_IF_ERROR(take_data(after));
    }
    start_ = nowhere;
    beginning_ = {};
    previous_ = {};
    body_seen_ = false;
    return {};
  }

  Statement& add(size_t start, size_t end, Statement::Kind kind) {
    Statement& statement = statements_.emplace_back();
    statement.text = script_.substr(start, end - start);
    statement.offset = start;
    statement.kind = kind;
    places_.look_up(start, &statement.line, &statement.column);
    return statement;
  }

  // The data of the last statement, which start on the line after `after`.
  Status take_data(size_t after) {
    const size_t line_end = script_.find('\n', after);
    const std::string_view rest = script_.substr(after, line_end - after);
    const size_t first = rest.find_first_not_of(" \t\r\f\v");
    if (first != nowhere && !rest.substr(first).starts_with("--"))
      return error(after + first, "nothing but a comment can stand behind COPY from stdin on its line");
    const size_t start = line_end == nowhere ? script_.size() : line_end + 1;
    for (size_t line = start; line < script_.size();) {
      const size_t end = std::min(script_.find('\n', line), script_.size());
      const std::string_view text = script_.substr(line, end - line);
      if (text == "\\." || text == "\\.\r") {
        statements_.back().copy_data = script_.substr(start, line - start);
        lexer_.skip_to(std::min(end + 1, script_.size()));
        return {};
      }
      line = end + 1;
    }
    return error(statements_.back().offset, "the data of COPY never end: a line of \\. is missing");
  }

  Status take_meta(const Token& token) {
    const std::string_view name = name_of(token.text);
    if (start_ != nowhere) {
      if (!sends(name) || depth_ > 0 || block_depth_ > 0)
        return error(token.offset, "the psql command \\" + std::string(name) + " stands inside a statement");
      if (beginning_.state() == State::copy_data)
        return error(token.offset, "COPY from stdin ends with a semicolon, not with \\" + std::string(name));
      RETURN_IF_ERROR(finish(token.offset));
    }
    add(token.offset, token.end_offset(), Statement::Kind::meta);
    if (name == "copy" && copies_from_stdin(token.text)) return take_data(token.end_offset());
    return {};
  }

  static std::string_view name_of(std::string_view command) {
    const size_t end = std::min(command.find_first_of(" \t\r\n\f\v\\", 1), command.size());
    return end == 1 ? command.substr(1, 1) : command.substr(1, end - 1);
  }

  // Whether the command sends what was written before it, as a semicolon does.
  static bool sends(std::string_view name) {
    constexpr std::array<std::string_view, 10> senders = {
        ";", "g", "gx", "gset", "gexec", "gdesc", "crosstabview", "watch", "bind", "bind_named"};
    return std::ranges::find(senders, name) != senders.end();
  }

  static bool copies_from_stdin(std::string_view command) {
    Lexer lexer(command.substr(1), Dialect::postgres);
    int depth = 0;
    bool from = false;
    for (Token token = lexer.next(); token.kind != TokenKind::end; token = lexer.next()) {
      if (from) return token.is("stdin") || token.is("pstdin");
      depth += static_cast<int>(token.kind == TokenKind::opens) -
               static_cast<int>(token.kind == TokenKind::closes);
      from = depth == 0 && token.is("from");
    }
    return false;
  }

  Status look_for_open_ends() {
    if (lexer_.unterminated() != nullptr)
      return error(lexer_.unterminated_offset(),
                   std::string(lexer_.unterminated()) + " starts here and never ends");
    if (depth_ > 0) return error(parenthesis_, "a parenthesis opens here and is never closed");
    if (block_depth_ > 0) return error(block_, "BEGIN without END");
    return {};
  }

  Error error(size_t offset, std::string message) {
    Error problem = make_error(ErrorKind::config, std::move(message));
    Places(script_).look_up(offset, &problem.where.line, &problem.where.column);
    return problem;
  }

  std::string_view script_;
  Dialect dialect_;
  Lexer lexer_;
  Places places_;
  std::vector<Statement> statements_;
  // Of the statement that is being read.
  size_t start_ = nowhere;
  size_t end_ = 0;
  Beginning beginning_;
  Token previous_;
  int depth_ = 0;        // parentheses
  int block_depth_ = 0;  // BEGIN ATOMIC and CASE, or a trigger's BEGIN
  bool body_seen_ = false;
  size_t parenthesis_ = 0;
  size_t block_ = 0;
};

}  // namespace

Result<std::vector<Statement>> split(std::string_view script, Dialect dialect) {
  return Splitter(script, dialect).run();
}

}  // namespace godwit::sql
