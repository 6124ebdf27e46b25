// The key ring: one master secret, one key per domain and version.
//
// Key(domain, version) = HKDF-SHA256(master, salt "godwit.mask.1", info = field(domain) ‖ field(version)), 32
// bytes, where field(x) is the length of x in four bytes, big-endian, and then x (docs/FORMATS.md, Masking).
#pragma once

#include "base/result.h"
#include "base/secret.h"
#include "crypto/hmac.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace godwit::mask {

// Four bytes of length, big-endian, then the bytes: so that ("ab","c") and ("a","bc") differ.
void append_field(std::string_view bytes, std::string& out);

// Immutable; safe from any thread.
class Keyring {
 public:
  // ErrorKind::config when the secret holds less than 128 bits by the look of it, or repeats itself. Blanks
  // and a newline at the ends are not part of the key.
  static Result<Keyring> from(const Secret& master);

  // 16 hexadecimal digits that tell two keys apart and say nothing else; safe to print.
  [[nodiscard]] const std::string& fingerprint() const { return fingerprint_; }

  [[nodiscard]] Secret key(std::string_view domain, int version, std::string_view purpose = {}) const;

 private:
  Keyring() = default;
  Secret master_;
  std::string fingerprint_;
};

// What a domain's key makes of one canonical value: 256 bits, read in fixed places (docs/FORMATS.md).
struct Draw {
  crypto::Digest bytes;

  // Big-endian word i of 0..7.
  [[nodiscard]] uint32_t word(size_t i) const {
    return static_cast<uint32_t>(bytes[4 * i]) << 24 | static_cast<uint32_t>(bytes[4 * i + 1]) << 16 |
           static_cast<uint32_t>(bytes[4 * i + 2]) << 8 | static_cast<uint32_t>(bytes[4 * i + 3]);
  }
  // Words i and i+1.
  [[nodiscard]] uint64_t wide(size_t i) const { return static_cast<uint64_t>(word(i)) << 32 | word(i + 1); }
  // A choice among n: floor(word * n / 2^32).
  [[nodiscard]] size_t pick(size_t i, size_t n) const { return (static_cast<uint64_t>(word(i)) * n) >> 32; }
  [[nodiscard]] bool coin() const { return (bytes[31] & 1U) != 0; }
  // `characters` of RFC 4648 base32, lower case, from the first bytes: 5 bits each, at most 51.
  void append_hash(size_t characters, std::string& out) const;
  // `count` decimal digits from words 5 and 6, and from a chain of them beyond 18.
  void append_digits(size_t count, std::string& out) const;
};

// The keyed hash of one domain. Immutable; safe from any thread.
class DomainKey {
 public:
  DomainKey(const Keyring& keyring, std::string_view domain, int version);

  // message = field(domain) ‖ field(version) ‖ field(canonical), and ‖ field(counter, four bytes big-endian)
  // when the counter is not zero: the re-draws that keep a fake from being its original.
  [[nodiscard]] Draw draw(std::string_view canonical, uint32_t counter = 0) const;

 private:
  crypto::HmacSha256 hmac_;
};

}  // namespace godwit::mask
