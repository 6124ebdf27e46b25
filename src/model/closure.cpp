#include "model/closure.h"

#include <algorithm>

namespace godwit {

std::string_view to_string(Membership membership) {
  switch (membership) {
    case Membership::owned:
      return "owned";
    case Membership::needed:
      return "needed";
    case Membership::shared:
      return "shared";
    case Membership::outside:
      return "outside";
    case Membership::skipped:
      return "skipped";
  }
  return "skipped";
}

std::string_view to_string(OutsidePolicy policy) {
  switch (policy) {
    case OutsidePolicy::reference:
      return "reference";
    case OutsidePolicy::include:
      return "include";
    case OutsidePolicy::null:
      return "null";
    case OutsidePolicy::fail:
      return "fail";
  }
  return "fail";
}

std::string_view to_string(CrossScope cross_scope) {
  switch (cross_scope) {
    case CrossScope::fail:
      return "fail";
    case CrossScope::any:
      return "any";
    case CrossScope::all:
      return "all";
  }
  return "fail";
}

std::string_view to_string(CycleBreak::How how) {
  switch (how) {
    case CycleBreak::How::deferrable:
      return "deferrable";
    case CycleBreak::How::single_statement:
      return "single_statement";
    case CycleBreak::How::null_then_update:
      return "null_then_update";
  }
  return "deferrable";
}

const TableClosure* StoreClosure::table(const TableName& name) const {
  const auto found =
      std::find_if(tables.begin(), tables.end(), [&](const TableClosure& t) { return t.table == name; });
  return found == tables.end() ? nullptr : &*found;
}

}  // namespace godwit
