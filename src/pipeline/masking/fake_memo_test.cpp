#include "pipeline/masking/fake_memo.h"

#include <gtest/gtest.h>

#include <string>

namespace godwit::pipeline {
namespace {

std::string fake_of(const std::string& value) {
  return "fake of " + value;
}

// What a mask with a memo gives out, and how often it was asked.
struct Masked {
  FakeMemo memo;
  int computed = 0;

  std::string operator()(const std::string& value) {
    if (!memo.worthwhile()) return fake_of(value);
    if (const std::string* known = memo.find(value)) return *known;
    ++computed;
    memo.remember(value, fake_of(value));
    return fake_of(value);
  }
};

TEST(FakeMemo, GivesEveryValueItsOwnFakeWhateverComesBetween) {
  Masked masked;
  for (int turn = 0; turn < 3; ++turn) {
    // More values than there are places: some throw others out.
    for (int i = 0; i < 6000; ++i) {
      const std::string value = "value " + std::to_string(i);
      ASSERT_EQ(masked(value), fake_of(value));
    }
  }
}

TEST(FakeMemo, ComputesARepeatedValueOnce) {
  Masked masked;
  for (int i = 0; i < 50'000; ++i)
    ASSERT_EQ(masked(std::to_string(i % 2)), fake_of(std::to_string(i % 2)));
  EXPECT_EQ(masked.computed, 2);
  EXPECT_TRUE(masked.memo.worthwhile());
}

TEST(FakeMemo, GivesUpWhereValuesDoNotComeAgain) {
  Masked masked;
  for (int i = 0; i < 50'000; ++i)
    ASSERT_EQ(masked(std::to_string(i)), fake_of(std::to_string(i)));
  EXPECT_FALSE(masked.memo.worthwhile());
  EXPECT_LT(masked.computed, 20'000);
}

TEST(FakeMemo, HoldsNoLongTexts) {
  FakeMemo memo;
  const std::string text(65, 'x');
  EXPECT_EQ(memo.find(text), nullptr);
  memo.remember(text, "fake");
  EXPECT_EQ(memo.find(text), nullptr);
  EXPECT_EQ(memo.find("short"), nullptr);
  memo.remember("short", text);
  EXPECT_EQ(memo.find("short"), nullptr);
}

TEST(FakeMemos, LendsOneToEachAndNoneWhereNoneIsAllowed) {
  FakeMemos memos(true);
  auto one = memos.borrow();
  auto other = memos.borrow();
  ASSERT_NE(one, nullptr);
  EXPECT_NE(one, other);
  const FakeMemo* known = one.get();
  memos.give_back(std::move(one));
  EXPECT_EQ(memos.borrow().get(), known);
  FakeMemos none(false);
  EXPECT_EQ(none.borrow(), nullptr);
  none.give_back(nullptr);
}

}  // namespace
}  // namespace godwit::pipeline
