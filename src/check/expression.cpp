#include "check/expression.h"

#include "base/check.h"
#include "base/text.h"

#include <array>
#include <functional>
#include <optional>
#include <set>
#include <vector>

namespace godwit::check {

namespace {

struct Token {
  enum class Kind { space, word, string, identifier, symbol };
  Kind kind = Kind::symbol;
  std::string text;
};

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '$' ||
         static_cast<unsigned char>(c) >= 0x80;
}

bool is_operator(char c) {
  return std::string_view("~!<>=|&*+-/%^@#?").find(c) != std::string_view::npos;
}

// The end of a quoted run that starts at `at`; doubled quotes stay inside. nullopt: nothing ends it.
std::optional<size_t> quoted_end(std::string_view text, size_t at) {
  const char quote = text[at];
  size_t end = at + 1;
  while (end < text.size()) {
    if (text[end] == quote) {
      if (end + 1 < text.size() && text[end + 1] == quote) {
        end += 2;
        continue;
      }
      return end + 1;
    }
    ++end;
  }
  return std::nullopt;
}

std::vector<Token> tokenize(std::string_view text) {
  std::vector<Token> tokens;
  for (size_t at = 0; at < text.size();) {
    size_t end = at + 1;
    Token::Kind kind = Token::Kind::symbol;
    const char c = text[at];
    if (c == '\'' || c == '"') {
      const auto quoted = quoted_end(text, at);
      end = quoted.value_or(text.size());
      // Without an end it is nothing that is understood here: the database shall refuse it as it was written.
      if (quoted) kind = c == '\'' ? Token::Kind::string : Token::Kind::identifier;
    } else if (is_word(c)) {
      while (end < text.size() && is_word(text[end]))
        ++end;
      kind = Token::Kind::word;
    } else if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
      while (end < text.size() && std::string_view(" \t\n\r").find(text[end]) != std::string_view::npos)
        ++end;
      kind = Token::Kind::space;
    } else if (is_operator(c)) {
      while (end < text.size() && is_operator(text[end]))
        ++end;
    } else if (c == ':' && end < text.size() && text[end] == ':') {
      ++end;
    }
    tokens.push_back({kind, std::string(text.substr(at, end - at))});
    at = end;
  }
  return tokens;
}

// What stands inside the quotes.
std::string unquoted(const std::string& quoted) {
  std::string inside;
  for (size_t i = 1; i + 1 < quoted.size(); ++i) {
    inside += quoted[i];
    if (quoted[i] == quoted[0]) ++i;  // doubled
  }
  return inside;
}

std::string concatenate(const std::vector<Token>& tokens) {
  std::string out;
  for (const Token& token : tokens)
    out += token.text;
  return out;
}

std::optional<size_t> next_solid(const std::vector<Token>& tokens, size_t at) {
  for (size_t i = at; i < tokens.size(); ++i) {
    if (tokens[i].kind != Token::Kind::space && !tokens[i].text.empty()) return i;
  }
  return std::nullopt;
}

const std::set<std::string, std::less<>> comparisons = {"<", ">", "<=", ">=", "=", "==", "<>", "!="};

bool word_is(const Token& token, std::string_view lower) {
  return token.kind == Token::Kind::word && to_lower_ascii(token.text) == lower;
}

// A pattern that a whole-value match accepts exactly where a search would have found it.
std::string widen_pattern(const std::string& literal, bool ignore_case) {
  std::string pattern = literal.substr(1, literal.size() - 2);
  const bool one_branch = pattern.find('|') == std::string::npos;
  const bool anchored_front = one_branch && pattern.starts_with("^");
  const bool escaped_end = pattern.size() >= 2 && pattern[pattern.size() - 2] == '\\';
  const bool anchored_back = one_branch && pattern.ends_with("$") && !escaped_end;
  if (anchored_front) pattern.erase(0, 1);
  if (anchored_back) pattern.pop_back();
  std::string out = "'";
  if (ignore_case) out += "(?i)";
  if (!anchored_front) out += "(?s:.*)";
  out += one_branch ? pattern : "(?:" + pattern + ")";
  if (!anchored_back) out += "(?s:.*)";
  return out + "'";
}

void rewrite_regular_expressions(std::vector<Token>& tokens) {
  for (size_t i = 0; i < tokens.size(); ++i) {
    if (tokens[i].kind != Token::Kind::symbol) continue;
    const std::string operation = tokens[i].text;
    if (operation != "~" && operation != "!~" && operation != "~*" && operation != "!~*") continue;
    const auto literal = next_solid(tokens, i + 1);
    if (!literal || tokens[*literal].kind != Token::Kind::string) continue;
    tokens[*literal].text = widen_pattern(tokens[*literal].text, operation.ends_with('*'));
    tokens[i].text = operation.starts_with('!') ? "!~" : "~";
  }
}

void rewrite_casts(std::vector<Token>& tokens) {
  for (size_t i = 0; i < tokens.size(); ++i) {
    if (tokens[i].text != "::") continue;
    const auto type = next_solid(tokens, i + 1);
    if (!type) continue;
    if (word_is(tokens[*type], "text") || word_is(tokens[*type], "bpchar")) tokens[*type].text = "VARCHAR";
    if (word_is(tokens[*type], "character")) {
      tokens[*type].text = "VARCHAR";
      const auto varying = next_solid(tokens, *type + 1);
      if (varying && word_is(tokens[*varying], "varying")) tokens[*varying].text.clear();
    }
  }
}

// From behind an array to behind the last of `parentheses` that close: only casts may stand there. nullopt:
// there is more, which must not be lost.
std::optional<size_t> end_of_casts(const std::vector<Token>& tokens, size_t at, size_t parentheses) {
  bool in_cast = false;
  for (size_t closed = 0; closed < parentheses; ++at) {
    if (at == tokens.size()) return std::nullopt;
    const Token& token = tokens[at];
    if (token.text == ")") {
      ++closed;
      in_cast = false;
    } else if (token.text == "::") {
      in_cast = true;
    } else if (token.kind != Token::Kind::space) {
      const bool names_type = token.kind == Token::Kind::word || token.text == "[" || token.text == "]";
      if (!in_cast || !names_type) return std::nullopt;
    }
  }
  return at;
}

// `= ANY (ARRAY[...])`, with any casts behind the bracket, becomes `IN (...)`.
void rewrite_any_array(std::vector<Token>& tokens) {
  for (size_t i = 0; i < tokens.size(); ++i) {
    if (tokens[i].text != "=") continue;
    const auto any = next_solid(tokens, i + 1);
    if (!any || !word_is(tokens[*any], "any")) continue;
    auto open = next_solid(tokens, *any + 1);
    if (!open || tokens[*open].text != "(") continue;
    std::vector<size_t> parentheses = {*open};
    auto array = next_solid(tokens, *open + 1);
    if (array && tokens[*array].text == "(") {
      parentheses.push_back(*array);
      array = next_solid(tokens, *array + 1);
    }
    if (!array || !word_is(tokens[*array], "array")) continue;
    const auto bracket = next_solid(tokens, *array + 1);
    if (!bracket || tokens[*bracket].text != "[") continue;
    size_t close = *bracket + 1;
    while (close < tokens.size() && tokens[close].text != "]")
      ++close;
    if (close == tokens.size()) continue;
    const auto end = end_of_casts(tokens, close + 1, parentheses.size());
    if (!end) continue;
    for (size_t behind = close + 1; behind < *end; ++behind)
      tokens[behind].text.clear();
    tokens[i].text = "IN";
    tokens[*any].text.clear();
    for (const size_t parenthesis : parentheses)
      tokens[parenthesis].text.clear();
    tokens[*array].text.clear();
    tokens[*bracket].text = "(";
    tokens[close].text = ")";
  }
}

}  // namespace

std::string rewrite_for_duckdb(std::string_view expression) {
  std::vector<Token> tokens = tokenize(expression);
  rewrite_any_array(tokens);
  rewrite_casts(tokens);
  // Casts behind a pattern ('^x$'::text) stay; the literal itself is the next token.
  rewrite_regular_expressions(tokens);
  return concatenate(tokens);
}

std::string freeze_time(std::string_view expression, std::string_view now_text) {
  std::vector<Token> tokens = tokenize(expression);
  const std::string timestamp = "TIMESTAMP '" + std::string(now_text) + "'";
  const std::string date = "DATE '" + std::string(now_text.substr(0, 10)) + "'";
  for (size_t i = 0; i < tokens.size(); ++i) {
    if (word_is(tokens[i], "current_timestamp")) tokens[i].text = timestamp;
    if (word_is(tokens[i], "current_date")) tokens[i].text = date;
    if (!word_is(tokens[i], "now") && !word_is(tokens[i], "today")) continue;
    const auto open = next_solid(tokens, i + 1);
    const auto close = open ? next_solid(tokens, *open + 1) : std::nullopt;
    if (!close || tokens[*open].text != "(" || tokens[*close].text != ")") continue;
    tokens[i].text = word_is(tokens[i], "now") ? timestamp : date;
    tokens[*open].text.clear();
    tokens[*close].text.clear();
  }
  return concatenate(tokens);
}

std::string compare_in_utc(std::string_view expression) {
  std::vector<Token> tokens = tokenize(expression);
  const Token* before = nullptr;
  for (size_t i = 0; i < tokens.size(); ++i) {
    if (tokens[i].kind == Token::Kind::space) continue;
    const bool compared = before != nullptr && (comparisons.contains(before->text) ||
                                                word_is(*before, "between") || word_is(*before, "and"));
    before = &tokens[i];
    if (!compared || !word_is(tokens[i], "timestamptz")) continue;
    const auto literal = next_solid(tokens, i + 1);
    if (!literal || tokens[*literal].kind != Token::Kind::string) continue;
    const auto behind = next_solid(tokens, *literal + 1);
    // AT TIME ZONE means the one of a moment and the other of a time of day.
    if (behind && word_is(tokens[*behind], "at")) continue;
    tokens[i].text = "CAST(" + tokens[i].text;
    tokens[*literal].text += " AS TIMESTAMP)";
  }
  return concatenate(tokens);
}

std::string substitute_field(std::string_view expression, std::string_view column) {
  std::vector<Token> tokens = tokenize(expression);
  for (size_t i = 0; i < tokens.size(); ++i) {
    if (!word_is(tokens[i], "field")) continue;
    // Two quoted names side by side would be one name with a quote inside.
    const bool behind_name = i > 0 && tokens[i - 1].text.ends_with('"');
    const bool before_name = i + 1 < tokens.size() && tokens[i + 1].text.starts_with('"');
    tokens[i].text = (behind_name ? " " : "") + quote_identifier(column) + (before_name ? " " : "");
  }
  return concatenate(tokens);
}

std::string replace_pattern_matches(std::string_view expression, const PatternReplacement& replacement) {
  std::vector<Token> tokens = tokenize(expression);
  for (size_t i = 0; i < tokens.size(); ++i) {
    if (!word_is(tokens[i], "regexp_matches")) continue;
    // ( column , 'pattern' )
    std::array<size_t, 5> parts{};
    size_t at = i;
    bool whole = true;
    for (size_t& part : parts) {
      const auto next = whole ? next_solid(tokens, at + 1) : std::nullopt;
      whole = next.has_value();
      at = part = next.value_or(0);
    }
    if (!whole) continue;
    const auto [open, column, comma, pattern, close] = parts;
    const bool named =
        tokens[column].kind == Token::Kind::word || tokens[column].kind == Token::Kind::identifier;
    if (tokens[open].text != "(" || !named || tokens[comma].text != "," ||
        tokens[pattern].kind != Token::Kind::string || tokens[close].text != ")")
      continue;
    const bool quoted = tokens[column].kind == Token::Kind::identifier;
    std::string better = replacement(quoted ? unquoted(tokens[column].text) : tokens[column].text,
                                     unquoted(tokens[pattern].text));
    if (better.empty()) continue;
    for (size_t part = i + 1; part <= close; ++part)
      tokens[part].text.clear();
    tokens[i].text = std::move(better);
  }
  return concatenate(tokens);
}

std::vector<std::string> columns_named(std::string_view expression, const std::vector<std::string>& columns) {
  std::set<std::string> words;
  for (const Token& token : tokenize(expression)) {
    if (token.kind == Token::Kind::word) words.insert(to_lower_ascii(token.text));
    if (token.kind == Token::Kind::identifier) words.insert(to_lower_ascii(unquoted(token.text)));
  }
  std::vector<std::string> named;
  for (const std::string& column : columns) {
    if (words.count(to_lower_ascii(column)) != 0) named.push_back(column);
  }
  return named;
}

std::string fill_tokens(const std::string& text, const TokenValue& value) {
  std::string out;
  size_t at = 0;
  for (;;) {
    const size_t start = text.find("${", at);
    if (start == std::string::npos) break;
    const size_t end = text.find('}', start);
    CHECK(end != std::string::npos);
    const std::string_view inner = std::string_view(text).substr(start + 2, end - start - 2);
    const size_t colon = inner.find(':');
    out += text.substr(at, start - at);
    out += value(inner.substr(0, colon),
                 colon == std::string_view::npos ? std::string_view() : inner.substr(colon + 1));
    at = end + 1;
  }
  return out + text.substr(at);
}

}  // namespace godwit::check
