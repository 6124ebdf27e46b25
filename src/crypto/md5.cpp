#include "crypto/md5.h"

#include "base/check.h"
#include "base/text.h"

#include <openssl/evp.h>

namespace godwit::crypto {

Md5Digest md5(std::string_view bytes) {
  Md5Digest digest;
  unsigned int size = 0;
  CHECK(EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, EVP_md5(), nullptr) == 1);
  CHECK(size == digest.size());
  return digest;
}

std::string md5_hex(std::string_view bytes) {
  const Md5Digest digest = md5(bytes);
  return to_hex({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

}  // namespace godwit::crypto
