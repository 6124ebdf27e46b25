// What a mask does, told to a person: where its draw comes from, what is made of it, and an original that
// nobody owns to show it on. The formulas are those of docs/FORMATS.md, Masking; a test holds the domains
// said here to the masks.
#pragma once

#include "mask/value.h"
#include "model/mask_rule.h"

#include <string>

namespace godwit::mask {

struct Formula {
  std::string domain;          // under which the value is drawn; empty: nothing is drawn from the value
  std::string subject_domain;  // under which the subject is drawn; empty without a subject
  std::string canonical_form;  // of the value; empty where the fake does not depend on it
  std::string words;           // how the fake is made
  std::string range;           // whose the fakes could be
};

[[nodiscard]] Formula formula_of(const MaskSpec& spec, const ColumnShape& shape);

// A made-up original of the column's type and the mask's kind, never a value of a store. Borrows text from
// `shape` and from constants.
[[nodiscard]] Value made_up_value(const MaskSpec& spec, const ColumnShape& shape);

}  // namespace godwit::mask
