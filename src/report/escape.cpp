#include "report/escape.h"

#include <fmt/format.h>

#include <cstdint>

namespace godwit::report {

namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";

struct Character {
  uint32_t code = 0;
  size_t bytes = 1;
  bool valid = false;
};

// The character that begins at `at`: RFC 3629, no overlong forms, no surrogates.
Character character_at(std::string_view text, size_t at) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(at);
  if (first < 0x80) return {first, 1, true};
  const size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || at + length > text.size()) return {};
  uint32_t code = first & (0xFFU >> (length + 1));
  for (size_t i = 1; i < length; ++i) {
    if ((byte(at + i) & 0xC0U) != 0x80) return {};
    code = code << 6 | (byte(at + i) & 0x3FU);
  }
  const bool overlong = (length == 3 && code < 0x800) || (length == 4 && code < 0x10000);
  if (overlong || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) return {};
  return {code, length, true};
}

bool is_control(uint32_t code) {
  return code < 0x20 || (code >= 0x7F && code < 0xA0) || code == 0x2028 || code == 0x2029;
}

// Characters that are not seen but change what is seen, and those that XML forbids.
bool is_deceptive(uint32_t code) {
  return (code >= 0x200B && code <= 0x200F) || (code >= 0x202A && code <= 0x202E) ||
         (code >= 0x2060 && code <= 0x2069) || code == 0x061C || code == 0xFEFF || (code & 0xFFFEU) == 0xFFFE;
}

bool contains(std::string_view set, char c) {
  return set.find(c) != std::string_view::npos;
}

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

}  // namespace

std::string one_line(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t at = 0; at < text.size();) {
    const Character character = character_at(text, at);
    if (!character.valid || is_deceptive(character.code)) {
      out += replacement;
    } else if (is_control(character.code)) {
      out += ' ';
    } else {
      out += text.substr(at, character.bytes);
    }
    at += character.bytes;
  }
  return out;
}

std::string escape_xml(std::string_view text) {
  std::string out;
  for (const char c : one_line(text)) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string escape_markdown(std::string_view text) {
  const std::string line = one_line(text);
  std::string out;
  for (size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    const bool first = out.empty();
    if (contains("\\`*_{}[]<>#|!~&", c) || (first && contains("-+=", c))) out += '\\';
    out += c;
    // A name after @ would be notified: a zero-width space parts them.
    if (c == '@' && (i == 0 || !is_word(line[i - 1]))) out += "\xE2\x80\x8B";
  }
  return out;
}

std::string markdown_code(std::string_view text) {
  std::string out = "`";
  for (const char c : one_line(text)) {
    if (c == '|') out += '\\';  // tables end cells at a bar even in a code span
    out += c == '`' ? '\'' : c;
  }
  return out.size() == 1 ? "" : out + "`";
}

std::string json_text(std::string_view text) {
  std::string out = "\"";
  for (size_t at = 0; at < text.size();) {
    const Character character = character_at(text, at);
    if (!character.valid) {
      out += replacement;
    } else if (character.code == '"' || character.code == '\\') {
      out += '\\';
      out += text[at];
    } else if (is_control(character.code)) {
      out += fmt::format("\\u{:04x}", character.code);
    } else {
      out += text.substr(at, character.bytes);
    }
    at += character.bytes;
  }
  return out + "\"";
}

std::string csv_field(std::string_view text) {
  const std::string line = one_line(text);
  const size_t start = line.find_first_not_of(' ');
  const bool formula = start != std::string::npos && contains("=+-@", line[start]);
  if (!formula && line.find_first_of(",\"") == std::string::npos && (line.empty() || line[0] != ' '))
    return line;
  std::string out = formula ? "\"'" : "\"";
  for (const char c : line) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + '"';
}

std::string shell_word(std::string_view text) {
  const std::string line = one_line(text);
  bool plain = !line.empty() && line[0] != '-';
  for (const char c : line)
    plain = plain && (is_word(c) || contains(".-/:@%+,", c));
  if (plain) return line;
  std::string out = "'";
  for (const char c : line)
    out += c == '\'' ? "'\\''" : std::string(1, c);
  return out + "'";
}

std::string uri(std::string_view path) {
  std::string out;
  for (const char c : path) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view("-._~/").find(c) != std::string_view::npos;
    out += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return out;
}

}  // namespace godwit::report
