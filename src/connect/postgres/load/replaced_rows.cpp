#include "connect/postgres/load/replaced_rows.h"

#include "base/check.h"
#include "base/text.h"
#include "connect/postgres/errors.h"
#include "connect/postgres/read/scan_sql.h"
#include "connect/postgres/undo/doomed_rows.h"
#include "connect/postgres/undo/undo_records.h"
#include "connect/selection_sql.h"

#include <fmt/format.h>

#include <algorithm>

namespace godwit::connect::postgres {
namespace {

// A SELECT of `list` over t, the scope's own rows as they stand in the target; one more condition may follow.
std::string scope_rows_sql(const LoadContext& context, const LoadedTable& table, const std::string& list) {
  CHECK(context.catalog != nullptr && context.replaced_in != nullptr);
  StoreClosure closure = *context.replaced_in;
  // What is needed, and where parents may lie, says nothing about whose a row is.
  for (TableClosure& each : closure.tables) {
    each.edges.clear();
    each.has_needed_rows = false;
  }
  const SelectionSql selection =
      select_rows(closure, *context.catalog, table.target.name, postgres_dialect());
  return fmt::format("{} SELECT {} FROM {} WHERE ({}) AND ({})", selection.with, list, selection.from,
                     selection.where, selection.owned);
}

std::string not_brought_sql(const LoadContext& context, const LoadedTable& table, const std::string& list) {
  const std::string rows = scope_rows_sql(context, table, list);
  if (!table.identity.whole_rows) {
    return fmt::format("{} AND NOT EXISTS (SELECT FROM {} s WHERE {})", rows, table.stage,
                       table.identity.match("s", "t"));
  }
  if (table.met.empty()) return rows;
  return fmt::format("{} AND NOT EXISTS (SELECT FROM {} m WHERE m.o = t.tableoid AND m.c = t.ctid)", rows,
                     table.met);
}

class Search {
 public:
  explicit Search(LoadContext& context)
      : context_(context), doomed_(context.session, passing_name(context, "doomed")) {}

  Status run(const std::vector<LoadedTable*>& tables) {
    RETURN_IF_ERROR(context_.session.run("SET LOCAL jit = off"));
    for (LoadedTable* table : tables) {
      if (table->strategy != LoadStrategy::replace || table->closure.membership != Membership::owned)
        continue;
      if (const Status found = find(*table); !found.ok()) {
        return at("finding the rows of " + table->dataset_id + " that the run does not bring", found.error());
      }
    }
    for (const LoadedTable* table : tables)
      RETURN_IF_ERROR(add_overwritten(*table));
    std::vector<std::string> reasons;
    for (const LoadedTable* table : tables)
      RETURN_IF_ERROR(add_reasons(*table, tables, reasons));
    if (reasons.empty()) return {};
    return make_error(
        ErrorKind::gate, "the scope cannot be replaced: " + join(reasons, "; "),
        "nothing was changed; take away what refers to these rows, or load with strategy upsert, "
        "which deletes nothing");
  }

  [[nodiscard]] std::vector<std::string> sets() const { return doomed_.sets(); }

 private:
  Status find(LoadedTable& table) {
    ASSIGN_OR_RETURN(
        const DoomedRows::Added added,
        doomed_.add(table.target.name, not_brought_sql(context_, table, "t.tableoid AS o, t.ctid AS c")));
    if (added.rows == 0) return {};
    table.doomed = added.set;
    table.outcome.deleted = added.rows;
    // From here on nobody can begin to refer to them.
    return doomed_.lock(table.target.name);
  }

  [[nodiscard]] bool goes(const TableName& name) const {
    const auto table = context_.tables.find(name);
    return table != context_.tables.end() && table->second->outcome.deleted > 0;
  }

  // Rows that get the run's references do not block with the ones that they have.
  Status add_overwritten(const LoadedTable& table) {
    if (table.met.empty() || !overwrites(table)) return {};
    bool refers = false;
    for (const ForeignKey& key : table.target.foreign_keys) {
      if (!goes(key.parent)) continue;
      refers = true;
      for (const std::string& column : key.columns)
        if (table.resolve.count(column) > 0) return {};
    }
    if (!refers) return {};
    return doomed_.add_restored(table.target.name, "SELECT o, c FROM " + table.met + " WHERE owned");
  }

  Status add_reasons(const LoadedTable& table, const std::vector<LoadedTable*>& tables,
                     std::vector<std::string>& reasons) {
    if (table.outcome.deleted == 0) return {};
    const std::string& name = table.dataset_id;
    ASSIGN_OR_RETURN(const Blocker blocker, doomed_.blockers(table.target.name));
    if (blocker.rows > 0) {
      reasons.push_back(fmt::format("{} rows that stay refer to rows of {} that the run does not bring: {}",
                                    blocker.rows, name, blocker.by));
    }
    ASSIGN_OR_RETURN(const int64_t needed, count_needed(table));
    if (needed > 0) {
      reasons.push_back(
          fmt::format("runs of other scopes need {} rows of {} that the run does not bring", needed, name));
    }
    for (const LoadedTable* child : tables) {
      ASSIGN_OR_RETURN(const int64_t rows, count_incoming(*child, table));
      if (rows == 0) continue;
      reasons.push_back(
          fmt::format("{} rows of {} that the run brings refer to rows of {} that it does not bring", rows,
                      child->dataset_id, name));
    }
    return {};
  }

  Result<int64_t> count_needed(const LoadedTable& table) {
    if (table.identity.whole_rows) return int64_t{0};
    ASSIGN_OR_RETURN(const std::string keys,
                     needed_keys_sql(context_.session, table.target.name, table.identity, context_.marker));
    if (keys.empty()) return int64_t{0};
    ASSIGN_OR_RETURN(
        const pg::Rows rows,
        context_.session.query(fmt::format(
            "SELECT count(*) FROM {} d JOIN {} t ON t.tableoid = d.o AND t.ctid = d.c WHERE EXISTS "
            "(SELECT FROM ({}) k WHERE {})",
            table.doomed, own_rows(table.target), keys, match_key(table.identity, "t", "k"))));
    return rows.number(0, 0);
  }

  Result<int64_t> count_incoming(const LoadedTable& child, const LoadedTable& parent) {
    int64_t count = 0;
    for (const ForeignKey& key : child.target.foreign_keys) {
      if (key.parent != parent.target.name) continue;
      std::string refers;
      for (size_t i = 0; i < key.columns.size(); ++i) {
        if (std::find(child.columns.begin(), child.columns.end(), key.columns[i]) == child.columns.end())
          break;
        refers += fmt::format(" AND s.{} = t.{}", quote_identifier(key.columns[i]),
                              quote_identifier(key.parent_columns[i]));
      }
      if (refers.empty()) continue;
      ASSIGN_OR_RETURN(const pg::Rows rows,
                       context_.session.query(fmt::format(
                           "SELECT count(*) FROM {} d, {} t, {} s WHERE t.tableoid = d.o AND t.ctid = d.c{}",
                           parent.doomed, own_rows(parent.target), child.stage, refers)));
      count += rows.number(0, 0);
    }
    return count;
  }

  LoadContext& context_;
  DoomedRows doomed_;
};

}  // namespace

std::string equal_rows_sql(const LoadContext& context, const LoadedTable& table) {
  const std::string theirs = row_text("t", table.columns);
  const std::string ours = row_text("s", table.columns);
  return fmt::format(
      "SELECT a.s, b.o, b.c, true AS owned, true AS ours, false AS different, false AS rekeyed, NULL::text[] "
      "AS "
      "key, NULL::text AS before FROM (SELECT s.ctid AS s, {0} AS r, row_number() OVER (PARTITION BY {0} "
      "ORDER "
      "BY s.ctid) AS n FROM {1} s WHERE s.{2}) a JOIN ({3}) b USING (r, n) UNION ALL (SELECT DISTINCT ON "
      "(s.ctid) s.ctid, t.tableoid, t.ctid, false, true, false, false, NULL, NULL FROM {1} s JOIN {4} t ON "
      "{5} "
      "WHERE NOT s.{2})",
      ours, table.stage, stage_owned,
      scope_rows_sql(
          context, table,
          fmt::format("t.tableoid AS o, t.ctid AS c, {0} AS r, row_number() OVER (PARTITION BY {0} "
                      "ORDER BY t.ctid) AS n",
                      theirs)),
      own_rows(table.target), table.identity.match("t", "s"));
}

Status find_doomed(LoadContext& context, const std::vector<LoadedTable*>& tables) {
  Search search(context);
  RETURN_IF_ERROR(search.run(tables));
  for (const std::string& set : search.sets())
    context.sets.push_back(set);
  return {};
}

Result<int64_t> count_surplus(LoadContext& context, const LoadedTable& table) {
  if (table.identity.whole_rows) {
    ASSIGN_OR_RETURN(const pg::Rows rows, context.session.query(scope_rows_sql(context, table, "count(*)")));
    return std::max<int64_t>(0, rows.number(0, 0) - (table.rows - table.other_rows));
  }
  ASSIGN_OR_RETURN(const pg::Rows rows, context.session.query(not_brought_sql(context, table, "count(*)")));
  return rows.number(0, 0);
}

}  // namespace godwit::connect::postgres
