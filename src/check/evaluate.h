// Evaluation: all row checks of a dataset in ONE scan of count_if(NOT (...)), its keys and references beside
// it, and a second pass that fetches failing keys for the checks that failed.
#pragma once

#include "base/result.h"
#include "check/dataset_index.h"
#include "duck/database.h"
#include "model/check_rule.h"
#include "model/dataset.h"

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace godwit::check {

struct EvaluateInput {
  const DatasetIndex* datasets = nullptr;
  std::vector<const DatasetManifest*> manifests;  // what extraction counted, by dataset id
  // To one database with the relations of all datasets; at least one. Small datasets are looked at on as many
  // threads, large ones one after the other: a scan of one uses all threads of the database.
  std::vector<duck::Connection*> connections;
  // Findings of checks that only the target can answer (count_query "${counted}"), by check id.
  std::map<std::string, int64_t> counted;
  std::string now_text;  // "2026-11-21 02:52:19", UTC
  int64_t sample_size = 20;
  std::function<void(int64_t done, int64_t total)> progress;  // from any thread, one at a time
};

// One outcome per check, in the order given. A check that cannot be evaluated has failed, whatever its
// severity, and says why; nothing is skipped. The Status is an Error only for cancellation.
[[nodiscard]] Result<std::vector<CheckOutcome>> evaluate(const EvaluateInput& input,
                                                         const std::vector<Check>& checks);

// FAILED when an ERROR check failed, when warnings are not allowed or too many (findings of checks, not
// rows), when anything was skipped or nothing was evaluated; else PASSED_WITH_WARNINGS or PASSED.
[[nodiscard]] CheckSummary summarize(const std::vector<CheckOutcome>& outcomes,
                                     const CheckSettings& settings);

}  // namespace godwit::check
