#include "pipeline/plan/target_fit.h"

#include <fmt/format.h>

#include <algorithm>

namespace godwit::pipeline {

namespace {

bool is_copied(const Dataset& dataset, const std::string& column) {
  return std::any_of(dataset.columns.begin(), dataset.columns.end(),
                     [&](const DatasetColumn& c) { return c.name == column; });
}

void check_columns(const Dataset& dataset, const Table& target, std::vector<std::string>& problems,
                   std::vector<std::string>& notes) {
  for (const DatasetColumn& staged : dataset.columns) {
    const Column* here = dataset.table.column(staged.name);
    const Column* there = target.column(staged.name);
    if (there == nullptr) {
      problems.push_back(fmt::format("{}.{} is missing in the target", dataset.id, staged.name));
    } else if (there->generated == Generated::stored) {
      problems.push_back(
          fmt::format("{}.{} is generated in the target and stored in the source", dataset.id, staged.name));
    } else if (there->type_class != here->type_class) {
      problems.push_back(fmt::format("{}.{} is {} in the source and {} in the target", dataset.id,
                                     staged.name, here->type_name, there->type_name));
    } else if (there->type_name != here->type_name) {
      notes.push_back(fmt::format("{}.{}: {} in the source, {} in the target: copied as text", dataset.id,
                                  staged.name, here->type_name, there->type_name));
    }
  }
  for (const Column& column : target.columns) {
    const bool filled = column.nullable || column.has_default || column.generated != Generated::no ||
                        is_copied(dataset, column.name);
    if (!filled)
      problems.push_back(
          fmt::format("{}.{} is NOT NULL without a default in the target and missing in the source",
                      dataset.id, column.name));
  }
}

}  // namespace

void check_target_fit(const Dataset& dataset, const Table* target, connect::TriggerPolicy triggers,
                      std::vector<std::string>& problems, std::vector<std::string>& notes) {
  if (target == nullptr) {
    problems.push_back(fmt::format("{}: the target has no such table", dataset.id));
    return;
  }
  check_columns(dataset, *target, problems, notes);
  for (const Trigger& trigger : target->triggers) {
    if (!trigger.enabled || trigger.events.find("INSERT") == std::string::npos) continue;
    if (triggers == connect::TriggerPolicy::fail) {
      problems.push_back(fmt::format("{}: trigger {} would fire on loading (load.triggers is fail)",
                                     dataset.id, trigger.name));
    } else {
      notes.push_back(fmt::format(
          "{}: trigger {} ({} {}) {}", dataset.id, trigger.name, trigger.timing, trigger.events,
          triggers == connect::TriggerPolicy::fire ? "fires on loading" : "is disabled while loading"));
    }
  }
}

}  // namespace godwit::pipeline
