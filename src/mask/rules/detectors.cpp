#include "mask/rules/detectors.h"

#include "base/text.h"
#include "mask/redact/matchers.h"
#include "unicode/normalize.h"

namespace godwit::mask {

namespace {

bool is_capital(char c) {
  return (c >= 'A' && c <= 'Z') || (static_cast<unsigned char>(c) & 0x80U) != 0;
}

// One to five capitalised words or initials, of which the first or the last is a known name.
bool is_person_name(std::string_view value, const Dictionaries& dictionaries) {
  const auto firsts = dictionaries.find("first_name");
  const auto lasts = dictionaries.find("last_name");
  size_t words = 0;
  bool known = false;
  for (size_t at = 0; at < value.size();) {
    const size_t length = match_word(value, at);
    if (length == 0) {
      if (std::string_view(" .,-").find(value[at]) == std::string_view::npos) return false;
      ++at;
      continue;
    }
    const std::string_view word = value.substr(at, length);
    std::string folded;
    if (!unicode::append_nfc_case_folded(word, folded)) return false;
    known = known || firsts->contains_folded(folded) || lasts->contains_folded(folded);
    if (!is_capital(word.front()) && words == 0) return false;
    ++words;
    at += length;
  }
  return words >= 1 && words <= 5 && known;
}

}  // namespace

const std::vector<std::string>& detector_names() {
  static const std::vector<std::string> names = {"email", "phone", "ssn", "card", "ip", "url", "person_name"};
  return names;
}

bool detects(std::string_view detector, std::string_view value, const Dictionaries& dictionaries) {
  value = trim(value);
  if (value.empty()) return false;
  const size_t all = value.size();
  if (detector == "email") return match_email(value, 0) == all;
  if (detector == "phone") return match_phone(value, 0) == all;
  if (detector == "ssn") return match_ssn(value, 0) == all;
  if (detector == "card") return match_card(value, 0) == all;
  if (detector == "ip") return match_ip(value, 0) == all || match_ipv6(value, 0) == all;
  if (detector == "url") return match_url(value, 0) == all;
  return detector == "person_name" && is_person_name(value, dictionaries);
}

std::vector<std::string> detected(std::span<const std::string> sample, const Dictionaries& dictionaries) {
  std::vector<std::string> result;
  for (const std::string& detector : detector_names()) {
    size_t values = 0;
    size_t hits = 0;
    for (const std::string& value : sample) {
      if (trim(value).empty()) continue;
      ++values;
      hits += detects(detector, value, dictionaries) ? 1U : 0U;
    }
    if (values > 0 && 2 * hits >= values) result.push_back(detector);
  }
  return result;
}

}  // namespace godwit::mask
