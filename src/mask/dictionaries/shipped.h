// The texts of dictionaries/*.txt as the build put them into the binary (cmake/embed in this folder's
// CMakeLists).
#pragma once

#include <string_view>
#include <vector>

namespace godwit::mask {

struct ShippedDictionary {
  std::string_view name;
  std::string_view text;
};
[[nodiscard]] const std::vector<ShippedDictionary>& shipped_dictionaries();

}  // namespace godwit::mask
