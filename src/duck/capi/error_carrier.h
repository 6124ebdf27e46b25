// Brings an Error of a callback (producer, scalar function) through DuckDB, which only carries text: the
// Error waits here and a ticket travels in the message. Private to src/duck. Thread-safe.
#pragma once

#include "base/error.h"

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace godwit::duck {

class ErrorCarrier {
 public:
  // Keeps the Error; the text to hand to DuckDB as the message.
  [[nodiscard]] std::string put(Error error);
  // The Error whose ticket stands in DuckDB's message.
  [[nodiscard]] std::optional<Error> take(std::string_view message);

 private:
  std::mutex mutex_;
  uint64_t next_ = 1;
  std::map<uint64_t, Error>
      waiting_;  // errors that DuckDB swallowed (several lanes at once) are dropped, oldest first
};

}  // namespace godwit::duck
