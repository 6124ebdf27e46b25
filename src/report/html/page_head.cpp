#include "base/text.h"
#include "base/time.h"
#include "report/escape.h"
#include "report/figures.h"
#include "report/html/page_parts.h"

#include <fmt/format.h>

namespace godwit::report::html {

namespace {

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
  open_header(said.tone, report.dry_run ? "Plan" : kind_name(report), out);
  out += fmt::format("<h1>{} <b>{}</b></h1>\n",
                     escape_xml(report.scope_name.empty() ? report.pipeline : report.scope_name),
                     escape_xml(report.scope.empty() ? report.run : report.scope));
  if (!report.from.empty() && !report.to.empty()) {
    out += fmt::format("<p class=\"route\"><span>{}</span> <i aria-label=\"to\">→</i> <span>{}</span></p>\n",
                       escape_xml(report.from), escape_xml(report.to));
  }
  verdict(said.tone, said.verdict, said.meaning, out);
  out += "<dl class=\"facts\">\n";
  fact("Run", escape_xml(report.run), out, true);
  if (report.of_run != report.run) fact("About run", escape_xml(report.of_run), out, true);
  started(report.started_us, out);
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
