#include "connect/postgres/load/apply_staged.h"

#include "base/text.h"
#include "connect/postgres/errors.h"
#include "connect/postgres/load/load_staged.h"
#include "connect/postgres/read/scan_sql.h"
#include "connect/postgres/row_changes.h"
#include "connect/postgres/undo/undo_keys.h"

#include <fmt/format.h>

#include <algorithm>

namespace godwit::connect::postgres {
namespace {

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::string list_of(const std::vector<std::string>& columns) {
  std::vector<std::string> names;
  for (const std::string& column : columns)
    names.push_back(quote_identifier(column));
  return join(names, ", ");
}

// "Which row of the target m stands for."
constexpr const char* met_row = "t.tableoid = m.o AND t.ctid = m.c";

class Application {
 public:
  explicit Application(LoadContext& context) : context_(context), changes_(context.session) {}

  // Everything but the change itself: after this, undo finds what it needs.
  Status remember(LoadedTable& table) {
    const std::string owned = std::string("s.") + stage_owned;
    const std::string fresh = fresh_sql(table);
    RETURN_IF_ERROR(remember_keys(table, "insert", fresh + " AND " + owned));
    RETURN_IF_ERROR(remember_keys(table, "shared", fresh + " AND NOT " + owned));
    RETURN_IF_ERROR(
        remember_keys(table, "reference",
                      fmt::format("(NOT {} OR (NOT ({}) AND {}))", owned, fresh, was_shared_sql(table))));
    return remember_deleted(table);
  }

  Status plan(LoadedTable& table) {
    changes_.remove(table.target.name, table.doomed, table.outcome.deleted);
    if (table.rekeyed > 0) RETURN_IF_ERROR(remake(table));
    changes_.insert(table.target.name, list_of(table.columns), fresh_rows(table), table.inserts);
    return overwrite(table);
  }

  Status run() {
    RETURN_IF_ERROR(changes_.run());
    for (const auto& [table, ordinal] : undigested_)
      RETURN_IF_ERROR(digest_again(*table, ordinal));
    return {};
  }

 private:
  [[nodiscard]] std::string record(int ordinal) const {
    return fmt::format("{}, {}, {}", quote_literal(context_.marker.run), quote_literal(context_.marker.store),
                       ordinal);
  }

  Status remember_keys(const LoadedTable& table, const char* kind, const std::string& condition) {
    ASSIGN_OR_RETURN(
        const pg::Rows counted,
        context_.session.query(fmt::format("SELECT count(*) FROM {} s WHERE {}", table.stage, condition)));
    const int64_t rows = counted.number(0, 0);
    if (rows == 0) return {};
    const int ordinal = context_.next_ordinal++;
    const bool hashed = !table.identity.whole_rows && std::string_view(kind) != "reference";
    RETURN_IF_ERROR(
        context_.session.run(pack_keys_sql(table.identity, table.stage, condition, hashed ? stage_hash : "",
                                           context_.marker.run, context_.marker.store, ordinal)));
    return record_undo(context_, table, ordinal, kind, rows);
  }

  Status remember_deleted(const LoadedTable& table) {
    if (table.outcome.deleted == 0) return {};
    const int ordinal = context_.next_ordinal++;
    RETURN_IF_ERROR(context_.session.run(fmt::format(
        "INSERT INTO godwit.undo_row SELECT {}, {}, (t.*)::text, '' FROM {} t JOIN {} m ON {}",
        record(ordinal), key_array_sql(table.identity, "t"), own_rows(table.target), table.doomed, met_row)));
    return record_undo(context_, table, ordinal, "delete", table.outcome.deleted);
  }

  static std::string fresh_rows(const LoadedTable& table) {
    std::string values;
    for (const std::string& name : table.columns) {
      values += values.empty() ? "" : ", ";
      values += contains(table.deferred, name) ? "NULL" : "s." + quote_identifier(name);
    }
    return fmt::format("SELECT {} FROM {} s WHERE {}", values, table.stage, fresh_sql(table));
  }

  // Rows whose unique values move go and come again, so that no two of them meet on the way.
  Status remake(LoadedTable& table) {
    ASSIGN_OR_RETURN(const std::string gone,
                     make_set(context_, "remade", "SELECT o, c FROM " + table.met + " WHERE rekeyed"));
    changes_.remove(table.target.name, gone, table.rekeyed);
    const std::vector<std::string> overwritten = overwritten_columns(table);
    std::vector<std::string> stored;
    std::string values;
    for (const Column& column : table.target.columns) {
      if (column.generated == Generated::stored) continue;
      stored.push_back(column.name);
      values += values.empty() ? "" : ", ";
      values += contains(overwritten, column.name) ? resolved_sql(table, column.name)
                                                   : "t." + quote_identifier(column.name);
    }
    changes_.insert(
        table.target.name, list_of(stored),
        fmt::format("SELECT {} FROM {} m JOIN {} s ON s.ctid = m.s JOIN {} t ON {} WHERE m.rekeyed", values,
                    table.met, table.stage, own_rows(table.target), met_row),
        table.rekeyed);
    return {};
  }

  // Overwrites the scope's own rows, keeping what stood there.
  Status overwrite(const LoadedTable& table) {
    const int64_t rows = table.outcome.updated;
    if (rows == 0 || !overwrites(table)) return {};
    const int ordinal = context_.next_ordinal++;
    std::string assignments;
    for (const std::string& name : overwritten_columns(table)) {
      assignments += fmt::format("{}{} = {}", assignments.empty() ? "" : ", ", quote_identifier(name),
                                 resolved_sql(table, name));
    }
    const std::string update = fmt::format(
        "UPDATE {} t SET {} FROM {} m JOIN {} s ON s.ctid = m.s WHERE {} AND m.owned AND m.different AND NOT "
        "m.rekeyed",
        own_rows(table.target), assignments, table.met, table.stage, met_row);
    // What a statement returns is the row as it is, unless a trigger writes to it afterwards.
    if (table.rekeyed == 0 && table.target.triggers.empty()) {
      changes_.update(
          table.target.name, update, rows, "m.key, m.before, md5((t.*)::text) AS after",
          fmt::format("INSERT INTO godwit.undo_row SELECT {}, key, before, after", record(ordinal)));
    } else {
      RETURN_IF_ERROR(context_.session.run(fmt::format(
          "INSERT INTO godwit.undo_row SELECT {}, m.key, m.before, '' FROM {} m WHERE m.owned AND "
          "m.different",
          record(ordinal), table.met)));
      changes_.update(table.target.name, update, rows - table.rekeyed);
      undigested_.emplace_back(&table, ordinal);
    }
    return record_undo(context_, table, ordinal, "update", rows);
  }

  Status digest_again(const LoadedTable& table, int ordinal) {
    return context_.session.run(
        fmt::format("UPDATE godwit.undo_row u SET after_digest = md5((t.*)::text) FROM {} s JOIN {} t ON {} "
                    "WHERE (u.run, "
                    "u.store, u.ordinal) = ({}) AND u.key = {}",
                    table.stage, own_rows(table.target), table.identity.match("t", "s"), record(ordinal),
                    key_array_sql(table.identity, "t")));
  }

  LoadContext& context_;
  RowChanges changes_;
  std::vector<std::pair<const LoadedTable*, int>> undigested_;  // with the ordinal of their before-images
};

}  // namespace

Status apply_staged(LoadContext& context, const std::vector<LoadedTable*>& tables) {
  if (tables.empty()) return {};
  const std::string what = tables.size() == 1 ? tables[0]->dataset_id : "tables that go together";
  Application application(context);
  for (LoadedTable* table : tables) {
    table->group = context.next_group;
    if (const Status kept = application.remember(*table); !kept.ok()) {
      return at("loading " + table->dataset_id, kept.error());
    }
  }
  ++context.next_group;
  for (LoadedTable* table : tables)
    RETURN_IF_ERROR(application.plan(*table));
  if (const Status applied = application.run(); !applied.ok()) return at("loading " + what, applied.error());
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
  return context.session.run(fmt::format("UPDATE {} t SET {} FROM {} s WHERE {} AND {} AND ({})",
                                         own_rows(table.target), assignments, table.stage,
                                         table.identity.match("t", "s"), fresh_sql(table), any));
}

}  // namespace godwit::connect::postgres
