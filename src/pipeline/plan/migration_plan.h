// The plan of a data migration: everything that will happen, decided before anything does. A pure value; the
// engine executes nothing that is not in it.
#pragma once

#include "base/result.h"
#include "connect/sink.h"
#include "model/check_rule.h"
#include "model/closure.h"
#include "model/dataset.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace godwit::pipeline {

// One table's part of the plan: what is read, how it is masked, and where it goes.
struct DatasetPlan {
  Dataset dataset;
  Table target;  // the target's own catalog entry
  connect::LoadStrategy strategy = connect::LoadStrategy::insert;
  std::map<std::string, connect::Resolution> resolve;  // by column: whose value existing rows have
  std::vector<std::string> deferred_columns;           // null_then_update breaks
  int64_t estimated_rows = 0;                          // beside the hash
};

// Over how many connections a store is loaded, each with a transaction of its own.
struct LoadConnections {
  int connections = 1;
  std::vector<std::string> divided;  // datasets whose rows all of them load; the first one loads the rest
  std::string one_because;           // why it is one, although the pipeline says `atomic: table`
};

struct StorePlan {
  std::string store;
  std::string kind;
  StoreClosure closure;
  std::vector<DatasetPlan> datasets;             // in load order
  std::vector<std::vector<size_t>> load_groups;  // indexes into datasets; a group of several is a cycle
  LoadConnections load;
  // "prod, cert: not encrypted …": at both ends; beside the hash
  std::vector<std::string> connection_notes;
};

struct MigrationPlan {
  std::string pipeline;
  std::string scope;
  std::string scope_name;  // "district"
  std::string from, to;
  std::string strategy;
  std::string atomic = "store";
  connect::TriggerPolicy triggers = connect::TriggerPolicy::fire;
  std::string key_fingerprint;
  std::string dictionaries_hash;
  std::vector<StorePlan> stores;  // in load order
  std::vector<Check> checks;
  CheckSettings check_settings;
  int64_t max_skew_ms = 0;

  // Beside the hash:
  std::string hash;  // SHA-256 over the canonical JSON of all the above, hexadecimal
  int64_t created_us = 0;
  std::vector<std::string> notes;  // trigger policies, cycles, masks: what a person should know
  std::vector<std::string> warnings;

  [[nodiscard]] const DatasetPlan* dataset(const std::string& id) const;
  [[nodiscard]] const StorePlan* store(const std::string& name) const;
};

// What two plans would extract differently, in words: a store, a table, the masking key. Empty when the
// masked rows of the one are as good as those of the other; checks, target and way of loading may differ.
[[nodiscard]] std::string extraction_difference(const MigrationPlan& left, const MigrationPlan& right);

// The plan as a versioned JSON document and back. The hash is computed on writing and verified on reading.
[[nodiscard]] std::string plan_to_json(MigrationPlan& plan);
[[nodiscard]] Result<MigrationPlan> plan_from_json(const std::string& json);
// For a person: stores, tables with the reason each is in, masks, cycles, counts, notes, hash.
[[nodiscard]] std::string plan_to_text(const MigrationPlan& plan, bool with_masks);

}  // namespace godwit::pipeline
