#include "connect/postgres/load/load_staged.h"

#include "base/check.h"
#include "base/text.h"
#include "connect/postgres/advisory_lock.h"
#include "connect/postgres/errors.h"
#include "connect/postgres/load/load_rows.h"
#include "connect/postgres/ownership_sql.h"
#include "connect/postgres/read/scan_sql.h"
#include "connect/postgres/undo/undo_records.h"

#include <fmt/format.h>

#include <algorithm>

namespace godwit::connect::postgres {
namespace {

constexpr int64_t shared_lock_wait_ms = 120'000;

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::string list_of(const std::vector<std::string>& columns, const std::string& prefix = {}) {
  std::vector<std::string> names;
  for (const std::string& column : columns)
    names.push_back(prefix + quote_identifier(column));
  return join(names, ", ");
}

// The staged row differs from the target's in what is loaded.
std::string differs(const LoadedTable& table) {
  return row_text("t", table.columns) + " IS DISTINCT FROM " + row_text("s", table.columns);
}

Result<int64_t> number(LoadContext& context, const std::string& sql) {
  ASSIGN_OR_RETURN(const pg::Rows rows, context.session.query(sql));
  return rows.number(0, 0);
}

Status create_stage(LoadContext& context, LoadedTable& table) {
  const bool owned = table.closure.membership == Membership::owned;
  table.stage = fmt::format("godwit.\"stage_{}_{}\"", context.session.backend_pid(), context.next_ordinal++);
  std::string columns;
  for (const std::string& name : table.columns) {
    columns += quote_identifier(name) + " " + table.target.column(name)->type_name + ", ";
  }
  return context.session.run(fmt::format(
      "CREATE UNLOGGED TABLE {} ({}{} boolean NOT NULL DEFAULT {}, {} bigint NOT NULL, {} boolean NOT NULL "
      "DEFAULT false)",
      table.stage, columns, stage_owned, owned ? "true" : "false", stage_hash, stage_exists));
}

// "The staged row's key was inserted by a run as shared."
std::string was_shared(const LoadedTable& table) {
  if (table.shared_keys.empty()) return "false";
  return fmt::format("EXISTS (SELECT FROM ({}) k WHERE {})", table.shared_keys,
                     match_key(table.identity, "s", "k"));
}

// Owned rows that an earlier run needed for another scope and brought along: they stay as they are, and from
// now on both runs refer to them.
Status adopt_shared(LoadContext& context, LoadedTable& table) {
  if (table.shared_keys.empty() || table.strategy != LoadStrategy::insert) return {};
  const std::string target = own_rows(table.target);
  ASSIGN_OR_RETURN(
      const int64_t adopted,
      context.session.execute(fmt::format(
          "UPDATE {0} s SET {1} = true WHERE s.{2} AND {3} AND EXISTS (SELECT FROM {4} t WHERE {5})",
          table.stage, stage_exists, stage_owned, was_shared(table), target,
          table.identity.match("t", "s"))));
  if (adopted == 0) return {};
  ASSIGN_OR_RETURN(const int64_t different,
                   number(context, fmt::format("SELECT count(*) FROM {} s JOIN {} t ON {} WHERE s.{} AND "
                                               "s.{} AND {}",
                                               table.stage, target, table.identity.match("t", "s"),
                                               stage_exists, stage_owned, differs(table))));
  if (different > 0) {
    return make_error(ErrorKind::failed,
                      fmt::format("{} rows of {} stand in the target as shared rows of an earlier run, with "
                                  "other values",
                                  different, table.target.name.text()),
                      "load with strategy upsert to overwrite them, or roll the earlier run back");
  }
  table.outcome.kept += adopted;
  return {};
}

// Marks the staged rows whose key is in the target. Owned rows of strategy insert stay unmarked unless they
// are adopted: they must be new, and the target's own constraint says so.
Status mark_existing(LoadContext& context, const LoadedTable& table) {
  const bool upsert = table.strategy == LoadStrategy::upsert && !table.identity.whole_rows;
  if (!upsert && table.other_rows == 0) return {};
  return context.session.run(fmt::format(
      "UPDATE {0} s SET {1} = true WHERE {2} AND EXISTS (SELECT FROM {3} t WHERE {4})", table.stage,
      stage_exists, upsert ? std::string("true") : std::string("NOT s.") + stage_owned,
      own_rows(table.target), table.identity.match("t", "s")));
}

// Shared and needed rows are never updated, only compared.
Status compare_others(LoadContext& context, LoadedTable& table) {
  if (table.other_rows == 0) return {};
  ASSIGN_OR_RETURN(const int64_t there,
                   number(context, fmt::format("SELECT count(*) FROM {} s WHERE s.{} AND NOT s.{}",
                                               table.stage, stage_exists, stage_owned)));
  int64_t different = 0;
  if (there > 0 && !table.identity.whole_rows) {
    ASSIGN_OR_RETURN(
        different,
        number(context, fmt::format("SELECT count(*) FROM {} s JOIN {} t ON {} WHERE s.{} AND "
                                    "NOT s.{} AND {}",
                                    table.stage, own_rows(table.target), table.identity.match("t", "s"),
                                    stage_exists, stage_owned, differs(table))));
  }
  table.outcome.kept += there - different;
  table.outcome.different = different;
  return {};
}

Status guard_upsert(LoadContext& context, LoadedTable& table) {
  if (table.strategy != LoadStrategy::upsert || table.identity.whole_rows) return {};
  const std::string existing =
      fmt::format("FROM {} s JOIN {} t ON {} WHERE s.{} AND s.{}", table.stage, own_rows(table.target),
                  table.identity.match("t", "s"), stage_exists, stage_owned);
  ASSIGN_OR_RETURN(const int64_t foreign, number(context, "SELECT count(*) " + existing + " AND NOT " +
                                                              owned_in_target_sql(context, table, "t")));
  if (foreign > 0) {
    return make_error(
        ErrorKind::failed,
        fmt::format("{} keys of {} belong to another scope in the target", foreign, table.target.name.text()),
        "the source and the target use the same keys for different rows: map the keys, or clean up");
  }
  ASSIGN_OR_RETURN(table.outcome.updated,
                   number(context, "SELECT count(*) " + existing + " AND " + differs(table)));
  return {};
}

Status remember_keys(LoadContext& context, const LoadedTable& table, const char* kind,
                     const std::string& condition) {
  ASSIGN_OR_RETURN(const int64_t rows, number(context, fmt::format("SELECT count(*) FROM {} s WHERE {}",
                                                                   table.stage, condition)));
  if (rows == 0) return {};
  const int ordinal = context.next_ordinal++;
  const bool hashed = !table.identity.whole_rows && std::string_view(kind) != "reference";
  RETURN_IF_ERROR(
      context.session.run(pack_keys_sql(table.identity, table.stage, condition, hashed ? stage_hash : "",
                                        context.marker.run, context.marker.store, ordinal)));
  return record_undo(context, table, ordinal, kind, rows);
}

std::string key_array(const LoadedTable& table, const std::string& alias) {
  std::string list;
  for (size_t i = 0; i < table.identity.parts(); ++i) {
    list += (i == 0 ? "" : ", ") + table.identity.part_text(alias, i);
  }
  return "ARRAY[" + list + "]";
}

// Overwrites the scope's own rows, keeping what stood there.
Status update_rows(LoadContext& context, const LoadedTable& table) {
  if (table.outcome.updated == 0) return {};
  std::string assignments;
  for (const std::string& name : table.columns) {
    const Column* column = table.target.column(name);
    if (contains(table.identity.columns, name) || column->generated == Generated::identity_always) continue;
    assignments += fmt::format("{}{} = s.{}", assignments.empty() ? "" : ", ", quote_identifier(name),
                               quote_identifier(name));
  }
  if (assignments.empty()) return {};
  const int ordinal = context.next_ordinal++;
  const std::string target = own_rows(table.target);
  const std::string condition = fmt::format("{} AND s.{} AND s.{} AND {}", table.identity.match("t", "s"),
                                            stage_exists, stage_owned, differs(table));
  const std::string record =
      fmt::format("u.run = {} AND u.store = {} AND u.ordinal = {}", quote_literal(context.marker.run),
                  quote_literal(context.marker.store), ordinal);
  RETURN_IF_ERROR(context.session.run(fmt::format(
      "INSERT INTO godwit.undo_row SELECT {}, {}, {}, {}, (t.*)::text, '' FROM {} s JOIN {} t ON {}",
      quote_literal(context.marker.run), quote_literal(context.marker.store), ordinal, key_array(table, "t"),
      table.stage, target, condition)));
  ASSIGN_OR_RETURN(const int64_t updated,
                   context.session.execute(fmt::format("UPDATE {} t SET {} FROM {} s WHERE {}", target,
                                                       assignments, table.stage, condition)));
  if (updated != table.outcome.updated) {
    return make_error(ErrorKind::failed, "a trigger of the target leaves rows out of an update");
  }
  RETURN_IF_ERROR(context.session.run(
      fmt::format("UPDATE godwit.undo_row u SET after_digest = md5((t.*)::text) FROM {} s JOIN {} t ON {} "
                  "WHERE {} AND u.key = {}",
                  table.stage, target, table.identity.match("t", "s"), record, key_array(table, "t"))));
  return record_undo(context, table, ordinal, "update", updated);
}

std::string insert_sql(const LoadedTable& table) {
  std::string values;
  for (const std::string& name : table.columns) {
    values += values.empty() ? "" : ", ";
    values += contains(table.deferred, name) ? "NULL" : "s." + quote_identifier(name);
  }
  return fmt::format("INSERT INTO {} ({}) OVERRIDING SYSTEM VALUE SELECT {} FROM {} s WHERE NOT s.{}",
                     quoted(table.target.name), list_of(table.columns), values, table.stage, stage_exists);
}

Status insert_rows(LoadContext& context, const std::vector<LoadedTable*>& tables) {
  std::string with;
  std::string counts;
  for (size_t i = 0; i < tables.size(); ++i) {
    with += fmt::format("{}i{} AS ({} RETURNING 1)", i == 0 ? "WITH " : ", ", i, insert_sql(*tables[i]));
    counts += fmt::format("{}(SELECT count(*) FROM i{})", i == 0 ? "" : ", ", i);
  }
  ASSIGN_OR_RETURN(const pg::Rows rows, context.session.query(with + " SELECT " + counts));
  for (size_t i = 0; i < tables.size(); ++i) {
    if (rows.number(0, i) != tables[i]->inserts) {
      return make_error(ErrorKind::failed,
                        "the target took fewer rows of " + tables[i]->dataset_id +
                            " than were sent: a trigger leaves rows out",
                        "choose the trigger policy disable, or repair the trigger");
    }
  }
  return {};
}

}  // namespace

Status stage_table(LoadContext& context, LoadedTable& table, const DatasetLoad& load) {
  RETURN_IF_ERROR(create_stage(context, table));
  RETURN_IF_ERROR(copy_to_stage(context, table, load));
  RETURN_IF_ERROR(context.session.run("ANALYZE " + table.stage));
  ASSIGN_OR_RETURN(table.other_rows, number(context, fmt::format("SELECT count(*) FROM {} s WHERE NOT s.{}",
                                                                 table.stage, stage_owned)));
  if (!table.identity.whole_rows) {
    ASSIGN_OR_RETURN(table.shared_keys, shared_keys_sql(context.session, table.target.name, table.identity));
  }
  if ((table.other_rows > 0 || !table.shared_keys.empty()) && !context.shared_locked) {
    RETURN_IF_ERROR(lock_transaction(context.session, context.clock, lock_key("godwit shared rows"),
                                     shared_lock_wait_ms, "the target's shared rows"));
    context.shared_locked = true;
  }
  RETURN_IF_ERROR(mark_existing(context, table));
  RETURN_IF_ERROR(adopt_shared(context, table));
  RETURN_IF_ERROR(compare_others(context, table));
  RETURN_IF_ERROR(guard_upsert(context, table));
  ASSIGN_OR_RETURN(table.inserts, number(context, fmt::format("SELECT count(*) FROM {} s WHERE NOT s.{}",
                                                              table.stage, stage_exists)));
  table.outcome.inserted = table.inserts;
  return {};
}

Status apply_staged(LoadContext& context, const std::vector<LoadedTable*>& tables) {
  if (tables.empty()) return {};
  const std::string what = tables.size() == 1 ? tables[0]->dataset_id : "a cycle of tables";
  for (LoadedTable* table : tables) {
    table->group = context.next_group;
    const std::string owned = std::string("s.") + stage_owned;
    const std::string fresh = std::string("NOT s.") + stage_exists;
    RETURN_IF_ERROR(remember_keys(context, *table, "insert", fresh + " AND " + owned));
    RETURN_IF_ERROR(remember_keys(context, *table, "shared", fresh + " AND NOT " + owned));
    RETURN_IF_ERROR(
        remember_keys(context, *table, "reference",
                      fmt::format("(NOT {} OR (s.{} AND {}))", owned, stage_exists, was_shared(*table))));
  }
  ++context.next_group;
  if (const Status inserted = insert_rows(context, tables); !inserted.ok()) {
    return at("loading " + what, inserted.error());
  }
  for (const LoadedTable* table : tables) {
    if (const Status updated = update_rows(context, *table); !updated.ok()) {
      return at("updating " + table->dataset_id, updated.error());
    }
  }
  return {};
}

Status fill_deferred(LoadContext& context, const LoadedTable& table) {
  std::string assignments;
  std::string any;
  for (const std::string& name : table.deferred) {
    const std::string column = quote_identifier(name);
    assignments += fmt::format("{}{} = s.{}", assignments.empty() ? "" : ", ", column, column);
    any += fmt::format("{}s.{} IS NOT NULL", any.empty() ? "" : " OR ", column);
  }
  if (assignments.empty()) return {};
  return context.session.run(fmt::format("UPDATE {} t SET {} FROM {} s WHERE {} AND NOT s.{} AND ({})",
                                         own_rows(table.target), assignments, table.stage,
                                         table.identity.match("t", "s"), stage_exists, any));
}

}  // namespace godwit::connect::postgres
