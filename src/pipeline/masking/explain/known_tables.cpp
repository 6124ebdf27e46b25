#include "pipeline/masking/explain/known_tables.h"

#include "pipeline/closure/plan_closure.h"
#include "pipeline/plan/dataset_of.h"

#include <fmt/format.h>

namespace godwit::pipeline {

namespace {

class Reading {
 public:
  Reading(const Services& services, const Settings& settings, const PipelineSettings& pipeline,
          const EnvironmentLookup& environment)
      : services_(services), settings_(settings), pipeline_(pipeline), environment_(environment) {}

  KnownTables run() {
    for (const std::string& store : pipeline_.stores) {
      const Status read = read_store(store);
      if (read.ok()) continue;
      known_.unread.push_back(store);
      known_.notes.push_back(fmt::format("store {} cannot be read, its types and keys are not known: {}",
                                         store, read.error().text()));
    }
    std::vector<StoreClosure> closures = plan();
    for (size_t i = 0; i < catalogs_.size(); ++i)
      add_datasets(catalogs_[i], closures.empty() ? nullptr : &closures[i], *known_.sources[i]);
    return std::move(known_);
  }

 private:
  Status read_store(const std::string& store) {
    ASSIGN_OR_RETURN(const StoreEndpoint endpoint,
                     resolve_store(settings_, store, pipeline_.from, environment_));
    ASSIGN_OR_RETURN(auto source, services_.open_source(endpoint));
    ASSIGN_OR_RETURN(Catalog catalog, source->catalog());
    catalog.store = store;
    catalogs_.push_back(std::move(catalog));
    known_.sources.push_back(std::move(source));
    return {};
  }

  // Empty when there is none: a store is missing, or somebody has to decide first.
  std::vector<StoreClosure> plan() {
    if (!known_.unread.empty()) return {};
    ClosureInput input;
    input.settings = &pipeline_;
    for (const Catalog& catalog : catalogs_)
      input.sources.push_back(&catalog);
    auto closures = plan_closure(input);
    if (!closures.ok()) {
      known_.notes.push_back("the scope cannot be planned yet, so that which tables move is not known: " +
                             closures.error().text());
      return {};
    }
    known_.closure_known = true;
    return std::move(closures).value();
  }

  void add_datasets(const Catalog& catalog, const StoreClosure* planned, const connect::Source& source) {
    for (const Table& table : catalog.tables) {
      if (table.kind != TableKind::table && table.kind != TableKind::partitioned) continue;
      TableClosure closure;
      if (planned != nullptr && planned->table(table.name) != nullptr) {
        closure = *planned->table(table.name);
      } else {
        for (const ForeignKey& key : table.foreign_keys)
          closure.edges.push_back({key});
      }
      known_.datasets.push_back(dataset_of(catalog.store, closure, table, source));
    }
  }

  const Services& services_;
  const Settings& settings_;
  const PipelineSettings& pipeline_;
  const EnvironmentLookup& environment_;
  std::vector<Catalog> catalogs_;
  KnownTables known_;
};

}  // namespace

KnownTables read_known_tables(const Services& services, const Settings& settings,
                              const PipelineSettings& pipeline, const EnvironmentLookup& environment) {
  return Reading(services, settings, pipeline, environment).run();
}

}  // namespace godwit::pipeline
