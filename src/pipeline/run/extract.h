// Extraction: every store under one snapshot, masked in flight, streamed into Parquet. The unit of resume is
// the store. Plaintext of a masked column never reaches a file.
#pragma once

#include "base/result.h"
#include "connect/source.h"
#include "pipeline/masking/mask_context.h"
#include "pipeline/run/load/overlap.h"
#include "pipeline/run/run_context.h"
#include "pipeline/run/run_folder.h"

#include <memory>
#include <vector>

namespace godwit::pipeline {

// `sources` are open, parallel to the plan's stores. The manifest grows store by store and is written after
// each; stores that it calls finished are left alone. Finished files are handed to what `overlapped` begins.
[[nodiscard]] Status extract(const RunContext& context,
                             const std::vector<std::unique_ptr<connect::Source>>& sources,
                             const MaskContext& masks, Manifest& manifest, OverlappedLoads& overlapped);

}  // namespace godwit::pipeline
