#include "mask/redact/matchers.h"
#include "mask/test_masks.h"

namespace godwit::mask {
namespace {

using S = MaskStrategy;

std::string scanned(std::string_view text) {
  return run(spec_of(S::redact, "scan"), text);
}
std::string fake(S strategy, const char* argument, std::string_view text) {
  return run(spec_of(strategy, argument), text);
}

TEST(Redact, ReplacesEachKindByItsOwnMask) {
  EXPECT_EQ(scanned("write to ana@school.edu."),
            "write to " + fake(S::template_, "email", "ana@school.edu") + ".");
  EXPECT_EQ(scanned("\xE2\x80\x9C"
                    "ana@school.edu\xE2\x80\x9D"),
            "\xE2\x80\x9C" + fake(S::template_, "email", "ana@school.edu") + "\xE2\x80\x9D");
  EXPECT_EQ(scanned("call (312) 867-5309, now"),
            "call " + fake(S::template_, "phone", "(312) 867-5309") + ", now");
  EXPECT_EQ(scanned("SSN: 123-45-6789"), "SSN: " + fake(S::template_, "ssn", "123-45-6789"));
  EXPECT_EQ(scanned("card 4111 1111 1111 1111!"),
            "card " + fake(S::template_, "card", "4111 1111 1111 1111") + "!");
  EXPECT_EQ(scanned("from 10.1.2.3 on 2024-02-01"),
            "from " + fake(S::template_, "ip", "10.1.2.3") + " on " + fake(S::date_shift, "", "2024-02-01"));
  EXPECT_EQ(scanned("see https://x.org/a?b=1, please"),
            "see " + fake(S::template_, "url", "https://x.org/a?b=1") + ", please");
  EXPECT_EQ(scanned("student 12345678"), "student " + fake(S::digits, "", "12345678"));
}

TEST(Redact, ReplacesNamesAsTheirColumnsDo) {
  const std::string maria = fake(S::dictionary, "first_name", "Maria"),
                    lopez = fake(S::dictionary, "last_name", "Lopez");
  EXPECT_EQ(scanned("Maria Lopez was absent"), maria + " " + lopez + " was absent");
  EXPECT_EQ(scanned("MARIA's mother"), maria + "'s mother");
  EXPECT_EQ(scanned("\xE2\x80\x9CMaria\xE2\x80\x9D, Maria\xE2\x80\x99s"),
            "\xE2\x80\x9C" + maria + "\xE2\x80\x9D, " + maria + "\xE2\x80\x99s");
  // An unknown name behind a first name or a title.
  EXPECT_EQ(scanned("Maria Xochitlan left"),
            maria + " " + fake(S::dictionary, "last_name", "Xochitlan") + " left");
  EXPECT_EQ(scanned("Mrs. Xochitlan called"),
            "Mrs. " + fake(S::dictionary, "last_name", "Xochitlan") + " called");
  EXPECT_EQ(scanned("the bus was late"), "the bus was late");
}

TEST(Redact, WholeTextsKeepNothing) {
  const auto whole = must_make(spec_of(S::redact, "whole"));
  EXPECT_EQ(run(*whole, "anything").rfind("redacted-", 0), 0U);
  EXPECT_NE(run(*whole, "anything"), run(*whole, "other"));
  ColumnShape shape;
  shape.max_length = 10;
  EXPECT_EQ(run(*must_make(spec_of(S::redact, "whole"), shape), "anything").size(), 10U);
  shape.max_length = 0;
  shape.unique = true;
  EXPECT_EQ(refusal(spec_of(S::redact, "whole"), shape), "accepted");
  EXPECT_EQ(refusal(spec_of(S::redact, "scan"), shape), "plan_refused");
  EXPECT_EQ(refusal(spec_of(S::redact, "half"), {}), "config");
}

TEST(Redact, LongerFakesAreCutToTheColumn) {
  ColumnShape shape;
  shape.max_length = 20;
  EXPECT_LE(run(*must_make(spec_of(S::redact), shape), "a@b.co \xC3\xA9 a@b.co").size(), 21U);
}

TEST(Redact, LongTextsTakeLinearTime) {
  std::string dots, words;
  for (int i = 0; i < 100000; ++i)
    dots += "a.";
  for (int i = 0; i < 20000; ++i)
    words += "the bus was late ";
  EXPECT_EQ(scanned(dots), dots);
  EXPECT_EQ(scanned(words), words);
}

TEST(Redact, JsonColumnsAreRedactedLeafByLeaf) {
  ColumnShape shape;
  shape.type = ValueType::json_text;
  Value value = Value::of(R"({"a":"Maria","n":1})");
  value.type = ValueType::json_text;
  EXPECT_EQ(run(*must_make(spec_of(S::redact, "scan"), shape), {value}),
            R"({"a":")" + fake(S::dictionary, "first_name", "Maria") + R"(","n":1})");
}

TEST(Matchers, EndWhereTheValueEnds) {
  EXPECT_EQ(match_ssn("123-45-67890", 0), 0U);
  EXPECT_EQ(match_ssn("123 45 6789", 0), 11U);
  EXPECT_EQ(match_phone("867-5309", 0), 8U);
  EXPECT_EQ(match_phone("312.867.5309 x", 0), 12U);
  EXPECT_EQ(match_phone("13128675309", 0), 11U);
  EXPECT_EQ(match_phone("312867530912", 0), 0U);
  EXPECT_EQ(match_date("2024-02-01T10:00", 0), 10U);
  EXPECT_EQ(match_date("2/1/2024", 0), 8U);
  EXPECT_EQ(match_ip("1.2.3.4.5", 0), 0U);
  EXPECT_EQ(match_ipv6("12:30", 0), 0U);
  EXPECT_EQ(match_ipv6("2001:db8::1", 0), 11U);
  EXPECT_EQ(match_word("O'Brien's", 0), 9U);
  EXPECT_EQ(match_email("@x.org", 0), 0U);
}

}  // namespace
}  // namespace godwit::mask
