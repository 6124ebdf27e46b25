// MD5 (RFC 1321), for the checksums and lock keys of tools that chose it. It protects nothing.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace godwit::crypto {

using Md5Digest = std::array<uint8_t, 16>;

[[nodiscard]] Md5Digest md5(std::string_view bytes);
[[nodiscard]] std::string md5_hex(std::string_view bytes);

}  // namespace godwit::crypto
