// Rows of the scope that stand in the target: adopted, or overwritten, and what stood there is remembered.

#include "base/text.h"
#include "connect/sqlite/load/run_tables.h"
#include "connect/sqlite/load/table_load.h"

#include <fmt/format.h>

#include <algorithm>

namespace godwit::connect {

using sqlite::Statement;
using sqlite::Value;

Result<bool> TableLoad::was_shared(const std::vector<Value>& values) {
  if (!shared_) return false;
  shared_->reset();
  shared_->bind_text(1, table_.target.name.name).bind_blob(2, pack_values(key_of(values)));
  return shared_->step();
}

Result<bool> TableLoad::adopt(const std::vector<Value>& values) {
  ASSIGN_OR_RETURN(const bool shared, was_shared(values));
  if (!shared) return false;
  ASSIGN_OR_RETURN(const bool there, find(values));
  if (!there) return false;
  ++(look_up_->integer(equal_at()) != 0 ? outcome_.kept : shared_differently_);
  RETURN_IF_ERROR(note_row(found_address(), false));
  RETURN_IF_ERROR(remember("reference", values, nullptr, nullptr));
  return true;
}

Status TableLoad::take_upsert(const std::vector<Value>& values) {
  ASSIGN_OR_RETURN(const bool there, find(values));
  if (!there) return insert(values, "insert", true);
  ++outcome_.existing;
  // Whose the rows are that meet a replaced scope was asked before any of them was touched.
  const bool ours = load_.strategy == LoadStrategy::replace || look_up_->integer(owned_at()) != 0;
  const bool equal = look_up_->integer(settled_at()) != 0;
  if (!ours) {
    ++foreign_;
    return {};
  }
  const std::vector<Value> before = found_image();
  const std::vector<Value> address = found_address();
  ASSIGN_OR_RETURN(const bool shared, was_shared(values));
  if (shared) RETURN_IF_ERROR(remember("reference", values, nullptr, nullptr));
  if (equal || !update_.has_value()) return note_row(address, false);
  bind(*update_, values);
  Result<int64_t> updated = update_->run();
  if (!updated.ok()) return note_failure(*update_, updated.error(), values, &before);
  if (*updated != 1) return left_out();
  ++outcome_.updated;
  RETURN_IF_ERROR(note_row(address, true));
  ASSIGN_OR_RETURN(const bool still_there, find(values));
  if (!still_there) return left_out();
  const std::vector<Value> after = found_image();
  return remember("update", values, &before, &after);
}

Status TableLoad::note_row(const std::vector<Value>& address, bool written) {
  ASSIGN_OR_RETURN(const bool fresh, table_.rows->add(address, true, written));
  if (!fresh) ++repeated_;
  return {};
}

Status TableLoad::settle_postponed() {
  if (postponed_.empty()) return {};
  RETURN_IF_ERROR(database_.set_triggers_enabled(false));  // these are updates, whatever they are done by
  const std::string target = table_sql(table_.target.name);
  ASSIGN_OR_RETURN(auto remove, prepared(fmt::format("DELETE FROM {} AS t WHERE {}", target, match_)));
  std::vector<std::string> marks;
  for (size_t i = 1; i <= images_.size(); ++i)
    marks.push_back(fmt::format("?{}", i));
  ASSIGN_OR_RETURN(auto replace, prepared(fmt::format("INSERT INTO {} ({}) VALUES ({})", target,
                                                      list_of(images_), join(marks, ", "))));
  for (const Postponed& row : postponed_) {
    if (row.before.empty()) continue;
    bind(*remove, row.values);
    ASSIGN_OR_RETURN([[maybe_unused]] const int64_t removed, remove->run());
  }
  for (const Postponed& row : postponed_)
    RETURN_IF_ERROR(settle(row, *replace));
  return database_.set_triggers_enabled(load_.triggers == TriggerPolicy::fire);
}

Status TableLoad::settle(const Postponed& row, Statement& replace) {
  Statement& statement = row.before.empty() ? *insert_ : replace;
  bind(statement, row.before.empty() ? row.values : overwritten(row));
  if (Result<int64_t> done = statement.run(); !done.ok()) {
    if (statement.failed_constraint() != sqlite::Constraint::unique) return done.error();
    count_taken(done.error());
    return {};
  }
  ASSIGN_OR_RETURN(const bool there, find(row.values));
  if (!there) return left_out();
  ASSIGN_OR_RETURN([[maybe_unused]] const bool fresh, table_.rows->add(found_address(), true, true));
  ++(row.before.empty() ? outcome_.inserted : outcome_.updated);
  if (row.before.empty()) return remember_inserted("insert", row.values, found_image());
  const std::vector<Value> after = found_image();
  return remember("update", row.values, &row.before, &after);
}

std::vector<Value> TableLoad::overwritten(const Postponed& row) const {
  std::vector<Value> image = row.before;
  for (size_t i = 0; i < images_.size(); ++i) {
    const auto loaded = std::find(table_.columns.begin(), table_.columns.end(), images_[i]);
    const auto resolved = load_.resolve.find(images_[i]);
    const bool stays = resolved != load_.resolve.end() &&
                       (resolved->second == Resolution::target || image[i].type != sqlite::ValueType::null);
    if (loaded != table_.columns.end() && !stays)
      image[i] = row.values[static_cast<size_t>(loaded - table_.columns.begin())];
  }
  return image;
}

}  // namespace godwit::connect
