// The shipped rules: what a column's name and type say about it without anybody having written a rule. They
// come after the file's own rules; the first that matches wins, so their order is part of their meaning.
#pragma once

#include "model/mask_rule.h"

#include <vector>

namespace godwit::mask {

// All with built_in set. They mask by value; a file that names subjects adds rules of its own, or the caller
// links the person and place masks of a table to the table's subject.
[[nodiscard]] const std::vector<MaskRule>& default_rules();

}  // namespace godwit::mask
