#include "base/check.h"
#include "base/text.h"
#include "connect/sqlite/load/replace_rows.h"
#include "connect/sqlite/load/run_tables.h"
#include "connect/sqlite/load/table_load.h"

#include <fmt/format.h>

#include <algorithm>

namespace godwit::connect {

using sqlite::Statement;
using sqlite::Value;

namespace {

bool contains_name(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

std::vector<std::string> columns_of(const Table& table) {
  std::vector<std::string> names;
  for (const Column& column : table.columns) {
    if (column.generated != Generated::stored) names.push_back(column.name);
  }
  return names;
}

std::string list_of(const std::vector<std::string>& columns, const std::string& prefix) {
  std::vector<std::string> names;
  for (const std::string& column : columns)
    names.push_back(prefix + quote_identifier(column));
  return join(names, ", ");
}

Result<LoadOutcome> TableLoad::run() {
  RETURN_IF_ERROR(prepare());
  RETURN_IF_ERROR(record_table());
  RETURN_IF_ERROR(take_rows());
  return finish_rows();
}

Status TableLoad::take_rows() {
  ASSIGN_OR_RETURN(
      outcome_.digest,
      stream_rows(
          load_, [this](const std::vector<duck::ColumnDef>& found) { return check_columns(found); },
          [this](const duck::ChunkReader& chunk, const std::vector<int64_t>&) { return take(chunk); }));
  return {};
}

Result<LoadOutcome> TableLoad::finish_rows() {
  RETURN_IF_ERROR(settle_postponed());
  RETURN_IF_ERROR(refuse());
  outcome_.strategy = load_.strategy;
  if (load_.strategy == LoadStrategy::automatic) {
    outcome_.strategy = choose_strategy(outcome_.existing, outcome_.brought);
  } else {
    outcome_.existing = outcome_.brought = 0;
  }
  return outcome_;
}

Status TableLoad::prepare() {
  for (const DatasetColumn& column : load_.dataset->columns) {
    forms_.push_back(cell_form(column, load_.dataset->table));
    if (table_.target.column(column.name) == nullptr) {
      return make_error(ErrorKind::plan_refused,
                        fmt::format("{}: the target has no column {}", table_.dataset_id, column.name),
                        "bring the target's schema up to the source's");
    }
  }
  for (const std::string& column : table_.identity.columns) {
    const auto found = std::find(table_.columns.begin(), table_.columns.end(), column);
    CHECK(found != table_.columns.end());
    key_positions_.push_back(static_cast<size_t>(found - table_.columns.begin()));
  }
  std::vector<int> key_parameters;
  for (const size_t position : key_positions_)
    key_parameters.push_back(static_cast<int>(position) + 1);
  match_ = table_.identity.match("t", key_parameters);
  std::vector<std::string> marks;
  for (size_t i = 1; i <= table_.columns.size(); ++i)
    marks.push_back(fmt::format("?{}", i));
  const std::string target = table_sql(table_.target.name);
  returning_ = load_.triggers == TriggerPolicy::disable || table_.target.triggers.empty();
  ASSIGN_OR_RETURN(
      insert_, prepared(fmt::format("INSERT INTO {} ({}) VALUES ({}){}", target, list_of(table_.columns),
                                    join(marks, ", "), returning_ ? " RETURNING " + list_of(images_) : "")));
  RETURN_IF_ERROR(prepare_look_up(target));
  ASSIGN_OR_RETURN(auto brought_along,
                   prepared("SELECT 1 FROM godwit_undo WHERE relation = ?1 AND action = 'shared' LIMIT 1"));
  brought_along->bind_text(1, table_.target.name.name);
  ASSIGN_OR_RETURN(const bool any, brought_along->step());
  if (!any || table_.identity.whole_rows) return {};
  ASSIGN_OR_RETURN(shared_,
                   prepared("SELECT 1 FROM godwit_undo WHERE relation = ?1 AND key = ?2 AND action = "
                            "'shared' LIMIT 1"));
  return {};
}

Status TableLoad::prepare_look_up(const std::string& target) {
  std::string equal;
  std::string settled = "TRUE";
  std::string assignments;
  for (size_t i = 0; i < table_.columns.size(); ++i) {
    const std::string name = quote_identifier(table_.columns[i]);
    equal += fmt::format("{}t.{} IS ?{}", i == 0 ? "" : " AND ", name, i + 1);
    const auto resolved = load_.resolve.find(table_.columns[i]);
    const bool fills = resolved != load_.resolve.end() && resolved->second == Resolution::fill;
    if (resolved != load_.resolve.end() && !fills) continue;
    const std::string value =
        fmt::format(fmt::runtime(fills ? "coalesce(t.{0}, ?{1})" : "?{1}"), name, i + 1);
    settled += fmt::format(" AND t.{} IS {}", name, value);
    if (contains_name(table_.identity.columns, table_.columns[i])) continue;
    assignments += fmt::format("{}{} = {}", assignments.empty() ? "" : ", ", name, value);
  }
  // Without a key equal rows are counted off one by one.
  const std::string others = table_.identity.whole_rows ? " AND NOT " + table_.rows->contains("t") : "";
  const std::string owned = owned_table_ ? owned_before_sql(context_, table_, "t") : "FALSE";
  ASSIGN_OR_RETURN(look_up_, prepared(fmt::format("SELECT {}, {}, {}, {}, {} FROM {} AS t WHERE {}",
                                                  table_.address.list("t"), owned, equal, settled,
                                                  list_of(images_, "t."), target, match_ + others)));
  if (assignments.empty()) return {};
  ASSIGN_OR_RETURN(update_,
                   prepared(fmt::format("UPDATE {} AS t SET {} WHERE {}", target, assignments, match_)));
  return {};
}

Result<std::optional<Statement>> TableLoad::prepared(const std::string& sql) {
  Result<Statement> statement = database_.prepare(sql);
  if (!statement.ok()) return wrap(statement.error(), table_.dataset_id);
  return std::optional<Statement>(std::move(statement).value());
}

Status TableLoad::record_table() {
  ASSIGN_OR_RETURN(
      auto insert,
      database_.prepare("INSERT INTO godwit_undo_table (run_number, ordinal, dataset, relation, "
                        "key_columns, image_columns, whole_rows) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"));
  insert.bind(1, context_.run_number).bind(2, int64_t{table_.ordinal}).bind_text(3, table_.dataset_id);
  insert.bind_text(4, table_.target.name.name).bind_blob(5, pack_names(table_.identity.columns));
  insert.bind_blob(6, pack_names(images_)).bind(7, int64_t{table_.identity.whole_rows ? 1 : 0});
  ASSIGN_OR_RETURN([[maybe_unused]] const int64_t added, insert.run());
  return {};
}

Status TableLoad::check_columns(const std::vector<duck::ColumnDef>& columns) const {
  const size_t expected = table_.columns.size() + (load_.dataset->has_owned_column ? 1 : 0);
  if (columns.size() == expected) return {};
  return make_error(ErrorKind::failed,
                    table_.dataset_id + ": the staged rows have other columns than planned");
}

Status TableLoad::take(const duck::ChunkReader& chunk) {
  for (size_t row = 0; row < chunk.rows(); ++row) {
    std::vector<Value> values;
    for (size_t i = 0; i < forms_.size(); ++i)
      values.push_back(write_cell(chunk.column(i), row, forms_[i]));
    bool owned = owned_table_;
    if (load_.dataset->has_owned_column) owned = owned && chunk.column(forms_.size()).get<bool>(row);
    ++rows_;
    const Status done = stage_insert_ ? stage_row(values, owned) : take_row(values, owned);
    if (!done.ok()) {
      return wrap(done.error(), fmt::format("{}: row {} of the data", table_.dataset_id, rows_));
    }
  }
  if (load_.progress) load_.progress(rows_);
  return {};
}

Status TableLoad::take_row(const std::vector<Value>& values, bool owned) {
  if (!owned) return take_other(values);
  ++outcome_.brought;
  if (table_.overwrites) return take_upsert(values);
  if (shared_) {
    ASSIGN_OR_RETURN(const bool adopted, adopt(values));
    if (adopted) return {};
  }
  return insert(values, "insert", true);
}

Status TableLoad::take_other(const std::vector<Value>& values) {
  ASSIGN_OR_RETURN(const bool there, find(values));
  if (!there) return insert(values, "shared", false);
  const bool equal = look_up_->integer(equal_at()) != 0;
  ++(equal ? outcome_.kept : outcome_.different);
  ASSIGN_OR_RETURN(const bool fresh, table_.rows->add(found_address(), false, false));
  if (!fresh) ++repeated_;
  return remember("reference", values, nullptr, nullptr);
}

Status TableLoad::insert(const std::vector<Value>& values, const char* action, bool owned) {
  bind(*insert_, values);
  std::vector<Value> image;
  Result<int64_t> inserted = run_insert(image);
  if (!inserted.ok()) return note_failure(*insert_, inserted.error(), values, nullptr);
  if (*inserted != 1) return left_out();
  if (!returning_) {
    ASSIGN_OR_RETURN(const bool there, find(values));
    if (there) image = found_image();
  }
  ++outcome_.inserted;
  std::vector<Value> address;
  if (table_.address.rowid) {
    address.push_back(Value::of(database_.last_insert_rowid()));
  } else {
    ASSIGN_OR_RETURN(const bool there, find(values));
    if (!there) return left_out();
    address = found_address();
  }
  ASSIGN_OR_RETURN([[maybe_unused]] const bool fresh, table_.rows->add(address, owned, true));
  return remember_inserted(action, values, image);
}

Result<int64_t> TableLoad::run_insert(std::vector<Value>& image) {
  if (!returning_) return insert_->run();
  ASSIGN_OR_RETURN(const bool row, insert_->step());
  for (size_t i = 0; row && i < images_.size(); ++i)
    image.push_back(insert_->value(static_cast<int>(i)));
  insert_->reset();
  return int64_t{row ? 1 : 0};
}

Status TableLoad::note_failure(const Statement& statement, const Error& error,
                               const std::vector<Value>& values, const std::vector<Value>* before) {
  if (statement.failed_constraint() != sqlite::Constraint::unique) return error;
  if (table_.overwrites && postponed_.size() < postponed_max) {
    postponed_.push_back({values, before == nullptr ? std::vector<Value>() : *before});
    return {};
  }
  count_taken(error);
  return {};
}

void TableLoad::count_taken(const Error& error) {
  if (taken_++ == 0) taken_by_ = error.message;
}

Error TableLoad::left_out() {
  return make_error(ErrorKind::failed,
                    "the target did not take the row as it was sent: a trigger leaves rows out",
                    "choose the trigger policy disable, or repair the trigger");
}

Status TableLoad::refuse() const {
  if (foreign_ > 0) {
    return make_error(
        ErrorKind::failed,
        fmt::format("{} keys of {} belong to another scope in the target", foreign_,
                    table_.target.name.text()),
        "the source and the target use the same keys for different rows: map the keys, or clean up");
  }
  if (repeated_ > 0) {
    return make_error(
        ErrorKind::failed,
        fmt::format("{} keys of {} are twice in the data", repeated_, table_.target.name.text()),
        "the target's key is narrower than the source's");
  }
  if (shared_differently_ > 0) {
    return make_error(
        ErrorKind::failed,
        fmt::format("{} rows of {} stand in the target as shared rows of an earlier run, with other values",
                    shared_differently_, table_.target.name.text()),
        "load with strategy upsert to overwrite them, or roll the earlier run back");
  }
  if (taken_ > 0) {
    return make_error(ErrorKind::failed,
                      fmt::format("{} rows of {} meet keys that are in the target already ({})", taken_,
                                  table_.target.name.text(), taken_by_),
                      "roll the earlier run back, or load with strategy upsert");
  }
  return {};
}

Status TableLoad::remember_inserted(const char* action, const std::vector<Value>& values,
                                    const std::vector<Value>& image) {
  if (image.empty() || table_.identity.whole_rows) return remember(action, values, nullptr, nullptr);
  const std::string hash = image_hash(image);
  return remember_bytes(action, values, nullptr, &hash);
}

Status TableLoad::remember(const char* action, const std::vector<Value>& values,
                           const std::vector<Value>* before, const std::vector<Value>* after) {
  const std::string after_bytes = after == nullptr ? std::string() : pack_values(*after);
  return remember_bytes(action, values, before, after == nullptr ? nullptr : &after_bytes);
}

Status TableLoad::remember_bytes(const char* action, const std::vector<Value>& values,
                                 const std::vector<Value>* before, const std::string* after) {
  return remember_key(action, key_of(values), before, after);
}

std::vector<Value> TableLoad::key_of(const std::vector<Value>& values) const {
  std::vector<Value> key;
  for (const size_t position : key_positions_)
    key.push_back(values[position]);
  return key;
}

Status TableLoad::remember_key(const char* action, const std::vector<Value>& key,
                               const std::vector<Value>* before, const std::string* after) {
  Statement& undo = *context_.insert_undo;
  undo.bind(1, context_.run_number)
      .bind(2, int64_t{table_.ordinal})
      .bind(3, ++sequence_)
      .bind_text(4, action);
  // An inserted row of the scope is nobody else's: no other run looks for it by key.
  if (std::string_view(action) == "insert") {
    undo.bind_null(5);
  } else {
    undo.bind_text(5, table_.target.name.name);
  }
  undo.bind_blob(6, pack_values(key));
  before == nullptr ? undo.bind_null(7) : undo.bind_blob(7, pack_values(*before));
  after == nullptr ? undo.bind_null(8) : undo.bind_blob(8, *after);
  ASSIGN_OR_RETURN([[maybe_unused]] const int64_t added, undo.run());
  return {};
}

void TableLoad::bind(Statement& statement, const std::vector<Value>& values) const {
  const int parameters = statement.parameters();
  for (size_t i = 0; i < values.size() && static_cast<int>(i) < parameters; ++i)
    statement.bind_value(static_cast<int>(i) + 1, values[i]);
}

Result<bool> TableLoad::find(const std::vector<Value>& values) {
  look_up_->reset();
  bind(*look_up_, values);
  return look_up_->step();
}

std::vector<Value> TableLoad::found_address() const {
  std::vector<Value> address;
  for (int i = 0; i < owned_at(); ++i)
    address.push_back(look_up_->value(i));
  return address;
}

std::vector<Value> TableLoad::found_image() const {
  std::vector<Value> image;
  for (size_t i = 0; i < images_.size(); ++i)
    image.push_back(look_up_->value(settled_at() + 1 + static_cast<int>(i)));
  return image;
}

namespace {

Status apply_trigger_policy(LoadContext& context, const DatasetLoad& load) {
  if (load.triggers == TriggerPolicy::fail && !load.target->triggers.empty()) {
    return make_error(ErrorKind::plan_refused,
                      fmt::format("{} has {} triggers and the policy is fail", load.target->name.text(),
                                  load.target->triggers.size()),
                      "set triggers to fire or disable in godwit.yml");
  }
  return context.database().set_triggers_enabled(load.triggers == TriggerPolicy::fire);
}

}  // namespace

Result<LoadOutcome> load_table(LoadContext& context, const DatasetLoad& load) {
  auto table = std::make_unique<LoadedTable>();
  table->dataset_id = load.dataset->id;
  table->target = *load.target;
  table->source_table = load.dataset->table;
  table->closure = load.dataset->closure;
  table->scope = load.scope;
  for (const DatasetColumn& column : load.dataset->columns)
    table->columns.push_back(column.name);
  table->identity = identity_of(table->target, table->columns);
  table->address = address_of(table->target, context.without_rowid.count(load.target->name) > 0);
  table->ordinal = context.next_ordinal++;
  table->overwrites = load.strategy != LoadStrategy::insert && !table->identity.whole_rows;
  table->resolve = load.resolve;
  ASSIGN_OR_RETURN(
      table->rows,
      RowSet::create(context.database(), fmt::format("godwit_rows_{}", table->ordinal), table->address));
  RETURN_IF_ERROR(apply_trigger_policy(context, load));
  context.connection.set_scope(load.scope);
  LoadedTable& kept = *table;
  context.tables[load.target->name] = std::move(table);
  if (load.replaced_in != nullptr) {
    const Status staged = stage_table(context, kept, load);
    RETURN_IF_ERROR(context.database().set_triggers_enabled(true));
    if (!staged.ok()) return staged.error();
    return kept.outcome;
  }
  Result<LoadOutcome> outcome = TableLoad(context, kept, load).run();
  RETURN_IF_ERROR(context.database().set_triggers_enabled(true));
  if (outcome.ok()) kept.outcome = *outcome;
  return outcome;
}

}  // namespace godwit::connect
