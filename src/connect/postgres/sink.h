// PostgreSQL as a Sink: one transaction for data, undo records and the marker row; two-phase commit; undo.
#pragma once

#include "base/time.h"
#include "config/store_settings.h"
#include "connect/sink.h"
#include "model/stream_times.h"

#include <atomic>
#include <memory>

namespace godwit::connect::postgres {

// Errors, `cancel` and `streams` as connect/open.h says. The clock must outlive the sink.
[[nodiscard]] Result<std::unique_ptr<Sink>> open_sink(const StoreEndpoint& endpoint, const Clock& clock,
                                                      const std::atomic<bool>* cancel = nullptr,
                                                      StreamTimes* streams = nullptr);

}  // namespace godwit::connect::postgres
