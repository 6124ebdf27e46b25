#include "base/text.h"
#include "schema/lint/checks/checks.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <set>

namespace godwit::schema::lint {

namespace {

using nlohmann::json;

void changed_rows(Look& look, const json& statement, bool update) {
  const std::string table = sql::relation_name(sql::child(statement, "relation"));
  if (look.scene.is_new(table)) return;
  const LiveTable* live = look.live(table);
  if (!statement.contains("whereClause")) {
    if (live != nullptr && is_small(*live)) return;
    const std::string text(look.statement.text);
    look.report(
        update ? "update-without-where" : "delete-without-where",
        fmt::format("every row of {}{}", table,
                    live != nullptr && live->rows >= 0
                        ? fmt::format(", about {} of them", with_thousands(live->rows))
                        : ""),
        fmt::format(
            "-- again and again, until it changes no row:\n{} WHERE ctid = ANY (ARRAY(SELECT ctid FROM {} "
            "WHERE … LIMIT 5000 FOR UPDATE SKIP LOCKED));",
            text, table));
    return;
  }
  if (live != nullptr && live->rows >= 100'000) {
    look.report("large-backfill",
                fmt::format("{} has about {} rows, and one transaction changes all that match", table,
                            with_thousands(live->rows)));
  }
}

void assigned_twice(Look& look, const json& update) {
  std::set<std::string> seen;
  for (const json& target : sql::items_of(update, "targetList")) {
    const json& assignment = sql::child(target, "ResTarget");
    const std::string name = sql::text_of(assignment, "name");
    if (assignment.contains("indirection") || seen.insert(name).second) continue;
    look.report("duplicate-column-assignment", fmt::format("{} is assigned twice", name));
    return;
  }
}

void truncated(Look& look, const json& truncate) {
  bool all_new = true;
  std::vector<std::string> names;
  for (const json& relation : sql::items_of(truncate, "relations")) {
    names.push_back(sql::relation_name(sql::child(relation, "RangeVar")));
    all_new = all_new && look.scene.is_new(names.back());
  }
  if (all_new) return;
  look.report("truncate", fmt::format("every row of {} is gone", join(names, ", ")));
  if (sql::text_of(truncate, "behavior") == "DROP_CASCADE")
    look.report("truncate-cascade",
                fmt::format("every table that refers to {} is emptied too", join(names, ", ")));
}

}  // namespace

void check_data(Look& look) {
  const json& value = *look.node.value;
  if (look.node.type == "UpdateStmt") {
    changed_rows(look, value, true);
    assigned_twice(look, value);
  }
  if (look.node.type == "DeleteStmt") changed_rows(look, value, false);
  if (look.node.type == "TruncateStmt") truncated(look, value);
}

}  // namespace godwit::schema::lint
