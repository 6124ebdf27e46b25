#include "base/text.h"
#include "base/time.h"
#include "report/escape.h"
#include "report/figures.h"
#include "report/html/page_parts.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace godwit::report::html {

namespace {

constexpr int64_t millisecond = 1'000;
constexpr int64_t second = 1'000'000;
constexpr int64_t minute = 60 * second;
constexpr int64_t hour = 60 * minute;

struct Span {
  int64_t from_us = 0, to_us = 0;
};

Span whole(const RunReport& report) {
  Span span{report.started_us, report.finished_us};
  for (const PhaseOutcome& phase : report.phases) {
    if (phase.started_us == 0) continue;
    span.from_us = span.from_us == 0 ? phase.started_us : std::min(span.from_us, phase.started_us);
    span.to_us = std::max({span.to_us, phase.started_us, phase.finished_us});
  }
  span.to_us = std::max(span.to_us, span.from_us + 1);
  return span;
}

// Between three and six steps fit any span.
int64_t step_of(int64_t span_us) {
  constexpr std::array<int64_t, 29> nice = {millisecond,
                                            2 * millisecond,
                                            5 * millisecond,
                                            10 * millisecond,
                                            20 * millisecond,
                                            50 * millisecond,
                                            100 * millisecond,
                                            200 * millisecond,
                                            500 * millisecond,
                                            second,
                                            2 * second,
                                            5 * second,
                                            10 * second,
                                            15 * second,
                                            20 * second,
                                            30 * second,
                                            minute,
                                            2 * minute,
                                            5 * minute,
                                            10 * minute,
                                            15 * minute,
                                            20 * minute,
                                            30 * minute,
                                            hour,
                                            2 * hour,
                                            3 * hour,
                                            6 * hour,
                                            12 * hour,
                                            24 * hour};
  for (const int64_t step : nice) {
    if (span_us / step <= 5) return step;
  }
  return (span_us / (5 * 24 * hour) + 1) * 24 * hour;
}

std::string tick_text(int64_t us) {
  if (us == 0) return "0";
  if (us < second) return fmt::format("{} ms", us / millisecond);
  if (us < minute)
    return us % second == 0 ? fmt::format("{} s", us / second)
                            : fmt::format("{:.1f} s", static_cast<double>(us) / second);
  if (us < hour)
    return us % minute == 0 ? fmt::format("{} min", us / minute)
                            : fmt::format("{}:{:02} min", us / minute, us % minute / second);
  return us % hour == 0 ? fmt::format("{} h", us / hour)
                        : fmt::format("{}:{:02} h", us / hour, us % hour / minute);
}

std::string_view look(const PhaseOutcome& phase) {
  if (phase.state == "failed") return "bad";
  if (phase.state == "skipped") return "off";
  return phase.state == "running" ? "warn" : "done";
}

std::string amount(const PhaseOutcome& phase) {
  std::string out;
  if (phase.rows > 0) out = with_thousands(phase.rows) + " rows";
  if (phase.bytes > 0) out += (out.empty() ? "" : " · ") + human_bytes(phase.bytes);
  return out;
}

std::string taken(const PhaseOutcome& phase) {
  return phase.finished_us == 0 ? std::string("not finished") : human_duration(duration_us(phase));
}

constexpr int row_height = 38;

std::string grid(const Span& span, int bottom) {
  std::string out;
  const int64_t length = span.to_us - span.from_us;
  const int64_t step = step_of(length);
  for (int64_t at = 0; at <= length; at += step) {
    const double x = 100.0 * static_cast<double>(at) / static_cast<double>(length);
    out +=
        fmt::format("<line class=\"tick\" x1=\"{0:.3f}%\" x2=\"{0:.3f}%\" y1=\"0\" y2=\"{1}\"/>", x, bottom);
    const std::string_view anchor = at == 0 ? "start" : x > 94 ? "end" : "middle";
    out += fmt::format("<text class=\"tick-text\" x=\"{:.3f}%\" y=\"{}\" text-anchor=\"{}\">{}</text>\n", x,
                       bottom + 15, anchor, tick_text(at));
  }
  return out;
}

std::string bar(const PhaseOutcome& phase, const Span& span, int top) {
  const auto percent = [&](int64_t us) {
    return 100.0 * static_cast<double>(us) / static_cast<double>(span.to_us - span.from_us);
  };
  const int64_t from = phase.started_us == 0 ? span.from_us : phase.started_us;
  const int64_t to = phase.finished_us == 0 ? span.to_us : std::max(phase.finished_us, from);
  // A phase that took no time to speak of stays visible, and inside the picture.
  const double width = std::max(percent(to - from), 0.35);
  const double x = std::min(percent(from - span.from_us), 100 - width);
  std::string out = "<g>";
  out += fmt::format("<title>{}: {}, {}{}{}</title>", to_string(phase.phase), escape_xml(phase.state),
                     taken(phase), phase.detail.empty() ? "" : ", ", escape_xml(phase.detail));
  out += fmt::format("<text class=\"label\" x=\"0\" y=\"{}\"><tspan class=\"strong\">{}</tspan> {}", top + 13,
                     to_string(phase.phase), taken(phase));
  if (phase.state != "done")
    out += fmt::format(" <tspan class=\"ink-{}\">{}</tspan>", look(phase), escape_xml(phase.state));
  out += fmt::format("</text><text class=\"label dim\" x=\"100%\" y=\"{}\" text-anchor=\"end\">{}</text>",
                     top + 13, escape_xml(amount(phase)));
  out += fmt::format(
      "<rect class=\"track\" x=\"0\" y=\"{0}\" width=\"100%\" height=\"10\" rx=\"3\"/>"
      "<rect class=\"fill-{1}\" x=\"{2:.3f}%\" y=\"{0}\" width=\"{3:.3f}%\" height=\"10\" rx=\"3\"/></g>\n",
      top + 19, look(phase), x, width);
  return out;
}

std::string rate(const PhaseOutcome& phase) {
  const int64_t us = duration_us(phase);
  if (us == 0 || phase.rows == 0) return "–";
  return with_thousands(
      static_cast<int64_t>(static_cast<double>(phase.rows) / (static_cast<double>(us) / second)));
}

void as_table(const RunReport& report, std::string& out) {
  out += open_details("The same as a table", "", false);
  out += open_table("Phases", {{"Phase"},
                               {"State"},
                               {"Time", true},
                               {"Rows", true},
                               {"Rows per second", true},
                               {"Bytes", true},
                               {"What happened"}});
  for (const PhaseOutcome& phase : report.phases) {
    out += "<tr>" + row_head(to_string(phase.phase)) + cell(phase.state);
    out += fmt::format("<td class=\"n\">{}</td>", taken(phase));
    out += number_cell(phase.rows) + fmt::format("<td class=\"n\">{}</td><td class=\"n\">{}</td>",
                                                 rate(phase), human_bytes(phase.bytes));
    out += cell(phase.detail) + "</tr>\n";
  }
  out += close_table() + "</details>\n";
}

}  // namespace

void timeline(const RunReport& report, std::string& out) {
  if (report.phases.empty()) return;
  const Span span = whole(report);
  const int bottom = row_height * static_cast<int>(report.phases.size());
  std::string words;
  for (const PhaseOutcome& phase : report.phases)
    words += fmt::format("{} {}, {}; ", to_string(phase.phase), phase.state, taken(phase));
  words += human_duration(span.to_us - span.from_us) + " in all.";
  out += open_panel("phases", "Phases", "To scale, from the first moment of the run to the last.");
  out += open_chart("phases-chart", "Timeline of the run's phases", words, bottom + 22);
  out += grid(span, bottom);
  for (size_t i = 0; i < report.phases.size(); ++i)
    out += bar(report.phases[i], span, row_height * static_cast<int>(i));
  out += "</svg>\n";
  as_table(report, out);
  out += "</section>\n";
}

}  // namespace godwit::report::html
