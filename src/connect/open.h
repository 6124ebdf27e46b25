// Opens stores by kind: the one place that knows all connectors.
#pragma once

#include "base/result.h"
#include "base/time.h"
#include "config/store_settings.h"
#include "connect/sink.h"
#include "connect/source.h"
#include "model/stream_times.h"

#include <atomic>
#include <memory>

namespace godwit::connect {

// ErrorKind::unreachable or credentials when the store does not answer; the message names store and
// environment. Once *cancel is true, whatever the store is doing or waiting for ends with
// ErrorKind::interrupted within some 100 ms, except what must end once it has begun: commits and rollbacks.
// *streams counts the streams to and from servers; an embedded store works inside this process and has none.
[[nodiscard]] Result<std::unique_ptr<Source>> open_source(const StoreEndpoint& endpoint, const Clock& clock,
                                                          const std::atomic<bool>* cancel,
                                                          StreamTimes* streams);
[[nodiscard]] Result<std::unique_ptr<Sink>> open_sink(const StoreEndpoint& endpoint, const Clock& clock,
                                                      const std::atomic<bool>* cancel, StreamTimes* streams);

}  // namespace godwit::connect
