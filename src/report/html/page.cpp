#include "report/escape.h"
#include "report/figures.h"
#include "report/html/page_parts.h"
#include "report/report.h"

#include <fmt/format.h>

namespace godwit::report {

namespace {

void contents(const std::string& body, std::string& out) {
  static constexpr std::pair<std::string_view, std::string_view> sections[] = {
      {"phases", "Phases"},     {"rows", "Rows"},       {"checks", "Checks"},   {"findings", "Findings"},
      {"warnings", "Warnings"}, {"tables", "Tables"},   {"masking", "Masking"}, {"stores", "Stores"},
      {"notes", "Notes"},       {"next", "Next steps"}, {"files", "Files"},     {"meaning", "What it means"}};
  out += "<nav class=\"wrap\" aria-label=\"Contents\"><ul>\n";
  for (const auto& [id, title] : sections) {
    if (body.find(fmt::format(" id=\"{}\"", id)) != std::string::npos)
      out += fmt::format("<li><a href=\"#{}\">{}</a></li>\n", id, title);
  }
  out += "</ul></nav>\n";
}

// Side by side where there is room: how much, and how well.
void columns(const RunReport& report, std::string& out) {
  std::string left, right;
  html::rows_panel(report, left);
  html::checks_panel(report, right);
  html::warnings(report, right);
  if (report.exit_code == 0) html::next(report, right);
  if (left.empty() && right.empty()) return;
  if (left.empty() || right.empty()) {
    out += left + right;
  } else {
    out += "<div class=\"columns\">\n<div>\n" + left + "</div>\n<div>\n" + right + "</div>\n</div>\n";
  }
}

}  // namespace

std::string to_html(const RunReport& report) {
  std::string body;
  html::failure(report, body);
  html::key_figures(report, body);
  if (report.exit_code != 0) html::next(report, body);
  html::timeline(report, body);
  columns(report, body);
  html::findings(report, body);
  html::table_list(report, body);
  html::masking(report, body);
  html::stores(report, body);
  html::notes(report, body);
  html::artifacts(report, body);
  html::meaning(body);

  std::string out =
      html::open_page(fmt::format("{} {}: {}", kind_name(report), report.run, headline(report).verdict));
  html::masthead(report, out);
  contents(body, out);
  out += "<main class=\"wrap\">\n" + body + "</main>\n";
  out += fmt::format(
      "<footer class=\"wrap\"><p>Written by godwit {}. Counts and names only; no value of any row stands in "
      "this page.</p></footer>\n</body>\n</html>\n",
      escape_xml(report.godwit_version));
  return out;
}

}  // namespace godwit::report
