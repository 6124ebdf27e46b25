#include "report/escape.h"

#include "base/text.h"

#include <gtest/gtest.h>

#include <string>

namespace godwit::report {
namespace {

using std::string_literals::operator""s;  // NOLINT(misc-unused-using-decls): a suffix is a use

TEST(OneLine, KeepsTextAndDropsWhatActs) {
  EXPECT_EQ(one_line("plain – Ünïcode 🐦"), "plain – Ünïcode 🐦");
  EXPECT_EQ(one_line("a\r\nb\tc\0d\x1b[31m\x7f"s), "a  b c d [31m ");
  EXPECT_EQ(one_line("a\xe2\x80\xae"
                     "b\xe2\x80\x8b"),
            "a\xEF\xBF\xBD"
            "b\xEF\xBF\xBD");                         // right-to-left override, zero width
  EXPECT_EQ(one_line("\xc2\x85\xe2\x80\xa8"), "  ");  // next line, line separator
}

TEST(OneLine, MakesValidUtf8OfAnyBytes) {
  for (const std::string& bytes : {"\xff"s, "\xc0\xaf"s, "\xed\xa0\x80"s, "\xf4\x90\x80\x80"s, "\xe2\x82"s,
                                   "\xe2\x28\xa1"s, "\x80"s, "\xf0\x9f\x90"s, "\xef\xbf\xbe"s}) {
    const std::string text = one_line("a" + bytes + "b");
    EXPECT_TRUE(is_valid_utf8(text));
    EXPECT_EQ(text.front(), 'a');
    EXPECT_EQ(text.back(), 'b') << "swallowed what follows";
    EXPECT_NE(text.find("\xEF\xBF\xBD"), std::string::npos);
    EXPECT_TRUE(is_valid_utf8(json_text(bytes)));
  }
  std::string all;
  for (int byte = 0; byte < 256; ++byte)
    all += static_cast<char>(byte);
  for (int first = 0; first < 256; ++first) {
    const std::string text = static_cast<char>(first) + all;
    EXPECT_TRUE(is_valid_utf8(one_line(text)));
    EXPECT_TRUE(is_valid_utf8(json_text(text)));
  }
}

TEST(EscapeXml, LeavesNoMarkup) {
  EXPECT_EQ(escape_xml("<a b=\"c\" d='e'>&amp;"), "&lt;a b=&quot;c&quot; d=&#39;e&#39;&gt;&amp;amp;");
}

TEST(EscapeMarkdown, LeavesNoMarkup) {
  EXPECT_EQ(escape_markdown("a|b`c`*d*_e_[f](g)<h>#1!~&i"),
            "a\\|b\\`c\\`\\*d\\*\\_e\\_\\[f\\](g)\\<h\\>\\#1\\!\\~\\&i");
  EXPECT_EQ(escape_markdown("- a\nb"), "\\- a b");
  EXPECT_EQ(escape_markdown("@team a@b"), "@\xE2\x80\x8Bteam a@b");
  EXPECT_EQ(markdown_code("a`b|c"), "`a'b\\|c`");
  EXPECT_EQ(markdown_code(""), "");
}

TEST(JsonText, FollowsRfc8259) {
  EXPECT_EQ(json_text("a\"b\\c\n\x01\x7f"), "\"a\\\"b\\\\c\\u000a\\u0001\\u007f\"");
  EXPECT_EQ(json_text("ü"), "\"ü\"");
}

TEST(CsvField, QuotesAndDisarms) {
  EXPECT_EQ(csv_field("plain text"), "plain text");
  EXPECT_EQ(csv_field(""), "");
  EXPECT_EQ(csv_field("a,b"), "\"a,b\"");
  EXPECT_EQ(csv_field("say \"x\""), "\"say \"\"x\"\"\"");
  EXPECT_EQ(csv_field("two\nlines"), "two lines");
  for (const char* formula : {"=1+1", "+1", "-1", "@SUM(A1)", "  =1", "\t=1", "\r=1"})
    EXPECT_EQ(csv_field(formula).substr(0, 2), "\"'") << formula;
  EXPECT_EQ(csv_field("=a\"b"), "\"'=a\"\"b\"");
  EXPECT_EQ(csv_field("a-b"), "a-b");
}

TEST(ShellWord, IsOneWord) {
  EXPECT_EQ(shell_word("district-001"), "district-001");
  EXPECT_EQ(shell_word("-rf"), "'-rf'");
  EXPECT_EQ(shell_word("a b;$(c)"), "'a b;$(c)'");
  EXPECT_EQ(shell_word("it's"), "'it'\\''s'");
  EXPECT_EQ(shell_word(""), "''");
}

}  // namespace
}  // namespace godwit::report
