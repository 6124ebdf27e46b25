#include "mask/fpe/ff1.h"
#include "mask/fpe/format_permutation.h"
#include "mask/test_masks.h"

#include <algorithm>
#include <set>

namespace godwit::mask {
namespace {

using S = MaskStrategy;

std::string from_hex(std::string_view hex) {
  std::string bytes;
  for (size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes.push_back(static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16)));
  }
  return bytes;
}

constexpr std::string_view numeral_characters = "0123456789abcdefghijklmnopqrstuvwxyz";

std::string ff1(std::string_view key, uint32_t radix, std::string_view tweak, std::string_view plain) {
  std::vector<uint16_t> numerals;
  for (const char c : plain)
    numerals.push_back(static_cast<uint16_t>(numeral_characters.find(c)));
  Ff1(from_hex(key)).encrypt(numerals, radix, from_hex(tweak));
  std::string text;
  for (const uint16_t numeral : numerals)
    text.push_back(numeral_characters[numeral]);
  return text;
}

std::string ff1_digits(const Ff1& ff1, const std::string& plain) {
  std::array<uint16_t, 6> numerals{};
  for (size_t i = 0; i < numerals.size(); ++i)
    numerals[i] = static_cast<uint16_t>(plain[i] - '0');
  ff1.encrypt(numerals, 10, "");
  std::string text;
  for (const uint16_t numeral : numerals)
    text.push_back(static_cast<char>('0' + numeral));
  return text;
}

// NIST, "Block Cipher Modes of Operation: FF1 Method for Format-Preserving Encryption", samples 1 to 9.
TEST(Ff1, NistSamples) {
  const char* key128 = "2B7E151628AED2A6ABF7158809CF4F3C";
  const char* key256 = "2B7E151628AED2A6ABF7158809CF4F3CEF4359D8D580AA4F7F036D6F04FC6A94";
  EXPECT_EQ(ff1(key128, 10, "", "0123456789"), "2433477484");
  EXPECT_EQ(ff1(key128, 10, "39383736353433323130", "0123456789"), "6124200773");
  EXPECT_EQ(ff1(key128, 36, "3737373770717273373737", "0123456789abcdefghi"), "a9tv40mll9kdu509eum");
  const char* key192 = "2B7E151628AED2A6ABF7158809CF4F3CEF4359D8D580AA4F";
  EXPECT_EQ(ff1(key192, 10, "", "0123456789"), "2830668132");
  EXPECT_EQ(ff1(key192, 10, "39383736353433323130", "0123456789"), "2496655549");
  EXPECT_EQ(ff1(key192, 36, "3737373770717273373737", "0123456789abcdefghi"), "xbj3kv35jrawxv32ysr");
  EXPECT_EQ(ff1(key256, 10, "", "0123456789"), "6657667009");
  EXPECT_EQ(ff1(key256, 10, "39383736353433323130", "0123456789"), "1001623463");
  EXPECT_EQ(ff1(key256, 36, "3737373770717273373737", "0123456789abcdefghi"), "xs8a0azh2avyalyzuwd");
}

TEST(RangePermutation, IsABijectionOfEverySmallRange) {
  const RangePermutation permutation(std::string(32, 'k'));
  for (uint64_t size = 1; size <= 130; ++size) {
    std::set<uint64_t> images;
    for (uint64_t value = 0; value < size; ++value)
      images.insert(permutation.permute(value, size, "tweak"));
    EXPECT_EQ(images.size(), size);
    EXPECT_LT(*images.rbegin(), size);
  }
  const uint64_t all = UINT64_MAX;
  EXPECT_NE(permutation.permute(all - 1, all, ""), permutation.permute(all - 2, all, ""));
}

// All images of `values` are different, none is its original, and every one has the form of its original.
void expect_bijection(const Mask& mask, const std::vector<std::string>& values,
                      bool fixpoints_allowed = false) {
  std::set<std::string> images;
  for (const std::string& value : values) {
    const std::string image = run(mask, value);
    images.insert(image);
    EXPECT_EQ(image.size(), value.size());
    EXPECT_TRUE(fixpoints_allowed || image != value) << value;
  }
  EXPECT_EQ(images.size(), values.size());
  EXPECT_TRUE(std::is_permutation(images.begin(), images.end(), values.begin(), values.end()));
}

std::vector<std::string> all_numbers(size_t digits) {
  std::vector<std::string> values = {""};
  for (size_t i = 0; i < digits; ++i) {
    std::vector<std::string> longer;
    for (const std::string& value : values) {
      for (char c = '0'; c <= '9'; ++c)
        longer.push_back(value + c);
    }
    values = std::move(longer);
  }
  return values;
}

TEST(FormatPermutation, PermutesTheNumbersOfEachLength) {
  for (const S strategy : {S::fpe, S::permutation}) {
    const auto mask = must_make(spec_of(strategy));
    expect_bijection(*mask, all_numbers(1), true);
    expect_bijection(*mask, all_numbers(2));
    expect_bijection(*mask, all_numbers(3));
    expect_bijection(*mask, all_numbers(4));
  }
}

TEST(FormatPermutation, LettersAndDigitsKeepTheirClassAndCase) {
  MaskSpec spec = spec_of(S::fpe);
  spec.alphabet = "alnum";
  const auto mask = must_make(spec);
  std::vector<std::string> values;
  for (char a = 'a'; a <= 'z'; ++a) {
    for (const std::string& number : all_numbers(2))
      values.push_back(std::string(1, a) + "-" + number);
  }
  expect_bijection(*mask, values);
  const std::string mixed = run(*mask, "Ab-19 \xC3\xA9");
  EXPECT_TRUE(mixed[0] >= 'A' && mixed[0] <= 'Z' && mixed[1] >= 'a' && mixed[1] <= 'z');
  EXPECT_EQ(mixed.substr(5), " \xC3\xA9");
  std::string lower = run(*mask, "AB-19");
  for (char& c : lower)
    c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  EXPECT_EQ(lower, run(*mask, "ab-19"));
}

TEST(FormatPermutation, FixpointsAreRemovedWhereverTheyStand) {
  // Many keys over 100 values: the average permutation has one fixpoint, so that runs and wrap-around occur.
  for (int version = 1; version <= 150; ++version) {
    MaskSpec spec = spec_of(S::permutation);
    spec.version = version;
    expect_bijection(*must_make(spec), all_numbers(2));
  }
}

TEST(FormatPermutation, Ff1WithoutItsFixpointsPermutesTheWholeOfItsSmallestDomain) {
  constexpr size_t values = 1'000'000;
  const Secret key = test_keyring().key("fpe", 1, "fpe");
  const Ff1 ff1(key.reveal());
  const FormatPermutation permutation(key.reveal(), true);
  const auto alphabet = Alphabet::parse("digits");
  ASSERT_TRUE(alphabet.ok());
  FormatPermutation::Buffers buffers;
  std::vector<bool> taken(values);
  std::string out;
  size_t fixpoints = 0, moved = 0;
  for (size_t value = 0; value < values; ++value) {
    std::string text = std::to_string(value);
    text.insert(0, 6 - text.size(), '0');
    ASSERT_TRUE(permutation.text(text, *alphabet, buffers, out));
    ASSERT_NE(out, text);
    const size_t image = std::stoul(out);
    ASSERT_FALSE(taken[image]) << text;
    taken[image] = true;
    const std::string raw = ff1_digits(ff1, text);
    fixpoints += raw == text ? 1U : 0U;
    moved += raw != out ? 1U : 0U;
  }
  EXPECT_EQ(fixpoints, 2U) << "of this key's FF1: the case that the test is about";
  EXPECT_EQ(moved, 2 * fixpoints) << "a fixpoint and the value behind it, and nothing else";
}

TEST(FormatPermutation, IntegersKeepLengthSignAndType) {
  ColumnShape shape;
  shape.type = ValueType::integer;
  shape.integer_minimum = -32768;
  shape.integer_maximum = 32767;
  shape.unique = true;
  for (const S strategy : {S::fpe, S::permutation}) {
    const auto mask = must_make(spec_of(strategy), shape);
    std::set<std::string> images;
    size_t values = 0;
    for (int64_t value = -32768; value <= 32767; value += std::abs(value) < 2000 ? 1 : 7) {
      ++values;
      const std::string image = run(*mask, {Value::of_integer(value)});
      EXPECT_EQ(image.size(), std::to_string(value).size()) << value;
      EXPECT_TRUE(image != std::to_string(value) || std::abs(value) < 100);
      images.insert(image);
    }
    EXPECT_EQ(images.size(), values);
  }
  shape.integer_minimum = INT64_MIN;
  shape.integer_maximum = INT64_MAX;
  const auto wide = must_make(spec_of(S::fpe), shape);
  for (const int64_t value :
       {INT64_MIN, INT64_MIN + 1, INT64_MAX, int64_t{1'000'000'000'000'000'000}, int64_t{-1'000'000}}) {
    EXPECT_EQ(run(*wide, {Value::of_integer(value)}).size(), std::to_string(value).size());
  }
}

TEST(FormatPermutation, IntegersOfADeclaredRange) {
  ColumnShape shape;
  shape.type = ValueType::integer;
  MaskSpec spec = spec_of(S::permutation);
  spec.minimum = -50;
  spec.maximum = 449;
  const auto mask = must_make(spec, shape);
  std::set<int64_t> images;
  for (int64_t value = -50; value <= 449; ++value)
    images.insert(std::stoll(run(*mask, {Value::of_integer(value)})));
  EXPECT_EQ(images.size(), 500U);
  EXPECT_EQ(*images.begin(), -50);
  EXPECT_EQ(*images.rbegin(), 449);
  EXPECT_EQ(run(*mask, {Value::of_integer(450)}).rfind("error:", 0), 0U);
}

TEST(FormatPermutation, LargeDomainsStayDistinct) {
  for (const char* alphabet : {"digits", "alnum", "hex"}) {
    MaskSpec spec = spec_of(S::fpe);
    spec.alphabet = alphabet;
    const auto mask = must_make(spec);
    std::set<std::string> images;
    for (int i = 0; i < 3000; ++i) {
      std::string value = std::to_string(i);
      value.insert(0, 9 - value.size(), '0');
      images.insert(run(*mask, value));
      images.insert(
          run(*mask, value + value + value + value + value + value + value + value + value + value));
    }
    EXPECT_EQ(images.size(), 6000U) << alphabet;
  }
  ColumnShape uuid;
  uuid.type = ValueType::uuid_text;
  EXPECT_EQ(run(*must_make(spec_of(S::fpe), uuid), "6f9619ff-8b86-d011-b42d-00c04fc964ff").size(), 36U);
}

TEST(FormatPermutation, ValuesOutsideTheAlphabetNeverPass) {
  EXPECT_NE(run(spec_of(S::fpe), "SMITH"), "SMITH");
  MaskSpec spec = spec_of(S::fpe);
  spec.alphabet = "hex";
  EXPECT_EQ(run(spec, "xyz").rfind("error:", 0), 0U);
  spec.alphabet = "alnum";
  EXPECT_EQ(run(spec, "\xC3\xA9").rfind("error:", 0), 0U);
  spec.alphabet = "aa";
  EXPECT_EQ(refusal(spec, {}), "config");
  spec.alphabet = "x";
  EXPECT_EQ(refusal(spec, {}), "config");
}

TEST(FormatPermutation, LabelsAmongThemselves) {
  ColumnShape shape;
  shape.labels = {"a", "b", "c", "d", "e"};
  const auto mask = must_make(spec_of(S::permutation), shape);
  std::set<std::string> images;
  for (const std::string& label : shape.labels)
    images.insert(run(*mask, label));
  EXPECT_EQ(images.size(), 5U);
  EXPECT_EQ(run(*mask, "z").rfind("error:", 0), 0U);
}

}  // namespace
}  // namespace godwit::mask
