#include "base/result.h"

#include <gtest/gtest.h>

namespace godwit {
namespace {

Result<int> half(int number) {
  if (number % 2 != 0) return make_error(ErrorKind::usage, "odd");
  return number / 2;
}

Result<int> quarter(int number) {
  ASSIGN_OR_RETURN(const int once, half(number));
  return half(once);
}

TEST(Result, CarriesValueOrError) {
  EXPECT_EQ(quarter(8).value(), 2);
  EXPECT_EQ(quarter(6).error().message, "odd");
  EXPECT_EQ(quarter(6).error().exit_code(), 2);
}

TEST(Result, WrapKeepsKindAndHint) {
  Error inner = make_error(ErrorKind::unreachable, "no route", "check the network");
  inner.sqlstate = "08006";
  const Error outer = wrap(inner, "store ids (prod)");
  EXPECT_EQ(outer.text(), "store ids (prod): no route (SQLSTATE 08006)");
  EXPECT_EQ(outer.hint, "check the network");
  EXPECT_TRUE(outer.retryable());
}

TEST(Result, APlaceThatTheMessageBeginsWithIsNotRepeated) {
  Error error = make_error(ErrorKind::config, "a.yml:2:3: one\na.yml:4:5: two");
  error.where = {"a.yml", 2, 3};
  EXPECT_EQ(error.text(), "a.yml:2:3: one\na.yml:4:5: two");
  error.message = "one";
  EXPECT_EQ(error.text(), "a.yml:2:3: one");
}

TEST(ErrorKinds, TableMatchesEnum) {
  const auto& table = all_error_kinds();
  for (size_t i = 0; i < table.size(); ++i)
    EXPECT_EQ(static_cast<size_t>(table[i].kind), i);
}

TEST(CheckDeathTest, StopsTheProgram) {
  EXPECT_DEATH(CHECK(1 == 2), "bug: .*CHECK\\(1 == 2\\)");
}

}  // namespace
}  // namespace godwit
