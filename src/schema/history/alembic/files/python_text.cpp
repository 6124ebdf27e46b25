#include "schema/history/alembic/files/python_text.h"

#include "base/text.h"

#include <algorithm>
#include <cstdint>

namespace godwit::schema::alembic {

namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool starts_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

int hex_digit(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

void append_utf8(std::string& out, uint32_t code) {
  const auto byte = [&](uint32_t value) { out += static_cast<char>(value); };
  if (code < 0x80) {
    byte(code);
  } else if (code < 0x800) {
    byte(0xC0 | (code >> 6));
    byte(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    byte(0xE0 | (code >> 12));
    byte(0x80 | ((code >> 6) & 0x3F));
    byte(0x80 | (code & 0x3F));
  } else {
    byte(0xF0 | (code >> 18));
    byte(0x80 | ((code >> 12) & 0x3F));
    byte(0x80 | ((code >> 6) & 0x3F));
    byte(0x80 | (code & 0x3F));
  }
}

std::string with_plain_line_ends(std::string_view source) {
  if (source.starts_with("\xEF\xBB\xBF")) source.remove_prefix(3);
  std::string out;
  out.reserve(source.size() + 1);
  for (size_t i = 0; i < source.size(); ++i) {
    if (source[i] != '\r') {
      out += source[i];
    } else if (i + 1 == source.size() || source[i + 1] != '\n') {
      out += '\n';
    }
  }
  if (out.empty() || out.back() != '\n') out += '\n';
  return out;
}

// Reads one string literal's inside; the prefix is read already.
class Literal {
 public:
  Literal(std::string_view text, size_t begin, bool raw) : text_(text), position_(begin), raw_(raw) {}

  // False when it does not end.
  bool read() {
    const char quote = text_[position_];
    const std::string triple(3, quote);
    const bool is_triple = text_.substr(position_).starts_with(triple);
    const std::string_view end = is_triple ? std::string_view(triple) : text_.substr(position_, 1);
    position_ += end.size();
    while (position_ < text_.size()) {
      if (text_.substr(position_).starts_with(end)) {
        position_ += end.size();
        return true;
      }
      const char c = text_[position_];
      if (c == '\n' && !is_triple) return false;
      if (c == '\\' && position_ + 1 < text_.size()) {
        escape();
      } else {
        value += c;
        ++position_;
      }
    }
    return false;
  }

  [[nodiscard]] size_t end() const { return position_; }
  std::string value;

 private:
  void escape() {
    const char c = text_[position_ + 1];
    position_ += 2;
    if (raw_) {
      value += '\\';
      value += c;
      return;
    }
    constexpr std::string_view letters = "abfnrtv\\'\"";
    constexpr std::string_view meanings = "\a\b\f\n\r\t\v\\'\"";
    if (const size_t known = letters.find(c); known != std::string_view::npos) {
      value += meanings[known];
    } else if (c == 'x' || c == 'u' || c == 'U') {
      coded(c == 'x' ? 2 : (c == 'u' ? 4 : 8));
    } else if (c >= '0' && c <= '7') {
      uint32_t code = static_cast<uint32_t>(c - '0');
      for (int i = 0; i < 2 && text_[position_] >= '0' && text_[position_] <= '7'; ++i)
        code = code * 8 + static_cast<uint32_t>(text_[position_++] - '0');
      append_utf8(value, code);
    } else if (c != '\n') {
      value += '\\';
      value += c;
    }
  }

  void coded(int digits) {
    uint32_t code = 0;
    for (int i = 0; i < digits && hex_digit(text_[position_]) >= 0; ++i)
      code = code * 16 + static_cast<uint32_t>(hex_digit(text_[position_++]));
    append_utf8(value, std::min<uint32_t>(code, 0x10FFFF));
  }

  std::string_view text_;
  size_t position_;
  bool raw_;
};

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  std::vector<Line> read() {
    while (position_ < text_.size())
      step();
    end_line();
    return std::move(lines_);
  }

 private:
  void step() {
    const char c = text_[position_];
    if (c == '\n') {
      advance(1);
      if (depth_ == 0) {
        end_line();
        fresh_ = true;
      }
    } else if (c == '\\' && text_[position_ + 1] == '\n') {
      advance(2);
    } else if (c == '#') {
      advance(text_.find('\n', position_) - position_);
    } else if (c == ' ' || c == '\t' || c == '\f') {
      if (fresh_) indented_ = c != '\f';
      fresh_ = false;
      advance(1);
    } else {
      if (fresh_) indented_ = false;
      fresh_ = false;
      token();
    }
  }

  void token() {
    const char c = text_[position_];
    if (c == '\'' || c == '"') return string(position_);
    if (starts_name(c) || is_digit(c)) {
      size_t end = position_;
      while (end < text_.size() && (starts_name(text_[end]) || is_digit(text_[end])))
        ++end;
      if (end - position_ <= 2 && (text_[end] == '\'' || text_[end] == '"')) return string(end);
      add(starts_name(c) ? Token::Kind::name : Token::Kind::sign, text_.substr(position_, end - position_));
      return advance(end - position_);
    }
    if (c == ';' && depth_ == 0) {
      advance(1);
      return end_line();
    }
    if (c == '(' || c == '[' || c == '{') ++depth_;
    if (c == ')' || c == ']' || c == '}') depth_ = std::max(0, depth_ - 1);
    add(Token::Kind::sign, text_.substr(position_, 1));
    advance(1);
  }

  // `quote`: behind the prefix.
  void string(size_t quote) {
    const std::string prefix = to_lower_ascii(text_.substr(position_, quote - position_));
    Literal literal(text_, quote, prefix.find('r') != std::string::npos);
    const bool ended = literal.read();
    const bool constant = prefix.find_first_of("fbt") == std::string::npos;
    add(!ended ? Token::Kind::broken : (constant ? Token::Kind::string : Token::Kind::formatted),
        literal.value);
    advance(literal.end() - position_);
  }

  void add(Token::Kind kind, std::string_view text) {
    if (indented_) return;
    open_.push_back({kind, std::string(text), line_, column_});
  }

  void advance(size_t count) {
    for (; count > 0; --count, ++position_) {
      if (text_[position_] == '\n') {
        ++line_;
        column_ = 1;
      } else if ((static_cast<unsigned char>(text_[position_]) & 0xC0) != 0x80) {
        ++column_;
      }
    }
  }

  void end_line() {
    if (!open_.empty()) lines_.push_back(std::move(open_));
    open_.clear();
  }

  std::string_view text_;
  size_t position_ = 0;
  int line_ = 1, column_ = 1;
  int depth_ = 0;
  bool fresh_ = true, indented_ = false;
  Line open_;
  std::vector<Line> lines_;
};

}  // namespace

std::vector<Line> top_level_lines(std::string_view source) {
  const std::string text = with_plain_line_ends(source);
  return Reader(text).read();
}

}  // namespace godwit::schema::alembic
