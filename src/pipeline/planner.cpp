#include "pipeline/planner.h"

#include "base/parallel.h"
#include "base/text.h"
#include "check/generate.h"
#include "check/relations.h"
#include "duck/database.h"
#include "os/files.h"
#include "pipeline/closure/plan_closure.h"
#include "pipeline/masking/classify.h"
#include "pipeline/masking/sample.h"
#include "pipeline/plan/dataset_of.h"
#include "pipeline/plan/load_connections.h"
#include "pipeline/plan/load_strategies.h"
#include "pipeline/plan/target_fit.h"

#include <fmt/format.h>

#include <algorithm>
#include <regex>
#include <utility>

namespace godwit::pipeline {

namespace {

size_t lanes(const Job& job) {
  return static_cast<size_t>(job.pipeline->jobs);
}

using Groups = std::vector<std::pair<std::string, std::vector<std::string>>>;

// Groups and members stay in the order in which they came.
void add_to(Groups& groups, const std::string& name, std::string member) {
  const auto known =
      std::find_if(groups.begin(), groups.end(), [&](const auto& group) { return group.first == name; });
  auto& members =
      known == groups.end() ? groups.emplace_back(name, std::vector<std::string>()).second : known->second;
  members.push_back(std::move(member));
}

class Planning {
 public:
  Planning(const Services& services, const Job& job, OpenStores& stores, const MaskContext& masks)
      : services_(services), job_(job), stores_(stores), masks_(masks) {}

  Result<MigrationPlan> run() {
    RETURN_IF_ERROR(read_catalogs());
    ClosureInput input;
    input.settings = job_.pipeline;
    for (const Catalog& catalog : source_catalogs_)
      input.sources.push_back(&catalog);
    RETURN_IF_ERROR(check_scope(input));
    describe();
    ASSIGN_OR_RETURN(auto closures, plan_closure(input));
    for (size_t i = 0; i < closures.size(); ++i) {
      RETURN_IF_ERROR(
          plan_store(std::move(closures[i]), source_catalogs_[i], target_catalogs_[i], *stores_.sources[i]));
    }
    if (!problems_.empty()) {
      return make_error(ErrorKind::plan_refused,
                        "the target does not fit the source:\n  " + join(problems_, "\n  "),
                        "bring the target's schema to the source's version first");
    }
    RETURN_IF_ERROR(plan_strategies(*job_.pipeline, source_catalogs_, plan_));
    plan_load_connections(*job_.pipeline, plan_);
    std::vector<Dataset*> datasets;
    std::vector<std::string> without_columns;
    for (StorePlan& store : plan_.stores) {
      for (DatasetPlan& planned : store.datasets) {
        datasets.push_back(&planned.dataset);
        if (planned.dataset.columns.empty()) without_columns.push_back(planned.dataset.id);
      }
    }
    if (!without_columns.empty()) {
      return make_error(ErrorKind::plan_refused, "no column to move:\n  " + join(without_columns, "\n  "),
                        "list these tables under `skip` of the pipeline");
    }
    DetectedColumns detected;
    for (size_t i = 0; i < plan_.stores.size(); ++i)
      RETURN_IF_ERROR(sample_store(i, detected));
    RETURN_IF_ERROR(classify(datasets, job_.pipeline->masks, masks_, detected));
    note_masks(datasets);
    RETURN_IF_ERROR(plan_checks(datasets));
    plan_.created_us = services_.clock->now_us();
    [[maybe_unused]] const std::string document = plan_to_json(plan_);  // computes the hash
    return std::move(plan_);
  }

 private:
  Status read_catalogs() {
    const size_t stores = stores_.sources.size();
    source_catalogs_.resize(stores);
    target_catalogs_.resize(stores);
    return in_parallel(2 * stores, lanes(job_), [&](size_t place, size_t) -> Status {
      const size_t i = place / 2;
      const bool of_source = place % 2 == 0;
      ASSIGN_OR_RETURN(Catalog catalog, (of_source ? stores_.sources : stores_.targets)[i]->catalog());
      catalog.store = job_.pipeline->stores[i];
      (of_source ? source_catalogs_ : target_catalogs_)[i] = std::move(catalog);
      return {};
    });
  }

  Status check_scope(const ClosureInput& input) {
    const ScopeSettings& scope = job_.pipeline->scope;
    if (!scope.pattern.empty() &&
        !std::regex_match(job_.scope, std::regex(scope.pattern, std::regex::ECMAScript))) {
      return make_error(ErrorKind::plan_refused, fmt::format("'{}' is not a {} id: it does not match {}",
                                                             job_.scope, scope.name, scope.pattern));
    }
    ASSIGN_OR_RETURN(const ScopeRoot root, find_scope_root(input));
    const auto at = std::find(job_.pipeline->stores.begin(), job_.pipeline->stores.end(), root.store) -
                    job_.pipeline->stores.begin();
    connect::Source& source = *stores_.sources[static_cast<size_t>(at)];
    ASSIGN_OR_RETURN(const bool exists, source.scope_exists(root.table, root.column, job_.scope));
    if (exists) return {};
    ASSIGN_OR_RETURN(const auto known, source.scope_values(root.table, root.column, 200));
    const auto near = nearest(job_.scope, known);
    return make_error(ErrorKind::plan_refused,
                      fmt::format("unknown {} '{}': {}.{} has no such row", scope.name, job_.scope,
                                  root.store, root.table.text()),
                      near.empty() ? fmt::format("{} {}s are known there", known.size(), scope.name)
                                   : fmt::format("did you mean {}?", near[0]));
  }

  void describe() {
    plan_.pipeline = job_.pipeline->name;
    plan_.scope = job_.scope;
    plan_.scope_name = job_.pipeline->scope.name;
    plan_.from = job_.pipeline->from;
    plan_.to = job_.pipeline->to;
    plan_.strategy = job_.pipeline->load.strategy;
    plan_.key_fingerprint = masks_.keyring.fingerprint();
    plan_.dictionaries_hash = masks_.dictionaries.hash();
    plan_.max_skew_ms = job_.pipeline->max_skew_ms;
    const std::string& triggers = job_.pipeline->load.triggers;
    plan_.triggers = triggers == "disable" ? connect::TriggerPolicy::disable
                     : triggers == "fail"  ? connect::TriggerPolicy::fail
                                           : connect::TriggerPolicy::fire;
    plan_.check_settings = job_.pipeline->checks.settings;
  }

  Status plan_store(StoreClosure closure, const Catalog& source, const Catalog& target,
                    const connect::Source& reader) {
    StorePlan store;
    store.store = closure.store;
    store.kind = source.kind;
    for (const auto& group : closure.load_order) {
      std::vector<size_t> members;
      for (const TableName& name : group) {
        const TableClosure* table = closure.table(name);
        CHECK(table != nullptr);
        if (!is_copied(table->membership)) continue;
        members.push_back(store.datasets.size());
        store.datasets.push_back(plan_dataset(closure.store, *table, *source.table(name), target, reader));
      }
      if (!members.empty()) store.load_groups.push_back(std::move(members));
    }
    for (const CycleBreak& cycle : closure.cycle_breaks)
      note_cycle(store, cycle);
    store.closure = std::move(closure);
    store.connection_notes = connection_notes(job_, stores_, plan_.stores.size());
    plan_.stores.push_back(std::move(store));
    return {};
  }

  void note_cycle(StorePlan& store, const CycleBreak& cycle) {
    std::vector<std::string> names;
    for (const TableName& table : cycle.tables)
      names.push_back(table.name);
    plan_.notes.push_back(fmt::format("{}: cycle {} is loaded by {}: {}", store.store, join(names, ", "),
                                      to_string(cycle.how), cycle.reason));
    if (cycle.how != CycleBreak::How::null_then_update) return;
    for (DatasetPlan& planned : store.datasets) {
      if (planned.dataset.table.name != cycle.child) continue;
      planned.deferred_columns.insert(planned.deferred_columns.end(), cycle.foreign_key.columns.begin(),
                                      cycle.foreign_key.columns.end());
    }
  }

  DatasetPlan plan_dataset(const std::string& store, const TableClosure& closure, const Table& table,
                           const Catalog& target, const connect::Source& reader) {
    DatasetPlan planned;
    planned.dataset = dataset_of(store, closure, table, reader);
    const Dataset& dataset = planned.dataset;
    planned.estimated_rows = table.estimated_rows;
    const Table* counterpart = target.table(table.name);
    check_target_fit(dataset, counterpart, plan_.triggers, problems_, plan_.notes);
    if (counterpart != nullptr) planned.target = *counterpart;
    return planned;
  }

  Status sample_store(size_t i, DetectedColumns& detected) {
    StorePlan& store = plan_.stores[i];
    std::vector<Dataset*> datasets;
    for (DatasetPlan& planned : store.datasets)
      datasets.push_back(&planned.dataset);
    const std::string folder = job_.settings->folder + "/.godwit";
    RETURN_IF_ERROR(os::make_folder(folder));
    return sample_columns(*stores_.sources[i], store.closure, plan_.scope, datasets, job_.pipeline->masks,
                          masks_, folder, detected);
  }

  // One note per kind of mask: the columns are what differs.
  void note_masks(const std::vector<Dataset*>& datasets) {
    Groups by_mask;
    for (const Dataset* dataset : datasets) {
      for (size_t i = 0; i < dataset->columns.size(); ++i) {
        const MaskFacts& facts = dataset->mask_facts[i];
        if (dataset->masks[i].strategy == MaskStrategy::keep || facts.reserved || facts.text.empty())
          continue;
        add_to(by_mask, facts.text, dataset->id + "." + dataset->columns[i].name);
      }
    }
    for (const auto& [mask, columns] : by_mask) {
      plan_.notes.push_back(
          fmt::format("fakes of {} {} are not reserved values and may belong to somebody ({}): {}",
                      columns.size(), columns.size() == 1 ? "column" : "columns", mask, join(columns, ", ")));
    }
  }

  Status plan_checks(const std::vector<Dataset*>& datasets) {
    const std::string folder = job_.settings->folder + "/.godwit";
    RETURN_IF_ERROR(os::make_folder(folder));
    duck::DatabaseOptions options;
    options.folder = folder;
    options.memory_limit_mb = 128;
    options.threads = 1;
    ASSIGN_OR_RETURN(const auto database, duck::Database::open(options));
    ASSIGN_OR_RETURN(const auto connection, database->connect());
    for (const Dataset* dataset : datasets)
      RETURN_IF_ERROR(check::create_empty_relation(*connection, *dataset));
    const check::DatasetIndex index({datasets.begin(), datasets.end()});
    check::GenerateInput input;
    input.datasets = &index;
    input.connection = connection.get();
    input.scope = plan_.scope;
    std::vector<std::string> not_translated;
    ASSIGN_OR_RETURN(plan_.checks, check::catalog_checks(input, not_translated));
    for (Check& check : check::masking_checks(index))
      plan_.checks.push_back(std::move(check));
    for (Check& check : check::reference_checks(index))
      plan_.checks.push_back(std::move(check));
    ASSIGN_OR_RETURN(auto from_file, check::rule_checks(input, job_.pipeline->checks));
    for (Check& check : from_file)
      plan_.checks.push_back(std::move(check));
    if (!not_translated.empty()) {
      plan_.notes.push_back(
          fmt::format("{} constraints are left to the target itself, which enforces them while loading: {}{}",
                      not_translated.size(), not_translated[0], not_translated.size() > 1 ? ", …" : ""));
    }
    return {};
  }

  const Services& services_;
  const Job& job_;
  OpenStores& stores_;
  const MaskContext& masks_;
  MigrationPlan plan_;
  std::vector<Catalog> source_catalogs_, target_catalogs_;
  std::vector<std::string> problems_;
};

}  // namespace

Result<OpenStores> open_stores(const Services& services, const Job& job) {
  OpenStores stores;
  const size_t sources = job.resolved.sources.size();
  stores.sources.resize(sources);
  stores.targets.resize(job.resolved.targets.size());
  RETURN_IF_ERROR(in_parallel(sources + stores.targets.size(), lanes(job), [&](size_t i, size_t) -> Status {
    const bool of_source = i < sources;
    const size_t at = of_source ? i : i - sources;
    ASSIGN_OR_RETURN((of_source ? stores.sources : stores.targets)[at],
                     services.open_source((of_source ? job.resolved.sources : job.resolved.targets)[at]));
    return {};
  }));
  return stores;
}

std::vector<std::string> connection_notes(const Job& job, const OpenStores& stores, size_t store) {
  Groups by_note;
  for (const std::string& note : stores.sources[store]->connection_notes())
    add_to(by_note, note, job.pipeline->from);
  for (const std::string& note : stores.targets[store]->connection_notes())
    add_to(by_note, note, job.pipeline->to);
  std::vector<std::string> notes;
  for (const auto& [note, environments] : by_note)
    notes.push_back(join(environments, ", ") + ": " + note);
  return notes;
}

Result<MaskContext> mask_context(const Job& job) {
  ASSIGN_OR_RETURN(mask::Keyring keyring, mask::Keyring::from(job.resolved.masking_key));
  mask::Dictionaries dictionaries = mask::Dictionaries::built_in();
  for (const auto& [name, path] : job.pipeline->masks.dictionaries) {
    ASSIGN_OR_RETURN(const std::string text, os::read_file(path));
    RETURN_IF_ERROR(dictionaries.replace(name, text, path));
  }
  for (const auto& [name, path] : job.pipeline->masks.locales) {
    ASSIGN_OR_RETURN(const std::string text, os::read_file(path));
    RETURN_IF_ERROR(dictionaries.add_locale(name, text, path));
  }
  return MaskContext{std::move(keyring), std::move(dictionaries)};
}

Result<MigrationPlan> make_plan(const Services& services, const Job& job, OpenStores& stores,
                                const MaskContext& masks) {
  return Planning(services, job, stores, masks).run();
}

}  // namespace godwit::pipeline
