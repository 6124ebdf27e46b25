// Owning handles for libpq. Included by the .cpp files of this folder only: it shows the sealed header.
// A handle is wrapped on the line that acquires it, before any status is looked at.
#pragma once

#include <libpq-fe.h>

#include <memory>

namespace godwit::pg {

template <auto release>
struct Releaser {
  template <typename T>
  void operator()(T* handle) const noexcept {
    release(handle);
  }
};

using ConnectionHandle = std::unique_ptr<PGconn, Releaser<&PQfinish>>;
using ResultHandle = std::unique_ptr<PGresult, Releaser<&PQclear>>;
using CancelHandle = std::unique_ptr<PGcancel, Releaser<&PQfreeCancel>>;
using OptionsHandle = std::unique_ptr<PQconninfoOption, Releaser<&PQconninfoFree>>;
using MemoryHandle = std::unique_ptr<char, Releaser<&PQfreemem>>;

static_assert(sizeof(ConnectionHandle) == sizeof(PGconn*));
static_assert(sizeof(ResultHandle) == sizeof(PGresult*));

}  // namespace godwit::pg
