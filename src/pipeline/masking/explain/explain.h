// What happens to one column, and why: the rule that decides, those that lost, the mask's formula, its
// capacity, and an example on a made-up value. Reads catalogs, never rows.
#pragma once

#include "mask/formula.h"
#include "model/dataset.h"
#include "pipeline/engine.h"
#include "secrets/resolve.h"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace godwit::pipeline {

struct RuleNote {
  std::string name;
  std::string where;  // "masks.yml:12:5"; empty for a shipped rule
  std::string mask;   // "template email"
  std::string why;    // why it decides, or why not
};

struct MaskExample {
  std::string input, subject, output;  // subject empty without one
  std::string none;                    // why there is no example
};

struct MaskExplanation {
  std::string store, table, column;  // the table with its schema
  std::string type;                  // as the store writes it; without a database: "text", assumed
  bool nullable = true;
  bool from_catalog = false;  // the store could be read: types and keys are its own
  std::string membership;     // why the table moves or not; empty when that is not known
  std::string membership_reason;
  RuleNote decided;  // the name empty: no rule speaks for the column
  std::vector<RuleNote> lost;
  std::string refused;  // why a run would be refused; empty: it would not
  MaskSpec mask;
  std::vector<std::pair<std::string, std::string>> options;  // what the rule says beside the strategy
  MaskFacts facts;
  mask::Formula formula;
  std::string subject_column;
  std::vector<std::string> unique_in;  // keys and unique indexes that the column stands in
  int64_t estimated_rows = 0;
  double odds = 0;        // that two of estimated_rows different values share a fake
  bool test_key = false;  // the example's key is the published one
  std::string key_fingerprint;
  MaskExample example;
  std::vector<std::string> notes;
};

// `reference`: table.column, store.table.column or store.schema.table.column. Stores that cannot be read, and
// a key that is not set, are notes, not failures. ErrorKind::usage for a table or column that no store has,
// with the nearest names.
[[nodiscard]] Result<MaskExplanation> explain_mask(const Services& services, const Settings& settings,
                                                   const PipelineSettings& pipeline,
                                                   const EnvironmentLookup& environment,
                                                   const std::string& reference);

}  // namespace godwit::pipeline
