// The parts of report.html, each appended to the page. Inside src/report only. Every text that comes from
// outside goes through escape_xml; the markup is well-formed XML, so that a test can parse it.
#pragma once

#include "model/run_report.h"
#include "report/figures.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace godwit::report::html {

[[nodiscard]] std::string style();

// frame.cpp
// To the opening tag of the body.
[[nodiscard]] std::string open_page(std::string_view title);
// <header><div>…: close with "</div>\n</header>\n".
void open_header(Tone tone, std::string_view what, std::string& out);
void verdict(Tone tone, std::string_view words, std::string_view meaning, std::string& out);
// Inside <dl class="facts">; nothing without a value, which is markup already.
void fact(std::string_view name, const std::string& value, std::string& out, bool code = false);
void started(int64_t started_us, std::string& out);
// Inside <dl class="cards">: a number, what it is, and a line beneath; markup already.
void figure(std::string_view name, const std::string& value, const std::string& beneath, std::string& out,
            std::string_view tone = "");

// page_head.cpp
void masthead(const RunReport& report, std::string& out);
void key_figures(const RunReport& report, std::string& out);
void failure(const RunReport& report, std::string& out);

// timeline.cpp: phases to scale, and the same as a table.
void timeline(const RunReport& report, std::string& out);

// bars.cpp: one panel each; nothing without data.
void rows_panel(const RunReport& report, std::string& out);
void checks_panel(const RunReport& report, std::string& out);

// tables.cpp
void findings(const RunReport& report, std::string& out);
void table_list(const RunReport& report, std::string& out);
void masking(const RunReport& report, std::string& out);
void stores(const RunReport& report, std::string& out);

// page_foot.cpp
void warnings(const RunReport& report, std::string& out);
void notes(const RunReport& report, std::string& out);
void next(const RunReport& report, std::string& out);
void artifacts(const RunReport& report, std::string& out);
void meaning(std::string& out);

// markup.cpp
// <section id><h2>title</h2>…; close with "</section>\n".
[[nodiscard]] std::string open_section(std::string_view id, std::string_view title,
                                       std::string_view lead = "");
[[nodiscard]] std::string open_panel(std::string_view id, std::string_view title, std::string_view lead = "");
[[nodiscard]] std::string open_details(std::string_view title, std::string_view aside, bool open);
// A picture as wide as its place, with a name and the same in words for those who do not see it; "</svg>"
// closes it.
[[nodiscard]] std::string open_chart(std::string_view id, std::string_view title, std::string_view words,
                                     int height);
struct Column {
  std::string_view title;
  bool number = false;
};
// A table that scrolls sideways by itself: close with close_table().
[[nodiscard]] std::string open_table(std::string_view caption, const std::vector<Column>& columns);
[[nodiscard]] std::string close_table();
[[nodiscard]] std::string cell(std::string_view text);
[[nodiscard]] std::string code_cell(std::string_view text);
// Zero is dimmed; `alarm` colours what is not zero.
[[nodiscard]] std::string number_cell(int64_t value, std::string_view alarm = "");
// May break after dots, colons and underscores.
[[nodiscard]] std::string row_head(std::string_view text, size_t rows = 1);
[[nodiscard]] std::string badge(std::string_view text, std::string_view tone);
// The dataset's name without its store, for places that name the store already.
[[nodiscard]] std::string_view inside_store(const TableReport& table);
// A store's place in the report: it chooses the colour.
[[nodiscard]] size_t colour_of(const RunReport& report, const std::string& store);
// The stores of the tables, in load order.
[[nodiscard]] std::vector<std::string> stores_of(const RunReport& report);
// "Thousands, with a unit in the plural": plural(1, "table") → "1 table".
[[nodiscard]] std::string plural(int64_t count, std::string_view noun);

}  // namespace godwit::report::html
