// The same story as a page.
#include "base/text.h"
#include "base/time.h"
#include "report/escape.h"
#include "report/html/page_parts.h"
#include "report/schema/words.h"
#include "report/schema_report.h"

#include <fmt/format.h>

#include <algorithm>

namespace godwit::report {

namespace {

Tone tone_of(const SchemaRunReport& report) {
  if (report.exit_code != 0) return Tone::bad;
  if (report.dry_run || report.outcome == "already current") return Tone::neutral;
  const bool warned = std::any_of(report.findings.begin(), report.findings.end(),
                                  [](const SchemaFinding& finding) { return finding.severity == "warning"; });
  return warned || !report.skipped.empty() ? Tone::warning : Tone::good;
}

std::string_view tone_of_state(std::string_view state) {
  if (state == "applied" || state == "reverted" || state == "ok") return "good";
  if (state == "failed" || state == "in doubt" || state == "error" || state == "refusal") return "bad";
  return state == "warning" ? "warn" : "plain";
}

void masthead(const SchemaRunReport& report, std::string& out) {
  html::open_header(tone_of(report), report.dry_run ? "Plan" : "Schema change", out);
  out += fmt::format("<h1>{} <b>{}</b></h1>\n", escape_xml(report.operation), escape_xml(report.database));
  out += fmt::format("<p class=\"route\"><span>{}</span></p>\n", escape_xml(report.environment));
  html::verdict(tone_of(report), schema_headline(report), report.error, out);
  out += "<dl class=\"facts\">\n";
  html::fact("Run", escape_xml(report.run), out, true);
  html::started(report.started_us, out);
  html::fact("History", escape_xml(report.tool + " " + report.table), out);
  html::fact("Server", escape_xml(report.server), out);
  html::fact("Actor", escape_xml(report.actor), out);
  html::fact("Host", escape_xml(report.host), out);
  html::fact("Commit", escape_xml(report.commit), out, true);
  html::fact("Approved by", escape_xml(report.approved_by), out);
  html::fact("Approval", escape_xml(report.approval), out);
  if (report.exit_code != 0) html::fact("Exit code", std::to_string(report.exit_code), out);
  html::fact("Plan hash", escape_xml(report.plan_hash), out, true);
  html::fact("godwit", escape_xml(report.version), out);
  out += "</dl>\n</div>\n</header>\n";
}

void figures(const SchemaRunReport& report, std::string& out) {
  std::string cards;
  const auto count = [&](std::string_view state) {
    return std::count_if(report.steps.begin(), report.steps.end(),
                         [&](const SchemaStep& step) { return step.state == state; });
  };
  const auto number = [&](std::string_view name, int64_t value, std::string_view tone = "") {
    if (value > 0) html::figure(name, with_thousands(value), "", cards, tone);
  };
  html::figure("Duration", human_duration(report.finished_us - report.started_us), "", cards);
  number("Applied", count("applied"));
  number("Rolled back", count("reverted"));
  number("Planned", count("planned"));
  number("Failed", count("failed") + count("in doubt"), "bad");
  number("Not begun", count("not begun"));
  out +=
      "<section aria-labelledby=\"figures-title\">\n<h2 id=\"figures-title\" class=\"unseen\">Key "
      "figures</h2>\n<dl class=\"cards\">\n" +
      cards + "</dl>\n</section>\n";
}

void failure(const SchemaRunReport& report, std::string& out) {
  if (report.failures.empty()) return;
  const SchemaFailure& failed = report.failures[0];
  out +=
      "<section class=\"failure\" aria-labelledby=\"failure-title\">\n<h2 id=\"failure-title\">What went "
      "wrong</h2>\n";
  out += fmt::format("<p class=\"error\">{}: {}</p>\n", escape_xml(failed.where.text()),
                     escape_xml(failed.message));
  if (!failed.excerpt.empty()) out += fmt::format("<p><code>{}</code></p>\n", escape_xml(failed.excerpt));
  if (!failed.sqlstate.empty()) out += fmt::format("<p>SQLSTATE {}</p>\n", escape_xml(failed.sqlstate));
  for (const SchemaBlocker& blocker : failed.blockers)
    out += fmt::format("<p>Blocked by {}</p>\n", escape_xml(blocker.text()));
  out += fmt::format("<p>Statement {} of {}; {}</p>\n<ul class=\"lines\">\n", failed.statement,
                     failed.statements, escape_xml(what_remains(failed)));
  for (const std::string& command : failed.next_commands)
    out += fmt::format("<li><code class=\"command\">{}</code></li>\n", escape_xml(command));
  out += "</ul>\n</section>\n";
}

// To scale: how much of the time each migration took.
void steps(const SchemaRunReport& report, std::string& out) {
  if (report.steps.empty()) return;
  int64_t longest_us = 1;
  for (const SchemaStep& step : report.steps)
    longest_us = std::max(longest_us, step.duration_us);
  out += html::open_section("migrations",
                            fmt::format("Migrations <span class=\"count\">{}</span>", report.steps.size()));
  out += html::open_table("Migrations", {{"Migration"},
                                         {"State"},
                                         {"Time", true},
                                         {""},
                                         {"Statements", true},
                                         {"Attempts", true},
                                         {"How"},
                                         {"SHA-256"}});
  for (const SchemaStep& step : report.steps) {
    out += "<tr>" + html::row_head(step.file.empty() ? step.revision : step.file) + "<td>" +
           html::badge(step.state, tone_of_state(step.state)) + "</td>";
    out += fmt::format(
        "<td class=\"n\">{}</td><td><svg width=\"90\" height=\"10\" aria-hidden=\"true\"><rect "
        "class=\"fill-{}\" x=\"0\" y=\"0\" width=\"{:.2f}%\" height=\"10\" rx=\"3\"/></svg></td>",
        step.duration_us > 0 ? human_duration(step.duration_us) : "–",
        tone_of_state(step.state) == "bad" ? "bad" : "done",
        100.0 * static_cast<double>(step.duration_us) / static_cast<double>(longest_us));
    out += html::number_cell(step.statements) + html::number_cell(step.attempts) + html::cell(step.mode) +
           html::code_cell(std::string_view(step.sha256).substr(0, 12)) + "</tr>\n";
  }
  out += html::close_table() + "</section>\n";
}

void evidence(const SchemaRunReport& report, std::string& out) {
  std::string rows;
  const auto row = [&](std::string_view name, const std::string& value) {
    if (!value.empty())
      rows += "<tr>" + html::row_head(name) + "<td class=\"text\">" + escape_xml(value) + "</td></tr>\n";
  };
  row("Before", report.before.empty() ? "nothing is applied" : report.before.back());
  row("After", report.after.empty() ? "nothing is applied" : report.after.back());
  row("Workflow run", report.ci_run_id);
  row("Attempt", report.ci_attempt);
  row("Workflow run at", report.ci_url);
  row("Backup", report.backup_file);
  if (report.receipt) {
    const SchemaReceipt& receipt = *report.receipt;
    row("Receipt", fmt::format("from {}, made at {}, signed under {}", receipt.from, receipt.made_at,
                               receipt.public_key));
    row("Structure before, as rehearsed", receipt.start);
    row("Structure after, as rehearsed", receipt.end);
    row("Structure after, as found", receipt.found);
  }
  row("Validated", report.validation);
  row("Skipped", join(report.skipped, ", "));
  out += html::open_section("evidence", "Evidence") + html::open_table("Evidence", {{"What"}, {"Value"}}) +
         rows + html::close_table() + "</section>\n";
}

void health(const SchemaRunReport& report, std::string& out) {
  if (report.health.empty()) return;
  out += html::open_section("health", "Health before the change");
  out += html::open_table("Health checks", {{"Check"}, {"State"}, {"Found"}, {"Measured"}, {"Limit"}});
  for (const SchemaHealthCheck& check : report.health) {
    const std::string& state = check.state == "failed" ? check.severity : check.state;
    out += "<tr>" + html::row_head(check.check) + "<td>" + html::badge(state, tone_of_state(state)) +
           "</td><td class=\"text\">" + escape_xml(check.message) + "</td>" + html::cell(check.measured) +
           html::cell(check.threshold) + "</tr>\n";
  }
  out += html::close_table() + "</section>\n";
}

void findings(const SchemaRunReport& report, std::string& out) {
  if (report.findings.empty()) return;
  out += html::open_section("findings",
                            fmt::format("Findings <span class=\"count\">{}</span>", report.findings.size()));
  out += html::open_table("Findings", {{"Where"}, {"Severity"}, {"What"}});
  for (const SchemaFinding& finding : report.findings) {
    out += "<tr>" + html::row_head(finding.file.empty() ? finding.revision : finding.file) + "<td>" +
           html::badge(finding.severity, tone_of_state(finding.severity)) + "</td><td class=\"text\">" +
           escape_xml(finding.message) + "</td></tr>\n";
  }
  out += html::close_table() + "</section>\n";
}

}  // namespace

std::string to_html(const SchemaRunReport& report) {
  std::string out = html::open_page(fmt::format("{} of {} in {}: {}", report.operation, report.database,
                                                report.environment, report.outcome));
  masthead(report, out);
  out += "<main class=\"wrap\">\n";
  failure(report, out);
  figures(report, out);
  steps(report, out);
  findings(report, out);
  evidence(report, out);
  health(report, out);
  return out + fmt::format(
                   "</main>\n<footer class=\"wrap\"><p>Written by godwit {}. No value of any row stands in "
                   "this page.</p></footer>\n</body>\n</html>\n",
                   escape_xml(report.version));
}

}  // namespace godwit::report
