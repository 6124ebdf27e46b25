// How long rows streamed between this process and database servers, and how much of that time this process
// waited for them. Sums over all streams, which may run at once.
#pragma once

#include <atomic>
#include <cstdint>

namespace godwit {

// Thread-safe.
struct StreamTimes {
  std::atomic<int64_t> read_us{0}, read_waited_us{0};    // rows that come
  std::atomic<int64_t> write_us{0}, write_waited_us{0};  // rows that go
};

}  // namespace godwit
