#include "base/text.h"
#include "report/escape.h"
#include "report/figures.h"
#include "report/html/page_parts.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace godwit::report::html {

namespace {

constexpr size_t bars_max = 25;
constexpr int row_height = 31;
constexpr int group_height = 34;

std::string cut(std::string_view name, size_t characters_max) {
  const std::string line = one_line(name);
  size_t characters = 0;
  for (size_t at = 0; at < line.size(); ++at) {
    if ((static_cast<unsigned char>(line[at]) & 0xC0U) == 0x80) continue;
    if (++characters == characters_max) return line.substr(0, at) + "…";
  }
  return line;
}

// Labels stand above their bars, so that the picture fits a telephone; what is longer is cut, the tooltip has
// it all.
std::string label(std::string_view name, int x, int y, std::string_view look) {
  const std::string narrow = cut(name, 34);
  const std::string wide = cut(name, 60);
  const auto text = [&](std::string_view width, const std::string& shown) {
    return fmt::format("<text class=\"label{}{}\" x=\"{}\" y=\"{}\">{}</text>", look, width, x, y,
                       escape_xml(shown));
  };
  return narrow == wide ? text("", narrow) : text(" narrow", narrow) + text(" wide", wide);
}

struct Group {
  std::string store;
  std::vector<const TableReport*> tables;  // shown, largest first
  int64_t tables_all = 0, rows_all = 0;
};

std::vector<Group> groups_of(const RunReport& report) {
  std::vector<const TableReport*> largest;
  for (const TableReport& table : report.tables) {
    if (table.rows > 0) largest.push_back(&table);
  }
  std::stable_sort(largest.begin(), largest.end(),
                   [](const auto* a, const auto* b) { return a->rows > b->rows; });
  largest.resize(std::min(largest.size(), bars_max));
  std::vector<Group> groups;
  for (const std::string& store : stores_of(report)) {
    Group group{store, {}, 0, 0};
    for (const TableReport* table : largest) {
      if (table->store == store) group.tables.push_back(table);
    }
    for (const TableReport& table : report.tables) {
      if (table.store != store) continue;
      ++group.tables_all;
      group.rows_all += table.rows;
    }
    if (!group.tables.empty()) groups.push_back(std::move(group));
  }
  return groups;
}

std::string group_head(const Group& group, size_t colour, int top) {
  return fmt::format(
      "<rect class=\"store-{}\" x=\"0\" y=\"{}\" width=\"10\" height=\"10\" rx=\"2\"/>{}"
      "<text class=\"label dim\" x=\"100%\" y=\"{}\" text-anchor=\"end\">{}, {}</text>\n",
      colour, top + 10, label(group.store, 16, top + 20, " strong"), top + 20,
      plural(group.tables_all, "table"), plural(group.rows_all, "row"));
}

std::string table_bar(const TableReport& table, int64_t most, size_t colour, int top) {
  const double width = 100.0 * std::sqrt(static_cast<double>(table.rows) / static_cast<double>(most));
  return fmt::format(
      "<g><title>{}: {}</title>{}"
      "<text class=\"label num\" x=\"100%\" y=\"{}\" text-anchor=\"end\">{}</text>"
      "<rect class=\"track\" x=\"0\" y=\"{}\" width=\"100%\" height=\"7\" rx=\"2\"/>"
      "<rect class=\"store-{}\" x=\"0\" y=\"{}\" width=\"{:.3f}%\" height=\"7\" rx=\"2\"/></g>\n",
      escape_xml(table.dataset), plural(table.rows, "row"), label(inside_store(table), 0, top + 12, ""),
      top + 12, with_thousands(table.rows), top + 17, colour, top + 17, std::max(width, 0.4));
}

std::string hidden_tables(const RunReport& report, size_t shown) {
  size_t empty = 0;
  for (const TableReport& table : report.tables)
    empty += table.rows == 0 ? 1U : 0U;
  const size_t smaller = report.tables.size() - empty - shown;
  std::string out;
  if (smaller > 0)
    out += fmt::format(" {} not shown.", plural(static_cast<int64_t>(smaller), "smaller table"));
  if (empty > 0)
    out +=
        fmt::format(" {} nothing to move.", empty == 1 ? "1 table had" : fmt::format("{} tables had", empty));
  return out;
}

// Wide enough to be seen, whatever the scale says.
struct Segment {
  std::string_view name, look, mark;
  int64_t count = 0;
};

std::vector<Segment> segments_of(const CheckCategoryCount& count) {
  return {{"passed", "good", "✓", count.passed},
          {"warned", "warn", "!", count.warned},
          {"failed", "bad", "✕", count.failed},
          {"skipped", "off", "–", count.skipped}};
}

std::string category_bar(const CheckCategoryCount& count, int64_t most, int top) {
  std::string words, numbers, bars;
  double x = 0;
  for (const Segment& segment : segments_of(count)) {
    if (segment.count == 0) continue;
    words += fmt::format("{}{} {}", words.empty() ? "" : ", ", with_thousands(segment.count), segment.name);
    numbers += fmt::format("<tspan class=\"ink-{}\" dx=\"{}\">{} {}</tspan>", segment.look,
                           numbers.empty() ? 0 : 8, with_thousands(segment.count), segment.mark);
    const double width = std::min(
        100 - x, std::max(1.5, 94.0 * static_cast<double>(segment.count) / static_cast<double>(most)));
    bars += fmt::format("<rect class=\"fill-{}\" x=\"{:.3f}%\" y=\"{}\" width=\"{:.3f}%\" height=\"10\"/>",
                        segment.look, x, top + 18, width);
    x += width;
  }
  return fmt::format(
      "<g><title>{0}: {1}</title><text class=\"label\" x=\"0\" y=\"{2}\">{0}</text>"
      "<text class=\"label num\" x=\"100%\" y=\"{2}\" text-anchor=\"end\">{3}</text>"
      "<rect class=\"track\" x=\"0\" y=\"{4}\" width=\"100%\" height=\"10\"/>{5}</g>\n",
      category_name(count.category), words, top + 13, numbers, top + 18, bars);
}

std::string categories_as_table(const std::vector<CheckCategoryCount>& counts) {
  std::string out = open_details("The same as a table", "", false);
  out += open_table("Checks by kind",
                    {{"Kind"}, {"Passed", true}, {"Warned", true}, {"Failed", true}, {"Skipped", true}});
  for (const CheckCategoryCount& count : counts) {
    out += "<tr>" + row_head(category_name(count.category)) + number_cell(count.passed) +
           number_cell(count.warned, "warn") + number_cell(count.failed, "bad") +
           number_cell(count.skipped, "bad") + "</tr>\n";
  }
  return out + close_table() + "</details>\n";
}

}  // namespace

void rows_panel(const RunReport& report, std::string& out) {
  const std::vector<Group> groups = groups_of(report);
  if (groups.empty()) return;
  int64_t most = 1;
  size_t shown = 0;
  for (const Group& group : groups) {
    shown += group.tables.size();
    most = std::max(most, group.tables.front()->rows);
  }
  int height = 0;
  std::string words, drawn;
  for (const Group& group : groups) {
    const size_t colour = colour_of(report, group.store);
    drawn += group_head(group, colour, height);
    height += group_height;
    for (const TableReport* table : group.tables) {
      drawn += table_bar(*table, most, colour, height);
      words += fmt::format("{} {}; ", table->dataset, plural(table->rows, "row"));
      height += row_height;
    }
  }
  out += open_panel(
      "rows", "Rows per table",
      fmt::format(
          "The {} by store. Bars grow with the square root of the rows, so that small tables stay visible.{}",
          shown == 1 ? "one table" : fmt::format("{} largest tables", shown), hidden_tables(report, shown)));
  out += open_chart("rows-chart", "Rows per table, largest first within each store", words, height);
  out += drawn + "</svg>\n</section>\n";
}

void checks_panel(const RunReport& report, std::string& out) {
  const auto counts = count_checks(report);
  if (counts.empty()) return;
  constexpr int category_height = 40;
  int64_t most = 1;
  for (const CheckCategoryCount& count : counts)
    most = std::max(most, count.passed + count.warned + count.failed + count.skipped);
  int height = 0;
  std::string words, drawn;
  for (const CheckCategoryCount& count : counts) {
    drawn += category_bar(count, most, height);
    words += fmt::format("{}: {} passed, {} warned, {} failed, {} skipped; ", category_name(count.category),
                         count.passed, count.warned, count.failed, count.skipped);
    height += category_height;
  }
  out += open_panel("checks", "Checks by kind");
  out +=
      "<p class=\"lead legend\"><span class=\"ink-good\">✓ passed</span> <span class=\"ink-warn\">! "
      "warned</span> "
      "<span class=\"ink-bad\">✕ failed</span> <span class=\"ink-off\">– skipped</span></p>\n";
  out += open_chart("checks-chart", "Checks by kind and outcome", words, height);
  out += drawn + "</svg>\n" + categories_as_table(counts) + "</section>\n";
}

}  // namespace godwit::report::html
