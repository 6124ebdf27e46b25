#include "compress/zstd_stream.h"

#include <gtest/gtest.h>

namespace godwit::compress {
namespace {

std::string compressed(const std::string& plain) {
  ZstdCompressor compressor;
  std::string out;
  for (size_t at = 0; at < plain.size(); at += 100'000)
    EXPECT_TRUE(compressor.add(std::string_view(plain).substr(at, 100'000), out).ok());
  EXPECT_TRUE(compressor.finish(out).ok());
  return out;
}

bool decompresses(const std::string& bytes, std::string& plain) {
  ZstdDecompressor decompressor;
  plain.clear();
  for (size_t at = 0; at < bytes.size(); at += 999) {
    if (!decompressor.add(std::string_view(bytes).substr(at, 999), plain).ok()) return false;
  }
  return decompressor.finish().ok();
}

TEST(Zstd, ComesBackAndIsSmaller) {
  for (const size_t length : {size_t{0}, size_t{1}, size_t{131'072}, size_t{3'000'000}}) {
    std::string plain;
    for (size_t i = 0; plain.size() < length; ++i)
      plain += std::to_string(i * 7919);
    plain.resize(length);
    const std::string small = compressed(plain);
    std::string back;
    ASSERT_TRUE(decompresses(small, back)) << length;
    EXPECT_EQ(back, plain) << length;
    if (length > 100'000) {
      EXPECT_LT(small.size(), plain.size() * 3 / 4);
    }
  }
}

TEST(Zstd, CutOffOrChangedIsNoticed) {
  std::string back;
  const std::string good = compressed(std::string(1'000'000, 'a') + "end");
  EXPECT_FALSE(decompresses(good.substr(0, good.size() - 1), back));
  std::string bad = good;
  bad[bad.size() - 2] = static_cast<char>(bad[bad.size() - 2] ^ 1);
  EXPECT_FALSE(decompresses(bad, back));
  EXPECT_FALSE(decompresses("", back));
}

}  // namespace
}  // namespace godwit::compress
