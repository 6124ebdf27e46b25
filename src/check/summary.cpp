#include "check/evaluate.h"

namespace godwit::check {

CheckSummary summarize(const std::vector<CheckOutcome>& outcomes, const CheckSettings& settings) {
  CheckSummary summary;
  for (const CheckOutcome& outcome : outcomes) {
    switch (outcome.verdict) {
      case CheckVerdict::passed:
        ++summary.passed;
        break;
      case CheckVerdict::failed:
        ++summary.failed;
        break;
      case CheckVerdict::warned:
        ++summary.warned;
        break;
      case CheckVerdict::skipped:
        ++summary.skipped;
        break;
    }
  }
  summary.evaluated = summary.passed + summary.failed + summary.warned;
  // INFO findings inform; they are not warnings.
  int64_t warnings = 0;
  for (const CheckOutcome& outcome : outcomes) {
    if (outcome.verdict == CheckVerdict::warned && outcome.check.severity == Severity::warning) ++warnings;
  }
  const bool too_many =
      warnings > settings.max_warnings_allowed || (settings.fail_on_warnings && warnings > 0);
  if (summary.failed > 0 || summary.skipped > 0 || summary.evaluated == 0 || too_many) {
    summary.verdict = "FAILED";
  } else {
    summary.verdict = summary.warned > 0 ? "PASSED_WITH_WARNINGS" : "PASSED";
  }
  return summary;
}

}  // namespace godwit::check
