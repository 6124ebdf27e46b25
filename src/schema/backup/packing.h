// How the bytes of a backup become a file and bytes again: compressed, encrypted, hashed. Internal to this
// folder.
#pragma once

#include "base/result.h"
#include "base/secret.h"
#include "compress/zstd_stream.h"
#include "crypto/sealed_stream.h"
#include "crypto/sha256.h"
#include "os/new_file.h"
#include "schema/backup/manifest.h"

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace godwit::schema {

// Has its name only after finish().
class Packer {
 public:
  [[nodiscard]] static Result<Packer> create(const std::string& path, bool compress, const Secret& key);
  [[nodiscard]] Status add(std::string_view bytes);
  // Fills in bytes and sha256.
  [[nodiscard]] Status finish(BackupManifest& manifest);
  [[nodiscard]] int64_t bytes() const { return file_.bytes(); }

 private:
  explicit Packer(os::NewFile file) : file_(std::move(file)) {}
  [[nodiscard]] Status seal(std::string_view bytes);
  [[nodiscard]] Status write(std::string_view bytes);
  os::NewFile file_;
  std::unique_ptr<compress::ZstdCompressor> compressor_;
  std::optional<crypto::StreamSealer> sealer_;
  crypto::Sha256 hash_;
};

// ErrorKind::failed: the file is not the one that the manifest describes.
[[nodiscard]] Status check_sha256(const BackupManifest& manifest);
// The bytes that were packed, piece by piece. Encrypted ones need the key: ErrorKind::missing_secret.
[[nodiscard]] Status unpack(const BackupManifest& manifest, const Secret& key,
                            const std::function<Status(std::string_view)>& visit);

}  // namespace godwit::schema
