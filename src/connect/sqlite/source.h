// SQLite as a Source: one read transaction is the snapshot, pragmas are the catalog.
#pragma once

#include "base/time.h"
#include "config/store_settings.h"
#include "connect/source.h"

#include <atomic>
#include <memory>

namespace godwit::connect {

// Opens the file read-only. `clock` outlives the source; `cancel` as connect/open.h says.
[[nodiscard]] Result<std::unique_ptr<Source>> open_sqlite_source(const StoreEndpoint& endpoint,
                                                                 const Clock& clock,
                                                                 const std::atomic<bool>* cancel = nullptr);

}  // namespace godwit::connect
