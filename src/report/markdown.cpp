#include "base/text.h"
#include "base/time.h"
#include "report/escape.h"
#include "report/figures.h"
#include "report/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace godwit::report {

namespace {

std::string_view sign(Tone tone) {
  switch (tone) {
    case Tone::good:
      return "✅";
    case Tone::warning:
      return "⚠️";
    case Tone::bad:
      return "⛔";
    case Tone::neutral:
      return "ℹ️";
  }
  return "";
}

void head(const RunReport& report, std::string& out) {
  const Headline said = headline(report);
  out += fmt::format("# {} {} {}: {} {}\n\n", sign(said.tone), kind_name(report), escape_markdown(report.run),
                     escape_markdown(report.scope_name), escape_markdown(report.scope));
  out += fmt::format("**{}.** {}\n", said.verdict, escape_markdown(said.meaning));
  if (!report.from.empty() || !report.to.empty()) {
    out += fmt::format("{} → {}, strategy {}, {} in all.\n", escape_markdown(report.from),
                       escape_markdown(report.to), escape_markdown(report.strategy),
                       human_duration(duration_us(report)));
  }
  out += "\n";
  if (!report.error.empty()) out += fmt::format("> **Error:** {}\n", escape_markdown(report.error));
  if (!report.error.empty() && !report.hint.empty()) out += ">\n";
  if (!report.hint.empty()) out += fmt::format("> **Next:** {}\n", escape_markdown(report.hint));
  if (!report.error.empty() || !report.hint.empty()) out += "\n";
}

void summary(const RunReport& report, std::string& out) {
  const Figures sum = add_up(report);
  const CheckSummary& checks = report.check_summary;
  const auto line = [&](std::string_view name, const std::string& value) {
    if (!value.empty()) out += fmt::format("| {} | {} |\n", name, value);
  };
  out += "| | |\n|---|---|\n";
  line("Tables", fmt::format("{} in {} stores", sum.tables, sum.stores));
  line("Rows extracted", fmt::format("{} ({} staged)", with_thousands(sum.rows), human_bytes(sum.bytes)));
  if (sum.rows > 0) line("Where they come from", origin_of_rows(sum));
  line("Columns masked",
       fmt::format("{} ({} values)", sum.columns_masked, with_thousands(sum.values_masked)));
  line("Checks",
       fmt::format("{} evaluated: {} passed, {} failed, {} warned, {} skipped — **{}**",
                   with_thousands(checks.evaluated), with_thousands(checks.passed),
                   with_thousands(checks.failed), with_thousands(checks.warned),
                   with_thousands(checks.skipped), checks.verdict.empty() ? "NOT RUN" : checks.verdict));
  line("Rows inserted / updated / kept", fmt::format("{} / {} / {}", with_thousands(sum.inserted),
                                                     with_thousands(sum.updated), with_thousands(sum.kept)));
  if (sum.deleted > 0) line("Rows deleted: of the scope, and not brought", with_thousands(sum.deleted));
  line("Rows verified in the target", with_thousands(sum.verified_rows));
  if (sum.mismatched_rows + sum.missing_rows > 0) {
    line("Rows that differ / are missing",
         fmt::format("**{} / {}**", with_thousands(sum.mismatched_rows), with_thousands(sum.missing_rows)));
  }
  if (report.skew_us > 0) line("Snapshot skew", human_duration(report.skew_us));
  if (report.peak_memory_bytes > 0) line("Peak memory", human_bytes(report.peak_memory_bytes));
  if (report.started_us > 0) line("Started", iso_utc(report.started_us));
  line("Plan", markdown_code(report.plan_hash.substr(0, 16)));
  line("Masking key", markdown_code(report.key_fingerprint));
  line("godwit", markdown_code(report.godwit_version));
  out += "\n";
}

void phases(const RunReport& report, std::string& out) {
  if (report.phases.empty()) return;
  out += "## Phases\n\n| Phase | State | Time | Rows | Bytes | |\n|---|---|---:|---:|---:|---|\n";
  for (const PhaseOutcome& phase : report.phases) {
    out += fmt::format("| {} | {} | {} | {} | {} | {} |\n", to_string(phase.phase),
                       escape_markdown(phase.state), human_duration(duration_us(phase)),
                       with_thousands(phase.rows), human_bytes(phase.bytes), escape_markdown(phase.detail));
  }
  out += "\n";
}

void check_counts(const RunReport& report, std::string& out) {
  const auto counts = count_checks(report);
  if (counts.empty()) return;
  out += "## Checks\n\n| Kind | Passed | Warned | Failed | Skipped |\n|---|---:|---:|---:|---:|\n";
  for (const CheckCategoryCount& count : counts) {
    out += fmt::format("| {} | {} | {} | {} | {} |\n", category_name(count.category),
                       with_thousands(count.passed), with_thousands(count.warned),
                       with_thousands(count.failed), with_thousands(count.skipped));
  }
  out += "\n";
}

void findings(const RunReport& report, std::string& out) {
  const auto found = findings_of(report);
  if (found.empty()) return;
  constexpr size_t most = 50;
  out += "## Findings\n\n| Check | Severity | Verdict | Findings | |\n|---|---|---|---:|---|\n";
  for (size_t i = 0; i < std::min(most, found.size()); ++i) {
    const CheckOutcome& outcome = *found[i];
    out += fmt::format("| {} | {} | {} | {} | {} |\n", escape_markdown(outcome.check.id),
                       to_string(outcome.check.severity), to_string(outcome.verdict),
                       with_thousands(outcome.findings), escape_markdown(finding_text(outcome)));
  }
  if (found.size() > most) out += fmt::format("\n…and {} more in checks.csv.\n", found.size() - most);
  out += "\n";
}

void tables(const RunReport& report, std::string& out) {
  if (report.tables.empty()) return;
  out += "## Tables\n\n| Table | Why | Rows | Inserted | Updated | Kept | Verified | Masked columns |\n";
  out += "|---|---|---:|---:|---:|---:|---:|---:|\n";
  for (const TableReport& table : report.tables) {
    out += fmt::format("| {} | {} | {} | {} | {} | {} | {} | {} |\n", escape_markdown(table.dataset),
                       escape_markdown(table.membership), with_thousands(table.rows),
                       with_thousands(table.inserted), with_thousands(table.updated),
                       with_thousands(table.kept), with_thousands(table.verified_rows), table.masks.size());
  }
  out += "\n";
}

// What strategy auto took, and why.
void choices(const RunReport& report, std::string& out) {
  std::string rows;
  for (const TableReport& table : report.tables) {
    if (!table.chosen) continue;
    rows += fmt::format("| {} | {} | {} | {} |\n", escape_markdown(table.dataset),
                        with_thousands(table.existing), with_thousands(table.brought), table.strategy);
  }
  if (rows.empty()) return;
  out += "## Strategies chosen\n\n| Table | In the target | Brought | Strategy |\n|---|---:|---:|---|\n" +
         rows + "\n";
}

void stores(const RunReport& report, std::string& out) {
  if (report.stores.empty()) return;
  out +=
      "## Stores\n\n| Store | Kind | Snapshot | Commit | Transaction | Connection "
      "|\n|---|---|---|---|---|---|\n";
  for (const StoreReport& store : report.stores) {
    out += fmt::format("| {} | {} | {} | {} | {} | {} |\n", escape_markdown(store.store),
                       escape_markdown(store.kind), store.snapshot_us == 0 ? "–" : iso_utc(store.snapshot_us),
                       store.commit_state.empty() ? "–" : escape_markdown(store.commit_state),
                       markdown_code(store.transaction_id), escape_markdown(notes_of(store)));
  }
  out += "\n";
}

void list(std::string_view title, const std::vector<std::string>& lines, std::string& out) {
  if (lines.empty()) return;
  out += fmt::format("## {}\n\n", title);
  for (const std::string& line : lines)
    out += "- " + escape_markdown(line) + "\n";
  out += "\n";
}

void next(const RunReport& report, std::string& out) {
  const auto steps = next_steps(report);
  if (steps.empty()) return;
  out += "## Next\n\n";
  for (const NextStep& step : steps) {
    if (step.command.empty()) {
      out += "- " + escape_markdown(step.meaning) + "\n";
    } else {
      out += fmt::format("- {}: {}\n", markdown_code(step.command), escape_markdown(step.meaning));
    }
  }
  out += "\n";
}

void meaning(std::string& out) {
  out += "<details><summary>What these numbers mean</summary>\n\n";
  for (const Explanation& explanation : explanations())
    out += fmt::format("- **{}.** {}\n", explanation.term, explanation.text);
  out += "\n</details>\n";
}

}  // namespace

std::string to_markdown(const RunReport& report) {
  std::string out;
  head(report, out);
  summary(report, out);
  phases(report, out);
  list("Warnings", report.warnings, out);
  check_counts(report, out);
  findings(report, out);
  tables(report, out);
  choices(report, out);
  stores(report, out);
  list("Notes", report.notes, out);
  next(report, out);
  meaning(out);
  return out;
}

}  // namespace godwit::report
