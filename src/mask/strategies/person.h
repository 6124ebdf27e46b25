// A fake person, drawn whole: gender, first name and last name come from one draw, so that every column that
// is linked to the same subject shows the same person.
#pragma once

#include "mask/mask.h"

#include <memory>
#include <string>
#include <string_view>

namespace godwit::mask {

struct Person {
  bool female = false;
  std::string_view first;  // in the dictionary
  std::string_view last;
};

// Equal but for case. `folded` is in canonical form already; beyond ASCII the word is folded for it.
[[nodiscard]] bool same_word(std::string_view word, std::string_view folded);

// Of a folded full name, views into it: the first given name and the family. Titles and suffixes belong to
// neither; what is missing is empty.
struct FullName {
  std::string_view first;
  std::string_view family;
};
[[nodiscard]] FullName split_full_name(std::string_view folded);

// Draws persons for one subject name and version, domain "person". Immutable; safe from any thread.
class PersonSource {
 public:
  PersonSource(const MaskSpec& spec, const Context& context);

  // The person of a canonical subject. Where the first or last name would equal the original (folded; empty =
  // not known), that name is drawn again with the same gender.
  [[nodiscard]] Person of_subject(std::string_view subject, std::string_view original_first,
                                  std::string_view original_last) const;
  // Names drawn for a value without a subject: whole lists, no gender.
  [[nodiscard]] Person of_draw(const Draw& draw) const;

  [[nodiscard]] const Dictionary& first_names() const { return *first_; }
  [[nodiscard]] const Dictionary& last_names() const { return *last_; }

 private:
  std::shared_ptr<const Dictionary> first_;
  std::shared_ptr<const Dictionary> last_;
  std::unique_ptr<DomainKey> key_;  // none when the mask is not linked
};

}  // namespace godwit::mask
