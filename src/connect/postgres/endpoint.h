// A store's endpoint as libpq's adapter wants it, and what a person should know about the connection.
#pragma once

#include "config/store_settings.h"
#include "pg/session.h"

#include <atomic>
#include <string>
#include <vector>

namespace godwit::connect::postgres {

// `cancel`, which outlives every session, may be nullptr.
[[nodiscard]] pg::ConnectOptions connect_options(const StoreEndpoint& endpoint,
                                                 const std::atomic<bool>* cancel);
// The same for sessions that never write, whatever the account may do.
[[nodiscard]] pg::ConnectOptions read_only_options(const StoreEndpoint& endpoint,
                                                   const std::atomic<bool>* cancel);
// Opens a session; the Error names store and environment.
[[nodiscard]] Result<std::unique_ptr<pg::Session>> open_session(const StoreEndpoint& endpoint,
                                                                const pg::ConnectOptions& options);
// Weaker TLS than verify-full, a pooler in between.
[[nodiscard]] std::vector<std::string> notes_on(const pg::ConnectionFacts& facts);

}  // namespace godwit::connect::postgres
