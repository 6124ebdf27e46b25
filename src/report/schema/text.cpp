// The same story for a terminal and as Markdown.
#include "base/text.h"

#include "base/time.h"
#include "os/files.h"
#include "report/escape.h"
#include "report/schema/words.h"
#include "report/schema_report.h"

#include <fmt/format.h>

#include <algorithm>

namespace godwit::report {

std::string schema_headline(const SchemaRunReport& report) {
  const auto done = std::count_if(report.steps.begin(), report.steps.end(), [](const SchemaStep& step) {
    return step.state == "applied" || step.state == "reverted";
  });
  if (report.outcome == "already current")
    return report.operation == "upgrade" ? "Already up to date: nothing to apply." : "Nothing to roll back.";
  if (report.outcome == "planned")
    return fmt::format("[DRY RUN] {} migration(s) would be {}.", report.steps.size(),
                       report.operation == "upgrade" ? "applied" : "rolled back");
  if (report.outcome == "applied") return fmt::format("Applied {} migration(s).", done);
  if (report.outcome == "reverted") return fmt::format("Rolled back {} migration(s).", done);
  return fmt::format("{} {}: {} of {} migration(s) done.",
                     report.operation == "upgrade" ? "Upgrade" : "Downgrade", report.outcome, done,
                     report.steps.size());
}

std::string what_remains(const SchemaFailure& failure) {
  return failure.transactional
             ? fmt::format("{} left nothing behind: its transaction was rolled back", failure.revision)
             : fmt::format("{} runs statement by statement: {} of {} are done and stay", failure.revision,
                           failure.statements_committed, failure.statements);
}

namespace {

std::string failure_text(const SchemaFailure& failure) {
  std::string text = fmt::format("  {}: {}{}\n", failure.where.text(), failure.message,
                                 failure.sqlstate.empty() ? "" : " (SQLSTATE " + failure.sqlstate + ")");
  if (!failure.excerpt.empty()) {
    text += fmt::format("      {}\n      {:>{}}\n", failure.excerpt, "^", std::max(failure.where.column, 1));
  }
  if (failure.statement > 0)
    text += fmt::format("  statement {} of {}: {}\n", failure.statement, failure.statements, failure.command);
  for (const SchemaBlocker& blocker : failure.blockers)
    text += "  blocked by " + one_line(blocker.text()) + "\n";
  text += "  " + what_remains(failure) + "\n";
  if (!failure.committed.empty()) text += "  kept and recorded: " + join(failure.committed, ", ") + "\n";
  if (!failure.not_begun.empty()) text += "  not begun: " + join(failure.not_begun, ", ") + "\n";
  for (const std::string& command : failure.next_commands)
    text += "  next: " + command + "\n";
  return text;
}

// Lines of a structure's text, each with a sign in front.
void add_lines(char sign, const std::string& text, std::string& out) {
  if (text.empty()) return;
  for (const std::string& line : split(trim(text), '\n'))
    out += fmt::format("    {} {}\n", sign, line);
}

std::string preview_text(const SchemaPreview& preview) {
  if (!preview.why_not.empty())
    return "[DRY RUN] What the structure will be is not known: " + preview.why_not + "\n";
  std::string text = fmt::format("[DRY RUN] The structure before and after, from a rehearsal in {} ({}):\n",
                                 preview.where, preview.server);
  if (preview.changes.empty()) text += "  nothing changes\n";
  for (const SchemaChange& change : preview.changes) {
    text += fmt::format("  {:<8} {} {}{}\n", change.what, change.kind, change.name,
                        change.destructive ? "  (loses data)" : "");
    add_lines('-', change.before, text);
    add_lines('+', change.after, text);
  }
  return text;
}

}  // namespace

std::string to_text(const SchemaRunReport& report) {
  std::string text = schema_headline(report) + "\n";
  for (const SchemaStep& step : report.steps) {
    text += fmt::format("  {:<10} {}{}\n", step.state, step.file.empty() ? step.revision : step.file,
                        step.duration_us > 0 ? "  " + human_duration(step.duration_us) : "");
    if (step.cancels > 0)
      text += fmt::format("             {} time(s) cancelled because others had to wait\n", step.cancels);
  }
  if (!report.failures.empty()) text += failure_text(report.failures[0]);
  for (const SchemaFinding& finding : report.findings) {
    if (finding.severity == "refusal") continue;
    text += fmt::format("  {}: {}: {}\n", finding.severity,
                        finding.file.empty() ? finding.revision : finding.file, finding.message);
  }
  if (report.preview) text += preview_text(*report.preview);
  if (report.dry_run && !report.steps.empty()) {
    text += "[DRY RUN] Would run the following SQL:\n";
    for (const SchemaStep& step : report.steps)
      text += fmt::format("-- {} ({})\n{}\n", step.file, step.direction, trim(step.sql));
  }
  if (!report.plan_hash.empty()) text += fmt::format("Plan: {}\n", report.plan_hash);
  const auto& now = report.dry_run ? report.before : report.after;
  text += fmt::format("Current revision: {}\n", now.empty() ? "None (no migrations applied)" : now.back());
  if (!report.run.empty()) text += fmt::format("Run: {}\n", report.run);
  return text;
}

std::string health_text(const std::vector<SchemaHealthCheck>& checks) {
  std::string text;
  for (const SchemaHealthCheck& check : checks) {
    const std::string_view verdict = check.state == "ok"         ? "PASS"
                                     : check.state == "skipped"  ? "SKIP"
                                     : check.severity == "error" ? "FAIL"
                                                                 : "WARN";
    text += fmt::format("Checking {}... {} - {}\n", check.check, verdict, check.message);
  }
  return text;
}

std::string to_markdown(const SchemaRunReport& report) {
  const std::string_view sign = report.exit_code == 0 ? "✅" : "⛔";
  std::string out = fmt::format("# {} {}: {} in {}\n\n**{}**\n\n", sign, escape_markdown(report.operation),
                                escape_markdown(report.database), escape_markdown(report.environment),
                                escape_markdown(schema_headline(report)));
  out += "| | |\n|---|---|\n";
  const auto line = [&](std::string_view name, const std::string& value) {
    if (!value.empty()) out += fmt::format("| {} | {} |\n", name, escape_markdown(value));
  };
  line("Run", report.run);
  line("History", report.tool + " " + report.table);
  line("Server", report.server);
  line("From", report.before.empty() ? "nothing" : report.before.back());
  line("To", report.after.empty() ? "nothing" : report.after.back());
  line("Plan", report.plan_hash);
  line("Actor", report.actor);
  line("Commit", report.commit);
  line("CI run", report.ci_url.empty() ? report.ci_run_id : report.ci_url);
  line("Attempt", report.ci_attempt);
  line("Approved by", report.approved_by);
  line("Approval", report.approval);
  line("Backup", report.backup_file);
  if (report.receipt)
    line("Receipt", fmt::format("from {}, made at {}, signed under {}", report.receipt->from,
                                report.receipt->made_at, report.receipt->public_key));
  line("Validated", report.validation);
  line("Skipped", join(report.skipped, ", "));
  if (!report.steps.empty()) out += "\n| Migration | Direction | State | Time |\n|---|---|---|---:|\n";
  for (const SchemaStep& step : report.steps) {
    out +=
        fmt::format("| {} | {} | {} | {} |\n", escape_markdown(step.file.empty() ? step.revision : step.file),
                    step.direction, step.state, step.duration_us > 0 ? human_duration(step.duration_us) : "");
  }
  if (!report.health.empty()) out += "\n| Health check | State | Found |\n|---|---|---|\n";
  for (const SchemaHealthCheck& check : report.health) {
    out +=
        fmt::format("| {} | {} | {} |\n", escape_markdown(check.check),
                    check.state == "failed" ? check.severity : check.state, escape_markdown(check.message));
  }
  if (!report.failures.empty()) {
    // Backticks in the excerpt would end the block.
    std::string text = failure_text(report.failures[0]);
    std::replace(text.begin(), text.end(), '`', '\'');
    out += "\n```\n" + text + "```\n";
  } else if (!report.error.empty()) {
    out += "\n> " + escape_markdown(report.error) + "\n";
  }
  for (const SchemaFinding& finding : report.findings) {
    out += fmt::format("\n- **{}** {}: {}", finding.severity,
                       escape_markdown(finding.file.empty() ? finding.revision : finding.file),
                       escape_markdown(finding.message));
  }
  return out + "\n";
}

Status write_all(const std::string& folder, const SchemaRunReport& report) {
  RETURN_IF_ERROR(os::make_folder(folder));
  RETURN_IF_ERROR(os::write_file(folder + "/report.json", to_json(report)));
  RETURN_IF_ERROR(os::write_file(folder + "/report.md", to_markdown(report)));
  return os::write_file(folder + "/report.html", to_html(report));
}

}  // namespace godwit::report
