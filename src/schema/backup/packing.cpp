#include "schema/backup/packing.h"

#include "base/text.h"
#include "crypto/random.h"
#include "os/files.h"

namespace godwit::schema {

Result<Packer> Packer::create(const std::string& path, bool compress, const Secret& key) {
  ASSIGN_OR_RETURN(os::NewFile file, os::NewFile::create(path));
  Packer packer(std::move(file));
  if (compress) packer.compressor_ = std::make_unique<compress::ZstdCompressor>();
  if (!key.empty()) {
    ASSIGN_OR_RETURN(const std::string salt, crypto::random_bytes(crypto::sealed_salt_bytes));
    packer.sealer_.emplace(key, salt);
  }
  return packer;
}

Status Packer::write(std::string_view bytes) {
  hash_.update(bytes);
  return file_.write(bytes);
}

Status Packer::seal(std::string_view bytes) {
  if (!sealer_) return write(bytes);
  std::string sealed;
  RETURN_IF_ERROR(sealer_->add(bytes, sealed));
  return write(sealed);
}

Status Packer::add(std::string_view bytes) {
  if (compressor_ == nullptr) return seal(bytes);
  std::string small;
  RETURN_IF_ERROR(compressor_->add(bytes, small));
  return seal(small);
}

Status Packer::finish(BackupManifest& manifest) {
  std::string rest;
  if (compressor_ != nullptr) RETURN_IF_ERROR(compressor_->finish(rest));
  RETURN_IF_ERROR(seal(rest));
  if (sealer_) {
    std::string sealed;
    RETURN_IF_ERROR(sealer_->finish(sealed));
    RETURN_IF_ERROR(write(sealed));
  }
  RETURN_IF_ERROR(file_.finish());
  manifest.bytes = file_.bytes();
  const crypto::Digest digest = hash_.finish();
  manifest.sha256 = to_lower_ascii(to_hex(crypto::as_bytes(digest)));
  return {};
}

Status check_sha256(const BackupManifest& manifest) {
  crypto::Sha256 hash;
  RETURN_IF_ERROR(os::for_each_block(manifest.path, [&](std::string_view block) -> Status {
    hash.update(block);
    return {};
  }));
  const crypto::Digest digest = hash.finish();
  if (to_lower_ascii(to_hex(crypto::as_bytes(digest))) == manifest.sha256) return {};
  return make_error(ErrorKind::failed, manifest.path + " is damaged: its SHA-256 is not that of its manifest",
                    "take another backup");
}

Status unpack(const BackupManifest& manifest, const Secret& key,
              const std::function<Status(std::string_view)>& visit) {
  if (manifest.encrypted && key.empty()) {
    return make_error(ErrorKind::missing_secret, manifest.path + " is encrypted",
                      "give its key in godwit.yml: keys: {backup: \"${env:NAME}\"}");
  }
  crypto::StreamOpener opener(key);
  compress::ZstdDecompressor decompressor;
  const bool compressed = manifest.compression == "zstd";
  const auto unpack_block = [&](std::string_view block) -> Status {
    std::string opened;
    if (manifest.encrypted) {
      RETURN_IF_ERROR(opener.add(block, opened));
      block = opened;
    }
    std::string large;
    if (compressed) {
      RETURN_IF_ERROR(decompressor.add(block, large));
      block = large;
    }
    return block.empty() ? Status() : visit(block);
  };
  RETURN_IF_ERROR(os::for_each_block(manifest.path, unpack_block));
  if (manifest.encrypted) RETURN_IF_ERROR(opener.finish());
  return compressed ? decompressor.finish() : Status();
}

}  // namespace godwit::schema
