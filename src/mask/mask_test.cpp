#include "mask/test_masks.h"

#include <regex>
#include <set>

namespace godwit::mask {
namespace {

using S = MaskStrategy;

TEST(Keyring, RefusesWeakKeysAndPrintsAFingerprint) {
  for (const char* weak :
       {"", "short", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "12345678901234567890123456",
        "0123456789abcdef0123456789abcde", "correct horse battery staple"}) {
    const auto keyring = Keyring::from(Secret(weak));
    ASSERT_FALSE(keyring.ok()) << weak;
    EXPECT_NE(keyring.error().hint.find("openssl rand -base64 32"), std::string::npos);
  }
  EXPECT_EQ(test_keyring().fingerprint().size(), 16U);
  const auto padded = Keyring::from(Secret("  dGVzdCBrZXkgb2YgdGhlIGdvbGRlbiB2ZWN0b3JzIDEyMzQ=\n"));
  EXPECT_EQ(padded->fingerprint(), test_keyring().fingerprint());
  const auto hexadecimal = Keyring::from(Secret("0123456789abcdef0123456789abcdef"));
  ASSERT_TRUE(hexadecimal.ok());
  EXPECT_NE(hexadecimal->fingerprint(), test_keyring().fingerprint());
}

TEST(Keyring, KeysDependOnDomainVersionAndPurpose) {
  const std::set<std::string> keys = {std::string(test_keyring().key("email", 1).reveal()),
                                      std::string(test_keyring().key("email", 2).reveal()),
                                      std::string(test_keyring().key("login", 1).reveal()),
                                      std::string(test_keyring().key("email", 1, "fpe").reveal())};
  EXPECT_EQ(keys.size(), 4U);
}

TEST(Mask, NullStaysNullAndEmptyStaysEmptyForEveryStrategy) {
  std::vector<MaskSpec> specs;
  for (const SqlFunction& function : sql_functions())
    specs.push_back(function.spec);
  specs.push_back(spec_of(S::constant, "x"));
  specs.push_back(spec_of(S::fpe));
  specs.push_back(spec_of(S::permutation));
  specs.push_back(spec_of(S::date_shift));
  specs.push_back(spec_of(S::json));
  for (const MaskSpec& spec : specs) {
    const auto mask = must_make(spec);
    EXPECT_EQ(run(*mask, {Value::of_null()}), "NULL") << mask->describe();
    EXPECT_EQ(run(*mask, ""), "") << mask->describe();
  }
}

TEST(Mask, InvalidUtf8IsAnErrorThatNamesNothingOfTheValue) {
  for (const SqlFunction& function : sql_functions()) {
    const std::string result = run(*must_make(function.spec), "Zoltan\xFF\xC3");
    EXPECT_EQ(result.rfind("error:", 0), 0U) << function.name << ": " << result;
    EXPECT_EQ(result.find("Zoltan"), std::string::npos);
  }
  EXPECT_EQ(run(spec_of(S::fpe), "caf\xE9 1").rfind("error:", 0), 0U);
}

TEST(Mask, SameCanonicalValueSameFake) {
  EXPECT_EQ(run(spec_of(S::template_, "email"), "Ana.Lopez@School.edu"),
            run(spec_of(S::template_, "email"), " ana.lopez@school.EDU"));
  EXPECT_EQ(run(spec_of(S::dictionary, "first_name"), "JOS\xC3\x89"),
            run(spec_of(S::dictionary, "first_name"), "Jose\xCC\x81"));
  EXPECT_NE(run(spec_of(S::token), "Abc"), run(spec_of(S::token), "abc"));
  EXPECT_NE(run(spec_of(S::dictionary, "first_name"), "Ana"),
            run(spec_of(S::dictionary, "first_name"), "Anna"));
}

TEST(Mask, DomainAndVersionSeparate) {
  MaskSpec spec = spec_of(S::token);
  const std::string base = run(spec, "v");
  spec.version = 2;
  EXPECT_NE(run(spec, "v"), base);
  spec.version = 1;
  spec.domain = "other";
  EXPECT_NE(run(spec, "v"), base);
}

TEST(Mask, PhonesKeepTheirFormInTheReservedRange) {
  const auto mask = must_make(spec_of(S::template_, "phone"));
  const std::string dashed = run(*mask, "312-867-5309");
  EXPECT_TRUE(std::regex_match(dashed, std::regex("[2-9][0-8][0-9]-555-01[0-9][0-9]"))) << dashed;
  const std::string digits = dashed.substr(0, 3) + dashed.substr(4, 3) + dashed.substr(8);
  EXPECT_EQ(run(*mask, "3128675309"), digits);
  EXPECT_EQ(run(*mask, "+1 (312) 867-5309"),
            "+1 (" + dashed.substr(0, 3) + ") " + dashed.substr(4, 3) + "-" + dashed.substr(8));
  EXPECT_EQ(run(*mask, "312-867-5309 x42"), dashed);
  EXPECT_EQ(run(*mask, "867-5309").substr(0, 6), "555-01");
  EXPECT_EQ(run(*mask, "n/a").size(), 12U);
  EXPECT_NE(run(*mask, dashed), dashed);
}

bool luhn_valid(const std::string& digits) {
  int sum = 0;
  for (size_t i = 0; i < digits.size(); ++i) {
    int digit = digits[digits.size() - 1 - i] - '0';
    if (i % 2 == 1) digit = digit * 2 > 9 ? digit * 2 - 9 : digit * 2;
    sum += digit;
  }
  return sum % 10 == 0;
}

TEST(Mask, NumbersOfReservedRanges) {
  const auto ssn = must_make(spec_of(S::template_, "ssn"));
  EXPECT_EQ(run(*ssn, "123-45-6789")[0], '9');
  EXPECT_EQ(run(*ssn, "123-45-6789").size(), 11U);
  EXPECT_EQ(run(*ssn, "123456789").size(), 9U);
  EXPECT_EQ(run(*ssn, "6789").size(), 4U);
  EXPECT_EQ(run(*ssn, "6789")[0], '9');
  const auto card = must_make(spec_of(S::template_, "card"));
  for (const char* original : {"4111111111111111", "378282246310005", "6011000990139424"}) {
    const std::string fake = run(*card, original);
    EXPECT_EQ(fake.size(), std::string(original).size());
    EXPECT_EQ(fake.substr(0, 4), "9999");
    EXPECT_TRUE(luhn_valid(fake)) << fake;
  }
  EXPECT_EQ(run(*card, "4111 1111 1111 1111")[4], ' ');
  ColumnShape integers;
  integers.type = ValueType::integer;
  const auto phone = must_make(spec_of(S::template_, "phone"), integers);
  const std::string number = run(*phone, {Value::of_integer(3128675309)});
  EXPECT_EQ(number.size(), 10U);
  EXPECT_EQ(number.substr(3, 5), "55501");
}

TEST(Mask, AddressesOfDocumentationRanges) {
  const auto ip = must_make(spec_of(S::template_, "ip"));
  for (int i = 0; i < 50; ++i) {
    const std::string fake = run(*ip, "10.1.2." + std::to_string(i));
    EXPECT_TRUE(fake.rfind("192.0.2.", 0) == 0 || fake.rfind("198.51.100.", 0) == 0 ||
                fake.rfind("203.0.113.", 0) == 0);
  }
  EXPECT_EQ(run(*ip, "fe80::1").rfind("2001:db8:", 0), 0U);
  EXPECT_EQ(run(*ip, "10.0.0.0/8").substr(run(*ip, "10.0.0.0/8").find('/')), "/24");
  const auto mac = must_make(spec_of(S::template_, "mac"));
  EXPECT_EQ(run(*mac, "A4-5E-60-C1-22-33").substr(0, 3), "02-");
  EXPECT_EQ(run(*mac, "a45e.60c1.2233").size(), 14U);
}

TEST(Mask, EmailsFallToShorterFormsAndRefuseWhereNoneFits) {
  ColumnShape shape;
  EXPECT_NE(run(*must_make(spec_of(S::template_, "email"), shape), "x@y.z").find("@example.org"),
            std::string::npos);
  shape.max_length = 30;
  EXPECT_LE(run(*must_make(spec_of(S::template_, "email"), shape), "x@y.z").size(), 30U);
  shape.max_length = 28;
  EXPECT_EQ(run(*must_make(spec_of(S::template_, "email"), shape), "x@y.z").size(), 28U);
  shape.unique = true;
  EXPECT_EQ(refusal(spec_of(S::template_, "email"), shape), "accepted");
  shape.max_length = 20;
  EXPECT_EQ(refusal(spec_of(S::template_, "email"), shape), "plan_refused");
  shape.unique = false;
  EXPECT_EQ(run(*must_make(spec_of(S::template_, "email"), shape), "x@y.z").size(), 20U);
  shape.max_length = 10;
  EXPECT_EQ(refusal(spec_of(S::template_, "email"), shape), "plan_refused");
}

TEST(Mask, UniqueColumnsTakeOnlyInjectiveMasks) {
  ColumnShape unique;
  unique.unique = true;
  unique.rows = 1'000'000;
  for (const char* name : {"first_name", "full_name", "city", "company"}) {
    EXPECT_EQ(refusal(spec_of(S::dictionary, name), unique), "plan_refused");
  }
  for (const char* name : {"phone", "ssn", "card", "ip", "mac", "{first}.{last}"}) {
    EXPECT_EQ(refusal(spec_of(S::template_, name), unique), "plan_refused");
  }
  for (const char* name : {"email", "login", "url", "{first}-{hash}"}) {
    EXPECT_EQ(refusal(spec_of(S::template_, name), unique), "accepted");
  }
  EXPECT_EQ(refusal(spec_of(S::digits), unique), "plan_refused");
  EXPECT_EQ(refusal(spec_of(S::fpe), unique), "accepted");
  EXPECT_EQ(refusal(spec_of(S::token), unique), "accepted");
  EXPECT_EQ(refusal(spec_of(S::token, "", "student"), unique), "plan_refused");
  MaskSpec short_token = spec_of(S::token);
  short_token.length = 16;
  EXPECT_EQ(refusal(short_token, unique), "plan_refused");
  MaskSpec ssn = spec_of(S::fpe);
  ssn.domain = "ssn";
  EXPECT_EQ(refusal(ssn, unique), "plan_refused");
  ssn.reserved = false;
  EXPECT_EQ(refusal(ssn, unique), "accepted");
}

TEST(Mask, WhatDoesNotFitAColumnIsRefused) {
  ColumnShape not_null;
  not_null.nullable = false;
  EXPECT_EQ(refusal(spec_of(S::null), not_null), "plan_refused");
  EXPECT_EQ(refusal(spec_of(S::sql, "x"), {}), "plan_refused");
  EXPECT_EQ(refusal(spec_of(S::dictionary, "nobody"), {}), "config");
  EXPECT_EQ(refusal(spec_of(S::template_, "{nothing}"), {}), "config");
  EXPECT_EQ(refusal(spec_of(S::template_, "fixed"), {}), "config");
  EXPECT_EQ(refusal(spec_of(S::noise), {}), "plan_refused");
  ColumnShape integers;
  integers.type = ValueType::integer;
  EXPECT_EQ(refusal(spec_of(S::dictionary, "first_name"), integers), "plan_refused");
  EXPECT_EQ(refusal(spec_of(S::constant, "x"), integers), "config");
  integers.integer_maximum = 2'147'483'647;
  EXPECT_EQ(refusal(spec_of(S::template_, "card"), integers), "plan_refused");
  EXPECT_EQ(
      run(*must_make(spec_of(S::template_, "phone"), integers), {Value::of_integer(8675309)}).substr(0, 5),
      "55501");
  ColumnShape two;
  two.max_length = 2;
  EXPECT_EQ(refusal(spec_of(S::dictionary, "city"), two), "plan_refused");
  EXPECT_EQ(refusal(spec_of(S::dictionary, "state"), two), "accepted");
  EXPECT_EQ(refusal(spec_of(S::redact), two), "accepted");
  EXPECT_EQ(refusal(spec_of(S::redact, "whole"), two), "plan_refused");
}

TEST(Mask, DictionariesRespectLengthAndNeverGiveTheOriginal) {
  ColumnShape shape;
  shape.max_length = 8;
  const auto city = must_make(spec_of(S::dictionary, "city"), shape);
  const auto plain = must_make(spec_of(S::dictionary, "first_name"));
  std::set<std::string> cities;
  for (int i = 0; i < 500; ++i) {
    const std::string fake = run(*city, "City " + std::to_string(i));
    EXPECT_LE(fake.size(), 8U);
    cities.insert(fake);
  }
  EXPECT_GT(cities.size(), 30U);
  for (const std::string& name : test_dictionaries().find("first_name")->entries)
    EXPECT_NE(run(*plain, name), name);
}

TEST(Dictionaries, AFileReplacesAList) {
  Dictionaries dictionaries = Dictionaries::built_in();
  const std::string before = dictionaries.hash();
  ASSERT_TRUE(dictionaries.replace("city", "# mine\nAville\n Bville # two\n\nCville\n", "cities.txt").ok());
  ASSERT_TRUE(dictionaries.replace("pet", "Rex\nLuna\n", "pets.txt").ok());
  EXPECT_NE(dictionaries.hash(), before);
  const Context context = {test_keyring(), dictionaries, 0};
  const auto city = make(spec_of(S::dictionary, "city"), {}, context);
  const auto pet = make(spec_of(S::dictionary, "pet"), {}, context);
  ASSERT_TRUE(city.ok() && pet.ok());
  EXPECT_EQ(run(**city, "Springfield").substr(1), "ville");
  EXPECT_TRUE(run(**pet, "Bello") == "Rex" || run(**pet, "Bello") == "Luna");
  const Status bad = dictionaries.replace("place", "Springfield,IL\n", "places.txt");
  ASSERT_FALSE(bad.ok());
  EXPECT_EQ(bad.error().text(), "places.txt:1:1: malformed entry of dictionary place");
  EXPECT_FALSE(dictionaries.replace("pet", "Rex\n", "pets.txt").ok());
  EXPECT_FALSE(dictionaries.replace("first_name", "Ana,f\nEva,f\n", "first.txt").ok());
  EXPECT_FALSE(dictionaries.replace("pet", "caf\xE9\nx\n", "pets.txt").ok());
}

TEST(Mask, NoWordBeyondAsciiIsItsOwnFake) {
  Dictionaries dictionaries = Dictionaries::built_in();
  std::string names;
  std::vector<std::string> words;
  for (const char* vowel : {"\u00C4", "\u00D6", "\u00DC"}) {
    for (char c = 'a'; c <= 'z'; ++c) {
      for (const char* tail : {"\u00DF", "l"}) {
        words.push_back(std::string(vowel) + c + tail);
        names += words.back() + "\n";
      }
    }
  }
  ASSERT_TRUE(dictionaries.replace("last_name", names, "names.txt").ok());
  MaskSpec spec = spec_of(S::dictionary, "last_name");
  for (spec.version = 1; spec.version <= 4; ++spec.version) {
    const auto mask = make(spec, {}, {test_keyring(), dictionaries, 19967});
    ASSERT_TRUE(mask.ok());
    for (const std::string& word : words)
      EXPECT_NE(run(**mask, word), word);
  }
}

TEST(Mask, FullNamesAgreeWithTheirParts) {
  const std::string first = run(spec_of(S::dictionary, "first_name"), "Ana");
  const std::string last = run(spec_of(S::dictionary, "last_name"), "Lopez");
  const auto full = must_make(spec_of(S::dictionary, "full_name"));
  EXPECT_EQ(run(*full, "Ana Lopez"), first + " " + last);
  EXPECT_EQ(run(*full, "LOPEZ, Ana"), last + ", " + first);
  EXPECT_EQ(run(*full, "Dr. Ana Lopez Jr"), "Dr. " + first + " " + last + " Jr.");
  EXPECT_EQ(run(*full, "Ana de la Cruz"),
            first + " " + run(spec_of(S::dictionary, "last_name"), "de la Cruz"));
  EXPECT_EQ(run(*full, "Ana"), first);
  const std::string initial = run(*full, "Ana J. Lopez");
  EXPECT_EQ(initial[first.size() + 2], '.');
  ColumnShape shape;
  shape.max_length = 9;
  EXPECT_LE(run(*must_make(spec_of(S::dictionary, "full_name"), shape), "Ana Maria Lopez").size(), 9U);
}

TEST(Mask, OnePersonsFieldsAgree) {
  const auto first = must_make(spec_of(S::dictionary, "first_name", "student"));
  const auto last = must_make(spec_of(S::dictionary, "last_name", "student"));
  const auto full = must_make(spec_of(S::dictionary, "full_name", "student"));
  const auto email = must_make(spec_of(S::template_, "email", "student"));
  const auto login = must_make(spec_of(S::template_, "login", "student"));
  const auto gender = must_make(spec_of(S::dictionary, "gender", "student"));
  ASSERT_TRUE(first->uses_subject());
  const auto& females = test_dictionaries().find("first_name")->female;
  for (int64_t id = 1; id <= 300; ++id) {
    const std::string f = run(*first, "Zdenka", id);
    const std::string l = run(*last, "Qwertz", id);
    EXPECT_EQ(run(*full, "Zdenka Qwertz", id), f + " " + l);
    const std::string mail = run(*email, "zq" + std::to_string(id) + "@x.org", id);
    std::string prefix = f + "." + l + ".";
    for (char& c : prefix)
      c = static_cast<char>(std::tolower(c));
    EXPECT_EQ(mail.substr(0, prefix.size()), prefix);
    EXPECT_EQ(run(*login, "zq", id).substr(0, prefix.size()), prefix);
    const std::string sex = run(*gender, "F", id);
    const bool listed = std::find(females.begin(), females.end(), f) != females.end();
    if (sex == "F") {
      EXPECT_TRUE(listed) << f;
    } else {
      EXPECT_EQ(sex, "M");
    }
    // The id as text of another store, and a NULL subject.
    EXPECT_EQ(run(*first, {Value::of("Zdenka"), Value::of(std::to_string(id))}), f);
  }
  EXPECT_EQ(run(*first, {Value::of("Zdenka"), Value::of_null()}),
            run(spec_of(S::dictionary, "first_name"), "Zdenka"));
  EXPECT_EQ(run(*gender, "female", 1).size() > 2, true);
}

TEST(Mask, LinkedNamesNeverGiveTheOriginalAndEmailsFollow) {
  const auto first = must_make(spec_of(S::dictionary, "first_name", "student"));
  const auto email = must_make(spec_of(S::template_, "email", "student"));
  for (int64_t id = 1; id <= 50; ++id) {
    const std::string drawn = run(*first, "Zdenka", id);
    const std::string again = run(*first, drawn, id);  // this person is really called so
    EXPECT_NE(again, drawn);
    const std::string mail =
        run(*email, {Value::of("a@b.c"), Value::of_integer(id), Value::of(drawn), Value::of("Qwertz")});
    std::string lower = again;
    for (char& c : lower)
      c = static_cast<char>(std::tolower(c));
    EXPECT_EQ(mail.substr(0, lower.size()), lower);
  }
}

TEST(Mask, LinkedPlacesAgree) {
  const auto city = must_make(spec_of(S::dictionary, "city", "household"));
  const auto state = must_make(spec_of(S::dictionary, "state", "household"));
  const auto zip = must_make(spec_of(S::dictionary, "zip", "household"));
  const auto places = test_dictionaries().find("place");
  for (int64_t id = 1; id <= 200; ++id) {
    const std::string c = run(*city, "Gotham", id), s = run(*state, "NY", id), z = run(*zip, "10001", id);
    bool found = false;
    for (size_t i = 0; i < places->entries.size(); ++i) {
      found = found || (places->entries[i] == c && places->second[i] == s && places->third[i] == z);
    }
    EXPECT_TRUE(found) << c << " " << s << " " << z;
  }
  EXPECT_EQ(run(*zip, "10001-1234", 7).size(), 10U);
}

TEST(Mask, LabelsComeFromTheColumn) {
  ColumnShape shape;
  shape.labels = {"free", "paid", "reduced"};
  const std::string fake = run(*must_make(spec_of(S::dictionary, "lunch_status"), shape), "free");
  EXPECT_TRUE(fake == "free" || fake == "paid" || fake == "reduced");
  shape.labels = {"male", "female"};
  EXPECT_EQ(run(*must_make(spec_of(S::dictionary, "gender", "s"), shape), "male", 3).find("male") !=
                std::string::npos,
            true);
}

TEST(Mask, ArraysAreMaskedElementByElement) {
  ColumnShape shape;
  shape.type = ValueType::array_text;
  const auto mask = must_make(spec_of(S::template_, "email"), shape);
  const std::string one = run(spec_of(S::template_, "email"), "a@b.c");
  const std::string two = run(spec_of(S::template_, "email"), "d e@f.g");
  EXPECT_EQ(run(*mask, R"({a@b.c,"d e@f.g",NULL,""})"), "{" + one + "," + two + ",NULL,\"\"}");
  EXPECT_EQ(run(*mask, "{}"), "{}");
  EXPECT_EQ(run(*mask, "[0:1]={{a@b.c},{a@b.c}}"), "[0:1]={{" + one + "},{" + one + "}}");
  const auto name = must_make(spec_of(S::redact, "scan"), shape);
  EXPECT_EQ(run(*name, R"({"say \"hi\", ok"})"), R"({"say \"hi\", ok"})");
  EXPECT_EQ(run(*mask, "{a").rfind("error", 0), 0U);
  EXPECT_EQ(run(*mask, "plain").rfind("error", 0), 0U);
}

}  // namespace
}  // namespace godwit::mask
