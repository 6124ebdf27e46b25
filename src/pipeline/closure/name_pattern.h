// Names in settings may be patterns.
#pragma once

#include <string_view>

namespace godwit::pipeline {

// '*' stands for any characters, also none; case matters.
[[nodiscard]] bool matches(std::string_view pattern, std::string_view text);

}  // namespace godwit::pipeline
