#include "mask/rules/name_words.h"

#include "base/text.h"

namespace godwit::mask {

namespace {

bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}
bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_word(char c) {
  return is_lower(c) || is_upper(c) || is_digit(c) || (static_cast<unsigned char>(c) & 0x80U) != 0;
}

// Whether a new word begins at name[i], given that name[i-1] belongs to one.
bool begins_word(std::string_view name, size_t i) {
  const char before = name[i - 1];
  const char here = name[i];
  if (is_digit(before) != is_digit(here)) return true;
  if (is_lower(before) && is_upper(here)) return true;
  // The last capital of a run belongs to the word behind it: HTTPServer.
  return is_upper(before) && is_upper(here) && i + 1 < name.size() && is_lower(name[i + 1]);
}

bool same(std::string_view word, std::string_view wanted, bool plural) {
  if (word == wanted) return true;
  if (!plural || word.substr(0, wanted.size()) != wanted) return false;
  const std::string_view rest = word.substr(wanted.size());
  return rest == "s" || rest == "es";
}

bool phrase_at(const std::vector<std::string>& words, size_t at, const std::vector<std::string>& phrase) {
  if (at + phrase.size() > words.size()) return false;
  for (size_t i = 0; i < phrase.size(); ++i) {
    if (!same(words[at + i], phrase[i], i + 1 == phrase.size())) return false;
  }
  return true;
}

}  // namespace

std::vector<std::string> name_words(std::string_view name) {
  std::vector<std::string> words;
  std::string word;
  for (size_t i = 0; i < name.size(); ++i) {
    const bool part = is_word(name[i]);
    if (!word.empty() && (!part || begins_word(name, i))) {
      words.push_back(to_lower_ascii(word));
      word.clear();
    }
    if (part) word.push_back(name[i]);
  }
  if (!word.empty()) words.push_back(to_lower_ascii(word));
  return words;
}

bool has_phrase(const std::vector<std::string>& words, std::string_view phrase) {
  const std::vector<std::string> wanted = split(phrase, ' ');
  for (size_t at = 0; at < words.size(); ++at) {
    if (phrase_at(words, at, wanted)) return true;
  }
  return false;
}

bool ends_with_phrase(const std::vector<std::string>& words, std::string_view phrase) {
  const std::vector<std::string> wanted = split(phrase, ' ');
  return words.size() >= wanted.size() && phrase_at(words, words.size() - wanted.size(), wanted);
}

}  // namespace godwit::mask
