// This process and this machine: clock, identity, limits, signals.
#pragma once

#include "base/result.h"
#include "base/time.h"

#include <atomic>
#include <cstdint>
#include <string>

namespace godwit::os {

class SystemClock final : public Clock {
 public:
  [[nodiscard]] int64_t now_us() const override;
  [[nodiscard]] int64_t monotonic_us() const override;
  void sleep_ms(int64_t duration_ms) const override;
};

[[nodiscard]] std::string host_name();
[[nodiscard]] int64_t process_id();
// The login name of the effective user; its number when it has no name.
[[nodiscard]] std::string user_name();
// True while a process with this id exists on this machine.
[[nodiscard]] bool process_exists(int64_t pid);
// From the kernel's generator.
[[nodiscard]] uint64_t random_number();
[[nodiscard]] Result<int64_t> free_disk_bytes(const std::string& path);
// Highest resident memory of this process so far.
[[nodiscard]] int64_t peak_memory_bytes();
[[nodiscard]] int cpu_count();
[[nodiscard]] bool is_terminal(int descriptor);
[[nodiscard]] int terminal_columns(int descriptor);

// No core dumps (they would hold plaintext), files of this process readable by its owner only, SIGPIPE
// ignored.
void harden_process();
// SIGINT and SIGTERM set the flag; a second signal ends the process at once with exit code 75, as a crash
// would. The flag may also be set by the program itself.
[[nodiscard]] std::atomic<bool>& install_cancel_flag();

}  // namespace godwit::os
