// The same work for many things, on a few threads.
#pragma once

#include "base/result.h"

#include <cstddef>
#include <functional>

namespace godwit {

// Calls work(index, lane) once for every index below `count`, in order as far as they begin, at most `lanes`
// at a time; `lane` is below `lanes` and names the thread: what is kept per lane needs no lock. Lane 0 is the
// calling thread, so one lane starts none. After an Error nothing more begins; everything begun has ended
// when this returns the Error of the lowest index.
[[nodiscard]] Status in_parallel(size_t count, size_t lanes,
                                 const std::function<Status(size_t index, size_t lane)>& work);

}  // namespace godwit
