#include "base/text.h"
#include "crypto/aes.h"
#include "crypto/hkdf.h"
#include "crypto/hmac.h"
#include "crypto/md5.h"
#include "crypto/random.h"
#include "crypto/sha256.h"

#include <gtest/gtest.h>

#include <string>

namespace godwit::crypto {
namespace {

std::string from_hex(std::string_view hex) {
  std::string bytes;
  for (size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes.push_back(static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16)));
  }
  return bytes;
}

// FIPS 180-4 examples.
TEST(Sha256, KnownAnswers) {
  EXPECT_EQ(sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256_hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(sha256_hex(std::string(1000000, 'a')),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, PiecesAndCopiesGiveTheSameDigest) {
  Sha256 first;
  first.update("a");
  Sha256 second = first;
  EXPECT_EQ(first.update("bc").finish(), sha256("abc"));
  EXPECT_EQ(second.update("b").update("c").finish(), sha256("abc"));
}

// RFC 1321, A.5.
TEST(Md5, KnownAnswers) {
  EXPECT_EQ(md5_hex(""), "d41d8cd98f00b204e9800998ecf8427e");
  EXPECT_EQ(md5_hex("abc"), "900150983cd24fb0d6963f7d28e17f72");
  EXPECT_EQ(md5_hex("12345678901234567890123456789012345678901234567890123456789012345678901234567890"),
            "57edf4a22be3c955ac49da2e2107b67a");
}

struct HmacCase {
  std::string key, data;
  std::string_view expected;
};

// RFC 4231, test cases 1-4, 6, 7.
TEST(HmacSha256, Rfc4231) {
  const HmacCase cases[] = {
      {std::string(20, '\x0b'), "Hi There",
       "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
      {"Jefe", "what do ya want for nothing?",
       "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
      {std::string(20, '\xaa'), std::string(50, '\xdd'),
       "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
      {from_hex("0102030405060708090a0b0c0d0e0f10111213141516171819"), std::string(50, '\xcd'),
       "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"},
      {std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First",
       "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
      {std::string(131, '\xaa'),
       "This is a test using a larger than block-size key and a larger than block-size data. The key needs "
       "to be "
       "hashed before being used by the HMAC algorithm.",
       "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"},
  };
  for (const HmacCase& c : cases)
    EXPECT_EQ(to_hex(as_bytes(HmacSha256(c.key).mac(c.data))), c.expected);
}

TEST(HmacSha256, PrefixIsTheSameAsAConcatenation) {
  const HmacSha256 hmac("a key of some length");
  for (const size_t length : {0U, 1U, 54U, 55U, 63U, 64U, 65U, 200U}) {
    const std::string prefix(length, 'p');
    EXPECT_EQ(hmac.with_prefix(prefix).mac("message"), hmac.mac(prefix + "message"));
  }
}

// RFC 5869, test cases 1-3.
TEST(Hkdf, Rfc5869) {
  EXPECT_EQ(to_hex(hkdf_sha256(std::string(22, '\x0b'), from_hex("000102030405060708090a0b0c"),
                               from_hex("f0f1f2f3f4f5f6f7f8f9"), 42)
                       .reveal()),
            "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");
  std::string ikm, salt, info;
  for (int i = 0; i < 80; ++i) {
    ikm.push_back(static_cast<char>(i));
    salt.push_back(static_cast<char>(0x60 + i));
    info.push_back(static_cast<char>(0xb0 + i));
  }
  EXPECT_EQ(to_hex(hkdf_sha256(ikm, salt, info, 82).reveal()),
            "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09"
            "da327560"
            "0c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87");
  EXPECT_EQ(to_hex(hkdf_sha256(std::string(22, '\x0b'), "", "", 42).reveal()),
            "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8");
}

// FIPS 197, appendix C.1 and C.3.
TEST(Aes, Fips197) {
  const std::string plain = from_hex("00112233445566778899aabbccddeeff");
  for (const auto& [key, expected] :
       {std::pair{"000102030405060708090a0b0c0d0e0f", "69c4e0d86a7b0430d8cdb78070b4c55a"},
        std::pair{"000102030405060708090a0b0c0d0e0f1011121314151617", "dda97ca4864cdfe06eaf70a0ec0d7191"},
        std::pair{"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
                  "8ea2b7ca516745bfeafc49904b496089"}}) {
    for (const bool portable : {false, true}) {
      AesBlock block;
      std::copy(plain.begin(), plain.end(), block.begin());
      AesEncryptor(from_hex(key), portable).encrypt(block);
      EXPECT_EQ(to_hex({reinterpret_cast<const char*>(block.data()), block.size()}), expected);
    }
  }
}

TEST(Aes, TheProcessorAndTheLibraryAgree) {
  std::string key(32, 'k');
  AesBlock fast{}, slow{};
  for (int round = 0; round < 200; ++round) {
    key[static_cast<size_t>(round) % 32] = static_cast<char>(fast[3]);
    const std::string_view used = std::string_view(key).substr(0, round % 2 == 0 ? 16 : 32);
    AesEncryptor(used).encrypt(fast);
    AesEncryptor(used, true).encrypt(slow);
    ASSERT_EQ(fast, slow) << round;
  }
}

TEST(Random, GivesDifferentBytesOfTheLengthAskedFor) {
  const auto first = random_bytes(32);
  const auto second = random_bytes(32);
  ASSERT_TRUE(first.ok());
  ASSERT_TRUE(second.ok());
  EXPECT_EQ(first->size(), 32U);
  EXPECT_NE(*first, *second);
}

TEST(ConstantTime, ComparesContentAndLength) {
  EXPECT_TRUE(equal_in_constant_time("abc", "abc"));
  EXPECT_TRUE(equal_in_constant_time("", ""));
  EXPECT_FALSE(equal_in_constant_time("abc", "abd"));
  EXPECT_FALSE(equal_in_constant_time("abc", "abcd"));
}

}  // namespace
}  // namespace godwit::crypto
