// The small hashes that schema tools choose for checksums and lock keys. Pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace godwit::schema {

// CRC-32/ISO-HDLC (IEEE 802.3, zlib). To go on with more bytes, pass what came out before.
[[nodiscard]] uint32_t crc32(std::string_view bytes, uint32_t before = 0);
// FNV-1, 32 bits: multiply, then xor (not FNV-1a).
[[nodiscard]] uint32_t fnv1_32(std::string_view bytes);
// Java's String.hashCode of an ASCII text.
[[nodiscard]] int32_t java_string_hash(std::string_view text);
// RFC 4648 with padding.
[[nodiscard]] std::string base64(std::string_view bytes);

}  // namespace godwit::schema
