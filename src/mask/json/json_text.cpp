#include "mask/json/json_text.h"

#include <cstdint>

namespace godwit::mask {

namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// The four digits behind \u, or -1.
int32_t read_unit(std::string_view text, size_t at) {
  if (at + 4 > text.size()) return -1;
  int32_t unit = 0;
  for (size_t i = 0; i < 4; ++i) {
    const int digit = hex_digit(text[at + i]);
    if (digit < 0) return -1;
    unit = unit * 16 + digit;
  }
  return unit;
}

void append_code_point(uint32_t c, std::string& out) {
  if (c < 0x80) {
    out.push_back(static_cast<char>(c));
  } else if (c < 0x800) {
    out.push_back(static_cast<char>(0xC0U | c >> 6));
    out.push_back(static_cast<char>(0x80U | (c & 0x3FU)));
  } else if (c < 0x10000) {
    out.push_back(static_cast<char>(0xE0U | c >> 12));
    out.push_back(static_cast<char>(0x80U | (c >> 6 & 0x3FU)));
    out.push_back(static_cast<char>(0x80U | (c & 0x3FU)));
  } else {
    out.push_back(static_cast<char>(0xF0U | c >> 18));
    out.push_back(static_cast<char>(0x80U | (c >> 12 & 0x3FU)));
    out.push_back(static_cast<char>(0x80U | (c >> 6 & 0x3FU)));
    out.push_back(static_cast<char>(0x80U | (c & 0x3FU)));
  }
}

constexpr uint32_t replacement = 0xFFFD;

// `at` stands behind "\u". False when the digits are malformed.
bool read_unicode_escape(std::string_view text, size_t& at, std::string& out) {
  const int32_t unit = read_unit(text, at);
  if (unit < 0) return false;
  at += 4;
  if (unit < 0xD800 || unit > 0xDFFF) {
    append_code_point(static_cast<uint32_t>(unit), out);
    return true;
  }
  if (unit <= 0xDBFF && text.substr(at, 2) == "\\u") {
    const int32_t low = read_unit(text, at + 2);
    if (low >= 0xDC00 && low <= 0xDFFF) {
      at += 6;
      append_code_point(
          0x10000U + (static_cast<uint32_t>(unit - 0xD800) << 10) + static_cast<uint32_t>(low - 0xDC00), out);
      return true;
    }
  }
  append_code_point(replacement, out);
  return true;
}

}  // namespace

bool read_json_string(std::string_view text, size_t& at, std::string& out) {
  out.clear();
  if (at >= text.size() || text[at] != '"') return false;
  ++at;
  while (at < text.size() && text[at] != '"') {
    const char c = text[at++];
    if (static_cast<unsigned char>(c) < 0x20) return false;
    if (c != '\\') {
      out.push_back(c);
      continue;
    }
    if (at >= text.size()) return false;
    switch (text[at++]) {
      case '"':
        out.push_back('"');
        break;
      case '\\':
        out.push_back('\\');
        break;
      case '/':
        out.push_back('/');
        break;
      case 'b':
        out.push_back('\b');
        break;
      case 'f':
        out.push_back('\f');
        break;
      case 'n':
        out.push_back('\n');
        break;
      case 'r':
        out.push_back('\r');
        break;
      case 't':
        out.push_back('\t');
        break;
      case 'u':
        if (!read_unicode_escape(text, at, out)) return false;
        break;
      default:
        return false;
    }
  }
  if (at >= text.size()) return false;
  ++at;
  return true;
}

void append_json_string(std::string_view text, std::string& out) {
  constexpr std::string_view hex = "0123456789abcdef";
  out.push_back('"');
  for (const char c : text) {
    const auto u = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out.push_back('\\');
      out.push_back(c);
    } else if (u >= 0x20) {
      out.push_back(c);
    } else if (c == '\n') {
      out.append("\\n");
    } else if (c == '\t') {
      out.append("\\t");
    } else if (c == '\r') {
      out.append("\\r");
    } else {
      out.append("\\u00").push_back(hex[u >> 4]);
      out.push_back(hex[u & 15U]);
    }
  }
  out.push_back('"');
}

size_t json_number_length(std::string_view text, size_t at) {
  size_t end = at;
  const auto digits = [&] {
    const size_t start = end;
    while (end < text.size() && text[end] >= '0' && text[end] <= '9')
      ++end;
    return end > start;
  };
  if (end < text.size() && text[end] == '-') ++end;
  const bool zero = end < text.size() && text[end] == '0';
  const size_t whole = end;
  if (!digits() || (zero && end - whole > 1)) return 0;
  if (end < text.size() && text[end] == '.') {
    ++end;
    if (!digits()) return 0;
  }
  if (end < text.size() && (text[end] == 'e' || text[end] == 'E')) {
    ++end;
    if (end < text.size() && (text[end] == '+' || text[end] == '-')) ++end;
    if (!digits()) return 0;
  }
  return end - at;
}

}  // namespace godwit::mask
