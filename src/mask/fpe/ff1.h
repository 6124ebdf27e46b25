// FF1, format-preserving encryption (NIST SP 800-38G, section 6.2), and a permutation of small integer
// ranges.
#pragma once

#include "crypto/aes.h"

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace godwit::mask {

// Longest numeral string that the arithmetic holds: radix^ceil(n/2) stays below 2^120.
[[nodiscard]] size_t ff1_length_max(uint32_t radix);

// A bijection of the numeral strings of one length over `radix` (2..65535), keyed and tweaked. Immutable;
// safe from any thread.
class Ff1 {
 public:
  // `key`: 16, 24 or 32 bytes.
  explicit Ff1(std::string_view key) : aes_(key) {}

  // In place; each numeral < radix; 2 <= size <= ff1_length_max(radix) (CHECKed). The standard asks for
  // radix^size >= 1,000,000: the caller decides.
  void encrypt(std::span<uint16_t> numerals, uint32_t radix, std::string_view tweak) const;

 private:
  crypto::AesEncryptor aes_;
};

// A bijection of 0..size-1 for any size >= 1: a balanced Feistel network of ten AES rounds on the next even
// number of bits, walked until it lands inside (Black and Rogaway, "Ciphers with arbitrary finite domains",
// 2002).
class RangePermutation {
 public:
  explicit RangePermutation(std::string_view key) : aes_(key) {}

  [[nodiscard]] uint64_t permute(uint64_t value, uint64_t size, std::string_view tweak) const;

 private:
  crypto::AesEncryptor aes_;
};

}  // namespace godwit::mask
