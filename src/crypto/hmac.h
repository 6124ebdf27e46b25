// HMAC-SHA-256 (RFC 2104, FIPS 198-1) with both pads absorbed once per key.
#pragma once

#include "crypto/sha256.h"

#include <string_view>

namespace godwit::crypto {

// Immutable after construction, so one instance serves every thread. Holds key material: not printable.
class HmacSha256 {
 public:
  explicit HmacSha256(std::string_view key);
  ~HmacSha256();
  HmacSha256(const HmacSha256&) = default;
  HmacSha256& operator=(const HmacSha256&) = default;

  // The same key with `prefix` absorbed: mac(x) of the result is mac(prefix + x) of this one.
  [[nodiscard]] HmacSha256 with_prefix(std::string_view prefix) const;

  [[nodiscard]] Digest mac(std::string_view message) const { return end(begin().update(message)); }
  // In pieces: Sha256 state = hmac.begin(); state.update(a).update(b); hmac.end(state).
  [[nodiscard]] Sha256 begin() const { return inner_; }
  [[nodiscard]] Digest end(Sha256 state) const;

 private:
  Sha256 inner_;
  Sha256 outer_;
};

}  // namespace godwit::crypto
