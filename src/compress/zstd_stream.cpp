#include "compress/zstd_stream.h"

#include "base/check.h"

#include <fmt/format.h>
#include <zstd.h>

namespace godwit::compress {

namespace {

Error failed(std::string_view doing, size_t code) {
  return make_error(ErrorKind::failed, fmt::format("zstd: {}: {}", doing, ZSTD_getErrorName(code)));
}

}  // namespace

struct ZstdCompressor::State {
  ZSTD_CStream* stream = ZSTD_createCStream();
  std::string block = std::string(ZSTD_CStreamOutSize(), '\0');
  State() = default;
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() { ZSTD_freeCStream(stream); }

  Status step(std::string_view bytes, ZSTD_EndDirective how, std::string& out) {
    ZSTD_inBuffer input = {bytes.data(), bytes.size(), 0};
    for (;;) {
      ZSTD_outBuffer output = {block.data(), block.size(), 0};
      const size_t left = ZSTD_compressStream2(stream, &output, &input, how);
      if (ZSTD_isError(left) != 0) return failed("compress", left);
      out.append(block, 0, output.pos);
      if (how == ZSTD_e_end ? left == 0 : input.pos == input.size) return {};
    }
  }
};

ZstdCompressor::ZstdCompressor(int level) : state_(std::make_unique<State>()) {
  CHECK(state_->stream != nullptr);
  CHECK(ZSTD_isError(ZSTD_CCtx_setParameter(state_->stream, ZSTD_c_compressionLevel, level)) == 0);
  CHECK(ZSTD_isError(ZSTD_CCtx_setParameter(state_->stream, ZSTD_c_checksumFlag, 1)) == 0);
}
ZstdCompressor::~ZstdCompressor() = default;

Status ZstdCompressor::add(std::string_view bytes, std::string& out) {
  return state_->step(bytes, ZSTD_e_continue, out);
}

Status ZstdCompressor::finish(std::string& out) {
  return state_->step({}, ZSTD_e_end, out);
}

struct ZstdDecompressor::State {
  ZSTD_DStream* stream = ZSTD_createDStream();
  std::string block = std::string(ZSTD_DStreamOutSize(), '\0');
  size_t wanted = 1;  // 0: at the end of a frame
  State() = default;
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() { ZSTD_freeDStream(stream); }
};

ZstdDecompressor::ZstdDecompressor() : state_(std::make_unique<State>()) {
  CHECK(state_->stream != nullptr);
}
ZstdDecompressor::~ZstdDecompressor() = default;

Status ZstdDecompressor::add(std::string_view bytes, std::string& out) {
  ZSTD_inBuffer input = {bytes.data(), bytes.size(), 0};
  bool full = true;
  while (input.pos < input.size || full) {
    ZSTD_outBuffer output = {state_->block.data(), state_->block.size(), 0};
    const size_t before = input.pos;
    const size_t wanted = ZSTD_decompressStream(state_->stream, &output, &input);
    if (ZSTD_isError(wanted) != 0) return failed("decompress", wanted);
    out.append(state_->block, 0, output.pos);
    full = output.pos == output.size;
    // Nothing taken and nothing given: a call past the end of a frame says nothing.
    if (input.pos == before && output.pos == 0) break;
    state_->wanted = wanted;
  }
  return {};
}

Status ZstdDecompressor::finish() const {
  if (state_->wanted == 0) return {};
  return make_error(ErrorKind::failed, "zstd: the stream was cut off");
}

}  // namespace godwit::compress
