#include "duck/capi/glob_pattern.h"

namespace godwit::duck {

std::string glob_pattern(std::string_view path) {
  std::string pattern;
  for (const char letter : path) {
    if (letter == '*' || letter == '?' || letter == '[') {
      pattern += '[';
      pattern += letter;
      pattern += ']';
    } else {
      pattern += letter;
    }
  }
  return pattern;
}

}  // namespace godwit::duck
