// A lint for people, and for GitHub's annotations.
#include "base/text.h"

#include "report/escape.h"
#include "report/lint/annotation_parts.h"
#include "report/lint_report.h"

#include <fmt/format.h>

#include <algorithm>

namespace godwit::report {

namespace {

// Tabs stay, so that the caret stands under what it means.
std::string caret_line(const std::string& excerpt, int column) {
  std::string pad;
  int at = 1;
  for (const char c : excerpt) {
    if (at >= column) break;
    if ((static_cast<unsigned char>(c) & 0xC0U) == 0x80) continue;
    pad += c == '\t' ? '\t' : ' ';
    ++at;
  }
  return pad + "^";
}

std::string lock_text(const LintFinding& finding) {
  std::string text;
  if (!finding.lock.empty()) {
    text += fmt::format("  lock: {}{}", finding.lock,
                        finding.tables.empty() ? "" : " on " + join(finding.tables, ", "));
    text += fmt::format("; blocks: {}", finding.blocks);
  }
  if (!finding.duration.empty())
    text += fmt::format("{}duration: {}", text.empty() ? "  " : "; ", finding.duration);
  return text.empty() ? text : text + "\n";
}

std::string finding_text(const LintFinding& finding) {
  std::string text = fmt::format("{}: {} [{}]: {}\n", finding.where.text(), finding.severity, finding.rule,
                                 one_line(finding.message));
  if (!finding.excerpt.empty()) {
    text +=
        fmt::format("    {}\n    {}\n", finding.excerpt, caret_line(finding.excerpt, finding.where.column));
  }
  text += lock_text(finding);
  text += fmt::format("  why: {}\n", finding.why);
  if (!finding.rewrite.empty()) {
    text += "  safe:\n";
    for (const std::string& line : split(finding.rewrite, '\n'))
      text += "    " + line + "\n";
  }
  return text;
}

}  // namespace

std::string to_text(const LintReport& report) {
  std::string text;
  for (const LintFinding& finding : report.findings)
    text += finding_text(finding) + "\n";
  text += fmt::format("{} file(s), {} statement(s): {} error(s), {} warning(s), {} note(s), {} allowed\n",
                      report.files, report.statements, report.count("error"), report.count("warning"),
                      report.count("note"), report.allowed.size());
  return text;
}

std::string to_github(const LintReport& report) {
  std::string text;
  for (const LintFinding& finding : report.findings) {
    std::string message = one_line(finding.message);
    if (!finding.lock.empty())
      message +=
          fmt::format("\nlock: {}; blocks: {}; duration: {}", finding.lock, finding.blocks, finding.duration);
    message += "\n" + one_line(finding.why);
    if (!finding.rewrite.empty()) message += "\n\n" + finding.rewrite;
    text += github_command(finding.severity, finding.where, finding.rule, message);
  }
  return text;
}

}  // namespace godwit::report
