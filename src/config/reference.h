// Dotted references as people write them: "students", "ids.students", "ids.public.students.id",
// 'ids."Odd Schema"."T"', and links: "a.t.(x,y) -> b.u.(x,y)". Pure syntax: what a part names is decided
// against settings and catalogs by the caller.
#pragma once

#include "base/result.h"

#include <string>
#include <string_view>
#include <vector>

namespace godwit {

// The parts, unquoted, case kept. A quoted part may hold dots, spaces and doubled quotes. `*` is an ordinary
// character. ErrorKind::config without a place for empty parts, unclosed quotes and stray characters.
[[nodiscard]] Result<std::vector<std::string>> split_reference(std::string_view written);

struct ColumnsReference {
  std::vector<std::string> table;    // parts in front of the column(s): {"hcp1", "students"}
  std::vector<std::string> columns;  // one, or several: "a.t.(x,y)"
};
[[nodiscard]] Result<ColumnsReference> split_columns_reference(std::string_view written);

struct LinkReference {
  ColumnsReference child;
  ColumnsReference parent;
};
// "child -> parent", with as many columns on both sides.
[[nodiscard]] Result<LinkReference> split_link(std::string_view written);

}  // namespace godwit
