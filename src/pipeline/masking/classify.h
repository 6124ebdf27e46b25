// Classification: which mask each column gets, and why. Fail closed: a column that holds text, JSON, dates or
// identifiers and that no rule speaks for refuses the run.
#pragma once

#include "base/result.h"
#include "model/dataset.h"
#include "model/mask_rule.h"
#include "pipeline/masking/mask_context.h"

#include <map>
#include <string>
#include <vector>

namespace godwit::pipeline {

// "ids.public.students.contact" → the value detectors that a sample of the column answered to.
using DetectedColumns = std::map<std::string, std::vector<std::string>>;

// Fills masks, mask_rules, mask_facts and subject_columns of every dataset. First matching rule wins: the
// file's own, then the shipped ones. A foreign key inherits its parent's mask, so that both sides map alike.
// All problems are reported at once in one ErrorKind::plan_refused with the YAML to add.
[[nodiscard]] Status classify(const std::vector<Dataset*>& datasets, const MaskRules& rules,
                              const MaskContext& context, const DetectedColumns& detected);

// A column that cannot be copied as the masks stand.
struct ColumnRefusal {
  const Dataset* dataset = nullptr;
  std::string column;
  std::string why;
};
// The same, with what is refused as a value: for whoever asks about one column.
[[nodiscard]] Result<std::vector<ColumnRefusal>> classify_columns(const std::vector<Dataset*>& datasets,
                                                                  const MaskRules& rules,
                                                                  const MaskContext& context,
                                                                  const DetectedColumns& detected);

}  // namespace godwit::pipeline
