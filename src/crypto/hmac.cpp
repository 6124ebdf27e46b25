#include "crypto/hmac.h"

#include <openssl/crypto.h>

#include <algorithm>

namespace godwit::crypto {

namespace {
constexpr size_t block_bytes = 64;
}

HmacSha256::HmacSha256(std::string_view key) {
  std::array<char, block_bytes> block{};
  if (key.size() > block_bytes) {
    const Digest digest = sha256(key);
    std::copy(digest.begin(), digest.end(), block.begin());
  } else {
    std::copy(key.begin(), key.end(), block.begin());
  }
  for (char& c : block)
    c = static_cast<char>(c ^ 0x36);
  inner_.update({block.data(), block.size()});
  for (char& c : block)
    c = static_cast<char>(c ^ 0x36 ^ 0x5c);
  outer_.update({block.data(), block.size()});
  OPENSSL_cleanse(block.data(), block.size());
}

HmacSha256::~HmacSha256() {
  OPENSSL_cleanse(&inner_, sizeof(inner_));
  OPENSSL_cleanse(&outer_, sizeof(outer_));
}

HmacSha256 HmacSha256::with_prefix(std::string_view prefix) const {
  HmacSha256 result(*this);
  result.inner_.update(prefix);
  return result;
}

Digest HmacSha256::end(Sha256 state) const {
  const Digest inner = state.finish();
  Sha256 outer = outer_;
  return outer.update(as_bytes(inner)).finish();
}

}  // namespace godwit::crypto
