// Everything a report says about a run: counts and names, never values. The pipeline fills it as the run
// goes, so that a failed run has one too; src/report renders it.
#pragma once

#include "model/check_rule.h"
#include "model/dataset.h"
#include "model/run.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace godwit {

struct TableReport {
  std::string dataset;  // "ids.public.students"
  std::string store;
  std::string membership;  // "owned", "shared", …
  std::string reason;
  int64_t rows = 0;  // extracted
  int64_t owned_rows = 0;
  int64_t needed_rows = 0;
  int64_t bytes = 0;  // Parquet
  std::string digest;
  std::string strategy;  // of the load; of auto: what was chosen
  bool chosen = false;   // by auto, from `existing` of `brought` owned rows
  int64_t existing = 0, brought = 0;
  int64_t inserted = 0, updated = 0, kept = 0, different = 0, deleted = 0;
  int64_t proved_rows = 0, foreign_rows = 0, orphans = 0;
  int64_t verified_rows = 0, mismatched_rows = 0, missing_rows = 0;
  std::vector<MaskCount> masks;
};

struct StoreReport {
  std::string store;
  std::string kind;
  int64_t snapshot_us = 0;
  std::string snapshot_position;
  std::string commit_state;
  std::string transaction_id;
  std::vector<std::string> connection_notes;
  int connections = 1;    // that loaded it, each in a transaction of its own
  std::string load_note;  // what became of `atomic: table`; empty: it was not asked for
};

struct CheckCategoryCount {
  CheckCategory category = CheckCategory::schema;
  int64_t passed = 0, warned = 0, failed = 0, skipped = 0;
};

// How long rows streamed from or to servers, and how long this side waited for them meanwhile.
struct StreamReport {
  int64_t total_us = 0, waited_us = 0;
};

struct RunReport {
  std::string run;
  std::string kind = "mig";
  std::string of_run;
  std::string pipeline, scope_name, scope, from, to, strategy;
  std::string plan_hash, key_fingerprint;
  std::string godwit_version;
  RunState state = RunState::planned;
  bool dry_run = false;
  int64_t started_us = 0, finished_us = 0;
  int exit_code = 0;
  std::string error, hint;
  std::vector<PhaseOutcome> phases;
  std::vector<StoreReport> stores;
  std::vector<TableReport> tables;  // in load order
  std::vector<CheckOutcome> checks;
  CheckSummary check_summary;
  // Set when the report was read back from a file, where only checks with findings stand one by one.
  std::vector<CheckCategoryCount> check_categories;
  int64_t skew_us = 0;
  int64_t peak_memory_bytes = 0;
  StreamReport reading, writing;
  std::vector<std::string> notes, warnings;
  std::map<std::string, std::string> artifacts;  // name → path
};

}  // namespace godwit
