#include "base/text.h"
#include "report/escape.h"
#include "report/html/page_parts.h"

#include <fmt/format.h>

#include <algorithm>

namespace godwit::report::html {

namespace {

std::string open_part(std::string_view look, std::string_view id, std::string_view title,
                      std::string_view lead) {
  std::string out =
      fmt::format("<section{0} id=\"{1}\" aria-labelledby=\"{1}-title\">\n<h2 id=\"{1}-title\">{2}</h2>\n",
                  look, id, title);
  if (!lead.empty()) out += fmt::format("<p class=\"lead\">{}</p>\n", lead);
  return out;
}

}  // namespace

std::string open_section(std::string_view id, std::string_view title, std::string_view lead) {
  return open_part("", id, title, lead);
}

std::string open_panel(std::string_view id, std::string_view title, std::string_view lead) {
  return open_part(" class=\"panel\"", id, title, lead);
}

std::string open_details(std::string_view title, std::string_view aside, bool open) {
  return fmt::format(
      "<details{}><summary><span class=\"what\">{}</span> <span class=\"aside\">{}</span></summary>\n",
      open ? " open=\"open\"" : "", escape_xml(title), escape_xml(aside));
}

std::string open_chart(std::string_view id, std::string_view title, std::string_view words, int height) {
  return fmt::format(
      "<svg class=\"chart\" width=\"100%\" height=\"{0}\" role=\"img\" aria-labelledby=\"{1}-name "
      "{1}-words\">\n"
      "<title id=\"{1}-name\">{2}</title><desc id=\"{1}-words\">{3}</desc>\n",
      height, id, title, escape_xml(words));
}

std::string open_table(std::string_view caption, const std::vector<Column>& columns) {
  std::string out = fmt::format(
      "<div class=\"scroll\" role=\"region\" tabindex=\"0\" "
      "aria-label=\"{0}\">\n<table><caption>{0}</caption><thead><tr>",
      escape_xml(caption));
  for (const Column& column : columns)
    out += fmt::format("<th scope=\"col\"{}>{}</th>", column.number ? " class=\"n\"" : "", column.title);
  return out + "</tr></thead>\n<tbody>\n";
}

std::string close_table() {
  return "</tbody></table></div>\n";
}

std::string cell(std::string_view text) {
  return "<td>" + escape_xml(text) + "</td>";
}

std::string code_cell(std::string_view text) {
  if (text.empty()) return "<td class=\"zero\">–</td>";
  return "<td><code>" + escape_xml(text) + "</code></td>";
}

std::string number_cell(int64_t value, std::string_view alarm) {
  const std::string_view look = value == 0 ? " zero" : "";
  const std::string tone = value != 0 && !alarm.empty() ? fmt::format(" is-{}", alarm) : "";
  return fmt::format("<td class=\"n{}{}\">{}</td>", look, tone, with_thousands(value));
}

std::string row_head(std::string_view text, size_t rows) {
  const std::string span = rows > 1 ? fmt::format(" rowspan=\"{}\"", rows) : "";
  std::string broken;
  for (const char c : escape_xml(text)) {  // no entity holds one of these characters
    broken += c;
    if (c == '.' || c == ':' || c == '_') broken += "<wbr/>";
  }
  return fmt::format("<th scope=\"{}\"{}>{}</th>", rows > 1 ? "rowgroup" : "row", span, broken);
}

std::string badge(std::string_view text, std::string_view tone) {
  return fmt::format("<span class=\"badge is-{}\">{}</span>", tone, escape_xml(text));
}

std::string_view inside_store(const TableReport& table) {
  const std::string_view name = table.dataset;
  const bool named = name.size() > table.store.size() + 1 && name.starts_with(table.store) &&
                     name[table.store.size()] == '.';
  return named ? name.substr(table.store.size() + 1) : name;
}

size_t colour_of(const RunReport& report, const std::string& store) {
  constexpr size_t colours = 8;
  const std::vector<std::string> all = stores_of(report);
  return static_cast<size_t>(std::find(all.begin(), all.end(), store) - all.begin()) % colours;
}

std::vector<std::string> stores_of(const RunReport& report) {
  std::vector<std::string> names;
  const auto add = [&](const std::string& name) {
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  };
  for (const StoreReport& store : report.stores)
    add(store.store);
  for (const TableReport& table : report.tables)
    add(table.store);
  return names;
}

std::string plural(int64_t count, std::string_view noun) {
  return fmt::format("{} {}{}", with_thousands(count), noun, count == 1 ? "" : "s");
}

}  // namespace godwit::report::html
