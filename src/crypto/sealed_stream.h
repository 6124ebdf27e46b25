// A stream of bytes, encrypted and authenticated in chunks: AES-256-GCM (NIST SP 800-38D) in the STREAM
// construction (Hoang, Reyhanitabar, Rogaway, Vizár 2015): a chunk that is changed, left out, moved or cut
// off is noticed. The format stands in docs/FORMATS.md, "Encrypted backups". Errors never hold plaintext.
#pragma once

#include "base/result.h"
#include "base/secret.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace godwit::crypto {

inline constexpr size_t sealed_chunk_bytes = 64 * 1024;
inline constexpr std::string_view sealed_magic = "GODWITE1";
inline constexpr size_t sealed_salt_bytes = 16;

// Single use, one thread. The key of a stream is HKDF-SHA-256 of `master` with a salt of its own.
class StreamSealer {
 public:
  // `salt`: sealed_salt_bytes of random_bytes, never twice with one master (CHECKed for its length).
  StreamSealer(const Secret& master, std::string_view salt);
  // Appends to `out` what is ready of the sealed stream.
  [[nodiscard]] Status add(std::string_view plain, std::string& out);
  [[nodiscard]] Status finish(std::string& out);

 private:
  [[nodiscard]] Status seal(std::string_view plain, bool last, std::string& out);
  Secret key_;
  std::string pending_;
  std::string header_;  // until it is written
  uint64_t counter_ = 0;
};

// Single use, one thread.
class StreamOpener {
 public:
  explicit StreamOpener(Secret master) : master_(std::move(master)) {}
  // Appends plaintext that was proved. ErrorKind::failed: another key, or not what was sealed.
  [[nodiscard]] Status add(std::string_view sealed, std::string& out);
  // ErrorKind::failed when the stream was cut off.
  [[nodiscard]] Status finish() const;

 private:
  [[nodiscard]] Status open_chunk(std::string_view chunk, uint32_t length_field, std::string& out);
  Secret master_, key_;
  std::string pending_;
  uint64_t counter_ = 0;
  bool ended_ = false;
};

}  // namespace godwit::crypto
