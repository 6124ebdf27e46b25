#include "pipeline/closure/plan_closure.h"

#include "base/check.h"
#include "base/text.h"
#include "pipeline/closure/planning.h"

#include <fmt/format.h>

#include <set>

namespace godwit::pipeline {
namespace {

Planning begin(const ClosureInput& input) {
  CHECK(input.settings != nullptr);
  Planning planning;
  planning.settings = input.settings;
  planning.sources = input.sources;
  list_tables(planning);
  read_root(planning);
  return planning;
}

// "student_id -> ids.students.school_id -> ids.schools.district_id", over the first step of each table.
std::string chain_of(const Planning& planning, size_t table) {
  std::string text;
  std::set<size_t> seen;
  for (;;) {
    const PlannedTable& planned = planning.tables[table];
    if (planned.closure.owners.empty() || !seen.insert(table).second) return text + " (in a cycle)";
    const OwnerStep& step = planned.closure.owners.front();
    if (step.kind == OwnerStep::Kind::root || step.kind == OwnerStep::Kind::key) return text + step.column;
    const ForeignKey& key = step.foreign_key;
    const auto store = key.parent_store.empty() ? planned.store : planning.find_store(key.parent_store);
    CHECK(store.has_value());
    const auto parent = planning.find(*store, key.parent);
    CHECK(parent.has_value());
    table = *parent;
    text += join(key.columns, ",") + " -> " + planning.reference(table) + ".";
  }
}

std::string reason_of_owned(const Planning& planning, size_t table) {
  const PlannedTable& planned = planning.tables[table];
  std::string text = fmt::format("owned: {}.{}", planned.table->name.name, chain_of(planning, table));
  if (table == planning.root) text += " (the scope's root)";
  if (planned.closure.owners.size() > 1) {
    text +=
        fmt::format("; {} more owner step{}, where they disagree: {}", planned.closure.owners.size() - 1,
                    planned.closure.owners.size() == 2 ? "" : "s", to_string(planned.closure.cross_scope));
  }
  if (planned.closure.has_needed_rows) text += "; and rows that others need";
  return text;
}

// The tables whose copied rows point here with one of the policies.
std::string users_of(const Planning& planning, size_t table, bool include) {
  std::vector<std::string> users;
  for (size_t child = 0; child < planning.tables.size(); ++child) {
    const PlannedTable& planned = planning.tables[child];
    if (!planned.copied()) continue;
    for (size_t key = 0; key < planned.keys.size(); ++key) {
      if (*planned.keys[key].parent != table || planned.keys[key].crosses()) continue;
      const bool included = planned.closure.edges[key].policy == OutsidePolicy::include;
      if (included == include) users.push_back(planning.reference(child, planned.keys[key].key.columns));
    }
  }
  return join(users, ", ");
}

std::string reason_of_skipped(const PlannedTable& planned) {
  switch (planned.table->kind) {
    case TableKind::view:
    case TableKind::materialized_view:
      return "out: a view";
    case TableKind::partition:
      return "out: a partition, read through its parent";
    case TableKind::foreign_table:
      return "out: a foreign table, whose rows live elsewhere";
    case TableKind::table:
    case TableKind::partitioned:
      break;
  }
  if (planned.table->partition_of) return "out: a partition, read through its parent";
  return planned.ordinary ? "out: left out on purpose (skip)" : "out: godwit's own table";
}

}  // namespace

void write_reasons(Planning& planning) {
  for (size_t table = 0; table < planning.tables.size(); ++table) {
    TableClosure& closure = planning.tables[table].closure;
    switch (closure.membership) {
      case Membership::owned:
        closure.reason = reason_of_owned(planning, table);
        break;
      case Membership::needed:
        closure.reason = "needed: rows that " + users_of(planning, table, true) + " reference";
        break;
      case Membership::shared:
        closure.reason = "shared: copied whole on purpose";
        break;
      case Membership::outside:
        closure.reason = "outside: not copied; referenced by " + users_of(planning, table, false);
        break;
      case Membership::skipped:
        closure.reason = reason_of_skipped(planning.tables[table]);
        break;
    }
  }
}

Result<std::vector<StoreClosure>> plan_closure(const ClosureInput& input) {
  Planning planning = begin(input);
  const std::string& pipeline = input.settings->name;
  if (!planning.problems.empty()) return planning.problems.error(pipeline);
  read_references(planning);
  gather_foreign_keys(planning);
  if (!planning.problems.empty()) return planning.problems.error(pipeline);
  plan_ownership(planning);
  plan_necessity(planning);
  if (!planning.problems.empty()) return planning.problems.error(pipeline);
  write_reasons(planning);
  std::vector<StoreClosure> closures(planning.sources.size());
  for (size_t store = 0; store < closures.size(); ++store) {
    closures[store].store = planning.sources[store]->store;
    plan_load_order(planning, store, closures[store], planning.problems);
  }
  if (!planning.problems.empty()) return planning.problems.error(pipeline);
  for (auto& planned : planning.tables)
    closures[planned.store].tables.push_back(std::move(planned.closure));
  return closures;
}

Result<ScopeRoot> find_scope_root(const ClosureInput& input) {
  const Planning planning = begin(input);
  if (!planning.problems.empty()) return planning.problems.error(input.settings->name);
  const PlannedTable& root = planning.tables[planning.root];
  return ScopeRoot{planning.sources[root.store]->store, root.table->name, planning.root_column};
}

}  // namespace godwit::pipeline
