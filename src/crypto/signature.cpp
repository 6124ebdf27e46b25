#include "crypto/signature.h"

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <optional>

namespace godwit::crypto {

namespace {

struct FreeContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_MD_CTX, FreeContext>;
using Key = std::shared_ptr<EVP_PKEY>;

constexpr size_t signature_bytes = 64;

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::string base64(std::string_view bytes) {
  std::string out(4 * ((bytes.size() + 2) / 3) + 1, '\0');
  const int length = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()), bytes_of(bytes),
                                     static_cast<int>(bytes.size()));
  out.resize(static_cast<size_t>(length));
  return out;
}

std::optional<std::string> from_base64(std::string_view text) {
  if (text.empty() || text.size() % 4 != 0 || text.size() > 65536) return std::nullopt;
  std::string out(text.size() / 4 * 3, '\0');
  const int length = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()), bytes_of(text),
                                     static_cast<int>(text.size()));
  if (length < 0) return std::nullopt;
  const size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
  out.resize(static_cast<size_t>(length) - padding);
  return out;
}

// The DER inside a PEM, or inside base64 without its frame; line ends may be lost, as in a variable.
std::optional<std::string> der_of(std::string_view text, std::string_view label) {
  const std::string begin = "-----BEGIN " + std::string(label) + "-----";
  const std::string end = "-----END " + std::string(label) + "-----";
  const size_t start = text.find(begin);
  if (start != std::string_view::npos) {
    const size_t stop = text.find(end, start);
    if (stop == std::string_view::npos) return std::nullopt;
    text = text.substr(start + begin.size(), stop - start - begin.size());
  }
  std::string digits;
  for (const char c : text) {
    if (c != ' ' && c != '\n' && c != '\r' && c != '\t') digits += c;
  }
  return from_base64(digits);
}

Key key_of(EVP_PKEY* key) {
  Key owned(key, &EVP_PKEY_free);
  return key != nullptr && EVP_PKEY_is_a(key, "ED25519") == 1 ? owned : nullptr;
}

Key parse_public(std::string_view text) {
  const auto der = der_of(text, "PUBLIC KEY");
  if (!der) return nullptr;
  const unsigned char* at = bytes_of(*der);
  const Key key = key_of(d2i_PUBKEY(nullptr, &at, static_cast<int64_t>(der->size())));
  return key != nullptr && at == bytes_of(*der) + der->size() ? key : nullptr;
}

std::string text_of(EVP_PKEY* key) {
  unsigned char* der = nullptr;
  const int length = i2d_PUBKEY(key, &der);
  if (length <= 0) return {};
  std::string text = base64({reinterpret_cast<const char*>(der), static_cast<size_t>(length)});
  OPENSSL_free(der);
  return text;
}

Error no_public_key() {
  return make_error(ErrorKind::config, "this is no Ed25519 public key",
                    "the line between BEGIN and END of: openssl pkey -in KEYFILE -pubout");
}

}  // namespace

Result<SigningKey> SigningKey::parse(const Secret& text) {
  SigningKey key;
  if (const auto written = der_of(text.reveal(), "PRIVATE KEY")) {
    const Secret der{*written};
    const unsigned char* at = bytes_of(der.reveal());
    const Key parsed =
        key_of(d2i_PrivateKey(EVP_PKEY_ED25519, nullptr, &at, static_cast<int64_t>(der.reveal().size())));
    if (parsed != nullptr) {
      key.public_key_ = text_of(parsed.get());
      key.key_ = parsed;
    }
  }
  if (key.public_key_.empty())
    return make_error(ErrorKind::config, "this is no Ed25519 private key in PEM",
                      "make one: openssl genpkey -algorithm ed25519 -out KEYFILE");
  return key;
}

Result<std::string> SigningKey::sign(std::string_view message) const {
  const Context context(EVP_MD_CTX_new());
  std::string signature(signature_bytes, '\0');
  size_t length = signature.size();
  auto* key = static_cast<EVP_PKEY*>(key_.get());
  if (context == nullptr || EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key) != 1 ||
      EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &length,
                     bytes_of(message), message.size()) != 1) {
    return make_error(ErrorKind::failed, "the library could not make an Ed25519 signature");
  }
  return base64(std::string_view(signature).substr(0, length));
}

Result<std::string> public_key_of(std::string_view text) {
  const Key key = parse_public(text);
  if (key == nullptr) return no_public_key();
  return text_of(key.get());
}

Result<bool> is_signed(std::string_view public_key, std::string_view message, std::string_view signature) {
  const Key key = parse_public(public_key);
  if (key == nullptr) return no_public_key();
  const auto bytes = from_base64(signature);
  if (!bytes || bytes->size() != signature_bytes) return false;
  const Context context(EVP_MD_CTX_new());
  if (context == nullptr || EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) != 1)
    return make_error(ErrorKind::failed, "the library could not check an Ed25519 signature");
  return EVP_DigestVerify(context.get(), bytes_of(*bytes), bytes->size(), bytes_of(message),
                          message.size()) == 1;
}

}  // namespace godwit::crypto
