#include "connect/sqlite/undo/undo.h"

#include "base/check.h"
#include "base/text.h"
#include "connect/sqlite/load/run_tables.h"
#include "connect/sqlite/undo/removal.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <optional>

namespace godwit::connect {

using sqlite::Statement;
using sqlite::Value;

namespace {

// Another run that is not undone and has a record of the same row.
constexpr const char* other_record =
    "SELECT r.run, r.number FROM godwit_undo AS u JOIN godwit_run AS r ON r.number = u.run_number AND "
    "r.state = "
    "'committed' WHERE u.relation = ?1 AND u.key = ?2 AND u.run_number <> ?3 AND u.relation IS NOT NULL AND ";

class Undo {
 public:
  Undo(StoreConnection& connection, int64_t number, const UndoOptions& options)
      : connection_(connection), number_(number), options_(options) {}

  Result<std::vector<UndoTable>> run(const std::string& store) {
    ASSIGN_OR_RETURN(Removal removal, Removal::begin(connection_, store));
    removal_.emplace(std::move(removal));
    ASSIGN_OR_RETURN(referring_, database().prepare(std::string(other_record) +
                                                    "u.action IN ('shared', 'reference') LIMIT 1"));
    ASSIGN_OR_RETURN(
        const auto tables,
        database().rows("SELECT ordinal, dataset, relation, key_columns, image_columns, whole_rows FROM "
                        "godwit_undo_table WHERE run_number = ?1 ORDER BY ordinal DESC",
                        {Value::of(number_)}));
    for (const auto& row : tables)
      RETURN_IF_ERROR(mark_table(row));
    RETURN_IF_ERROR(spare());
    RETURN_IF_ERROR(removal_->note_orphans());
    RETURN_IF_ERROR(removal_->remove_marked());
    RETURN_IF_ERROR(restore());
    RETURN_IF_ERROR(find_lacking());
    ASSIGN_OR_RETURN(const auto missed, removal_->missed());
    for (const auto& [name, entry] : missed)
      block(name, entry);
    return std::move(plan_);
  }

 private:
  struct Restoring {
    const Table* table;
    std::vector<std::string> columns;
    int64_t ordinal;
  };

  [[nodiscard]] sqlite::Database& database() { return connection_.database(); }

  // The rows of one table: which go, which stay, which others have changed.
  Status mark_table(const std::vector<Value>& row) {
    UndoTable& entry = plan_.emplace_back();
    entry.dataset = row[1].bytes;
    const TableName name{"main", row[2].bytes};
    const Table* table = removal_->table(name);
    if (table == nullptr) {
      return make_error(ErrorKind::failed, name.text() + " is no longer in the target",
                        "restore the table first");
    }
    names_.push_back(name);
    const std::vector<std::string> keys = unpack_names(row[3].bytes);
    images_ = unpack_names(row[4].bytes);
    ASSIGN_OR_RETURN(marked_, removal_->marked(*table));
    whole_rows_ = row[5].integer != 0;
    RETURN_IF_ERROR(prepare_look_up(*table, keys, whole_rows_));
    ASSIGN_OR_RETURN(
        auto records,
        database().prepare(
            "SELECT seq, action, key, after_image, before_image FROM godwit_undo WHERE run_number = ?1 "
            "AND ordinal = ?2 AND action <> 'reference'"));
    records.bind(1, number_).bind(2, row[0].integer);
    for (;;) {
      ASSIGN_OR_RETURN(const bool more, records.step());
      if (!more) break;
      RETURN_IF_ERROR(mark_row(records, name, entry));
    }
    restoring_.push_back({table, images_, row[0].integer});
    return {};
  }

  Status prepare_look_up(const Table& table, const std::vector<std::string>& keys, bool whole_rows) {
    const RowAddress address = removal_->address(table);
    std::vector<int> parameters;
    RowIdentity identity;
    identity.columns = keys;
    for (size_t i = 0; i < keys.size(); ++i) {
      const Column* column = table.column(keys[i]);
      identity.nullable.push_back(column == nullptr || column->nullable);
      parameters.push_back(static_cast<int>(i) + 1);
    }
    std::vector<std::string> columns;
    for (const std::string& column : images_)
      columns.push_back("t." + quote_identifier(column));
    address_size_ = address.columns.size();
    Result<Statement> prepared = database().prepare(
        fmt::format("SELECT {}, {} FROM {} AS t WHERE {}{} LIMIT 1", address.list("t"), join(columns, ", "),
                    table_sql(table.name), identity.match("t", parameters),
                    whole_rows ? " AND NOT " + marked_->contains("t") : ""));
    if (!prepared.ok())
      return wrap(prepared.error(), "the table " + table.name.text() + " has changed since the run");
    look_up_.emplace(std::move(prepared).value());
    return {};
  }

  Status mark_row(const Statement& record, const TableName& name, UndoTable& entry) {
    const std::string action(record.text(1));
    const std::string key(record.blob(2));
    look_up_->reset();
    int index = 0;
    for (const Value& value : unpack_values(key))
      look_up_->bind_value(++index, value);
    ASSIGN_OR_RETURN(const bool there, look_up_->step());
    if (action == "update") return mark_update(record, there, entry);
    if (!there) return {};  // someone deleted it: nothing left to undo
    if (action == "shared") {
      ASSIGN_OR_RETURN(const auto other, find_other(*referring_, name, key));
      if (other.has_value()) {
        ++entry.kept_shared;
        return hand_on(name, key, other->second);
      }
    }
    const std::string_view hash = record.blob(3);
    if (!hash.empty() && image_hash(found_image()) != hash) note_changed(key, entry);
    ++entry.to_delete;
    return mark_found(action != "shared");
  }

  Status mark_update(const Statement& record, bool there, UndoTable& entry) {
    const std::string_view after = record.blob(3);
    const bool deleted = after.empty();
    // Rows without a key are not told from others: none stands in the place of a deleted one.
    there = there && !(deleted && whole_rows_);
    const std::string image = there ? pack_values(found_image()) : std::string();
    const bool restored = there && image == record.blob(4);
    const bool as_left = deleted ? !there : there && image == after;
    if (!as_left && !restored) note_changed(std::string(record.blob(2)), entry);
    if (!restored) ++entry.to_restore;
    return there ? mark_found(true) : Status();
  }

  [[nodiscard]] std::vector<Value> found_image() const {
    std::vector<Value> image;
    for (size_t i = 0; i < images_.size(); ++i)
      image.push_back(look_up_->value(static_cast<int>(address_size_ + i)));
    return image;
  }

  void note_changed(const std::string& packed_key, UndoTable& entry) {
    const std::string key = key_text(unpack_values(packed_key));
    for (const ForcedRow& row : options_.force) {
      if (row.dataset != entry.dataset || row.key != key) continue;
      ++entry.forced;
      return;
    }
    ++entry.changed;
    if (entry.changed_keys.size() < changed_keys_max) entry.changed_keys.push_back(key);
  }

  Status mark_found(bool owned) {
    std::vector<Value> address;
    for (size_t i = 0; i < address_size_; ++i)
      address.push_back(look_up_->value(static_cast<int>(i)));
    ASSIGN_OR_RETURN([[maybe_unused]] const bool fresh, marked_->add(address, owned, true));
    return {};
  }

  // Shared rows that rows of others refer to stay.
  Status spare() {
    ASSIGN_OR_RETURN(const auto spared, removal_->spare_referenced());
    for (size_t i = 0; i < names_.size(); ++i) {
      const auto rows = spared.find(names_[i]);
      if (rows == spared.end()) continue;
      plan_[i].to_delete -= rows->second;
      plan_[i].kept_shared += rows->second;
    }
    return {};
  }

  Result<std::optional<std::pair<std::string, int64_t>>> find_other(Statement& statement,
                                                                    const TableName& name,
                                                                    const std::string& key) {
    statement.reset();
    statement.bind_text(1, name.name).bind_blob(2, key).bind(3, number_);
    ASSIGN_OR_RETURN(const bool found, statement.step());
    using Other = std::optional<std::pair<std::string, int64_t>>;
    return found ? Other({std::string(statement.text(0)), statement.integer(1)}) : Other();
  }

  // The row was inserted by this run and is another's too: deleting it is the other's duty from now on.
  Status hand_on(const TableName& name, const std::string& key, int64_t heir) {
    ASSIGN_OR_RETURN(auto update,
                     database().prepare("UPDATE godwit_undo SET action = 'shared' WHERE relation = ?1 "
                                        "AND key = ?2 AND run_number = ?3 AND action = 'reference'"));
    update.bind_text(1, name.name).bind_blob(2, key).bind(3, heir);
    ASSIGN_OR_RETURN([[maybe_unused]] const int64_t changed, update.run());
    return {};
  }

  // Overwritten rows were removed with the others: no two of them meet while they come back.
  Status restore() {
    for (const Restoring& work : restoring_) {
      RETURN_IF_ERROR(each_before_image(work, [&](const std::vector<Value>& image) {
        return removal_->put_back(*work.table, work.columns, image);
      }));
    }
    return {};
  }

  Status each_before_image(const Restoring& work,
                           const std::function<Status(const std::vector<Value>&)>& each) {
    ASSIGN_OR_RETURN(auto records,
                     database().prepare("SELECT before_image FROM godwit_undo WHERE run_number = ?1 AND "
                                        "ordinal = ?2 AND action = 'update'"));
    records.bind(1, number_).bind(2, work.ordinal);
    for (;;) {
      ASSIGN_OR_RETURN(const bool more, records.step());
      if (!more) return {};
      RETURN_IF_ERROR(each(unpack_values(records.blob(0))));
    }
  }

  // Rows that came back to a parent that is gone since.
  Status find_lacking() {
    for (size_t i = 0; i < restoring_.size(); ++i) {
      for (const ForeignKey& key : restoring_[i].table->foreign_keys) {
        ASSIGN_OR_RETURN(const int64_t rows, count_lacking(restoring_[i], key));
        if (rows == 0) continue;
        UndoTable& entry = plan_[i];
        entry.lacking += rows;
        entry.lacking_of +=
            fmt::format("{}{} over {}", entry.lacking_of.empty() ? "" : ", ", key.parent.text(), key.name);
      }
    }
    return {};
  }

  Result<int64_t> count_lacking(const Restoring& work, const ForeignKey& key) {
    std::vector<size_t> positions;
    std::string match;
    for (size_t i = 0; i < key.columns.size() && i < key.parent_columns.size(); ++i) {
      const auto at = std::find(work.columns.begin(), work.columns.end(), key.columns[i]);
      if (at == work.columns.end()) return int64_t{0};
      positions.push_back(static_cast<size_t>(at - work.columns.begin()));
      match +=
          fmt::format("{}p.{} = ?{}", i == 0 ? "" : " AND ", quote_identifier(key.parent_columns[i]), i + 1);
    }
    if (positions.empty()) return int64_t{0};
    ASSIGN_OR_RETURN(auto parent, database().prepare(fmt::format("SELECT 1 FROM {} AS p WHERE {} LIMIT 1",
                                                                 table_sql(key.parent), match)));
    int64_t lacking = 0;
    RETURN_IF_ERROR(each_before_image(work, [&](const std::vector<Value>& image) -> Status {
      parent.reset();
      for (size_t i = 0; i < positions.size(); ++i) {
        const Value& value = image[positions[i]];
        if (value.type == sqlite::ValueType::null) return {};
        parent.bind_value(static_cast<int>(i) + 1, value);
      }
      ASSIGN_OR_RETURN(const bool there, parent.step());
      lacking += there ? 0 : 1;
      return {};
    }));
    return lacking;
  }

  void block(const TableName& name, const Removal::Missed& missed) {
    for (size_t i = 0; i < names_.size(); ++i) {
      if (names_[i] != name) continue;
      plan_[i].blocked += missed.rows;
      plan_[i].blocked_by += (plan_[i].blocked_by.empty() ? "" : "; ") + missed.edge;
      return;
    }
  }

  StoreConnection& connection_;
  int64_t number_;
  const UndoOptions& options_;
  std::optional<Removal> removal_;
  std::optional<Statement> referring_, look_up_;
  RowSet* marked_ = nullptr;
  std::vector<std::string> images_;
  size_t address_size_ = 0;
  bool whole_rows_ = false;
  std::vector<UndoTable> plan_;
  std::vector<TableName> names_;  // parallel to plan_
  std::vector<Restoring> restoring_;
};

Status mark_undone(sqlite::Database& database, int64_t number, int64_t now_us) {
  // The marker stays; the records hold rows of the data and have done their duty.
  for (const char* sql : {"DELETE FROM godwit_undo WHERE run_number = ?1",
                          "DELETE FROM godwit_undo_table WHERE run_number = ?1",
                          "UPDATE godwit_run SET state = 'undone', undone_us = ?2 WHERE number = ?1"}) {
    ASSIGN_OR_RETURN(auto statement, database.prepare(sql));
    statement.bind(1, number);
    if (statement.parameters() > 1) statement.bind(2, now_us);
    ASSIGN_OR_RETURN([[maybe_unused]] const int64_t changed, statement.run());
  }
  return {};
}

}  // namespace

Result<UndoPlan> undo_run(StoreConnection& connection, const std::string& run, const std::string& store,
                          const Clock& clock, const UndoOptions& options, bool execute) {
  UndoPlan plan;
  plan.run = run;
  sqlite::Database& database = connection.database();
  ASSIGN_OR_RETURN(auto transaction, sqlite::Transaction::begin(database));
  ASSIGN_OR_RETURN(const auto marker, read_marker(database, run, store));
  if (!marker.has_value()) return plan;
  plan.already_undone = marker->state == "undone";
  if (plan.already_undone) return plan;
  RETURN_IF_ERROR(
      database.set_triggers_enabled(false));  // a trigger would write again what is being taken back
  Result<std::vector<UndoTable>> tables = Undo(connection, marker->number, options).run(store);
  RETURN_IF_ERROR(database.set_triggers_enabled(true));
  if (!tables.ok()) return wrap(tables.error(), "undoing run " + run);
  plan.tables = std::move(tables).value();
  if (!execute) return plan;
  RETURN_IF_ERROR(refuse_undo(plan));
  RETURN_IF_ERROR(mark_undone(database, marker->number, clock.now_us()));
  RETURN_IF_ERROR(transaction.commit());
  return plan;
}

}  // namespace godwit::connect
