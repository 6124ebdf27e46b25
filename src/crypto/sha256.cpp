// The low-level interface is deprecated in OpenSSL 3 but it is the only one whose state can be copied for the
// price of a memcpy: 123 ns per HMAC of a short message against 283 ns and more.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "crypto/sha256.h"

#include "base/check.h"
#include "base/text.h"

#include <openssl/crypto.h>
#include <openssl/sha.h>

namespace godwit::crypto {

namespace {
using State = std::array<uint64_t, 14>;
static_assert(sizeof(SHA256_CTX) == sizeof(State));
static_assert(alignof(SHA256_CTX) <= alignof(State));

SHA256_CTX* context(State& state) {
  return reinterpret_cast<SHA256_CTX*>(state.data());
}
}  // namespace

Sha256::Sha256() {
  CHECK(SHA256_Init(context(state_)) == 1);
}

Sha256& Sha256::update(std::string_view bytes) {
  SHA256_Update(context(state_), bytes.data(), bytes.size());
  return *this;
}

Digest Sha256::finish() {
  Digest digest;
  SHA256_Final(digest.data(), context(state_));
  return digest;
}

Digest sha256(std::string_view bytes) {
  return Sha256().update(bytes).finish();
}

std::string sha256_hex(std::string_view bytes) {
  return to_hex(as_bytes(sha256(bytes)));
}

}  // namespace godwit::crypto
