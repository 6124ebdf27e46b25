// What Session, CopyOut, CopyIn and Rows share. Included by the .cpp files of this folder only.
#pragma once

#include "base/result.h"
#include "model/stream_times.h"
#include "pg/handles.h"
#include "pg/rows.h"
#include "pg/session.h"

#include <atomic>
#include <chrono>
#include <optional>
#include <string_view>

namespace godwit::pg {

struct Rows::Result {
  ResultHandle handle;
};

// Adds the time until it goes to a sum, if there is one.
class Stopwatch {
 public:
  explicit Stopwatch(std::atomic<int64_t>* sum) : sum_(sum), from_(SteadyClock::now()) {}
  Stopwatch(const Stopwatch&) = delete;
  Stopwatch& operator=(const Stopwatch&) = delete;
  ~Stopwatch() {
    if (sum_ == nullptr) return;
    *sum_ += std::chrono::duration_cast<std::chrono::microseconds>(SteadyClock::now() - from_).count();
  }

 private:
  using SteadyClock = std::chrono::steady_clock;  // measures a system call, not the program's time
  std::atomic<int64_t>* sum_;
  SteadyClock::time_point from_;
};

// One connection. Not thread-safe.
struct SessionState {
  ConnectionHandle connection;
  const std::atomic<bool>* cancel = nullptr;
  bool cancel_sent = false;
  StreamTimes* streams = nullptr;
  bool in_copy = false;  // a CopyOut or CopyIn is open: no statement may be sent
  std::optional<Stopwatch> copying;
  std::optional<ServerMessage> refusal;

  [[nodiscard]] std::atomic<int64_t>* read_waited() const {
    return streams == nullptr ? nullptr : &streams->read_waited_us;
  }
  [[nodiscard]] std::atomic<int64_t>* write_waited() const {
    return streams == nullptr ? nullptr : &streams->write_waited_us;
  }

  [[nodiscard]] bool cancelled() const {
    return cancel != nullptr && cancel->load(std::memory_order_relaxed);
  }
  // Waits until the server's answer can be read without blocking; sends a cancel request once the flag is
  // set.
  [[nodiscard]] Status wait_readable();
  // Sends what libpq holds; the connection does not block. ErrorKind::interrupted once the flag is set.
  [[nodiscard]] Status flush();
  // The next result of what was sent, or a null handle at its end.
  [[nodiscard]] Result<ResultHandle> next_result();
  // Reads results to the end; the last one, or the Error of the first that failed.
  [[nodiscard]] Result<ResultHandle> finish_results();
  [[nodiscard]] Error error_of(const PGresult* result) const;
  void send_cancel() noexcept;
  // Reads and drops everything until the connection is idle again.
  void drain() noexcept;
};

}  // namespace godwit::pg
