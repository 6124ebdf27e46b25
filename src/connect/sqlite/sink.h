// SQLite as a Sink: one write transaction per run, marker and undo records beside the data.
//
// The connection does not enforce foreign keys: every reference of the run's rows is proved before the
// commit, and nothing cascades during an undo. Columns that would be filled in later (null_then_update) are
// therefore loaded at once. There is no two-phase commit.
#pragma once

#include "base/time.h"
#include "config/store_settings.h"
#include "connect/sink.h"

#include <atomic>
#include <memory>

namespace godwit::connect {

// `clock` outlives the sink; `cancel` as connect/open.h says.
[[nodiscard]] Result<std::unique_ptr<Sink>> open_sqlite_sink(const StoreEndpoint& endpoint,
                                                             const Clock& clock,
                                                             const std::atomic<bool>* cancel = nullptr);

}  // namespace godwit::connect
