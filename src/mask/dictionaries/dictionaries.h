// Dictionaries: the lists that fakes are chosen from. Shipped inside the binary; a file may replace one.
#pragma once

#include "base/result.h"

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace godwit::mask {

// One list. The place of an entry decides which originals map to it, so a list never changes under a version.
struct Dictionary {
  std::vector<std::string> entries;  // first_name: the name; place: the city; code lists: the code
  std::vector<std::string> second;   // place: the state; code lists: the word; else empty
  std::vector<std::string> third;    // place: the ZIP code; else empty
  std::vector<std::string>
      female;  // first_name: drawn for a person of this gender (both hold the neutral ones)
  std::vector<std::string> male;

  [[nodiscard]] bool contains_folded(std::string_view folded_word) const;  // ASCII-folded or case-folded
  std::vector<std::string> folded;                                         // sorted, for contains_folded
};

// Cheap to copy; the lists are shared and immutable.
class Dictionaries {
 public:
  // first_name, last_name, street, place, company, job; and the code lists gender, race, ethnicity,
  // lunch_status.
  static Dictionaries built_in();

  // Replaces or adds a list. One entry per line, '#' starts a comment; first_name entries may carry ",f",
  // ",m" or
  // ",n"; place entries are "City,ST,ZIP"; code lists "C,Word". ErrorKind::config with the line when one is
  // malformed.
  [[nodiscard]] Status replace(const std::string& name, std::string_view text, const std::string& file);

  // Adds the dictionaries of a locale pack (docs/FORMATS.md) under a name of their own; `in_locale` shows
  // them. ErrorKind::config with file:line:column.
  [[nodiscard]] Status add_locale(const std::string& name, std::string_view text, const std::string& file);
  [[nodiscard]] bool has_locale(std::string_view name) const;
  // The same dictionaries, those of the locale in the place of the ones they stand for; as they are when
  // there is no such locale.
  [[nodiscard]] Dictionaries in_locale(std::string_view name) const;

  // Null when unknown.
  [[nodiscard]] std::shared_ptr<const Dictionary> find(std::string_view name) const;
  [[nodiscard]] std::vector<std::string> names() const;
  // SHA-256 over all names and texts, locale packs too, hexadecimal: stands in the plan.
  [[nodiscard]] std::string hash() const;

 private:
  std::map<std::string, std::shared_ptr<const Dictionary>, std::less<>> lists_;
  std::map<std::string, std::map<std::string, std::shared_ptr<const Dictionary>>, std::less<>> locales_;
  std::map<std::string, std::string> digests_;
};

}  // namespace godwit::mask
