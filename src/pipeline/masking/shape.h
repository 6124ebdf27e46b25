// What a mask must know of a column: from the catalog, and from the keys the column stands in.
#pragma once

#include "mask/value.h"
#include "model/dataset.h"

#include <cstdint>
#include <string>

namespace godwit::pipeline {

// CHECKs that the dataset has the column. A column counts as unique when it is part of any key or unique
// index: a mask that may collide could break the key.
[[nodiscard]] mask::ColumnShape shape_of_column(const Dataset& dataset, const std::string& column);
// How DuckDB spells the staged type.
[[nodiscard]] std::string staged_type(const DatasetColumn& column);

}  // namespace godwit::pipeline
