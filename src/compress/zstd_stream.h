// Streams of bytes as Zstandard frames (RFC 8878), what `zstd` reads and writes. The frame ends in a checksum
// of what was compressed. Single use, one thread. Memory is bounded by the level's window.
#pragma once

#include "base/result.h"

#include <memory>
#include <string>
#include <string_view>

namespace godwit::compress {

class ZstdCompressor {
 public:
  explicit ZstdCompressor(int level = 3);
  ~ZstdCompressor();
  // Appends to `out` what is ready.
  [[nodiscard]] Status add(std::string_view bytes, std::string& out);
  [[nodiscard]] Status finish(std::string& out);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

class ZstdDecompressor {
 public:
  ZstdDecompressor();
  ~ZstdDecompressor();
  // ErrorKind::failed: not Zstandard, or damaged.
  [[nodiscard]] Status add(std::string_view bytes, std::string& out);
  // ErrorKind::failed when the frame was cut off.
  [[nodiscard]] Status finish() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace godwit::compress
