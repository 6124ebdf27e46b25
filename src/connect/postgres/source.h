// PostgreSQL as a Source: pg_catalog, one exported snapshot, binary COPY.
#pragma once

#include "base/time.h"
#include "config/store_settings.h"
#include "connect/source.h"
#include "model/stream_times.h"

#include <atomic>
#include <memory>

namespace godwit::connect::postgres {

// Errors, `cancel` and `streams` as connect/open.h says.
[[nodiscard]] Result<std::unique_ptr<Source>> open_source(const StoreEndpoint& endpoint,
                                                          const std::atomic<bool>* cancel = nullptr,
                                                          StreamTimes* streams = nullptr);

}  // namespace godwit::connect::postgres
