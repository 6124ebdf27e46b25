#include "crypto/hkdf.h"

#include "base/check.h"
#include "crypto/hmac.h"

#include <string>

namespace godwit::crypto {

Secret hkdf_sha256(std::string_view key_material, std::string_view salt, std::string_view info,
                   size_t length) {
  CHECK(length <= 255 * 32);
  const std::string zero_salt(32, '\0');
  const Digest extracted = HmacSha256(salt.empty() ? std::string_view(zero_salt) : salt).mac(key_material);
  const HmacSha256 expand(as_bytes(extracted));
  std::string output;
  output.reserve(length + 32);
  Digest block{};
  for (uint8_t counter = 1; output.size() < length; ++counter) {
    Sha256 state = expand.begin();
    if (counter > 1) state.update(as_bytes(block));
    const char last = static_cast<char>(counter);
    block = expand.end(state.update(info).update({&last, 1}));
    output.append(as_bytes(block));
  }
  output.resize(length);
  return Secret(std::move(output));
}

}  // namespace godwit::crypto
