#include "unicode/normalize.h"

#include <gtest/gtest.h>

namespace godwit::unicode {
namespace {

std::string nfc(std::string_view text) {
  std::string out;
  EXPECT_TRUE(append_nfc(text, out));
  return out;
}

std::string folded(std::string_view text) {
  std::string out;
  EXPECT_TRUE(append_nfc_case_folded(text, out));
  return out;
}

TEST(Normalize, ComposesAndLeavesAsciiAlone) {
  EXPECT_EQ(nfc("plain ASCII, 100%"), "plain ASCII, 100%");
  EXPECT_EQ(nfc("Jose\xCC\x81"), "Jos\xC3\xA9");
  EXPECT_EQ(nfc("Jos\xC3\xA9"), "Jos\xC3\xA9");
  EXPECT_EQ(nfc("\xE2\x84\xAB"), "\xC3\x85");  // the Angstrom sign is a ring-above A
  EXPECT_EQ(nfc(std::string_view("a\0b", 3)), std::string("a\0b", 3));
}

TEST(Normalize, FoldsCaseFully) {
  EXPECT_EQ(folded("MiXed 7"), "mixed 7");
  EXPECT_EQ(folded("STRASSE"), folded("Stra\xC3\x9F"
                                      "e"));
  EXPECT_EQ(folded("JOS\xC3\x89"), folded("jose\xCC\x81"));
  EXPECT_EQ(folded("\xCE\xA3"), folded("\xCF\x82"));  // capital and final sigma
}

TEST(Normalize, RefusesInvalidUtf8AndAppendsNothing) {
  for (const std::string_view bad :
       {"\xFF", "a\xC0\xAF", "\xED\xA0\x80", "\xF4\x90\x80\x80", "caf\xE9", "\xC3"}) {
    std::string out = "kept";
    EXPECT_FALSE(append_nfc(bad, out));
    EXPECT_FALSE(append_nfc_case_folded(bad, out));
    EXPECT_EQ(out, "kept");
  }
}

TEST(Normalize, CountsCodePoints) {
  EXPECT_EQ(length(""), 0U);
  EXPECT_EQ(length("Jos\xC3\xA9"), 4U);
  EXPECT_EQ(prefix("Jos\xC3\xA9 M", 4), "Jos\xC3\xA9");
  EXPECT_EQ(prefix("ab", 5), "ab");
  EXPECT_EQ(prefix("ab", 0), "");
}

TEST(Normalize, LongAsciiTakesTheFastPathCorrectly) {
  std::string text(100, 'a');
  EXPECT_TRUE(is_ascii(text));
  text[95] = '\x80';
  EXPECT_FALSE(is_ascii(text));
  text[95] = 'a';
  text[3] = '\x80';
  EXPECT_FALSE(is_ascii(text));
}

}  // namespace
}  // namespace godwit::unicode
