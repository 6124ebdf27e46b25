// One TCP connection, never blocking longer than asked, and ended by a cancel flag.
#pragma once

#include "base/result.h"
#include "bolt/address.h"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace godwit::bolt {

// How long a call may wait for the other side before it has said anything.
struct Patience {
  int64_t timeout_ms = 0;                     // 0 = for ever
  const std::atomic<bool>* cancel = nullptr;  // looked at every 100 ms
};

// One thread at a time. Owns its descriptor.
class Socket {
 public:
  // Each address of the host is tried within the time. Looking the name up may take longer than that and
  // cannot be cancelled: the system does it. ErrorKind::unreachable, interrupted.
  [[nodiscard]] static Result<Socket> connect(const Address& address, const Patience& patience);
  Socket(Socket&& other) noexcept;
  Socket& operator=(Socket&& other) noexcept;
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  ~Socket();

  // What came or went at once: nullopt when nothing could; 0 from read_now: the peer has closed.
  // ErrorKind::unreachable when the connection broke.
  [[nodiscard]] Result<std::optional<size_t>> read_now(char* out, size_t size);
  [[nodiscard]] Result<std::optional<size_t>> write_now(std::string_view data);
  // Until the socket can be read (or written). ErrorKind::unreachable after the time, interrupted by the
  // flag.
  [[nodiscard]] Status wait(bool to_write, const Patience& patience) const;

  [[nodiscard]] int descriptor() const { return descriptor_; }

 private:
  explicit Socket(int descriptor) : descriptor_(descriptor) {}
  int descriptor_ = -1;
};

}  // namespace godwit::bolt
