#include "mask/redact/matchers.h"

#include "base/text.h"

#include <array>
#include <string>

namespace godwit::mask {

namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_high(char c) {
  return (static_cast<unsigned char>(c) & 0x80U) != 0;
}
bool is_hex(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}
bool is_word(char c) {
  return is_digit(c) || is_letter(c) || is_high(c) || c == '_';
}

char at_or(std::string_view text, size_t at) {
  return at < text.size() ? text[at] : '\0';
}

// Bytes of the quotation mark, dash or blank beyond ASCII that stands at `at` (U+00A0-00BF, U+2000-206F,
// U+3000-303F).
size_t punctuation_bytes(std::string_view text, size_t at) {
  const std::string_view two = text.substr(at, 2);
  if (two.size() == 2 && two[0] == '\xC2' && static_cast<unsigned char>(two[1]) < 0xC0) return 2;
  if (two == "\xE2\x80" || two == "\xE2\x81" || two == "\xE3\x80") return 3;
  return 0;
}

// Nothing of the same number or word follows.
bool ends(std::string_view text, size_t at) {
  return at >= text.size() || !is_word(text[at]);
}

// `count` digits at `at`; moves behind them.
bool take_digits(std::string_view text, size_t& at, size_t count) {
  for (size_t i = 0; i < count; ++i) {
    if (!is_digit(at_or(text, at + i))) return false;
  }
  at += count;
  return true;
}

size_t count_digits(std::string_view text, size_t at, size_t limit) {
  size_t count = 0;
  while (count < limit && is_digit(at_or(text, at + count)))
    ++count;
  return count;
}

bool is_separator(char c) {
  return c == '-' || c == '.' || c == ' ';
}

bool luhn(std::string_view text) {
  int sum = 0;
  bool twice = false;
  for (size_t i = text.size(); i-- > 0;) {
    if (!is_digit(text[i])) continue;
    int digit = text[i] - '0';
    if (twice) digit = digit * 2 > 9 ? digit * 2 - 9 : digit * 2;
    sum += digit;
    twice = !twice;
  }
  return sum % 10 == 0;
}

}  // namespace

size_t match_email(std::string_view text, size_t at) {
  constexpr std::string_view local_signs = ".%+-'&!#";
  const auto in_word = [&](size_t i) { return is_word(at_or(text, i)) && punctuation_bytes(text, i) == 0; };
  // RFC 5321 ends a local part at 64 bytes and a domain at 255; it also bounds the search in a text of dots.
  constexpr size_t local_max = 64;
  constexpr size_t domain_max = 255;
  size_t end = at;
  while (end - at <= local_max &&
         (in_word(end) || (end < text.size() && local_signs.find(text[end]) != std::string_view::npos))) {
    ++end;
  }
  if (end == at || at_or(text, end) != '@') return 0;
  const size_t domain = ++end;
  while (end - domain <= domain_max && (in_word(end) || at_or(text, end) == '-' || at_or(text, end) == '.'))
    ++end;
  while (end > domain && !is_word(text[end - 1]))
    --end;
  const std::string_view host = text.substr(domain, end - domain);
  const size_t dot = host.rfind('.');
  if (dot == std::string_view::npos || dot == 0 || host.size() - dot < 3) return 0;
  return end - at;
}

size_t match_url(std::string_view text, size_t at) {
  constexpr std::array<std::string_view, 4> starts = {"http://", "https://", "ftp://", "www."};
  const std::string head = to_lower_ascii(text.substr(at, 8));
  size_t end = 0;
  for (const std::string_view start : starts) {
    if (head.compare(0, start.size(), start) == 0) end = at + start.size();
  }
  if (end == 0) return 0;
  const size_t body = end;
  while (end < text.size() && static_cast<unsigned char>(text[end]) > ' ' &&
         std::string_view("<>\"'`)]}|\\").find(text[end]) == std::string_view::npos) {
    ++end;
  }
  while (end > body && std::string_view(".,;:!?").find(text[end - 1]) != std::string_view::npos)
    --end;
  return end > body ? end - at : 0;
}

size_t match_ip(std::string_view text, size_t at) {
  size_t end = at;
  for (int part = 0; part < 4; ++part) {
    if (part > 0 && at_or(text, end++) != '.') return 0;
    const size_t digits = count_digits(text, end, 4);
    if (digits == 0 || digits > 3 || std::stoi(std::string(text.substr(end, digits))) > 255) return 0;
    end += digits;
  }
  if (at_or(text, end) == '.' && is_digit(at_or(text, end + 1))) return 0;
  return ends(text, end) ? end - at : 0;
}

size_t match_ipv6(std::string_view text, size_t at) {
  size_t end = at;
  int groups = 0;
  int colons = 0;
  bool doubled = false;
  while (end < text.size()) {
    size_t digits = 0;
    while (digits < 4 && is_hex(at_or(text, end + digits)))
      ++digits;
    end += digits;
    groups += digits > 0 ? 1 : 0;
    if (at_or(text, end) != ':') break;
    ++end;
    ++colons;
    if (at_or(text, end) == ':') {
      if (doubled) return 0;
      doubled = true;
      ++end;
      ++colons;
    }
  }
  if (colons < 2 || groups > 8 || (!doubled && groups != 8) || (doubled && groups < 2)) return 0;
  return ends(text, end) ? end - at : 0;
}

size_t match_ssn(std::string_view text, size_t at) {
  size_t end = at;
  if (!take_digits(text, end, 3)) return 0;
  const char separator = at_or(text, end);
  const bool separated = separator == '-' || separator == ' ';
  if (separated) ++end;
  if (!take_digits(text, end, 2)) return 0;
  if (separated && at_or(text, end++) != separator) return 0;
  if (!take_digits(text, end, 4)) return 0;
  return ends(text, end) ? end - at : 0;
}

size_t match_phone(std::string_view text, size_t at) {
  size_t end = at;
  if (at_or(text, end) == '+') ++end;
  if (at_or(text, end) == '1' &&
      (end > at || is_separator(at_or(text, end + 1)) || count_digits(text, end, 12) == 11)) {
    ++end;
    if (is_separator(at_or(text, end))) ++end;
  } else if (end > at) {
    // Another country: 8 to 14 more digits in groups.
    size_t digits = 0;
    while (is_digit(at_or(text, end)) || (is_separator(at_or(text, end)) && is_digit(at_or(text, end + 1)))) {
      digits += is_digit(text[end++]) ? 1U : 0U;
    }
    return digits >= 8 && digits <= 15 && ends(text, end) ? end - at : 0;
  }
  const bool bracket = at_or(text, end) == '(';
  if (bracket) ++end;
  if (!take_digits(text, end, 3)) return 0;
  if (bracket && at_or(text, end++) != ')') return 0;
  const bool separated = is_separator(at_or(text, end));
  if (separated) ++end;
  if (separated && !bracket && end == at + 4 && take_digits(text, end, 4)) {
    return ends(text, end) && text[at + 3] != ' ' ? end - at : 0;  // 555-0123
  }
  if (!take_digits(text, end, 3)) return 0;
  if (is_separator(at_or(text, end))) ++end;
  if (!take_digits(text, end, 4)) return 0;
  return ends(text, end) ? end - at : 0;
}

size_t match_card(std::string_view text, size_t at) {
  size_t end = at;
  size_t digits = 0;
  while (digits < 20) {
    if (is_digit(at_or(text, end))) {
      ++digits;
    } else if (!((at_or(text, end) == ' ' || at_or(text, end) == '-') && is_digit(at_or(text, end + 1)))) {
      break;
    }
    ++end;
  }
  if (digits < 13 || digits > 19 || !ends(text, end)) return 0;
  return luhn(text.substr(at, end - at)) ? end - at : 0;
}

size_t match_date(std::string_view text, size_t at) {
  size_t end = at;
  if (take_digits(text, end, 4) && at_or(text, end) == '-') {
    ++end;
    if (!take_digits(text, end, 2) || at_or(text, end++) != '-' || !take_digits(text, end, 2)) return 0;
    return ends(text, end) || text[end] == 'T' ? end - at : 0;
  }
  end = at + count_digits(text, at, 2);
  if (end == at || at_or(text, end++) != '/') return 0;
  const size_t day = count_digits(text, end, 2);
  end += day;
  if (day == 0 || at_or(text, end++) != '/' || !take_digits(text, end, 4)) return 0;
  return ends(text, end) ? end - at : 0;
}

size_t match_digits(std::string_view text, size_t at, size_t digits_min) {
  const size_t count = count_digits(text, at, text.size());
  return count >= digits_min ? count : 0;
}

size_t match_word(std::string_view text, size_t at) {
  size_t end = at;
  while (end < text.size()) {
    if (is_letter(text[end]) || (end > at && text[end] == '\'' && is_letter(at_or(text, end + 1)))) {
      ++end;
      continue;
    }
    if (!is_high(text[end]) || punctuation_bytes(text, end) > 0) break;
    ++end;
    while ((static_cast<unsigned char>(at_or(text, end)) & 0xC0U) == 0x80U)
      ++end;
  }
  return end - at;
}

}  // namespace godwit::mask
