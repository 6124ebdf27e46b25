#include "schema/history/goose/annotations.h"

#include "base/text.h"
#include "schema/history/lines.h"

#include <fmt/format.h>

namespace godwit::schema {

namespace {

class Reader {
 public:
  Reader(const MigrationFile& file, const std::map<std::string, std::string>& variables)
      : file_(file), variables_(variables) {}

  Result<Sections> read() {
    for (const std::string_view line : lines_of(file_.text)) {
      ++line_;
      if (trim(line).starts_with("--") && line.find("+goose") != std::string_view::npos) {
        RETURN_IF_ERROR(annotation(line));
      } else {
        RETURN_IF_ERROR(sql(line));
      }
    }
    RETURN_IF_ERROR(end_section());
    if (open_ == nullptr) return fail(1, "no '-- +goose Up'", "the SQL stands below that line");
    for (Script* script : {&sections_.up, &sections_.down}) {
      script->transaction = no_transaction_ ? TransactionMode::never : TransactionMode::automatic;
    }
    return std::move(sections_);
  }

 private:
  Error fail(int line, std::string message, std::string hint = {}) const {
    return error_at(file_, line, std::move(message), std::move(hint));
  }

  Status open(Script& script) {
    RETURN_IF_ERROR(end_section());
    open_ = &script;
    script.kind = Script::Kind::sql;
    script.file = file_.path;
    script.first_line = line_ + 1;
    return {};
  }

  Status annotation(std::string_view line) {
    if (line.starts_with(' ') || line.starts_with('\t'))
      return fail(line_, "white space before an annotation", "it has to begin its line");
    std::string_view words = trim(line);
    words.remove_prefix(words.find("+goose") + 6);
    const std::string command = to_lower_ascii(trim(words));
    if (command == "up") {
      if (open_ != nullptr) return fail(line_, "a second '-- +goose Up'", "join the two");
      return open(sections_.up);
    }
    if (command == "down") {
      if (open_ != &sections_.up) return fail(line_, "'-- +goose Down' without an Up above it");
      return open(sections_.down);
    }
    if (command == "no transaction") {
      no_transaction_ = true;
    } else if (command == "envsub on" || command == "envsub off") {
      substitute_ = command == "envsub on";
    } else if (command == "statementbegin") {
      if (open_ == nullptr || block_line_ != 0)
        return fail(line_, "'-- +goose StatementBegin' stands below Up or Down, and not in another one");
      block_line_ = line_;
    } else if (command == "statementend") {
      if (block_line_ == 0) return fail(line_, "'-- +goose StatementEnd' without a StatementBegin");
      block_line_ = 0;
      unfinished_line_ = 0;
    } else {
      return fail(line_, "an annotation that goose does not know",
                  "known are: Up, Down, StatementBegin, StatementEnd, NO TRANSACTION, ENVSUB ON, ENVSUB OFF");
    }
    // It stays a comment of the script, so that lines keep their numbers.
    if (open_ != nullptr) open_->sql += line;
    return {};
  }

  // goose ends a statement with the line whose last word before a comment ends in ';'.
  Status sql(std::string_view line) {
    const bool code = !is_blank_or_comment(line);
    if (open_ == nullptr) {
      if (code) return fail(line_, "SQL before '-- +goose Up'", "put the line -- +goose Up above it");
      return {};
    }
    if (code && unfinished_line_ == 0) unfinished_line_ = line_;
    if (block_line_ == 0) {
      std::string_view last;
      for (const std::string_view word : words_of(line)) {
        if (word.starts_with("--")) break;
        last = word;
      }
      if (last.ends_with(';')) unfinished_line_ = 0;
    }
    if (!substitute_) {
      open_->sql += line;
      return {};
    }
    auto expanded = substitute(line, variables_);
    if (!expanded.ok()) return fail(line_, expanded.error().message, expanded.error().hint);
    open_->sql += *expanded;
    return {};
  }

  Status end_section() const {
    if (block_line_ != 0) return fail(block_line_, "'-- +goose StatementBegin' without a StatementEnd");
    if (unfinished_line_ != 0)
      return fail(unfinished_line_, "a statement that does not end",
                  "goose wants ';' at the end of its last line");
    return {};
  }

  const MigrationFile& file_;
  const std::map<std::string, std::string>& variables_;
  Sections sections_;
  Script* open_ = nullptr;
  int line_ = 0;
  int block_line_ = 0;       // of the StatementBegin that is open
  int unfinished_line_ = 0;  // where the statement began that has not ended yet
  bool no_transaction_ = false;
  bool substitute_ = false;
};

bool is_name_character(char c) {
  return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

Result<std::string> value_of(std::string_view expression,
                             const std::map<std::string, std::string>& variables) {
  size_t end = 0;
  while (end < expression.size() && is_name_character(expression[end]))
    ++end;
  const std::string variable(expression.substr(0, end));
  std::string_view rest = expression.substr(end);
  const auto found = variables.find(variable);
  const bool also_empty = rest.starts_with(':');
  if (also_empty) rest.remove_prefix(1);
  if (variable.empty() || !(rest.empty() || rest.starts_with('-')))
    return make_error(ErrorKind::config, "a substitution that is not understood",
                      "known are: $NAME, ${NAME}, ${NAME-default}, ${NAME:-default}");
  if (found != variables.end() && !(also_empty && found->second.empty())) return found->second;
  if (rest.empty())
    return make_error(ErrorKind::config, fmt::format("the variable {} is not set", variable),
                      "set it, or write ${NAME:-default}");
  return std::string(rest.substr(1));
}

}  // namespace

Result<Sections> read_goose_file(const MigrationFile& file,
                                 const std::map<std::string, std::string>& variables) {
  return Reader(file, variables).read();
}

Result<std::string> substitute(std::string_view line, const std::map<std::string, std::string>& variables) {
  std::string out;
  while (!line.empty()) {
    if (line.starts_with("$$") || line.starts_with("\\$")) {
      out += '$';
      line.remove_prefix(2);
      continue;
    }
    if (line[0] != '$' || line.size() == 1 || !(line[1] == '{' || is_name_character(line[1]))) {
      out += line[0];
      line.remove_prefix(1);
      continue;
    }
    const bool braced = line[1] == '{';
    size_t end = braced ? line.find('}') : 1;
    if (end == std::string_view::npos)
      return make_error(ErrorKind::config, "a substitution without its closing brace");
    while (!braced && end < line.size() && is_name_character(line[end]))
      ++end;
    const size_t begin = braced ? 2 : 1;
    ASSIGN_OR_RETURN(const std::string value, value_of(line.substr(begin, end - begin), variables));
    out += value;
    line.remove_prefix(braced ? end + 1 : end);
  }
  return out;
}

}  // namespace godwit::schema
