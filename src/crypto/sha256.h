// SHA-256 (FIPS 180-4), incremental. A value: copying it copies the state, which costs 112 bytes and nothing
// else; that is what makes a keyed hash with precomputed pads cheap.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace godwit::crypto {

using Digest = std::array<uint8_t, 32>;

// Not safe to share between threads; copies are independent.
class Sha256 {
 public:
  Sha256();
  Sha256& update(std::string_view bytes);
  // Ends this instance: afterwards it may only be assigned to.
  [[nodiscard]] Digest finish();

 private:
  std::array<uint64_t, 14> state_;  // the library's own state; its size is asserted in sha256.cpp
};

[[nodiscard]] Digest sha256(std::string_view bytes);
[[nodiscard]] std::string sha256_hex(std::string_view bytes);
[[nodiscard]] inline std::string_view as_bytes(const Digest& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

}  // namespace godwit::crypto
