// A copy of a database as it stands at one moment, while others go on using it (sqlite.org/backup.html).
#pragma once

#include "base/result.h"

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>

namespace godwit::sqlite {

// `to` must not be there; what was begun and not ended is removed. `progress`: bytes copied, bytes in all;
// may be empty. ErrorKind::interrupted when cancelled.
[[nodiscard]] Status back_up(const std::string& from, const std::string& to, const std::atomic<bool>* cancel,
                             const std::function<void(int64_t, int64_t)>& progress);

}  // namespace godwit::sqlite
