#include "base/text.h"

#include <gtest/gtest.h>

namespace godwit {
namespace {

TEST(Text, SplitAndJoin) {
  EXPECT_EQ(split("a.b..c", '.'), (std::vector<std::string>{"a", "b", "", "c"}));
  EXPECT_EQ(split("", '.'), std::vector<std::string>{""});
  EXPECT_EQ(join({"a", "b"}, ", "), "a, b");
}

TEST(Text, Quoting) {
  EXPECT_EQ(quote_identifier("we\"ird"), "\"we\"\"ird\"");
  EXPECT_EQ(quote_literal("it's"), "'it''s'");
}

TEST(Text, PercentEncodeMakesOnePathComponent) {
  EXPECT_EQ(percent_encode("public.Order Items"), "public.Order%20Items");
  EXPECT_EQ(percent_encode("../x"), "%2E.%2Fx");
}

TEST(Text, Utf8) {
  EXPECT_TRUE(is_valid_utf8("Zoë 東京 \xF0\x9F\x90\xA6"));
  EXPECT_FALSE(is_valid_utf8("\xC0\xAF"));          // overlong
  EXPECT_FALSE(is_valid_utf8("\xED\xA0\x80"));      // surrogate
  EXPECT_FALSE(is_valid_utf8("\xF4\x90\x80\x80"));  // above U+10FFFF
  EXPECT_FALSE(is_valid_utf8("abc\xE2\x82"));       // cut off
}

TEST(Text, Numbers) {
  EXPECT_EQ(with_thousands(1234567), "1,234,567");
  EXPECT_EQ(with_thousands(-123), "-123");
  EXPECT_EQ(with_thousands(1000), "1,000");
  EXPECT_EQ(human_bytes(1536), "1.5 KiB");
}

TEST(Text, NearestFindsTypingErrors) {
  EXPECT_EQ(nearest("studnets", {"schools", "students"}), std::vector<std::string>{"students"});
  EXPECT_EQ(nearest("prdo", {"cert", "prod"}), std::vector<std::string>{"prod"});  // a swap is one step
  EXPECT_TRUE(nearest("xyz", {"students"}).empty());
}

}  // namespace
}  // namespace godwit
