#include "crypto/sealed_stream.h"

#include "base/check.h"
#include "crypto/hkdf.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <memory>

namespace godwit::crypto {

namespace {

constexpr size_t tag_bytes = 16;
constexpr size_t length_bytes = 4;
constexpr uint32_t last_bit = 0x8000'0000U;
constexpr std::string_view purpose = "godwit sealed stream 1";

struct FreeContext {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_CIPHER_CTX, FreeContext>;

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

unsigned char* bytes_of(std::string& text, size_t offset) {
  return reinterpret_cast<unsigned char*>(text.data() + offset);
}

// The number of the chunk: a key serves one stream, so it never repeats.
std::array<unsigned char, 12> nonce_of(uint64_t counter) {
  std::array<unsigned char, 12> nonce{};
  for (size_t i = 0; i < 8; ++i)
    nonce[11 - i] = static_cast<unsigned char>(counter >> (8 * i));
  return nonce;
}

std::string big_endian(uint32_t number) {
  return {static_cast<char>(number >> 24U), static_cast<char>(number >> 16U), static_cast<char>(number >> 8U),
          static_cast<char>(number)};
}

uint32_t from_big_endian(std::string_view bytes) {
  uint32_t number = 0;
  for (size_t i = 0; i < length_bytes; ++i)
    number = number << 8U | static_cast<unsigned char>(bytes[i]);
  return number;
}

Error not_ours() {
  return make_error(ErrorKind::failed,
                    "the encrypted stream cannot be opened: another key, or it was changed",
                    "give the key that it was made with (keys.backup)");
}

}  // namespace

StreamSealer::StreamSealer(const Secret& master, std::string_view salt)
    : key_(hkdf_sha256(master.reveal(), salt, purpose, 32)) {
  CHECK(salt.size() == sealed_salt_bytes);
  header_ = std::string(sealed_magic) + std::string(salt);
}

Status StreamSealer::seal(std::string_view plain, bool last, std::string& out) {
  out += header_;
  header_.clear();
  const auto size = static_cast<int>(plain.size());
  const std::string field = big_endian(static_cast<uint32_t>(plain.size()) | (last ? last_bit : 0));
  const auto nonce = nonce_of(counter_++);
  const Context context(EVP_CIPHER_CTX_new());
  int length = 0;
  std::string sealed(plain.size() + tag_bytes, '\0');
  const bool done =
      context &&
      EVP_EncryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, bytes_of(key_.reveal()), nonce.data()) ==
          1 &&
      EVP_EncryptUpdate(context.get(), nullptr, &length, bytes_of(field), length_bytes) == 1 &&
      EVP_EncryptUpdate(context.get(), bytes_of(sealed, 0), &length, bytes_of(plain), size) == 1 &&
      EVP_EncryptFinal_ex(context.get(), bytes_of(sealed, plain.size()), &length) == 1 &&
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, tag_bytes, bytes_of(sealed, plain.size())) ==
          1;
  if (!done) return make_error(ErrorKind::failed, "encryption failed");
  out += field;
  out += sealed;
  return {};
}

// A chunk leaves when there is something behind it: the last one must say so.
Status StreamSealer::add(std::string_view plain, std::string& out) {
  pending_ += plain;
  size_t done = 0;
  while (pending_.size() - done > sealed_chunk_bytes) {
    RETURN_IF_ERROR(seal(std::string_view(pending_).substr(done, sealed_chunk_bytes), false, out));
    done += sealed_chunk_bytes;
  }
  pending_.erase(0, done);
  return {};
}

Status StreamSealer::finish(std::string& out) {
  return seal(pending_, true, out);
}

Status StreamOpener::open_chunk(std::string_view chunk, uint32_t length_field, std::string& out) {
  const size_t size = chunk.size() - tag_bytes;
  const std::string field = big_endian(length_field);
  const auto nonce = nonce_of(counter_++);
  const Context context(EVP_CIPHER_CTX_new());
  int length = 0;
  std::string plain(size + tag_bytes, '\0');
  std::string tag(chunk.substr(size));
  const bool done = context &&
                    EVP_DecryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, bytes_of(key_.reveal()),
                                       nonce.data()) == 1 &&
                    EVP_DecryptUpdate(context.get(), nullptr, &length, bytes_of(field), length_bytes) == 1 &&
                    EVP_DecryptUpdate(context.get(), bytes_of(plain, 0), &length, bytes_of(chunk),
                                      static_cast<int>(size)) == 1 &&
                    EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, tag_bytes, tag.data()) == 1 &&
                    EVP_DecryptFinal_ex(context.get(), bytes_of(plain, size), &length) == 1;
  if (!done) return not_ours();
  out.append(plain, 0, size);
  return {};
}

Status StreamOpener::add(std::string_view sealed, std::string& out) {
  pending_ += sealed;
  size_t at = 0;
  if (key_.empty()) {
    const size_t header = sealed_magic.size() + sealed_salt_bytes;
    if (pending_.size() < header) return {};
    if (!pending_.starts_with(sealed_magic)) return not_ours();
    key_ =
        hkdf_sha256(master_.reveal(),
                    std::string_view(pending_).substr(sealed_magic.size(), sealed_salt_bytes), purpose, 32);
    at = header;
  }
  while (pending_.size() - at >= length_bytes) {
    const uint32_t field = from_big_endian(std::string_view(pending_).substr(at, length_bytes));
    const size_t size = field & ~last_bit;
    if (ended_ || size > sealed_chunk_bytes) return not_ours();
    if (pending_.size() - at < length_bytes + size + tag_bytes) break;
    RETURN_IF_ERROR(
        open_chunk(std::string_view(pending_).substr(at + length_bytes, size + tag_bytes), field, out));
    ended_ = (field & last_bit) != 0;
    at += length_bytes + size + tag_bytes;
  }
  pending_.erase(0, at);
  return {};
}

Status StreamOpener::finish() const {
  if (ended_ && pending_.empty()) return {};
  return make_error(ErrorKind::failed, "the encrypted stream was cut off, or something stands behind it");
}

}  // namespace godwit::crypto
