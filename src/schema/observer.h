// What happens while a database is migrated, as it happens. Implemented by the terminal; called on the
// engine's thread.
#pragma once

#include "schema/plan/plan.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace godwit::schema {

class Observer {
 public:
  virtual ~Observer() = default;
  // "waiting for the lock: pid 4711 (godwit db) has held it for 12 s".
  virtual void on_wait(std::string_view /*text*/) {}
  // "backup: 12.5 MiB of about 40.0 MiB, 3.1 MiB/s, 9 s left": at most every second.
  virtual void on_progress(std::string_view /*text*/) {}
  // `number` counts from 1.
  virtual void on_step(const Migration& /*migration*/, Direction /*direction*/, size_t /*number*/,
                       size_t /*of*/) {}
  virtual void on_step_done(const Migration& /*migration*/, Direction /*direction*/,
                            int64_t /*duration_us*/) {}
  virtual void on_retry(const Migration& /*migration*/, std::string_view /*why*/, int64_t /*pause_ms*/) {}
};

}  // namespace godwit::schema
