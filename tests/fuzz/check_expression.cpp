// Expressions of rules and CHECK constraints, rewritten for DuckDB: whatever stands in them, quoted parts
// that no rewriting is about stay as they are, and what is no SQL does not become SQL on the way.
#include "check/expression.h"
#include "tests/fuzz/input.h"

#include <vector>

namespace godwit::check {
namespace {

constexpr std::string_view now = "2026-11-21 02:52:19";

struct Quoted {
  std::vector<std::string> identifiers, strings;
  bool open = false;  // a quote that nothing ends
};

Quoted quoted_of(std::string_view text) {
  Quoted quoted;
  for (size_t at = 0; at < text.size(); ++at) {
    const char quote = text[at];
    if (quote != '\'' && quote != '"') continue;
    std::string inside;
    for (++at;; ++at) {
      if (at >= text.size()) {
        quoted.open = true;
        return quoted;
      }
      if (text[at] != quote) {
        inside += text[at];
      } else if (at + 1 < text.size() && text[at + 1] == quote) {
        inside += quote;
        ++at;
      } else {
        break;
      }
    }
    (quote == '"' ? quoted.identifiers : quoted.strings).push_back(inside);
  }
  return quoted;
}

void look_at(std::string_view expression) {
  const Quoted before = quoted_of(expression);
  const std::string rewritten = rewrite_for_duckdb(expression);
  const Quoted after = quoted_of(rewritten);
  fuzz::demand(before.open == after.open, "a quote that nothing ends stays that, and no other is opened");
  fuzz::demand(before.identifiers == after.identifiers, "quoted names stay");
  fuzz::demand(before.strings.size() == after.strings.size(), "no text appears or goes");
  const bool has_pattern = expression.find('~') != std::string_view::npos;
  fuzz::demand(has_pattern || before.strings == after.strings, "texts that are no patterns stay");

  const std::string frozen = freeze_time(expression, now);
  const Quoted still = quoted_of(frozen);
  fuzz::demand(still.open == before.open && still.identifiers == before.identifiers,
               "time is frozen outside of quotes");
  fuzz::demand(freeze_time(frozen, now) == frozen, "frozen time stays frozen");

  const Quoted substituted = quoted_of(substitute_field(expression, "odd\" name"));
  fuzz::demand(substituted.open == before.open && substituted.strings == before.strings,
               "texts are no fields");
  fuzz::demand(substituted.identifiers.size() >= before.identifiers.size(), "a field becomes a name");
}

}  // namespace
}  // namespace godwit::check

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  godwit::check::look_at({reinterpret_cast<const char*>(data), size});
  return 0;
}
