#include "duck/capi/error_text.h"

#include "duck/test_fixture.h"

namespace godwit::duck {
namespace {

using ErrorTextTest = DuckTest;

TEST(SafeErrorText, KeepsTheWordsOfTheStatementsOwnErrors) {
  EXPECT_EQ(safe_error_text(
                "Binder Error: Referenced column \"nme\" not found in FROM clause!\nCandidate: \"name\""),
            "binder error: Referenced column \"nme\" not found in FROM clause!");
  EXPECT_EQ(safe_error_text("Binder Error: no function f('secret') here, 'open"),
            "binder error: no function f('…') here, '…'");
}

TEST(SafeErrorText, KeepsOnlyKnownWordsOfTheOthers) {
  EXPECT_EQ(safe_error_text("Conversion Error: Could not convert string 'O'Brien' to INT32"),
            "conversion error: Could not convert string … to INT32");
  EXPECT_EQ(
      safe_error_text("Conversion Error: Type INT32 with value 123456 can't be cast because the value is out "
                      "of range for the destination type INT8"),
      "conversion error: Type INT32 with value … cannot be cast because the value is out of range for the "
      "destination type INT8");
  EXPECT_EQ(safe_error_text(
                "Conversion Error: Could not convert string 'a\n\nLINE 1: b' to INT32\n\nLINE 1: SELECT"),
            "conversion error: Could not convert string … to INT32");
  EXPECT_EQ(safe_error_text("Jane Doe"), "error: …");
  EXPECT_EQ(safe_error_text(""), "error: ");
  EXPECT_EQ(safe_error_text("Jane Doe Error: x"), "… error: …");
}

// Every value below is planted in a row and must not come out, whatever DuckDB says about it.
TEST_F(ErrorTextTest, NoValueOfARowLeaks) {
  ASSERT_TRUE(connection_
                  ->run("CREATE TABLE t (s VARCHAR, n BIGINT, k VARCHAR PRIMARY KEY);"
                        "INSERT INTO t VALUES ('Canary O''Brien \"x\"', 4155550199, 'canary-key-77'),"
                        " ('Canary' || chr(10) || 'second canary', 4155550198, 'canary-key-78')")
                  .ok());
  const char* statements[] = {
      "SELECT s::integer FROM t",
      "SELECT s::date FROM t",
      "SELECT s::timestamp FROM t",
      "SELECT s::uuid FROM t",
      "SELECT s::decimal(5,2) FROM t",
      "SELECT (s || '\\x1')::blob FROM t",
      "SELECT s::boolean FROM t",
      "SELECT s::json FROM t",
      "SELECT s::interval FROM t",
      "SELECT n::tinyint FROM t",
      "SELECT n::decimal(4,1) FROM t",
      "SELECT n * n * n FROM t",
      "SELECT -n - 9223372036854775807 FROM t",
      "SELECT strptime(s, '%Y-%m-%d') FROM t",
      "SELECT regexp_matches(s, '(' || s) FROM t",
      "SELECT error(s) FROM t",
      "SELECT json_extract(s, '$.a') FROM t",
      "SELECT make_date(n, 1, 1) FROM t",
      "SELECT chr((n % 100000000)::int) FROM t",
      "SELECT s::enum_t FROM (SELECT s FROM t)",
      "SELECT s::integer[] FROM t",
      "SELECT s::struct(a integer) FROM t",
      "SELECT date_part(s, DATE '2020-01-01') FROM t",
      "SELECT (SELECT s FROM t)::integer",
      "SELECT printf(s || '%d %q', n) FROM t",
      "INSERT INTO t SELECT s, n, k FROM t",
      "UPDATE t SET k = 'canary-key-79'",
  };
  ASSERT_TRUE(connection_->run("CREATE TYPE enum_t AS ENUM ('a', 'b')").ok());
  int failed = 0;
  for (const char* statement : statements) {
    const auto outcome = connection_->run(statement);
    if (outcome.ok()) continue;
    ++failed;
    const std::string text = outcome.error().text() + outcome.error().hint;
    for (const char* canary : {"anary", "Brien", "415555", "second", "key-7"}) {
      EXPECT_EQ(text.find(canary), std::string::npos) << statement << ": " << text;
    }
    EXPECT_EQ(text.find('\n'), std::string::npos) << statement;
  }
  EXPECT_GE(failed, 22);
}

}  // namespace
}  // namespace godwit::duck
