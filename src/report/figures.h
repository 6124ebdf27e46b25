// What the readable reports say in one line each: sums, verdict, what to do next. Shared by Markdown, HTML
// and CSV, so that they never disagree.
#pragma once

#include "model/run_report.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace godwit::report {

struct Figures {
  size_t tables = 0, stores = 0;
  int64_t rows = 0, owned_rows = 0, needed_rows = 0, shared_rows = 0, bytes = 0;
  int64_t inserted = 0, updated = 0, kept = 0, different = 0, deleted = 0;
  int64_t proved_rows = 0, verified_rows = 0, mismatched_rows = 0, missing_rows = 0;
  size_t columns_masked = 0;
  int64_t values_masked = 0;
};
[[nodiscard]] Figures add_up(const RunReport& report);
// "1,204 owned · 310 needed · 56 shared"; "all of the scope" when nothing else is among the rows.
[[nodiscard]] std::string origin_of_rows(const Figures& sum);

// From the start to the end; 0 when either is unknown.
[[nodiscard]] int64_t duration_us(const RunReport& report);
[[nodiscard]] int64_t duration_us(const PhaseOutcome& phase);

enum class Tone : uint8_t { good, warning, bad, neutral };
struct Headline {
  Tone tone = Tone::neutral;
  std::string verdict;  // "Completed", "Stopped by checks"
  std::string meaning;  // one sentence: what is true of the target now
};
[[nodiscard]] Headline headline(const RunReport& report);

// On its connections and how it was loaded, in one line.
[[nodiscard]] std::string notes_of(const StoreReport& store);
// "Migration", "Rollback", "Verification", "Schema change".
[[nodiscard]] std::string_view kind_name(const RunReport& report);

// Counted from report.checks, or as an earlier report stored them; categories without a check are left out.
[[nodiscard]] std::vector<CheckCategoryCount> count_checks(const RunReport& report);
// "referential" → "References": what a person calls the category.
[[nodiscard]] std::string_view category_name(CheckCategory category);
// The checks that did not pass, worst first: failed, skipped, warned; more findings first.
[[nodiscard]] std::vector<const CheckOutcome*> findings_of(const RunReport& report);
// Why it did not pass, or what it says.
[[nodiscard]] std::string finding_text(const CheckOutcome& outcome);

struct NextStep {
  std::string command;  // may be empty
  std::string meaning;
};
[[nodiscard]] std::vector<NextStep> next_steps(const RunReport& report);

// What the numbers mean and what they do not: term and explanation.
struct Explanation {
  std::string_view term;
  std::string_view text;
};
[[nodiscard]] const std::vector<Explanation>& explanations();

}  // namespace godwit::report
