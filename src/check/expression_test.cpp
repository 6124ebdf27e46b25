#include "check/expression.h"

#include <gtest/gtest.h>

namespace godwit::check {
namespace {

TEST(Expression, RegularExpressionsSearchAsInPostgreSql) {
  EXPECT_EQ(rewrite_for_duckdb("phone ~ '^\\d{3}$'"), "phone ~ '\\d{3}'");
  EXPECT_EQ(rewrite_for_duckdb("email ~ '@'"), "email ~ '(?s:.*)@(?s:.*)'");
  EXPECT_EQ(rewrite_for_duckdb("email !~* '^x|y$'"), "email !~ '(?i)(?s:.*)(?:^x|y$)(?s:.*)'");
  EXPECT_EQ(rewrite_for_duckdb("note = '~ ''x'''"), "note = '~ ''x'''");
}

std::string without_spaces(std::string text) {
  std::erase(text, ' ');
  return text;
}

TEST(Expression, PostgreSqlCastsAndArrays) {
  EXPECT_EQ(without_spaces(rewrite_for_duckdb(
                "((status)::text = ANY ((ARRAY['a'::character varying, 'b'::character varying])::text[]))")),
            "((status)::VARCHARIN('a'::VARCHAR,'b'::VARCHAR))");
  EXPECT_EQ(without_spaces(rewrite_for_duckdb("(level = ANY (ARRAY[1, 2]))")), "(levelIN(1,2))");
}

TEST(Expression, WhatIsNotUnderstoodStaysAsItIs) {
  for (const char* expression : {"x = ANY (ARRAY[1] || y)", "x = ANY (ARRAY[1] y)",
                                 "x = ANY (ARRAY[1]::int[] || y)", "a ~ 'abc", "a ~ 'abc''"}) {
    EXPECT_EQ(rewrite_for_duckdb(expression), expression);
  }
}

TEST(Expression, FieldIsTheColumn) {
  EXPECT_EQ(substitute_field("length(field) > 1 AND 'field' <> field_x", "First Name"),
            "length(\"First Name\") > 1 AND 'field' <> field_x");
}

TEST(Expression, AFieldBesideAQuotedNameStaysAName) {
  EXPECT_EQ(substitute_field("\"a\"field\"b\" < field", "c"), "\"a\" \"c\" \"b\" < \"c\"");
}

TEST(Expression, OneNowPerRun) {
  EXPECT_EQ(freeze_time("a <= now() AND b < CURRENT_DATE AND c = 'now()'", "2026-11-21 02:52:19"),
            "a <= TIMESTAMP '2026-11-21 02:52:19' AND b < DATE '2026-11-21' AND c = 'now()'");
}

TEST(Expression, MomentsAreComparedInUtc) {
  EXPECT_EQ(compare_in_utc("a < TIMESTAMPTZ '2030-01-01 00:00:00+00'"),
            "a < CAST(TIMESTAMPTZ '2030-01-01 00:00:00+00' AS TIMESTAMP)");
  EXPECT_EQ(compare_in_utc("a BETWEEN timestamptz '1' AND  TimestampTZ'2'"),
            "a BETWEEN CAST(timestamptz '1' AS TIMESTAMP) AND  CAST(TimestampTZ'2' AS TIMESTAMP)");
  for (const char* left :
       {"a < TIMESTAMPTZ '2030-01-01 00:00:00+00' AT TIME ZONE 'Asia/Tokyo'",
        "timezone('Asia/Tokyo', TIMESTAMPTZ '2030-01-01 00:00:00+00') > a", "a = 'TIMESTAMPTZ'",
        "a = \"timestamptz\"", "a < timestamptz", "a < b::TIMESTAMPTZ"}) {
    EXPECT_EQ(compare_in_utc(left), left);
  }
}

TEST(ColumnsNamed, QuotedOrNotInAnyCase) {
  const std::vector<std::string> columns = {"id", "Grade", "the \"room\""};
  using Named = std::vector<std::string>;
  EXPECT_EQ(columns_named("grade BETWEEN 1 AND 3 AND name <> 'id'", columns), Named({"Grade"}));
  EXPECT_EQ(columns_named("\"the \"\"room\"\"\" = ID", columns), Named({"id", "the \"room\""}));
  EXPECT_EQ(columns_named("identity = 1", columns), Named());
}

}  // namespace
}  // namespace godwit::check
