#include "schema/history/checksum.h"

#include <gtest/gtest.h>

namespace godwit::schema {
namespace {

// The check value of the CRC catalogue: CRC-32/ISO-HDLC of "123456789".
TEST(Checksum, Crc32) {
  EXPECT_EQ(crc32("123456789"), 0xCBF43926U);
  EXPECT_EQ(crc32(""), 0U);
  EXPECT_EQ(crc32("6789", crc32("12345")), 0xCBF43926U);
}

// The FNV test vectors of Fowler, Noll and Vo.
TEST(Checksum, Fnv1) {
  EXPECT_EQ(fnv1_32(""), 0x811C9DC5U);
  EXPECT_EQ(fnv1_32("a"), 0x050C5D7EU);
  EXPECT_EQ(fnv1_32("foobar"), 0x31F0B262U);
}

TEST(Checksum, JavaStringHash) {
  EXPECT_EQ(java_string_hash(""), 0);
  EXPECT_EQ(java_string_hash("abc"), 96354);
  EXPECT_EQ(java_string_hash("polygenelubricants"), INT32_MIN);
}

// RFC 4648, section 10.
TEST(Checksum, Base64) {
  EXPECT_EQ(base64(""), "");
  EXPECT_EQ(base64("f"), "Zg==");
  EXPECT_EQ(base64("fo"), "Zm8=");
  EXPECT_EQ(base64("foo"), "Zm9v");
  EXPECT_EQ(base64("foobar"), "Zm9vYmFy");
}

}  // namespace
}  // namespace godwit::schema
