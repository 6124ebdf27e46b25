#include "base/text.h"
#include "base/time.h"
#include "report/escape.h"
#include "report/figures.h"
#include "report/html/page_parts.h"

#include <fmt/format.h>

#include <algorithm>

namespace godwit::report::html {

namespace {

constexpr size_t findings_open = 12;
constexpr size_t findings_max = 500;

std::string_view tone_of(const CheckOutcome& outcome) {
  if (outcome.verdict == CheckVerdict::failed || outcome.verdict == CheckVerdict::skipped) return "bad";
  return outcome.check.severity == Severity::info ? "info" : "warn";
}

std::string finding_rows(const std::vector<const CheckOutcome*>& found, size_t from, size_t to) {
  std::string out = open_table(
      "Findings",
      {{"Check"}, {"Verdict"}, {"Findings", true}, {"Rows looked at", true}, {"Severity"}, {"What it says"}});
  for (size_t i = from; i < to; ++i) {
    const CheckOutcome& outcome = *found[i];
    out += "<tr>" + row_head(outcome.check.id) + "<td>" +
           badge(to_string(outcome.verdict), tone_of(outcome)) + "</td>" + number_cell(outcome.findings) +
           number_cell(outcome.evaluated_rows) + cell(to_string(outcome.check.severity)) +
           "<td class=\"text\">" + escape_xml(finding_text(outcome)) + "</td></tr>\n";
  }
  return out + close_table();
}

template <typename Each>
void per_store(const RunReport& report, Each each) {
  const auto names = stores_of(report);
  for (const std::string& name : names) {
    std::vector<const TableReport*> tables;
    for (const TableReport& table : report.tables) {
      if (table.store == name) tables.push_back(&table);
    }
    if (!tables.empty()) each(name, tables);
  }
}

std::string table_row(const TableReport& table) {
  std::string out = "<tr>" + row_head(inside_store(table));
  out += number_cell(table.rows) + number_cell(table.inserted) + number_cell(table.updated) +
         number_cell(table.kept);
  out += number_cell(table.different, "warn") + number_cell(table.proved_rows);
  out += number_cell(table.foreign_rows + table.orphans, "bad") + number_cell(table.verified_rows);
  out += number_cell(table.mismatched_rows + table.missing_rows, "bad");
  const std::string digest = escape_xml(table.digest);
  out += digest.empty() ? std::string("<td class=\"zero\">–</td>")
                        : fmt::format("<td><code title=\"{}\">{}</code></td>", digest,
                                      escape_xml(std::string_view(table.digest).substr(0, 12)));
  const std::string chosen =
      table.chosen ? fmt::format("; loaded by {}: {} of {} rows of the scope were there", table.strategy,
                                 with_thousands(table.existing), with_thousands(table.brought))
                   : "";
  const std::string deleted =
      table.deleted > 0 ? fmt::format("; {} rows deleted", with_thousands(table.deleted)) : "";
  out += fmt::format("<td class=\"text\">{} {}</td>", badge(table.membership, "plain"),
                     escape_xml(table.reason + chosen + deleted));
  return out + "</tr>\n";
}

std::string mask_rows(const TableReport& table) {
  std::string out;
  bool first = true;
  for (const MaskCount& mask : table.masks) {
    out += "<tr>";
    if (first) out += row_head(inside_store(table), table.masks.size());
    first = false;
    out += code_cell(mask.column) + cell(mask.rule) + number_cell(mask.values) + number_cell(mask.nulls) +
           number_cell(mask.unchanged, "warn") + "</tr>\n";
  }
  return out;
}

std::string_view commit_tone(const std::string& state) {
  if (state == "committed") return "good";
  if (state == "in_doubt") return "bad";
  return state == "prepared" || state == "committing" ? "warn" : "plain";
}

}  // namespace

void findings(const RunReport& report, std::string& out) {
  const auto found = findings_of(report);
  if (found.empty()) return;
  const size_t shown = std::min(found.size(), findings_max);
  out += open_section("findings", fmt::format("Findings <span class=\"count\">{}</span>", found.size()),
                      "Checks that did not pass, worst first. Counts only: the keys of the rows stand in "
                      "checks.json, which stays with the run.");
  out += finding_rows(found, 0, std::min(findings_open, shown));
  if (shown > findings_open) {
    out += open_details(fmt::format("{} more", shown - findings_open), "", false) +
           finding_rows(found, findings_open, shown) + "</details>\n";
  }
  if (found.size() > shown) out += fmt::format("<p>And {} more in checks.csv.</p>\n", found.size() - shown);
  out += "</section>\n";
}

void table_list(const RunReport& report, std::string& out) {
  if (report.tables.empty()) return;
  out += open_section(
      "tables", fmt::format("Tables <span class=\"count\">{}</span>", report.tables.size()),
      "In load order. “Astray” counts rows of another scope and rows without a parent: it must be zero.");
  const bool few = report.tables.size() <= 15;
  per_store(report, [&](const std::string& store, const std::vector<const TableReport*>& tables) {
    int64_t rows = 0;
    int64_t verified = 0;
    std::string body;
    for (const TableReport* table : tables) {
      rows += table->rows;
      verified += table->verified_rows;
      body += table_row(*table);
    }
    std::string aside = plural(static_cast<int64_t>(tables.size()), "table") + ", " + plural(rows, "row");
    if (verified > 0) aside += fmt::format(", {} verified", with_thousands(verified));
    out += open_details(store, aside, few);
    out += open_table("Tables of " + store, {{"Table"},

                                             {"Rows", true},
                                             {"Inserted", true},
                                             {"Updated", true},
                                             {"Kept", true},
                                             {"Different", true},
                                             {"Proved", true},
                                             {"Astray", true},
                                             {"Verified", true},
                                             {"Wrong", true},
                                             {"Digest"},
                                             {"Why it is in"}});
    out += body + close_table() + "</details>\n";
  });
  out += "</section>\n";
}

void masking(const RunReport& report, std::string& out) {
  const Figures sum = add_up(report);
  if (sum.columns_masked == 0) return;
  out += open_section(
      "masking", fmt::format("Masking <span class=\"count\">{}</span>", sum.columns_masked),
      "Every masked column, the rule that decided, and what it did, counted while the rows streamed.");
  per_store(report, [&](const std::string& store, const std::vector<const TableReport*>& tables) {
    size_t columns = 0;
    int64_t values = 0;
    std::string body;
    for (const TableReport* table : tables) {
      columns += table->masks.size();
      for (const MaskCount& mask : table->masks)
        values += mask.values;
      body += mask_rows(*table);
    }
    if (columns == 0) return;
    out +=
        open_details(store, plural(static_cast<int64_t>(columns), "column") + ", " + plural(values, "value"),
                     sum.columns_masked <= 15);
    out += open_table(
        "Masked columns of " + store,
        {{"Table"}, {"Column"}, {"Rule"}, {"Values masked", true}, {"NULL", true}, {"Unchanged", true}});
    out += body + close_table() + "</details>\n";
  });
  out += "</section>\n";
}

void stores(const RunReport& report, std::string& out) {
  if (report.stores.empty()) return;
  const bool divided = std::any_of(report.stores.begin(), report.stores.end(),
                                   [](const StoreReport& store) { return store.connections > 1; });
  out +=
      open_section("stores", "Stores",
                   divided ? "Each is read at one moment of its own and committed as one transaction, or one "
                             "for each connection that loaded it."
                           : "Each is read at one moment of its own and committed as one transaction.");
  out += open_table(
      "Stores",
      {{"Store"}, {"Kind"}, {"Snapshot (UTC)"}, {"Position"}, {"Commit"}, {"Transaction"}, {"Connection"}});
  for (const StoreReport& store : report.stores) {
    std::string snapshot = "–";
    if (store.snapshot_us > 0) {
      const std::string time = iso_utc(store.snapshot_us);
      snapshot =
          fmt::format("{} {}.{:03}", time.substr(0, 10), time.substr(11, 8), store.snapshot_us / 1000 % 1000);
    }
    out += "<tr>" + row_head(store.store) + cell(store.kind) + cell(snapshot) +
           code_cell(store.snapshot_position);
    out += store.commit_state.empty()
               ? std::string("<td class=\"zero\">–</td>")
               : "<td>" + badge(store.commit_state, commit_tone(store.commit_state)) + "</td>";
    out += code_cell(store.transaction_id) + "<td class=\"text\">" + escape_xml(notes_of(store)) +
           "</td></tr>\n";
  }
  out += close_table() + "</section>\n";
}

}  // namespace godwit::report::html
