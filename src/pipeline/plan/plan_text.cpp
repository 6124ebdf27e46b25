#include "base/text.h"
#include "pipeline/plan/migration_plan.h"

#include <fmt/format.h>

#include <algorithm>

namespace godwit::pipeline {

namespace {

void append_masks(const Dataset& dataset, std::string& out) {
  for (size_t i = 0; i < dataset.columns.size(); ++i) {
    const MaskSpec& mask = dataset.masks[i];
    if (mask.strategy == MaskStrategy::keep) continue;
    const MaskFacts& facts = dataset.mask_facts[i];
    out += fmt::format("      mask {}: {} (rule {})\n", dataset.columns[i].name,
                       facts.text.empty() ? std::string(to_string(mask.strategy)) : facts.text,
                       dataset.mask_rules[i]);
  }
}

size_t masked_columns(const Dataset& dataset) {
  return static_cast<size_t>(
      std::count_if(dataset.masks.begin(), dataset.masks.end(),
                    [](const MaskSpec& mask) { return mask.strategy != MaskStrategy::keep; }));
}

void append_connections(const LoadConnections& load, std::string& out) {
  if (!load.one_because.empty())
    out += fmt::format("  loaded in one transaction, although atomic is table: {}\n", load.one_because);
  if (load.connections == 1) return;
  out += fmt::format(
      "  loaded over {} connections, a transaction each, if its tables are empty; divided where large: {}\n",
      load.connections, join(load.divided, ", "));
}

}  // namespace

std::string plan_to_text(const MigrationPlan& plan, bool with_masks) {
  std::string out = fmt::format("plan {}\n{} {} from {} to {} by {}\n", plan.hash, plan.scope_name,
                                plan.scope, plan.from, plan.to, plan.strategy);
  out += fmt::format("masking key {}\n", plan.key_fingerprint);
  for (const StorePlan& store : plan.stores) {
    out += fmt::format("\nstore {} ({}): {} tables\n", store.store, store.kind, store.datasets.size());
    for (const std::string& note : store.connection_notes)
      out += fmt::format("  connection: {}\n", note);
    append_connections(store.load, out);
    for (const DatasetPlan& planned : store.datasets) {
      const Dataset& dataset = planned.dataset;
      out += fmt::format("  {}  ~{} rows, {} of {} columns masked\n    {}\n", dataset.table.name.text(),
                         with_thousands(planned.estimated_rows), masked_columns(dataset),
                         dataset.columns.size(), dataset.closure.reason);
      if (dataset.closure.membership == Membership::owned && to_string(planned.strategy) != plan.strategy)
        out += fmt::format("    strategy {}\n", to_string(planned.strategy));
      for (const auto& [column, resolution] : planned.resolve)
        out += fmt::format("    an existing row's {}: {}\n", column, to_string(resolution));
      for (const NecessityEdge& edge : dataset.closure.edges) {
        if (edge.inside) continue;
        out += fmt::format("    {} -> {}: {}\n", join(edge.foreign_key.columns, ", "),
                           edge.foreign_key.parent.text(), to_string(edge.policy));
      }
      if (with_masks) append_masks(dataset, out);
    }
    for (const TableClosure& table : store.closure.tables) {
      if (table.membership == Membership::skipped || table.membership == Membership::outside) {
        out += fmt::format("  not copied: {} ({})\n", table.table.text(), table.reason);
      }
    }
  }
  out += fmt::format("\n{} checks\n", plan.checks.size());
  for (const std::string& note : plan.notes)
    out += "note: " + note + "\n";
  for (const std::string& warning : plan.warnings)
    out += "warning: " + warning + "\n";
  return out;
}

}  // namespace godwit::pipeline
