// Owning handles for libpq. Included by the .cpp files of this folder only: it shows the sealed header.
// A handle is wrapped on the line that acquires it, before any status is looked at.
#pragma once

#include "pg/library.h"

#include <memory>

namespace godwit::pg {

template <auto Libpq::*release>
struct Releaser {
  template <typename T>
  void operator()(T* handle) const noexcept {
    (libpq().*release)(handle);
  }
};

using ConnectionHandle = std::unique_ptr<PGconn, Releaser<&Libpq::PQfinish>>;
using ResultHandle = std::unique_ptr<PGresult, Releaser<&Libpq::PQclear>>;
using CancelHandle = std::unique_ptr<PGcancel, Releaser<&Libpq::PQfreeCancel>>;
using OptionsHandle = std::unique_ptr<PQconninfoOption, Releaser<&Libpq::PQconninfoFree>>;
using MemoryHandle = std::unique_ptr<char, Releaser<&Libpq::PQfreemem>>;

static_assert(sizeof(ConnectionHandle) == sizeof(PGconn*));
static_assert(sizeof(ResultHandle) == sizeof(PGresult*));

}  // namespace godwit::pg
