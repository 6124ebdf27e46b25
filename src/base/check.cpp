#include "base/check.h"

#include <cstdio>
#include <cstdlib>

namespace godwit {

void check_failed(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "godwit: bug: %s:%d: CHECK(%s) failed; please report it\n", file, line, condition);
  std::abort();
}

}  // namespace godwit
