#include "check/scan/value_scan.h"

#include "base/text.h"
#include "check/expression.h"

#include <fmt/format.h>

#include <charconv>
#include <map>

namespace godwit::check {

namespace {

// Grouping three million rows costs about as much as five ordinary conditions on them.
constexpr size_t conditions_min = 8;
// Values are judged by the first rows: a column that varies there is scanned.
constexpr int64_t sample_rows = 50'000;
constexpr int64_t sample_values_max = 5'000;
constexpr std::string_view row_count = "\"rows with this value\"";

int64_t number_at(const duck::Rows& rows, size_t column) {
  const std::optional<std::string>& text = rows.rows.at(0).at(column);
  int64_t number = 0;
  if (text) std::from_chars(text->data(), text->data() + text->size(), number);
  return number;
}

class ValueScan {
 public:
  ValueScan(duck::Connection& connection, const std::string& relation,
            const std::vector<std::string>& conditions)
      : connection_(connection), relation_(relation), conditions_(conditions), counts_(conditions.size()) {}

  Result<std::vector<std::optional<int64_t>>> run() {
    Status chosen = attribute();
    if (chosen.ok()) chosen = drop_varied();
    if (!chosen.ok()) {
      // The scan will say which check is to blame.
      if (chosen.error().kind == ErrorKind::interrupted) return chosen.error();
      return std::move(counts_);
    }
    for (const auto& [column, members] : by_column_)
      RETURN_IF_ERROR(count(column, members));
    return std::move(counts_);
  }

 private:
  Status attribute() {
    ASSIGN_OR_RETURN(const auto described, connection_.describe("SELECT * FROM " + relation_));
    std::vector<std::string> names;
    for (const duck::ColumnDef& column : described)
      names.push_back(column.name);
    for (size_t i = 0; i < conditions_.size(); ++i) {
      const auto named = columns_named(conditions_[i], names);
      if (named.size() == 1) by_column_[named[0]].push_back(i);
    }
    std::erase_if(by_column_, [](const auto& entry) { return entry.second.size() < conditions_min; });
    return {};
  }

  Status drop_varied() {
    if (by_column_.empty()) return {};
    std::vector<std::string> columns, counts;
    for (const auto& [column, members] : by_column_) {
      columns.push_back(quote_identifier(column));
      counts.push_back("approx_count_distinct(" + columns.back() + ")");
    }
    ASSIGN_OR_RETURN(const auto values, connection_.query(fmt::format(
                                            "SELECT {} FROM (SELECT {} FROM {} LIMIT {})", join(counts, ", "),
                                            join(columns, ", "), relation_, sample_rows)));
    size_t at = 0;
    std::erase_if(by_column_, [&](const auto&) { return number_at(values, at++) > sample_values_max; });
    return {};
  }

  // A condition that cannot be evaluated so (it needs more than the column) leaves all of them to the scan.
  Status count(const std::string& column, const std::vector<size_t>& members) {
    std::vector<std::string> sums;
    for (const size_t i : members)
      sums.push_back(fmt::format("CAST(coalesce(sum(CASE WHEN {} THEN {} END), 0) AS BIGINT)", conditions_[i],
                                 row_count));
    const std::string name = quote_identifier(column);
    const auto rows =
        connection_.query(fmt::format("SELECT {} FROM (SELECT {}, count(*) AS {} FROM {} GROUP BY {}) AS {}",
                                      join(sums, ", "), name, row_count, relation_, name, relation_));
    if (!rows.ok()) return rows.error().kind == ErrorKind::interrupted ? Status(rows.error()) : Status();
    for (size_t i = 0; i < members.size(); ++i)
      counts_[members[i]] = number_at(*rows, i);
    return {};
  }

  duck::Connection& connection_;
  const std::string& relation_;
  const std::vector<std::string>& conditions_;
  std::vector<std::optional<int64_t>> counts_;
  std::map<std::string, std::vector<size_t>> by_column_;
};

}  // namespace

Result<std::vector<std::optional<int64_t>>> count_by_value(duck::Connection& connection,
                                                           const std::string& relation,
                                                           const std::vector<std::string>& conditions) {
  return ValueScan(connection, relation, conditions).run();
}

}  // namespace godwit::check
