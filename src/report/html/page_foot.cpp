#include "os/files.h"
#include "report/escape.h"
#include "report/figures.h"
#include "report/html/page_parts.h"

#include <fmt/format.h>

namespace godwit::report::html {

namespace {

std::string list(const std::vector<std::string>& lines) {
  std::string out = "<ul class=\"lines\">\n";
  for (const std::string& line : lines)
    out += "<li>" + escape_xml(line) + "</li>\n";
  return out + "</ul>\n";
}

void long_list(std::string_view what, const std::vector<std::string>& lines, std::string& out) {
  constexpr size_t open_max = 12;
  if (lines.size() <= open_max) {
    out += list(lines);
    return;
  }
  const auto middle = lines.begin() + static_cast<std::ptrdiff_t>(open_max);
  out += list({lines.begin(), middle});
  out += open_details(fmt::format("{} more {}", lines.size() - open_max, what), "", false) +
         list({middle, lines.end()}) + "</details>\n";
}

std::string_view explain(const std::string& name) {
  if (name == "checks.json")
    return "every check with the keys of failing rows: stays on the machine of the run";
  if (name == "checks.junit.xml") return "checks as test cases, for a CI system";
  if (name == "checks.sarif") return "findings, for code scanning";
  if (name == "checks.csv") return "one line per check, for a spreadsheet";
  if (name == "tables.csv") return "one line per table, for a spreadsheet";
  if (name == "report.json") return "this report for programs";
  if (name == "report.md") return "this report for a comment or an issue";
  if (name == "plan") return "what was planned, and why each table is in";
  return "";
}

// A link when the file stands beside the page; paths of the machine stay out.
std::string artifact(const std::string& name, const std::string& path, const std::string& folder) {
  const bool beside = !folder.empty() && os::parent_folder(path) == folder;
  const std::string file = path.substr(path.rfind('/') + 1);
  std::string out = "<li>";
  out += beside ? fmt::format("<a href=\"./{0}\">{0}</a>", escape_xml(file))
                : fmt::format("<code>{}</code>", escape_xml(name));
  const std::string_view text = explain(name);
  if (!text.empty()) out += fmt::format(" <span class=\"dim\">{}</span>", text);
  return out + "</li>\n";
}

}  // namespace

void warnings(const RunReport& report, std::string& out) {
  if (report.warnings.empty()) return;
  out +=
      open_panel("warnings", fmt::format("Warnings <span class=\"count\">{}</span>", report.warnings.size()));
  long_list("warnings", report.warnings, out);
  out += "</section>\n";
}

void notes(const RunReport& report, std::string& out) {
  if (report.notes.empty()) return;
  out += open_section("notes", "Notes");
  long_list("notes", report.notes, out);
  out += "</section>\n";
}

void next(const RunReport& report, std::string& out) {
  std::string steps;
  for (const NextStep& step : next_steps(report)) {
    if (step.command.empty()) continue;  // the hint stands beside the error
    steps += fmt::format("<li><code class=\"command\">{}</code> <span class=\"dim\">{}</span></li>\n",
                         escape_xml(step.command), escape_xml(step.meaning));
  }
  if (steps.empty()) return;
  out += open_panel("next", "Next steps") + "<ul class=\"steps\">\n" + steps + "</ul>\n</section>\n";
}

void artifacts(const RunReport& report, std::string& out) {
  std::string folder;
  if (const auto page = report.artifacts.find("report.html"); page != report.artifacts.end())
    folder = os::parent_folder(page->second);
  std::string items;
  for (const auto& [name, path] : report.artifacts) {
    if (name == "report.html" || path == folder) continue;
    items += artifact(name, path, folder);
  }
  if (items.empty()) return;
  out +=
      open_section("files", "Files of this run") + "<ul class=\"files\">\n" + items + "</ul>\n</section>\n";
}

void meaning(std::string& out) {
  out += open_section("meaning", "What these numbers mean");
  out += "<dl class=\"meaning\">\n";
  for (const Explanation& explanation : explanations())
    out += fmt::format("<div><dt>{}</dt><dd>{}</dd></div>\n", escape_xml(explanation.term),
                       escape_xml(explanation.text));
  out += "</dl>\n</section>\n";
}

}  // namespace godwit::report::html
