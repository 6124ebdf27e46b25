// Reading the target back: the rows of one planned dataset as they stand there now, as a relation in DuckDB.
#pragma once

#include "base/result.h"
#include "connect/source.h"
#include "duck/database.h"
#include "model/dataset.h"

#include <memory>
#include <string>
#include <vector>

namespace godwit::pipeline {

// The target's rows of `dataset`, as a stream. `whole` reads the whole table instead of the scope's owned
// rows.
[[nodiscard]] Result<std::shared_ptr<duck::TableProducer>> target_rows(connect::Source& target,
                                                                       const Dataset& dataset,
                                                                       const StoreClosure& closure,
                                                                       const std::string& scope, bool whole);

// Streams the target's rows of `dataset` into a Parquet file at `path` and returns the number of rows.
[[nodiscard]] Result<int64_t> read_target(connect::Source& target, duck::Connection& connection,
                                          const Dataset& dataset, const StoreClosure& closure,
                                          const std::string& scope, bool whole, const std::string& path,
                                          const std::string& function_name);

}  // namespace godwit::pipeline
