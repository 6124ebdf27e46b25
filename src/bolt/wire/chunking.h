// Bolt's frames: a message is cut into chunks of at most 65,535 bytes, each behind its size, and ends with an
// empty one; empty chunks between messages keep a connection alive (Bolt manual, "Chunking").
#pragma once

#include "base/result.h"

#include <cstddef>
#include <string>
#include <string_view>

namespace godwit::bolt {

inline constexpr size_t chunk_bytes_max = 65535;

// Messages to be sent, framed while they are written: what is appended is copied once, and bytes() is what
// goes to the socket. One thread at a time.
class FramedBytes {
 public:
  void append(std::string_view data);
  void append(char byte) {
    if (chunk_begin_ == none || open_bytes() == chunk_bytes_max) open_chunk();
    bytes_.push_back(byte);
  }
  // Closes the message; the next append begins another one. CHECKs that something was appended.
  void end_message();
  // Takes back everything appended since the last end_message().
  void drop_message();
  // CHECKs that no message is open.
  [[nodiscard]] std::string_view bytes() const;
  // Also gives memory back that an unusually large message took.
  void clear();
  // clear(), and what stood there is overwritten: it held a password.
  void wipe();

 private:
  static constexpr size_t none = static_cast<size_t>(-1);
  [[nodiscard]] size_t open_bytes() const { return bytes_.size() - chunk_begin_ - 2; }
  void open_chunk();
  void close_chunk();

  std::string bytes_;
  size_t message_begin_ = 0;
  size_t chunk_begin_ = none;  // where its size stands
};

// Messages as they come in. Bytes are put in as the socket gives them, in pieces of any size. One thread at a
// time.
class MessageAssembler {
 public:
  // A message of more than `message_bytes_max` is refused before it is held.
  explicit MessageAssembler(size_t message_bytes_max) : message_bytes_max_(message_bytes_max) {}

  // Where the next bytes go, `size` of them at most; then received() says how many came.
  [[nodiscard]] char* room(size_t size);
  void received(size_t size);

  // The next whole message, without its frames; empty text when more bytes are needed. It is valid until the
  // next call of any function. ErrorKind::failed: the peer's message is larger than allowed.
  [[nodiscard]] Result<std::string_view> next();

 private:
  std::string buffer_;
  size_t begin_ = 0, end_ = 0;  // what came and is not yet taken
  std::string message_;         // of the message that came in several chunks, so far
  bool delivered_ = false;      // message_ was handed out
  size_t message_bytes_max_;
};

}  // namespace godwit::bolt
