#include "connect/sqlite/create_sql.h"

#include "base/text.h"

#include <fmt/format.h>

#include <cctype>

namespace godwit::connect {

namespace {

bool is_word_character(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return std::isalnum(byte) != 0 || c == '_' || c == '$' || byte >= 0x80;
}

// Past a quoted token that begins at `at`; a doubled closing quote stands for itself.
size_t read_quoted(std::string_view sql, size_t at, SqlToken& token) {
  const char open = sql[at];
  const char close = open == '[' ? ']' : open;
  size_t i = at + 1;
  for (; i < sql.size(); ++i) {
    if (sql[i] == close) {
      if (close == ']' || i + 1 >= sql.size() || sql[i + 1] != close) break;
      ++i;
    }
    token.text += sql[i];
  }
  token.kind = open == '\'' ? SqlToken::Kind::string : SqlToken::Kind::quoted;
  return i < sql.size() ? i + 1 : i;
}

size_t skip_comment(std::string_view sql, size_t at) {
  const std::string_view end = sql[at] == '-' ? "\n" : "*/";
  const size_t found = sql.find(end, at + 2);
  return found == std::string_view::npos ? sql.size() : found + end.size();
}

bool begins_comment(std::string_view sql, size_t at) {
  const std::string_view two = sql.substr(at, 2);
  return two == "--" || two == "/*";
}

// The index after the parenthesis that closes the one at `open`.
size_t after_parentheses(const std::vector<SqlToken>& tokens, size_t open) {
  int depth = 0;
  for (size_t i = open; i < tokens.size(); ++i) {
    if (tokens[i].is_symbol('(')) ++depth;
    if (tokens[i].is_symbol(')') && --depth == 0) return i + 1;
  }
  return tokens.size();
}

std::string inside(std::string_view sql, const std::vector<SqlToken>& tokens, size_t open, size_t after) {
  const size_t begin = tokens[open].end;
  const size_t end = tokens[after - 1].begin;
  return end > begin ? std::string(trim(sql.substr(begin, end - begin))) : "";
}

size_t find_symbol(const std::vector<SqlToken>& tokens, size_t from, char symbol) {
  while (from < tokens.size() && !tokens[from].is_symbol(symbol))
    ++from;
  return from;
}

bool begins_table_constraint(const SqlToken& token) {
  return token.is("CONSTRAINT") || token.is("CHECK") || token.is("PRIMARY") || token.is("UNIQUE") ||
         token.is("FOREIGN");
}

class TableReader {
 public:
  TableReader(const std::string& table, std::string_view sql)
      : table_(table), sql_(sql), tokens_(tokenize_sql(sql)) {}

  TableText read() {
    const size_t open = find_symbol(tokens_, 0, '(');
    const size_t end = open < tokens_.size() ? after_parentheses(tokens_, open) - 1 : tokens_.size();
    size_t at = open + 1;
    while (at < end) {
      size_t stop = at;
      while (stop < end && !tokens_[stop].is_symbol(','))
        stop = tokens_[stop].is_symbol('(') ? after_parentheses(tokens_, stop) : stop + 1;
      definition(at, stop);
      at = stop + 1;
    }
    return std::move(out_);
  }

 private:
  void definition(size_t at, size_t stop) {
    std::string column;
    if (!begins_table_constraint(tokens_[at])) {
      column = tokens_[at].text;
      out_.columns.push_back({column, ""});
      ++at;
    }
    std::string name;
    while (at < stop) {
      const SqlToken& token = tokens_[at];
      if (token.is("CONSTRAINT") && at + 1 < stop) {
        name = tokens_[++at].text;
      } else if (token.is("COLLATE") && at + 1 < stop && !column.empty()) {
        out_.columns.back().collation = tokens_[++at].text;
      } else if (token.is("AUTOINCREMENT")) {
        out_.autoincrement = true;
      } else if (token.is("CHECK") && at + 1 < stop && tokens_[at + 1].is_symbol('(')) {
        const size_t after = after_parentheses(tokens_, at + 1);
        add_check(name, column, inside(sql_, tokens_, at + 1, after));
        name.clear();
        at = after;
        continue;
      }
      at = token.is_symbol('(') ? after_parentheses(tokens_, at) : at + 1;
    }
  }

  void add_check(std::string name, const std::string& column, std::string expression) {
    if (name.empty()) name = table_ + (column.empty() ? "" : "_" + column) + "_check";
    std::string unique = name;
    for (int i = 1; taken(unique); ++i)
      unique = name + std::to_string(i);
    out_.checks.push_back({unique, std::move(expression)});
  }

  [[nodiscard]] bool taken(const std::string& name) const {
    for (const CheckConstraint& check : out_.checks) {
      if (check.name == name) return true;
    }
    return false;
  }

  const std::string& table_;
  std::string_view sql_;
  std::vector<SqlToken> tokens_;
  TableText out_;
};

}  // namespace

bool SqlToken::is(std::string_view upper_case_word) const {
  if (kind != Kind::word || text.size() != upper_case_word.size()) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    if (std::toupper(static_cast<unsigned char>(text[i])) != upper_case_word[i]) return false;
  }
  return true;
}

std::vector<SqlToken> tokenize_sql(std::string_view sql) {
  std::vector<SqlToken> tokens;
  size_t at = 0;
  while (at < sql.size()) {
    const char c = sql[at];
    if (std::isspace(static_cast<unsigned char>(c)) != 0) {
      ++at;
      continue;
    }
    if (begins_comment(sql, at)) {
      at = skip_comment(sql, at);
      continue;
    }
    SqlToken token;
    token.begin = at;
    if (c == '\'' || c == '"' || c == '`' || c == '[') {
      at = read_quoted(sql, at, token);
    } else if (is_word_character(c)) {
      const bool number = std::isdigit(static_cast<unsigned char>(c)) != 0;
      token.kind = number ? SqlToken::Kind::number : SqlToken::Kind::word;
      while (at < sql.size() && (is_word_character(sql[at]) || (number && sql[at] == '.')))
        token.text += sql[at++];
    } else {
      token.text = c;
      ++at;
    }
    token.end = at;
    tokens.push_back(std::move(token));
  }
  return tokens;
}

TableText read_create_table(const std::string& table, std::string_view sql) {
  return TableReader(table, sql).read();
}

IndexText read_create_index(std::string_view sql) {
  IndexText out;
  const std::vector<SqlToken> tokens = tokenize_sql(sql);
  const size_t open = find_symbol(tokens, 0, '(');
  if (open >= tokens.size()) return out;
  const size_t after = after_parentheses(tokens, open);
  out.expressions = inside(sql, tokens, open, after);
  if (after < tokens.size() && tokens[after].is("WHERE")) {
    out.predicate = std::string(trim(sql.substr(tokens[after].end)));
  }
  return out;
}

Trigger read_create_trigger(const std::string& name, std::string_view sql) {
  Trigger trigger;
  trigger.name = name;
  trigger.timing = "BEFORE";  // SQLite's default
  for (const SqlToken& token : tokenize_sql(sql)) {
    if (token.is("BEFORE") || token.is("AFTER")) trigger.timing = token.is("AFTER") ? "AFTER" : "BEFORE";
    if (token.is("INSTEAD")) trigger.timing = "INSTEAD OF";
    for (const char* event : {"INSERT", "UPDATE", "DELETE"}) {
      if (token.is(event)) trigger.events = event;
    }
    if (!trigger.events.empty()) break;
  }
  return trigger;
}

std::vector<std::string> labels_of_check(std::string_view expression, std::string_view column) {
  const std::vector<SqlToken> tokens = tokenize_sql(expression);
  if (tokens.size() < 5 || !tokens[0].is_name() || tokens[0].text != column) return {};
  if (!tokens[1].is("IN") || !tokens[2].is_symbol('(') || !tokens.back().is_symbol(')')) return {};
  std::vector<std::string> labels;
  for (size_t i = 3; i + 1 < tokens.size(); ++i) {
    const bool label = (i - 3) % 2 == 0;
    if (label != (tokens[i].kind == SqlToken::Kind::string) || (!label && !tokens[i].is_symbol(',')))
      return {};
    if (label) labels.push_back(tokens[i].text);
  }
  return labels;
}

}  // namespace godwit::connect
