#include "base/text.h"
#include "base/time.h"
#include "report/escape.h"
#include "report/figures.h"
#include "report/html/page_parts.h"

#include <fmt/format.h>

namespace godwit::report::html {

namespace {

// A wader in flight, drawn by hand.
constexpr std::string_view bird =
    "<svg class=\"bird\" viewBox=\"0 0 64 40\" width=\"48\" height=\"30\" aria-hidden=\"true\" "
    "focusable=\"false\">"
    "<path d=\"M1 17 L19 20.4 C21 17.6 24.6 17 27.4 18.6 L34 20 C31 13 32 6 38 1 C40 8 44 13 50 18.6 C54 "
    "20.6 58.6 23 "
    "63 27.4 C56 26.6 50 27 45 28.4 C37 31 29 29.6 24.4 24.6 C22.6 23.4 20.6 22.6 19 22.2 Z\" "
    "fill=\"currentColor\"/>"
    "<path d=\"M45 28.4 L56 36 M41 29.4 L51 37.6\" fill=\"none\" stroke=\"currentColor\" "
    "stroke-width=\"1.2\" "
    "stroke-linecap=\"round\"/></svg>";

std::string_view tone_name(Tone tone) {
  switch (tone) {
    case Tone::good:
      return "good";
    case Tone::warning:
      return "warn";
    case Tone::bad:
      return "bad";
    case Tone::neutral:
      return "info";
  }
  return "info";
}

std::string_view tone_mark(Tone tone) {
  switch (tone) {
    case Tone::good:
      return "M6 12.5 L10.2 16.7 L18 8";
    case Tone::warning:
      return "M12 6 V13 M12 16.6 V17";
    case Tone::bad:
      return "M8 8 L16 16 M16 8 L8 16";
    case Tone::neutral:
      return "M12 11 V17.4 M12 7 V7.4";
  }
  return "";
}

void fact(std::string_view name, const std::string& value, std::string& out, bool code = false) {
  if (value.empty()) return;
  out += fmt::format("<div><dt>{}</dt><dd>{}{}{}</dd></div>\n", name, code ? "<code>" : "", value,
                     code ? "</code>" : "");
}

void figure(std::string_view name, const std::string& value, const std::string& beneath, std::string& out,
            std::string_view tone = "") {
  out += fmt::format("<div{}><dt>{}</dt><dd><b>{}</b>{}</dd></div>\n",
                     tone.empty() ? "" : fmt::format(" class=\"is-{}\"", tone), name, value,
                     beneath.empty() ? "" : fmt::format("<span>{}</span>", beneath));
}

void check_figure(const RunReport& report, std::string& out) {
  const CheckSummary& checks = report.check_summary;
  if (checks.evaluated + checks.skipped == 0) return;
  std::string beneath = with_thousands(checks.passed) + " passed";
  if (checks.warned > 0) beneath += fmt::format(", {} warned", with_thousands(checks.warned));
  if (checks.failed > 0) beneath += fmt::format(", {} failed", with_thousands(checks.failed));
  beneath +=
      checks.skipped > 0 ? fmt::format(", {} skipped", with_thousands(checks.skipped)) : ", none skipped";
  const bool bad = checks.failed + checks.skipped > 0 || checks.verdict == "FAILED";
  figure("Checks evaluated", with_thousands(checks.evaluated), beneath, out, bad ? "bad" : "");
}

void verified_figure(const Figures& sum, std::string& out) {
  const int64_t off = sum.mismatched_rows + sum.missing_rows;
  if (off > 0) {
    figure("Rows verified", with_thousands(sum.verified_rows),
           fmt::format("{} differ, {} missing", with_thousands(sum.mismatched_rows),
                       with_thousands(sum.missing_rows)),
           out, "bad");
  } else if (sum.verified_rows > 0) {
    figure("Rows verified", with_thousands(sum.verified_rows), "read back, all equal", out);
  }
}

}  // namespace

void masthead(const RunReport& report, std::string& out) {
  const Headline said = headline(report);
  out += fmt::format("<header class=\"tone-{}\">\n<div class=\"wrap\">\n", tone_name(said.tone));
  out += fmt::format("<p class=\"brand\">{}<b>godwit</b> <span>{} report</span></p>\n", bird,
                     report.dry_run ? "Plan" : kind_name(report));
  out += fmt::format("<h1>{} <b>{}</b></h1>\n",
                     escape_xml(report.scope_name.empty() ? report.pipeline : report.scope_name),
                     escape_xml(report.scope.empty() ? report.run : report.scope));
  if (!report.from.empty() && !report.to.empty()) {
    out += fmt::format("<p class=\"route\"><span>{}</span> <i aria-label=\"to\">→</i> <span>{}</span></p>\n",
                       escape_xml(report.from), escape_xml(report.to));
  }
  out += fmt::format(
      "<p class=\"verdict\"><svg viewBox=\"0 0 24 24\" width=\"34\" height=\"34\" aria-hidden=\"true\" "
      "focusable=\"false\"><circle "
      "cx=\"12\" cy=\"12\" r=\"11\"/><path d=\"{}\"/></svg><span><strong>{}</strong> {}</span></p>\n",
      tone_mark(said.tone), escape_xml(said.verdict), escape_xml(said.meaning));
  out += "<dl class=\"facts\">\n";
  fact("Run", escape_xml(report.run), out, true);
  if (report.of_run != report.run) fact("About run", escape_xml(report.of_run), out, true);
  if (report.started_us > 0) {
    const std::string text = iso_utc(report.started_us);
    fact("Started",
         fmt::format("<time datetime=\"{}\">{} {} UTC</time>", text, text.substr(0, 10), text.substr(11, 8)),
         out);
  }
  fact("Pipeline", escape_xml(report.pipeline), out);
  fact("Strategy", escape_xml(report.strategy), out);
  if (report.exit_code != 0) fact("Exit code", std::to_string(report.exit_code), out);
  fact("Plan hash", escape_xml(report.plan_hash), out, true);
  fact("Masking key fingerprint", escape_xml(report.key_fingerprint), out, true);
  fact("godwit", escape_xml(report.godwit_version), out);
  out += "</dl>\n</div>\n</header>\n";
}

void key_figures(const RunReport& report, std::string& out) {
  const Figures sum = add_up(report);
  std::string cards;
  if (const int64_t took_us = duration_us(report); took_us > 0) {
    const auto rate =
        static_cast<int64_t>(static_cast<double>(sum.rows) * 1e6 / static_cast<double>(took_us));
    figure("Duration", human_duration(took_us), rate > 0 ? with_thousands(rate) + " rows per second" : "",
           cards);
  }
  if (sum.tables > 0)
    figure("Tables", with_thousands(static_cast<int64_t>(sum.tables)),
           "in " + plural(static_cast<int64_t>(sum.stores), "store"), cards);
  if (sum.rows > 0) {
    figure("Rows", with_thousands(sum.rows), origin_of_rows(sum), cards);
    figure("Staged", human_bytes(sum.bytes), "compressed Parquet", cards);
  }
  if (sum.columns_masked > 0) {
    figure("Columns masked", with_thousands(static_cast<int64_t>(sum.columns_masked)),
           with_thousands(sum.values_masked) + " values", cards);
  }
  check_figure(report, cards);
  if (sum.inserted + sum.updated + sum.kept > 0) {
    figure("Rows inserted", with_thousands(sum.inserted),
           fmt::format("{} updated, {} kept", with_thousands(sum.updated), with_thousands(sum.kept)) +
               (sum.deleted > 0 ? fmt::format(", {} deleted", with_thousands(sum.deleted)) : ""),
           cards);
  }
  verified_figure(sum, cards);
  if (report.peak_memory_bytes > 0)
    figure("Peak memory", human_bytes(report.peak_memory_bytes), "of the process", cards);
  if (sum.stores > 1 && report.skew_us > 0)
    figure("Snapshot skew", human_duration(report.skew_us), "between the stores", cards);
  if (cards.empty()) return;
  out +=
      "<section aria-labelledby=\"figures-title\">\n<h2 id=\"figures-title\" class=\"unseen\">Key "
      "figures</h2>\n<dl class=\"cards\">\n" +
      cards + "</dl>\n</section>\n";
}

void failure(const RunReport& report, std::string& out) {
  if (report.error.empty()) return;
  out +=
      "<section class=\"failure\" aria-labelledby=\"failure-title\">\n<h2 id=\"failure-title\">What went "
      "wrong</h2>\n";
  out += fmt::format("<p class=\"error\">{}</p>\n", escape_xml(report.error));
  if (!report.hint.empty()) out += fmt::format("<p><b>What to do:</b> {}</p>\n", escape_xml(report.hint));
  out += "</section>\n";
}

}  // namespace godwit::report::html
