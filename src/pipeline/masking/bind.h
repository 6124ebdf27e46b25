// Binds masks to DuckDB: one scalar function per masked column, counting what it does as the rows stream
// through.
#pragma once

#include "base/result.h"
#include "duck/database.h"
#include "model/dataset.h"
#include "pipeline/masking/mask_context.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace godwit::pipeline {

// The masks of one dataset, registered on one connection. Counters are read after the statement has ended.
class BoundMasks {
 public:
  virtual ~BoundMasks() = default;
  // Select list over an alias `source`: the dataset's columns in order, masked, then the owned column if any.
  [[nodiscard]] virtual std::string select_list() const = 0;
  [[nodiscard]] virtual std::vector<MaskCount> counts() const = 0;
};

// `serial` makes the functions' names unique on the database.
[[nodiscard]] Result<std::unique_ptr<BoundMasks>> bind_masks(duck::Connection& connection,
                                                             const Dataset& dataset,
                                                             const MaskContext& context, int serial);

}  // namespace godwit::pipeline
