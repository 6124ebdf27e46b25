#include "connect/sink.h"

namespace godwit::connect {

std::string_view to_string(LoadStrategy strategy) {
  return strategy == LoadStrategy::insert ? "insert" : "upsert";
}

std::string_view to_string(RunOutcome outcome) {
  switch (outcome) {
    case RunOutcome::absent:
      return "absent";
    case RunOutcome::committed:
      return "committed";
    case RunOutcome::undone:
      return "undone";
    case RunOutcome::prepared:
      return "prepared";
    case RunOutcome::in_progress:
      return "in_progress";
    case RunOutcome::unknown:
      return "unknown";
  }
  return "unknown";
}

}  // namespace godwit::connect
