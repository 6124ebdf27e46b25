// COPY, streaming in either direction with bounded memory.
//
// Nothing is finished by going out of scope: a CopyOut that was not read to its end is cancelled and drained,
// a CopyIn without finish() ends with an error, so that the server stores nothing of it (libpq would
// otherwise commit half a copy outside a transaction).
#pragma once

#include "base/result.h"

#include <cstdint>
#include <memory>
#include <string_view>

namespace godwit::pg {

struct SessionState;

// One thread at a time; must not outlive its Session.
class CopyOut {
 public:
  explicit CopyOut(std::shared_ptr<SessionState> state);
  CopyOut(CopyOut&&) noexcept;
  CopyOut& operator=(CopyOut&&) = delete;
  ~CopyOut();

  // The next piece: one row as COPY sends it (binary: the first also holds the file header). An empty view
  // with ok status is the end. The view is valid until the next call.
  [[nodiscard]] Status next(std::string_view& row);
  [[nodiscard]] bool ended() const { return ended_; }

 private:
  [[nodiscard]] Status finish();
  std::shared_ptr<SessionState> state_;
  char* buffer_ = nullptr;
  bool ended_ = false;
};

// One thread at a time; must not outlive its Session.
class CopyIn {
 public:
  explicit CopyIn(std::shared_ptr<SessionState> state);
  CopyIn(CopyIn&&) noexcept;
  CopyIn& operator=(CopyIn&&) = delete;
  ~CopyIn();

  // Any piece of the stream; pieces of some 256 KiB are fast.
  [[nodiscard]] Status put(std::string_view bytes);
  // The number of rows that the server took.
  [[nodiscard]] Result<int64_t> finish();

 private:
  std::shared_ptr<SessionState> state_;
  bool ended_ = false;
};

}  // namespace godwit::pg
