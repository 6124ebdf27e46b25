// Does the target's table take the dataset? Columns, types, defaults, triggers. Pure.
#pragma once

#include "connect/sink.h"
#include "model/dataset.h"

#include <string>
#include <vector>

namespace godwit::pipeline {

// `target` is null when the table is missing there. Appends one line per problem, and notes worth a person's
// eye.
void check_target_fit(const Dataset& dataset, const Table* target, connect::TriggerPolicy triggers,
                      std::vector<std::string>& problems, std::vector<std::string>& notes);

}  // namespace godwit::pipeline
