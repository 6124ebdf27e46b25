#include "connect/postgres/load/load_staged.h"

#include "base/text.h"
#include "connect/postgres/advisory_lock.h"
#include "connect/postgres/load/load_rows.h"
#include "connect/postgres/load/replaced_rows.h"
#include "connect/postgres/ownership_sql.h"
#include "connect/postgres/read/scan_sql.h"
#include "connect/postgres/row_changes.h"
#include "connect/postgres/undo/undo_records.h"

#include <fmt/format.h>

#include <algorithm>

namespace godwit::connect::postgres {
namespace {

constexpr int64_t shared_lock_wait_ms = 120'000;

Result<int64_t> number(LoadContext& context, const std::string& sql) {
  ASSIGN_OR_RETURN(const pg::Rows rows, context.session.query(sql));
  return rows.number(0, 0);
}

Status create_stage(LoadContext& context, LoadedTable& table) {
  const bool owned = table.closure.membership == Membership::owned;
  table.stage = passing_name(context, "stage");
  std::string columns;
  for (const std::string& name : table.columns) {
    columns += quote_identifier(name) + " " + table.target.column(name)->type_name + ", ";
  }
  return context.session.run(
      fmt::format("CREATE UNLOGGED TABLE {} ({}{} boolean NOT NULL DEFAULT {}, {} bigint NOT NULL)",
                  table.stage, columns, stage_owned, owned ? "true" : "false", stage_hash));
}

// The row as the run leaves it is another one than t.
std::string differs(const LoadedTable& table) {
  std::string now;
  std::string then;
  for (const std::string& name : overwritten_columns(table)) {
    now += (now.empty() ? "" : ", ") + resolved_sql(table, name);
    then += (then.empty() ? "t." : ", t.") + quote_identifier(name);
  }
  return now.empty() ? "false" : fmt::format("ROW({})::text IS DISTINCT FROM ROW({})::text", then, now);
}

std::string rekeyed(const LoadedTable& table) {
  std::map<std::string, std::string> now;
  std::map<std::string, std::string> then;
  for (const std::string& name : overwritten_columns(table)) {
    now[name] = resolved_sql(table, name);
    then[name] = "t." + quote_identifier(name);
  }
  return rekeyed_sql(table.target, table.identity.columns, now, then);
}

std::string different_sql(const LoadedTable& table) {
  if (table.identity.whole_rows) return "false";
  const std::string as_sent =
      row_text("t", table.columns) + " IS DISTINCT FROM " + row_text("s", table.columns);
  if (!overwrites(table)) return as_sent;
  if (table.other_rows == 0) return differs(table);
  return fmt::format("CASE WHEN s.{} THEN {} ELSE {} END", stage_owned, differs(table), as_sent);
}

// Which staged rows meet which rows of the target. With strategy insert, owned rows are only asked for where
// runs brought such rows along as shared: the others must be new, and the target's own constraint says so.
Result<std::string> meeting_sql(LoadContext& context, const LoadedTable& table) {
  const std::string owned = std::string("s.") + stage_owned;
  std::string condition = "true";
  std::string ours = "true";
  std::string moves;
  if (overwrites(table)) {
    ours = "NOT " + owned + " OR " + owned_in_target_sql(context, table, "t");
    ASSIGN_OR_RETURN(const bool remade, may_be_remade(context.session, table.target.name));
    if (remade) moves = rekeyed(table);
  } else {
    condition = "NOT " + owned;
    if (!table.shared_keys.empty()) condition = fmt::format("({} OR {})", condition, was_shared_sql(table));
  }
  const std::string was = fmt::format("CASE WHEN {} AND f.different THEN", owned);
  return fmt::format(
      "SELECT {}s.ctid AS s, t.tableoid AS o, t.ctid AS c, {} AS owned, ({}) AS ours, f.different, "
      "f.different "
      "AND {} AND {} AS rekeyed, {} {} END AS key, {} (t.*)::text END AS before FROM {} s JOIN {} t ON {} "
      // OFFSET 0: the rows are compared once.
      "CROSS JOIN LATERAL (SELECT ({}) AS different OFFSET 0) f WHERE {}",
      table.identity.whole_rows ? "DISTINCT ON (s.ctid) " : "", owned, ours, owned,
      moves.empty() ? "false" : moves, was, key_array_sql(table.identity, "t"), was, table.stage,
      own_rows(table.target), table.identity.match("t", "s"), different_sql(table), condition);
}

struct Met {
  int64_t owned = 0, foreign = 0, changed = 0;  // owned rows: all, of other scopes, to be overwritten
  int64_t others = 0, different = 0;            // shared and needed rows: all, with other values
};

Result<Met> meet(LoadContext& context, LoadedTable& table) {
  Met met;
  const bool replaces_bag = table.strategy == LoadStrategy::replace && table.identity.whole_rows;
  if (!overwrites(table) && !replaces_bag && table.other_rows == 0 && table.shared_keys.empty()) return met;
  std::string select;
  if (replaces_bag) {
    select = equal_rows_sql(context, table);
  } else {
    ASSIGN_OR_RETURN(select, meeting_sql(context, table));
  }
  ASSIGN_OR_RETURN(table.met, make_set(context, "met", select));
  ASSIGN_OR_RETURN(
      const pg::Rows rows,
      context.session.query(fmt::format(
          "SELECT count(*) FILTER (WHERE owned), count(*) FILTER (WHERE owned AND NOT ours), "
          "count(*) FILTER (WHERE owned AND different), count(*) FILTER (WHERE NOT owned), "
          "count(*) FILTER (WHERE NOT owned AND different), count(*) FILTER (WHERE rekeyed) FROM {}",
          table.met)));
  met = {rows.number(0, 0), rows.number(0, 1), rows.number(0, 2), rows.number(0, 3), rows.number(0, 4)};
  table.rekeyed = rows.number(0, 5);
  return met;
}

Status refuse_foreign(const LoadedTable& table, int64_t foreign) {
  if (foreign == 0) return {};
  return make_error(
      ErrorKind::failed,
      fmt::format("{} keys of {} belong to another scope in the target", foreign, table.target.name.text()),
      "the source and the target use the same keys for different rows: map the keys, or clean up");
}

// Owned rows that an earlier run needed for another scope and brought along: they stay as they are, and from
// now on both runs refer to them.
Status adopt(LoadedTable& table, const Met& met) {
  if (met.changed > 0) {
    return make_error(ErrorKind::failed,
                      fmt::format("{} rows of {} stand in the target as shared rows of an earlier run, with "
                                  "other values",
                                  met.changed, table.target.name.text()),
                      "load with strategy upsert to overwrite them, or roll the earlier run back");
  }
  table.outcome.kept += met.owned;
  return {};
}

}  // namespace

std::string fresh_sql(const LoadedTable& table) {
  if (table.met.empty()) return "true";
  return fmt::format("NOT EXISTS (SELECT FROM {} m WHERE m.s = s.ctid)", table.met);
}

std::string was_shared_sql(const LoadedTable& table) {
  if (table.shared_keys.empty()) return "false";
  return fmt::format("EXISTS (SELECT FROM ({}) k WHERE {})", table.shared_keys,
                     match_key(table.identity, "s", "k"));
}

std::vector<std::string> overwritten_columns(const LoadedTable& table) {
  std::vector<std::string> columns;
  for (const std::string& name : table.columns) {
    const auto& key = table.identity.columns;
    const auto resolved = table.resolve.find(name);
    if (std::find(key.begin(), key.end(), name) != key.end() ||
        table.target.column(name)->generated == Generated::identity_always ||
        (resolved != table.resolve.end() && resolved->second == Resolution::target)) {
      continue;
    }
    columns.push_back(name);
  }
  return columns;
}

std::string resolved_sql(const LoadedTable& table, const std::string& column) {
  const std::string name = quote_identifier(column);
  const auto resolved = table.resolve.find(column);
  if (resolved == table.resolve.end()) return "s." + name;
  if (resolved->second == Resolution::target) return "t." + name;
  return fmt::format("coalesce(t.{0}, s.{0})", name);
}

Status stage_table(LoadContext& context, LoadedTable& table, const DatasetLoad& load) {
  RETURN_IF_ERROR(create_stage(context, table));
  RETURN_IF_ERROR(copy_to_stage(context, table, load));
  RETURN_IF_ERROR(context.session.run("ANALYZE " + table.stage));
  ASSIGN_OR_RETURN(table.other_rows, number(context, fmt::format("SELECT count(*) FROM {} s WHERE NOT s.{}",
                                                                 table.stage, stage_owned)));
  return {};
}

Status meet_target(LoadContext& context, LoadedTable& table) {
  if (!table.identity.whole_rows) {
    ASSIGN_OR_RETURN(table.shared_keys, shared_keys_sql(context.session, table.target.name, table.identity));
  }
  if ((table.other_rows > 0 || !table.shared_keys.empty()) && !context.shared_locked) {
    RETURN_IF_ERROR(lock_transaction(context.session, context.clock, lock_key("godwit shared rows"),
                                     shared_lock_wait_ms, "the target's shared rows"));
    context.shared_locked = true;
  }
  ASSIGN_OR_RETURN(const Met met, meet(context, table));
  table.outcome.kept = met.others - met.different;
  table.outcome.different = met.different;
  if (overwrites(table)) {
    RETURN_IF_ERROR(refuse_foreign(table, met.foreign));
    table.outcome.updated = met.changed;
  } else {
    RETURN_IF_ERROR(adopt(table, met));
  }
  table.inserts = table.rows - met.owned - met.others;
  table.outcome.inserted = table.inserts;
  table.outcome.strategy = table.strategy;
  if (table.strategy == LoadStrategy::automatic) {
    table.outcome.existing = met.owned;
    table.outcome.brought = table.rows - table.other_rows;
    table.outcome.strategy = choose_strategy(met.owned, table.outcome.brought);
  }
  return {};
}

}  // namespace godwit::connect::postgres
