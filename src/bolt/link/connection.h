// The protocol under a Session: handshake, greeting, requests and their answers in order (Bolt manual,
// "Handshake", "Messages", "Server state").
#pragma once

#include "base/result.h"
#include "base/secret.h"
#include "bolt/link/transport.h"
#include "bolt/value.h"
#include "bolt/wire/chunking.h"
#include "bolt/wire/packstream.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace godwit::bolt {

namespace request {
inline constexpr uint8_t hello = 0x01;
inline constexpr uint8_t goodbye = 0x02;
inline constexpr uint8_t reset = 0x0F;
inline constexpr uint8_t run = 0x10;
inline constexpr uint8_t begin = 0x11;
inline constexpr uint8_t commit = 0x12;
inline constexpr uint8_t rollback = 0x13;
inline constexpr uint8_t discard = 0x2F;
inline constexpr uint8_t pull = 0x3F;
inline constexpr uint8_t logon = 0x6A;
}  // namespace request

struct Version {
  int major = 0, minor = 0;
  friend auto operator<=>(const Version&, const Version&) = default;
};

struct Login {
  std::string user;  // empty: no authentication
  Secret password;
  std::string agent;  // "godwit/1.0"
};

// What the server said when it greeted.
struct Greeting {
  Version version;
  std::string server;             // "Neo4j/5.26.12"
  std::string connection_id;      // as the server's own log calls it
  int64_t receive_timeout_s = 0;  // it sends something at least this often while it works; 0 = not said
  Dialect dialect;
};

struct Answer {
  enum class Kind : uint8_t { success, record, ignored, failure };
  Kind kind = Kind::success;
  Map metadata;  // of success and failure
};

// One thread at a time.
class Connection {
 public:
  struct Limits {
    size_t message_bytes_max = size_t{128} << 20;
    DecodeLimits decode;
  };
  // On a stream that is open already. ErrorKind::unreachable, credentials, interrupted; failed: no common
  // version.
  [[nodiscard]] static Result<std::unique_ptr<Connection>> greet(std::unique_ptr<Transport> transport,
                                                                 const Login& login, const Limits& limits,
                                                                 const Patience& patience);

  [[nodiscard]] const Greeting& greeting() const { return greeting_; }

  // A request: begin(), then its `fields` values, then end(). Nothing is sent before send().
  [[nodiscard]] PackWriter begin(uint8_t tag, size_t fields);
  // A request without an answer (GOODBYE) is not waited for. ErrorKind::failed: a value cannot be sent; then
  // the request is taken back.
  [[nodiscard]] Status end(const PackWriter& request, bool answered = true);
  [[nodiscard]] Status send(const Patience& patience);

  // The next message of the oldest request that is not answered. Of a record the values are put into `row`,
  // unless that is nullptr. CHECKs that a request is open.
  [[nodiscard]] Result<Answer> receive(std::vector<Value>* row, const Patience& patience);
  // Requests whose last answer has not come.
  [[nodiscard]] size_t open_requests() const { return open_requests_; }
  // False after the stream broke or the server broke the protocol.
  [[nodiscard]] bool alive() const { return alive_; }
  void give_up() { alive_ = false; }

 private:
  Connection(std::unique_ptr<Transport> transport, const Limits& limits)
      : transport_(std::move(transport)), limits_(limits), in_(limits.message_bytes_max) {}
  [[nodiscard]] Status agree_on_version(const Patience& patience);
  [[nodiscard]] Status say_hello(const Login& login, const Patience& patience);
  [[nodiscard]] Status receive_greeting(const Patience& patience);
  [[nodiscard]] Result<std::string_view> receive_message(const Patience& patience);
  [[nodiscard]] Result<Answer> read_answer(std::string_view message, std::vector<Value>* row);
  [[nodiscard]] Status read_row(PackReader& in, std::vector<Value>& row) const;

  std::unique_ptr<Transport> transport_;
  Limits limits_;
  MessageAssembler in_;
  FramedBytes out_;
  Greeting greeting_;
  size_t open_requests_ = 0;
  bool alive_ = true;
};

// The failure that an answer tells, as an Error.
[[nodiscard]] Error error_of(const Map& failure);
// Texts and numbers of the server's dictionaries; empty and 0 where there are none.
[[nodiscard]] std::string text_of(const Map& map, std::string_view key);
[[nodiscard]] int64_t number_of(const Map& map, std::string_view key);

}  // namespace godwit::bolt
