// The AES block cipher, encryption only (FIPS 197): the round function of format-preserving encryption.
// Not a mode: never encrypt data with it directly.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace godwit::crypto {

using AesBlock = std::array<uint8_t, 16>;

// Immutable after construction, so one instance serves every thread.
class AesEncryptor {
 public:
  // 16, 24 or 32 bytes (CHECKed). `portable`: without the processor's AES instructions; the result is the
  // same.
  explicit AesEncryptor(std::string_view key, bool portable = false);
  ~AesEncryptor();
  AesEncryptor(const AesEncryptor&) = default;
  AesEncryptor& operator=(const AesEncryptor&) = default;

  void encrypt(AesBlock& block) const;

 private:
  std::array<uint64_t, 31> schedule_{};  // round keys, or the library's AES_KEY; size asserted in aes.cpp
  size_t rounds_;
  bool instructions_;
};

}  // namespace godwit::crypto
