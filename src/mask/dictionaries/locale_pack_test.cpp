#include "mask/dictionaries/locale_pack.h"

#include "mask/test_masks.h"

#include <algorithm>
#include <fstream>
#include <sstream>

namespace godwit::mask {
namespace {

using S = MaskStrategy;

std::string shipped_example() {
  std::ifstream file(GODWIT_EXAMPLE_LOCALE);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

// "line:column message"
std::string refusal_of(std::string_view text) {
  const auto pack = parse_locale_pack(text, "x.txt");
  if (pack.ok()) return "accepted";
  const Error& error = pack.error();
  EXPECT_EQ(error.kind, ErrorKind::config);
  EXPECT_EQ(error.where.file, "x.txt");
  return std::to_string(error.where.line) + ":" + std::to_string(error.where.column) + " " + error.message;
}

std::string words(size_t count, const std::string& tail = "") {
  std::string text;
  for (size_t i = 0; i < count; ++i)
    text += "word" + std::to_string(i) + tail + "\n";
  return text;
}

TEST(LocalePack, TheExampleHoldsAboutAHundredWordsEach) {
  const std::string text = shipped_example();
  const auto pack = parse_locale_pack(text, "de-DE.txt");
  ASSERT_TRUE(pack.ok()) << pack.error().text();
  for (const PackSection& section : *pack) {
    const bool words = section.name != "gender";
    EXPECT_GE(section.entries.size(), words ? 95U : 2U) << section.name;
  }
  EXPECT_EQ(pack->size(), 7U);
}

TEST(LocalePack, RefusesWithThePlace) {
  const std::string head = "godwit-locale 1\n";
  EXPECT_EQ(refusal_of("[job]\n" + words(10)), "1:1 the locale pack has another format");
  EXPECT_EQ(refusal_of("godwit-locale 2\n"), "1:1 the locale pack has another format");
  EXPECT_EQ(refusal_of(""), "1:1 the locale pack is no locale pack");
  EXPECT_EQ(refusal_of(head + "# nothing\n"), "2:1 the locale pack holds no dictionary");
  EXPECT_EQ(refusal_of(head + "Anna\n"), "2:1 the locale pack has a word outside of a dictionary");
  EXPECT_EQ(refusal_of(head + "[jbo]\n"), "2:1 the locale pack names an unknown dictionary 'jbo'");
  EXPECT_EQ(refusal_of(head + "[job]\n" + words(9)), "2:1 the locale pack has 9 words in [job]");
  EXPECT_EQ(refusal_of(head + "[job]\n" + words(12) + "  WORD3\n"),
            "15:3 the locale pack has a word of job twice, first in line 6");
  EXPECT_EQ(refusal_of(head + "[job]\n" + words(10) + "ab\xFFz\n"),
            "13:3 the locale pack is not valid UTF-8");
  EXPECT_EQ(refusal_of(head + "[job]\n" + words(10) + "[job]\n"), "13:1 the locale pack has [job] twice");
  EXPECT_EQ(refusal_of(head + "[first_name]\n" + words(12, ",f")),
            "2:1 the locale pack has 0 names for men in [first_name]");
  EXPECT_EQ(refusal_of(head + "[job]\n" + words(10)), "accepted");
}

TEST(LocalePack, SeveralStandBesideTheShippedWordsAndTheirTextIsInTheHash) {
  Dictionaries dictionaries = Dictionaries::built_in();
  const std::string before = dictionaries.hash();
  ASSERT_TRUE(dictionaries.add_locale("de", shipped_example(), "de-DE.txt").ok());
  const std::string with_one = dictionaries.hash();
  EXPECT_NE(with_one, before);
  const std::string other = "godwit-locale 1\n[job]\n" + words(10);
  ASSERT_TRUE(dictionaries.add_locale("xx", other, "xx.txt").ok());
  EXPECT_NE(dictionaries.hash(), with_one);
  const auto run_in = [&](const char* locale, const char* list) {
    MaskSpec spec = spec_of(S::dictionary, list);
    spec.locale = locale;
    const auto mask = make(spec, {}, {test_keyring(), dictionaries, 19967});
    return mask.ok() ? run(**mask, "Maria") : mask.error().message;
  };
  const auto holds = [&](const char* locale, const char* list, const std::string& word) {
    const auto& entries = dictionaries.in_locale(locale).find(list)->entries;
    return std::find(entries.begin(), entries.end(), word) != entries.end();
  };
  EXPECT_TRUE(holds("de", "last_name", run_in("de", "last_name")));
  EXPECT_TRUE(holds("xx", "job", run_in("xx", "job")));
  EXPECT_EQ(run_in("", "job"), run(spec_of(S::dictionary, "job"), "Maria")) << "the shipped words stay";
  EXPECT_EQ(run_in("xx", "last_name"), run(spec_of(S::dictionary, "last_name"), "Maria"))
      << "a list that the pack does not hold is the shipped one";
  EXPECT_EQ(run_in("fr", "job"), "unknown locale fr");
}

TEST(LocalePack, OnePersonAgreesInTheLocale) {
  Dictionaries dictionaries = Dictionaries::built_in();
  ASSERT_TRUE(dictionaries.add_locale("de", shipped_example(), "de-DE.txt").ok());
  const auto made = [&](S strategy, const char* argument) {
    MaskSpec spec = spec_of(strategy, argument, "student");
    spec.locale = "de";
    auto mask = make(spec, {}, {test_keyring(), dictionaries, 19967});
    EXPECT_TRUE(mask.ok());
    return std::move(mask).value();
  };
  const auto first = made(S::dictionary, "first_name"), full = made(S::dictionary, "full_name"),
             last = made(S::dictionary, "last_name"), gender = made(S::dictionary, "gender");
  const auto& names = *dictionaries.in_locale("de").find("first_name");
  for (int64_t student = 1; student <= 200; ++student) {
    const std::string name = run(*first, "x", student);
    EXPECT_EQ(run(*full, "x y", student), name + " " + run(*last, "y", student));
    const auto& list = run(*gender, "F", student) == "W" ? names.female : names.male;
    EXPECT_NE(std::find(list.begin(), list.end(), name), list.end());
  }
}

TEST(LocalePack, NoWordBeyondAsciiIsItsOwnFake) {
  Dictionaries dictionaries = Dictionaries::built_in();
  std::string pack = "godwit-locale 1\n[last_name]\n";
  for (const char* vowel : {"Ä", "Ö", "Ü"}) {
    for (char c = 'a'; c <= 'z'; ++c) {
      for (const char* tail : {"ß", "l"})
        pack += std::string(vowel) + c + tail + "\n";
    }
  }
  ASSERT_TRUE(dictionaries.add_locale("xx", pack, "xx.txt").ok());
  MaskSpec spec = spec_of(S::dictionary, "last_name");
  spec.locale = "xx";
  for (spec.version = 1; spec.version <= 4; ++spec.version) {
    const auto mask = make(spec, {}, {test_keyring(), dictionaries, 19967});
    ASSERT_TRUE(mask.ok());
    for (const std::string& word : dictionaries.in_locale("xx").find("last_name")->entries)
      EXPECT_NE(run(**mask, word), word);
  }
}

TEST(LocalePack, WordsThatDoNotFitTheColumnAreRefused) {
  Dictionaries dictionaries = Dictionaries::built_in();
  ASSERT_TRUE(dictionaries.add_locale("de", shipped_example(), "de-DE.txt").ok());
  MaskSpec spec = spec_of(S::dictionary, "first_name");
  spec.locale = "de";
  ColumnShape shape;
  shape.max_length = 5;
  const auto narrow = make(spec, shape, {test_keyring(), dictionaries, 19967});
  ASSERT_FALSE(narrow.ok());
  EXPECT_EQ(narrow.error().kind, ErrorKind::plan_refused);
  EXPECT_NE(narrow.error().message.find("longer than the column's 5 characters"), std::string::npos);
  shape.max_length = 12;
  EXPECT_TRUE(make(spec, shape, {test_keyring(), dictionaries, 19967}).ok());
}

}  // namespace
}  // namespace godwit::mask
