// Random bytes from the system, and a comparison whose time does not depend on where two texts differ.
#pragma once

#include "base/result.h"

#include <string>
#include <string_view>

namespace godwit::crypto {

// Fails only when the system's generator does.
[[nodiscard]] Result<std::string> random_bytes(size_t count);

// The lengths may be learnt from the time it takes, the content may not.
[[nodiscard]] bool equal_in_constant_time(std::string_view a, std::string_view b);

}  // namespace godwit::crypto
