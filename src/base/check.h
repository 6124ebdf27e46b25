// CHECK(condition): a bug stops the program, in release builds too. It prints file, line and the condition,
// never a value. Operating errors are Results instead.
#pragma once

namespace godwit {
[[noreturn]] void check_failed(const char* condition, const char* file, int line);
}

#define CHECK(condition)                               \
  (static_cast<bool>(condition) ? static_cast<void>(0) \
                                : ::godwit::check_failed(#condition, __FILE__, __LINE__))
