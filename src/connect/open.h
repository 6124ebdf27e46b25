// Opens stores by kind: the one place that knows all connectors.
#pragma once

#include "base/result.h"
#include "base/time.h"
#include "config/store_settings.h"
#include "connect/sink.h"
#include "connect/source.h"

#include <memory>

namespace godwit::connect {

// ErrorKind::unreachable or credentials when the store does not answer; the message names store and
// environment.
[[nodiscard]] Result<std::unique_ptr<Source>> open_source(const StoreEndpoint& endpoint, const Clock& clock);
[[nodiscard]] Result<std::unique_ptr<Sink>> open_sink(const StoreEndpoint& endpoint, const Clock& clock);

}  // namespace godwit::connect
