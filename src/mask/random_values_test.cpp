// Any bytes, every mask, many lengths: an answer is valid UTF-8, fits the column, is the same twice, and
// where the mask says that it always changes, it is not the original.
#include "base/prng.h"
#include "base/text.h"
#include "mask/test_masks.h"
#include "unicode/normalize.h"

#include <thread>

namespace godwit::mask {
namespace {

using S = MaskStrategy;

std::vector<MaskSpec> every_spec() {
  std::vector<MaskSpec> specs;
  for (const SqlFunction& function : sql_functions())
    specs.push_back(function.spec);
  for (const char* name : {"gender", "race", "ethnicity", "lunch_status"})
    specs.push_back(spec_of(S::dictionary, name));
  specs.push_back(spec_of(S::template_, "{first}{digits:3}{hash:8}"));
  specs.push_back(spec_of(S::redact, "whole"));
  specs.push_back(spec_of(S::date_shift));
  specs.push_back(spec_of(S::json));
  for (const char* alphabet : {"digits", "alnum", "hex", "alpha", "xyz"}) {
    MaskSpec spec = spec_of(S::fpe);
    spec.alphabet = alphabet;
    specs.push_back(spec);
    spec.strategy = S::permutation;
    specs.push_back(spec);
  }
  for (const char* name : {"first_name", "last_name", "full_name", "gender", "city"}) {
    specs.push_back(spec_of(S::dictionary, name, "student"));
  }
  specs.push_back(spec_of(S::template_, "email", "student"));
  return specs;
}

std::string random_text(Prng& random, const ColumnShape& shape) {
  static const std::vector<std::string> pieces = {"Ana",
                                                  "Lopez",
                                                  "312-867-5309",
                                                  "@",
                                                  "a@b.org",
                                                  ".",
                                                  ",",
                                                  " ",
                                                  "\t",
                                                  "\"",
                                                  "\\",
                                                  "{",
                                                  "}",
                                                  "[",
                                                  "]",
                                                  ":",
                                                  "0",
                                                  "2011-04-30",
                                                  "http://",
                                                  "\xC3\xA9",
                                                  "e\xCC\x81",
                                                  "\xE2\x80\x9D",
                                                  "\xF0\x9F\x98\x80",
                                                  "\xEF\xBF\xBD",
                                                  "'s",
                                                  "Dr. ",
                                                  "123-45-6789",
                                                  "x",
                                                  "-",
                                                  "(",
                                                  ")",
                                                  "+",
                                                  "/",
                                                  std::string(1, '\0'),
                                                  "\xC2\xA0",
                                                  "\\u",
                                                  "\\ud83d",
                                                  "null"};
  std::string text;
  for (auto count = random.between(1, 8); count > 0; --count)
    text += pieces[random.below(pieces.size())];
  if (shape.max_length > 0) text = unicode::prefix(text, static_cast<size_t>(shape.max_length));
  return text;
}

TEST(EveryMask, AnswersAnyText) {
  Prng random(20261121);
  for (const MaskSpec& spec : every_spec()) {
    for (const int max_length : {0, 1, 2, 5, 11, 20, 40}) {
      ColumnShape shape;
      shape.max_length = max_length;
      const auto mask = make(spec, shape, test_context());
      if (!mask.ok()) continue;  // refused at plan time: what is accepted must hold
      Scratch scratch, other;
      for (int round = 0; round < 150; ++round) {
        const std::string text = random_text(random, shape);
        const std::vector<Value> inputs = {Value::of(text), Value::of_integer(round)};
        Value out, again;
        const Status status = (*mask)->apply(inputs, out, scratch);
        ASSERT_EQ((*mask)->apply(inputs, again, other).ok(), status.ok());
        if (!status.ok()) continue;
        ASSERT_EQ(out.text, again.text);
        EXPECT_TRUE(is_valid_utf8(out.text)) << (*mask)->describe();
        EXPECT_FALSE(out.null) << (*mask)->describe();
        EXPECT_FALSE(out.text.empty()) << (*mask)->describe() << to_hex(text);
        const bool json = spec.strategy == S::json;  // grows leaf by leaf; JSON columns have no length
        EXPECT_TRUE(json || max_length == 0 || unicode::length(out.text) <= static_cast<size_t>(max_length))
            << (*mask)->describe() << " " << max_length;
        EXPECT_TRUE(!(*mask)->traits().always_changes || out.text != text)
            << (*mask)->describe() << " " << to_hex(text);
      }
    }
  }
}

TEST(EveryMask, ThreadsShareAMask) {
  for (const MaskSpec& spec : every_spec()) {
    const auto mask = must_make(spec);
    std::vector<std::vector<std::string>> answers(4);
    std::vector<std::thread> threads;
    for (std::vector<std::string>& mine : answers) {
      threads.emplace_back([&] {
        for (int i = 0; i < 40; ++i)
          mine.push_back(run(*mask, "Ana 312-867-5309 " + std::to_string(i), i));
      });
    }
    for (std::thread& thread : threads)
      thread.join();
    for (const std::vector<std::string>& mine : answers)
      EXPECT_EQ(mine, answers[0]) << mask->describe();
  }
}

TEST(EveryMask, RefusesOrSurvivesAnyBytes) {
  Prng random(7);
  for (const MaskSpec& spec : every_spec()) {
    const auto mask = must_make(spec);
    Scratch scratch;
    for (int round = 0; round < 300; ++round) {
      std::string bytes;
      for (auto count = random.between(1, 24); count > 0; --count)
        bytes.push_back(static_cast<char>(random.below(256)));
      const std::vector<Value> inputs = {Value::of(bytes), Value::of(bytes)};
      Value out;
      const Status status = mask->apply(inputs, out, scratch);
      EXPECT_TRUE(!status.ok() || is_valid_utf8(out.text)) << mask->describe() << " " << to_hex(bytes);
    }
  }
}

}  // namespace
}  // namespace godwit::mask
