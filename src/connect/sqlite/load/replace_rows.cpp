#include "connect/sqlite/load/replace_rows.h"

#include "base/check.h"
#include "base/text.h"
#include "connect/selection_sql.h"
#include "connect/sqlite/load/run_tables.h"
#include "connect/sqlite/load/table_load.h"

#include <fmt/format.h>

#include <algorithm>

namespace godwit::connect {

using sqlite::Statement;
using sqlite::Value;

namespace {

// A SELECT of `list` over t, the scope's own rows as they stand in the target; one more condition may follow.
Result<std::string> scope_rows_sql(LoadContext& context, const LoadedTable& table, const std::string& list) {
  CHECK(table.replaced_in != nullptr);
  StoreClosure closure = *table.replaced_in;
  // What is needed, and where parents may lie, says nothing about whose a row is.
  for (TableClosure& each : closure.tables) {
    each.edges.clear();
    each.has_needed_rows = false;
  }
  ASSIGN_OR_RETURN(const SqlDialect dialect, context.connection.dialect({}));
  ASSIGN_OR_RETURN(const Catalog* catalog, context.connection.catalog(closure.store));
  const SelectionSql selection = select_rows(closure, *catalog, table.target.name, dialect);
  return fmt::format("{} SELECT {} FROM {} WHERE ({}) AND ({})", selection.with, list, selection.from,
                     selection.where, selection.owned);
}

// "3 rows of main.fee over fee_student_id_fkey"
struct Referring {
  int64_t rows = 0;
  std::string edges;
};

// Rows that stay as they are and refer to rows that go.
Result<Referring> referring_to(LoadContext& context, const LoadedTable& table, const Catalog& catalog) {
  Referring referring;
  for (const Table& child : catalog.tables) {
    for (const ForeignKey& key : child.foreign_keys) {
      if (key.parent != table.target.name || key.parent_columns.empty()) continue;
      std::string on;
      for (size_t i = 0; i < key.columns.size(); ++i) {
        on += fmt::format("{}c.{} = t.{}", i == 0 ? "" : " AND ", quote_identifier(key.columns[i]),
                          quote_identifier(key.parent_columns[i]));
      }
      const auto loaded = context.tables.find(child.name);
      if (loaded != context.tables.end()) {
        const LoadedTable& other = *loaded->second;
        if (other.doomed) on += " AND NOT " + other.doomed->contains("c");
        const bool keeps =
            std::any_of(key.columns.begin(), key.columns.end(),
                        [&](const std::string& column) { return other.resolve.count(column) > 0; });
        if (other.met && other.overwrites && !keeps) on += " AND NOT " + other.met->contains("c", true);
      }
      ASSIGN_OR_RETURN(const int64_t rows,
                       context.database().number(fmt::format("SELECT count(*) FROM {} JOIN {} AS c ON {}",
                                                             table.doomed->join(table.target.name),
                                                             table_sql(child.name), on)));
      if (rows == 0) continue;
      referring.rows += rows;
      referring.edges +=
          fmt::format("{}{} over {}", referring.edges.empty() ? "" : ", ", child.name.text(), key.name);
    }
  }
  return referring;
}

Status refuse_referenced(LoadContext& context) {
  std::vector<std::string> reasons;
  for (const LoadedTable* table : context.waiting) {
    if (!table->doomed) continue;
    ASSIGN_OR_RETURN(const Catalog* catalog, context.connection.catalog(table->replaced_in->store));
    ASSIGN_OR_RETURN(const Referring referring, referring_to(context, *table, *catalog));
    if (referring.rows > 0) {
      reasons.push_back(fmt::format("{} rows that stay refer to rows of {} that the run does not bring: {}",
                                    referring.rows, table->dataset_id, referring.edges));
    }
    if (table->needed_rows > 0) {
      reasons.push_back(fmt::format("runs of other scopes need {} rows of {} that the run does not bring",
                                    table->needed_rows, table->dataset_id));
    }
  }
  if (reasons.empty()) return {};
  return make_error(
      ErrorKind::gate, "the scope cannot be replaced: " + join(reasons, "; "),
      "nothing was changed; take away what refers to these rows, or load with strategy upsert, which "
      "deletes nothing");
}

}  // namespace

Status TableLoad::stage() {
  RETURN_IF_ERROR(prepare());
  RETURN_IF_ERROR(record_table());
  std::string columns;
  std::string marks;
  for (size_t i = 0; i < table_.columns.size(); ++i) {
    columns += fmt::format("c{}, ", i);
    marks += fmt::format("?{}, ", i + 1);
  }
  stage_ = fmt::format("godwit_stage_{}", table_.ordinal);
  RETURN_IF_ERROR(database_.run(
      fmt::format("DROP TABLE IF EXISTS temp.{0}; CREATE TEMP TABLE {0} ({1}owned)", stage_, columns)));
  ASSIGN_OR_RETURN(stage_insert_, prepared(fmt::format("INSERT INTO temp.{} VALUES ({}?{})", stage_, marks,
                                                       table_.columns.size() + 1)));
  ASSIGN_OR_RETURN(table_.met,
                   RowSet::create(database_, fmt::format("godwit_met_{}", table_.ordinal), table_.address));
  RETURN_IF_ERROR(take_rows());
  stage_insert_.reset();
  if (load_.strategy != LoadStrategy::replace || !owned_table_) return {};
  return find_doomed();
}

Status TableLoad::stage_row(const std::vector<Value>& values, bool owned) {
  ASSIGN_OR_RETURN(const bool there, find(values));
  if (there) {
    const bool bag = table_.identity.whole_rows;
    // Without a key each row of the target stands for one of the run.
    RowSet& met = bag && owned && load_.strategy == LoadStrategy::replace ? *table_.rows : *table_.met;
    ASSIGN_OR_RETURN([[maybe_unused]] const bool fresh, met.add(found_address(), owned, false));
    if (&met == &*table_.rows) return {};
  }
  bind(*stage_insert_, values);
  stage_insert_->bind(static_cast<int>(values.size()) + 1, int64_t{owned ? 1 : 0});
  ASSIGN_OR_RETURN([[maybe_unused]] const int64_t added, stage_insert_->run());
  return {};
}

Status TableLoad::find_doomed() {
  ASSIGN_OR_RETURN(table_.doomed, RowSet::create(database_, fmt::format("godwit_doomed_{}", table_.ordinal),
                                                 table_.address));
  ASSIGN_OR_RETURN(const std::string select, scope_rows_sql(context_, table_, table_.address.list("t")));
  ASSIGN_OR_RETURN(auto rows, prepared(select));
  for (;;) {
    ASSIGN_OR_RETURN(const bool more, rows->step());
    if (!more) break;
    std::vector<Value> address;
    for (int i = 0; i < rows->columns(); ++i)
      address.push_back(rows->value(i));
    ASSIGN_OR_RETURN([[maybe_unused]] const bool fresh, table_.doomed->add(address, true, true));
  }
  const std::string addresses = table_.doomed->list("");
  if (!table_.identity.whole_rows) {
    ASSIGN_OR_RETURN(foreign_, database_.number(fmt::format(
                                   "SELECT count(*) FROM {} WHERE owned AND ({}) NOT IN (SELECT {} "
                                   "FROM {})",
                                   table_.met->name(), addresses, addresses, table_.doomed->name())));
  }
  for (const RowSet* brought : {&*table_.met, &*table_.rows}) {
    RETURN_IF_ERROR(database_.run(fmt::format("DELETE FROM {} WHERE ({}) IN (SELECT {} FROM {})",
                                              table_.doomed->name(), addresses, addresses, brought->name())));
  }
  return refuse();
}

Status TableLoad::count_needed() {
  if (!table_.doomed || table_.identity.whole_rows) return {};
  ASSIGN_OR_RETURN(
      auto needed,
      prepared("SELECT count(*) FROM godwit_undo AS u JOIN godwit_run AS r ON r.number = u.run_number "
               "AND r.state = 'committed' WHERE u.relation = ?1 AND u.key = ?2 AND u.action IN "
               "('shared', 'reference') AND (r.pipeline <> ?3 OR r.scope <> ?4)"));
  return each_doomed([&](const std::vector<Value>& key, const std::vector<Value>&) -> Status {
    needed->reset();
    needed->bind_text(1, table_.target.name.name).bind_blob(2, pack_values(key));
    needed->bind_text(3, context_.marker.pipeline).bind_text(4, context_.marker.scope);
    ASSIGN_OR_RETURN([[maybe_unused]] const bool row, needed->step());
    table_.needed_rows += needed->integer(0) > 0 ? 1 : 0;
    return {};
  });
}

Status TableLoad::each_doomed(
    const std::function<Status(const std::vector<Value>&, const std::vector<Value>&)>& each) {
  ASSIGN_OR_RETURN(auto rows,
                   prepared(fmt::format("SELECT {}, {} FROM {}", list_of(table_.identity.columns, "t."),
                                        list_of(images_, "t."), table_.doomed->join(table_.target.name))));
  const auto keys = static_cast<int>(table_.identity.columns.size());
  for (;;) {
    ASSIGN_OR_RETURN(const bool more, rows->step());
    if (!more) return {};
    std::vector<Value> key;
    std::vector<Value> image;
    for (int i = 0; i < rows->columns(); ++i)
      (i < keys ? key : image).push_back(rows->value(i));
    RETURN_IF_ERROR(each(key, image));
  }
}

Status TableLoad::delete_doomed() {
  if (!table_.doomed) return {};
  int64_t rows = 0;
  RETURN_IF_ERROR(each_doomed([&](const std::vector<Value>& key, const std::vector<Value>& image) -> Status {
    ++rows;
    return remember_key("update", key, &image, nullptr);
  }));
  RETURN_IF_ERROR(database_.run(fmt::format("DELETE FROM {} AS t WHERE {}", table_sql(table_.target.name),
                                            table_.doomed->contains("t"))));
  ASSIGN_OR_RETURN(const int64_t left,
                   database_.number("SELECT count(*) FROM " + table_.doomed->join(table_.target.name)));
  if (left > 0) {
    return make_error(ErrorKind::failed,
                      fmt::format("{} rows of {} could not be deleted: a trigger keeps them", left,
                                  table_.target.name.text()),
                      "choose the trigger policy disable, or repair the trigger");
  }
  outcome_.deleted = rows;
  return {};
}

Result<LoadOutcome> TableLoad::apply() {
  ASSIGN_OR_RETURN(auto rows, prepared("SELECT * FROM temp." + stage_));
  const auto count = static_cast<int>(table_.columns.size());
  for (;;) {
    ASSIGN_OR_RETURN(const bool more, rows->step());
    if (!more) break;
    std::vector<Value> values;
    for (int i = 0; i < count; ++i)
      values.push_back(rows->value(i));
    RETURN_IF_ERROR(take_row(values, rows->integer(count) != 0));
  }
  return finish_rows();
}

Status stage_table(LoadContext& context, LoadedTable& table, const DatasetLoad& load) {
  table.replaced_in = load.replaced_in;
  table.load = std::make_unique<DatasetLoad>(load);
  table.loading = std::make_shared<TableLoad>(context, table, *table.load);
  context.waiting.push_back(&table);
  return table.loading->stage();
}

Status apply_staged(LoadContext& context) {
  for (const LoadedTable* table : context.waiting)
    RETURN_IF_ERROR(table->loading->count_needed());
  RETURN_IF_ERROR(refuse_referenced(context));
  for (const LoadedTable* table : context.waiting) {
    RETURN_IF_ERROR(context.database().set_triggers_enabled(table->load->triggers == TriggerPolicy::fire));
    if (const Status deleted = table->loading->delete_doomed(); !deleted.ok())
      return wrap(deleted.error(), "deleting rows of " + table->dataset_id);
  }
  for (LoadedTable* table : context.waiting) {
    RETURN_IF_ERROR(context.database().set_triggers_enabled(table->load->triggers == TriggerPolicy::fire));
    ASSIGN_OR_RETURN(table->outcome, table->loading->apply());
    table->loading.reset();
  }
  context.waiting.clear();
  return context.database().set_triggers_enabled(true);
}

Result<int64_t> count_surplus(LoadContext& context, const LoadedTable& table) {
  ASSIGN_OR_RETURN(const std::string rows, scope_rows_sql(context, table, "count(*)"));
  return context.database().number(rows + " AND NOT " + table.rows->contains("t"));
}

}  // namespace godwit::connect
