#include "report/escape.h"
#include "report/report.h"

#include <string_view>

namespace godwit::report {

namespace {

class Line {
 public:
  Line& text(std::string_view value) { return add(csv_field(value)); }
  Line& number(int64_t value) { return add(std::to_string(value)); }
  // RFC 4180 ends lines with CR LF.
  [[nodiscard]] std::string end() const { return out_ + "\r\n"; }

 private:
  Line& add(const std::string& field) {
    if (!first_) out_ += ',';
    first_ = false;
    out_ += field;
    return *this;
  }
  std::string out_;
  bool first_ = true;
};

}  // namespace

std::string to_tables_csv(const RunReport& report) {
  std::string out =
      "run,table,store,membership,reason,rows,owned_rows,needed_rows,bytes,digest,inserted,updated,kept,"
      "different,deleted,strategy,existing,brought,"
      "proved_rows,foreign_rows,orphans,verified_rows,mismatched_rows,missing_rows,masked_columns\r\n";
  for (const TableReport& table : report.tables) {
    Line line;
    line.text(report.run).text(table.dataset).text(table.store).text(table.membership).text(table.reason);
    line.number(table.rows)
        .number(table.owned_rows)
        .number(table.needed_rows)
        .number(table.bytes)
        .text(table.digest);
    line.number(table.inserted).number(table.updated).number(table.kept).number(table.different);
    line.number(table.deleted).text(table.strategy).number(table.existing).number(table.brought);
    line.number(table.proved_rows).number(table.foreign_rows).number(table.orphans);
    line.number(table.verified_rows).number(table.mismatched_rows).number(table.missing_rows);
    line.number(static_cast<int64_t>(table.masks.size()));
    out += line.end();
  }
  return out;
}

std::string to_checks_csv(const RunReport& report) {
  std::string out =
      "run,id,rule,category,severity,table,column,verdict,evaluated_rows,findings,description,reason\r\n";
  for (const CheckOutcome& outcome : report.checks) {
    const Check& check = outcome.check;
    Line line;
    line.text(report.run).text(check.id).text(check.rule).text(to_string(check.category));
    line.text(to_string(check.severity))
        .text(check.dataset)
        .text(check.column)
        .text(to_string(outcome.verdict));
    line.number(outcome.evaluated_rows).number(outcome.findings).text(check.description).text(outcome.reason);
    out += line.end();
  }
  return out;
}

}  // namespace godwit::report
