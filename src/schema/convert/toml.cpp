// TOML as configurations of tools use it. Facts: toml.io, version 1.0.
#include "base/text.h"
#include "schema/convert/key_values.h"

#include <algorithm>

namespace godwit::schema {

namespace {

class TomlReader {
 public:
  explicit TomlReader(std::string_view text) : text_(text) {}

  std::vector<KeyValue> read() {
    while (true) {
      skip_blank();
      if (done()) return std::move(pairs_);
      if (peek() == '[') {
        take_table();
      } else {
        take_pair(table_, '\n');
      }
      skip_line();
    }
  }

 private:
  [[nodiscard]] bool done() const { return at_ >= text_.size(); }
  [[nodiscard]] char peek() const { return done() ? '\0' : text_[at_]; }
  char next() {
    const char c = text_[at_++];
    if (c == '\n') ++line_;
    return c;
  }
  void skip_spaces() {
    while (peek() == ' ' || peek() == '\t' || peek() == '\r')
      next();
  }
  void skip_line() {
    while (!done() && peek() != '\n')
      next();
  }
  // Spaces, line ends and comments: inside of an array they say nothing.
  void skip_blank() {
    while (!done()) {
      if (peek() == '#') {
        skip_line();
      } else if (peek() == ' ' || peek() == '\t' || peek() == '\r' || peek() == '\n') {
        next();
      } else {
        return;
      }
    }
  }

  // "a.b.'c d'", up to '=' or ']'.
  std::string take_key() {
    std::string key;
    while (!done() && peek() != '=' && peek() != ']' && peek() != '\n') {
      if (peek() == '"' || peek() == '\'') {
        key += take_text();
      } else if (peek() == ' ' || peek() == '\t' || peek() == '\r') {
        next();
      } else {
        key += next();
      }
    }
    return key;
  }

  void take_table() {
    while (peek() == '[')
      next();
    table_ = take_key() + ".";
  }

  // `end`: what ends a value without quotes, besides a comment.
  void take_pair(const std::string& prefix, char end) {
    const int line = line_;
    const std::string key = take_key();
    if (peek() != '=') return;
    next();
    KeyValue pair{prefix + key, {}, line, {}};
    take_value(pair, end);
    if (!pair.key.empty()) pairs_.push_back(std::move(pair));
  }

  void take_value(KeyValue& pair, char end) {
    skip_spaces();
    if (peek() == '[') {
      take_array(pair);
      pair.value = join(pair.items, ",");
    } else if (peek() == '{') {
      take_inline_table(pair.key + ".");
      pair.key.clear();
    } else {
      pair.value = take_plain(end);
      pair.items = {pair.value};
    }
  }

  void take_array(KeyValue& pair) {
    next();
    while (true) {
      skip_blank();
      if (done() || peek() == ']') break;
      if (peek() == ',') {
        next();
        continue;
      }
      KeyValue item{pair.key, {}, line_, {}};
      take_value(item, ']');
      pair.items.insert(pair.items.end(), item.items.begin(), item.items.end());
    }
    if (!done()) next();
  }

  void take_inline_table(const std::string& prefix) {
    next();
    while (true) {
      skip_blank();
      if (done() || peek() == '}' || peek() == ']') break;
      if (peek() == ',') {
        next();
        continue;
      }
      const size_t before = at_;
      take_pair(prefix, '}');
      if (at_ == before) next();
    }
    if (!done()) next();
  }

  std::string take_plain(char end) {
    if (peek() == '"' || peek() == '\'') return take_text();
    std::string value;
    while (!done() && peek() != '#' && peek() != '\n' && peek() != end && (end == '\n' || peek() != ','))
      value += next();
    return std::string(trim(value));
  }

  std::string take_text() {
    const char quote = peek();
    const std::string triple(3, quote);
    const bool several_lines = text_.substr(at_).starts_with(triple);
    at_ += several_lines ? 3 : 1;
    if (several_lines && peek() == '\n') next();
    std::string value;
    while (!done()) {
      if (several_lines ? text_.substr(at_).starts_with(triple) : peek() == quote || peek() == '\n') break;
      const char c = next();
      if (c != '\\' || quote == '\'' || done()) {
        value += c;
        continue;
      }
      const char escaped = next();
      value += escaped == 'n' ? '\n' : escaped == 't' ? '\t' : escaped;
    }
    if (!done() && peek() != '\n') at_ += several_lines ? 3 : 1;
    return value;
  }

  std::string_view text_;
  size_t at_ = 0;
  int line_ = 1;
  std::string table_;
  std::vector<KeyValue> pairs_;
};

}  // namespace

KeyValues read_toml(std::string_view text) {
  return KeyValues(TomlReader(text).read());
}

}  // namespace godwit::schema
