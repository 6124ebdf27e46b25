// A dataset as every engine begins it: the table as its catalog says, staged as its source stages it.
#pragma once

#include "connect/source.h"
#include "model/dataset.h"

#include <string>

namespace godwit::pipeline {

// Whether rows of the table move.
[[nodiscard]] bool is_copied(Membership membership);

// Without masks: classify() fills those.
[[nodiscard]] Dataset dataset_of(const std::string& store, const TableClosure& closure, const Table& table,
                                 const connect::Source& source);

}  // namespace godwit::pipeline
