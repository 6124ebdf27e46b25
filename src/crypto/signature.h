// Ed25519 signatures (RFC 8032), with keys in the forms that `openssl genpkey` and `openssl pkey` write (RFC
// 8410): PEM, or only the base64 lines of it.
#pragma once

#include "base/result.h"
#include "base/secret.h"

#include <memory>
#include <string>
#include <string_view>

namespace godwit::crypto {

// Owns a private key. Safe to share between threads.
class SigningKey {
 public:
  // PKCS #8, not encrypted. ErrorKind::config for any other text; the message repeats nothing of it.
  [[nodiscard]] static Result<SigningKey> parse(const Secret& text);
  // As public_key_of gives it.
  [[nodiscard]] const std::string& public_key() const { return public_key_; }
  // Base64 of the 64 bytes.
  [[nodiscard]] Result<std::string> sign(std::string_view message) const;

 private:
  SigningKey() = default;
  std::shared_ptr<void> key_;  // EVP_PKEY
  std::string public_key_;
};

// The one form that public keys are compared in: SubjectPublicKeyInfo in base64, without line ends.
// ErrorKind::config when the text is no Ed25519 public key.
[[nodiscard]] Result<std::string> public_key_of(std::string_view text);

// Whether `signature` (base64) is that key's over the message. ErrorKind::config for a key that is none.
[[nodiscard]] Result<bool> is_signed(std::string_view public_key, std::string_view message,
                                     std::string_view signature);

}  // namespace godwit::crypto
