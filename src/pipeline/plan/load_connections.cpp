#include "pipeline/plan/load_connections.h"

#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>

namespace godwit::pipeline {

namespace {

using connect::LoadStrategy;

class Connections {
 public:
  explicit Connections(const StorePlan& store) : store_(store) {}

  LoadConnections plan(int jobs) const {
    LoadConnections load;
    load.one_because = why_not(jobs);
    if (!load.one_because.empty()) return load;
    std::string reasons;
    for (const DatasetPlan& planned : store_.datasets) {
      const std::string reason = why_whole(planned);
      if (reason.empty()) {
        load.divided.push_back(planned.dataset.id);
      } else if (reasons.empty()) {
        reasons = planned.dataset.table.name.text() + " " + reason;
      }
    }
    if (load.divided.empty()) {
      load.one_because = reasons.empty() ? "it has no tables" : "no table can be divided: " + reasons;
    } else {
      load.connections = jobs;
    }
    return load;
  }

 private:
  std::string why_not(int jobs) const {
    if (store_.kind != "postgres") return "a store of kind " + store_.kind + " has one writer";
    if (jobs < 2) return "jobs is 1";
    for (const DatasetPlan& planned : store_.datasets) {
      const std::string name = planned.dataset.table.name.text();
      const bool owned = planned.dataset.closure.membership == Membership::owned;
      if (owned && planned.strategy != LoadStrategy::insert && planned.strategy != LoadStrategy::automatic)
        return fmt::format("{} is loaded by {}", name, to_string(planned.strategy));
      if (planned.target.kind == TableKind::partitioned)
        return name + " is partitioned, and its partitions may have foreign keys of their own";
      if (std::any_of(planned.target.triggers.begin(), planned.target.triggers.end(),
                      [](const Trigger& trigger) { return trigger.enabled; }))
        return name + " has triggers in the target, which would see some of the rows";
    }
    return "";
  }

  // Why the table's rows go over one connection.
  std::string why_whole(const DatasetPlan& planned) const {
    const Dataset& dataset = planned.dataset;
    if (dataset.closure.membership != Membership::owned || dataset.has_owned_column)
      return "holds rows that other runs may bring too";
    if (planned.target.kind != TableKind::table || planned.target.partition_of) return "is a partition";
    const Key* key = planned.target.primary_key();
    const auto loaded = [&](const std::string& column) {
      return std::any_of(dataset.columns.begin(), dataset.columns.end(),
                         [&](const DatasetColumn& candidate) { return candidate.name == column; });
    };
    if (key == nullptr || !std::all_of(key->columns.begin(), key->columns.end(), loaded))
      return "has no primary key";
    for (const DatasetPlan& other : store_.datasets) {
      const TableName& name = other.dataset.table.name;
      if (refers(planned, name)) return "refers to " + name.text();
      if (refers(other, dataset.table.name)) return "is referred to by " + name.text();
    }
    return "";
  }

  bool refers(const DatasetPlan& child, const TableName& parent) const {
    const auto to_parent = [&](const ForeignKey& key) {
      return (key.parent_store.empty() || key.parent_store == store_.store) && key.parent == parent;
    };
    const auto& enforced = child.target.foreign_keys;
    const auto& known = child.dataset.table.foreign_keys;
    const TableClosure& closure = child.dataset.closure;
    return std::any_of(enforced.begin(), enforced.end(), to_parent) ||
           std::any_of(known.begin(), known.end(), to_parent) ||
           std::any_of(closure.edges.begin(), closure.edges.end(),
                       [&](const NecessityEdge& edge) { return to_parent(edge.foreign_key); }) ||
           std::any_of(closure.owners.begin(), closure.owners.end(), [&](const OwnerStep& step) {
             return step.kind == OwnerStep::Kind::parent && to_parent(step.foreign_key);
           });
  }

  const StorePlan& store_;
};

}  // namespace

void plan_load_connections(const PipelineSettings& settings, MigrationPlan& plan) {
  plan.atomic = settings.load.atomic;
  if (plan.atomic != "table") return;
  for (StorePlan& store : plan.stores)
    store.load = Connections(store).plan(settings.jobs);
}

}  // namespace godwit::pipeline
