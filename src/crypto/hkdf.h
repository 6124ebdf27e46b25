// HKDF-SHA-256 (RFC 5869): a key per purpose from one master key.
#pragma once

#include "base/secret.h"

#include <string_view>

namespace godwit::crypto {

// `length` at most 255 * 32 bytes (CHECKed). An empty salt means 32 zero bytes, as the standard says.
[[nodiscard]] Secret hkdf_sha256(std::string_view key_material, std::string_view salt, std::string_view info,
                                 size_t length);

}  // namespace godwit::crypto
