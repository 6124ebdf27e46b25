#include "crypto/sealed_stream.h"

#include "crypto/random.h"

#include <gtest/gtest.h>

namespace godwit::crypto {
namespace {

const Secret master("0123456789abcdef0123456789abcdef");

std::string sealed(const std::string& plain) {
  StreamSealer sealer(master, std::string(sealed_salt_bytes, 's'));
  std::string out;
  for (size_t at = 0; at < plain.size(); at += 1000)
    EXPECT_TRUE(sealer.add(plain.substr(at, 1000), out).ok());
  EXPECT_TRUE(sealer.finish(out).ok());
  return out;
}

bool opens(const std::string& bytes, std::string& plain, const Secret& key = master) {
  StreamOpener opener(key);
  plain.clear();
  for (size_t at = 0; at < bytes.size(); at += 777) {
    if (!opener.add(std::string_view(bytes).substr(at, 777), plain).ok()) return false;
  }
  return opener.finish().ok();
}

TEST(SealedStream, EveryLengthComesBack) {
  for (const size_t length : {size_t{0}, size_t{1}, sealed_chunk_bytes - 1, sealed_chunk_bytes,
                              sealed_chunk_bytes + 1, 3 * sealed_chunk_bytes}) {
    const std::string plain(length, 'p');
    std::string back;
    EXPECT_TRUE(opens(sealed(plain), back)) << length;
    EXPECT_EQ(back, plain) << length;
  }
}

TEST(SealedStream, EveryChangeIsNoticed) {
  const std::string good = sealed(std::string(2 * sealed_chunk_bytes + 10, 'p'));
  std::string back;
  ASSERT_TRUE(opens(good, back));
  for (const size_t at : {size_t{0}, size_t{9}, size_t{24}, size_t{25}, size_t{27}, size_t{28}, size_t{5000},
                          good.size() - 1}) {
    std::string bad = good;
    bad[at] = static_cast<char>(bad[at] ^ 1);
    EXPECT_FALSE(opens(bad, back)) << at;
  }
  EXPECT_FALSE(opens(good.substr(0, good.size() - 1), back));
  // Cut off between two chunks.
  const size_t chunk = 4 + sealed_chunk_bytes + 16;
  EXPECT_FALSE(opens(good.substr(0, 24 + chunk), back));
  // Two chunks change places.
  EXPECT_FALSE(opens(good.substr(0, 24) + good.substr(24 + chunk, chunk) + good.substr(24, chunk) +
                         good.substr(24 + 2 * chunk),
                     back));
  EXPECT_FALSE(opens(good + "x", back));
  EXPECT_FALSE(opens(good, back, Secret("another key of more than 16 bytes")));
}

TEST(SealedStream, PlaintextDoesNotShow) {
  EXPECT_EQ(sealed("Canary Canary Canary").find("Canary"), std::string::npos);
}

}  // namespace
}  // namespace godwit::crypto
