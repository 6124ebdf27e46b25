// The target's own locks: session advisory locks, polled (a blocking wait deadlocks with CREATE INDEX
// CONCURRENTLY).
#pragma once

#include "base/result.h"
#include "base/time.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace godwit::pg {
class Session;
}

namespace godwit::connect::postgres {

// FNV-1a, 64 bits, finished by splitmix64: the same on every machine.
[[nodiscard]] int64_t lock_key(std::string_view text);
// The key of a pipeline and a canonical scope.
[[nodiscard]] int64_t run_lock_key(std::string_view pipeline, std::string_view scope);

// Held by the session until it ends. ErrorKind::locked names the holder when it is still taken after
// `wait_ms`.
[[nodiscard]] Status lock_session(pg::Session& session, const Clock& clock, int64_t key, int64_t wait_ms,
                                  const std::string& what);
// Held by the transaction, also when it is prepared.
[[nodiscard]] Status lock_transaction(pg::Session& session, const Clock& clock, int64_t key, int64_t wait_ms,
                                      const std::string& what);

}  // namespace godwit::connect::postgres
