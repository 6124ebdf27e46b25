#include "sql/meaning.h"

#include "gtest/gtest.h"

namespace godwit::sql {
namespace {

void expect_same(std::string_view a, std::string_view b, Dialect dialect = Dialect::postgres) {
  EXPECT_EQ(canonical(a, dialect), canonical(b, dialect));
}

void expect_other(std::string_view a, std::string_view b, Dialect dialect = Dialect::postgres) {
  EXPECT_NE(canonical(a, dialect), canonical(b, dialect));
}

TEST(Meaning, LayoutAndCommentsAreNothing) {
  expect_same("CREATE TABLE Users(ID int,name text);",
              "-- people\ncreate table users (\r\n  id   int, /* x */\n  name text\n)");
  expect_same("select 1;;;select 2", "\xEF\xBB\xBFselect 1;\n\n;select 2;\n");
  expect_same("select a<b,c", "select a < b , c");
  expect_same("select a <- 1", "select a < - 1");
  expect_same("select - - 1", "select -\n-1");
  expect_same("select 1E5, X'1f', n'a'", "select 1e5,x'1f',N'a'");
  expect_same("select 'a'\n'b'", "select 'a'  \n\n -- more\n 'b'");
  expect_same("SELECT A FROM T", "select a from t", Dialect::sqlite);
}

TEST(Meaning, ACheckoutMayChangeLineEnds) {
  expect_same("select $$a\r\nb$$, 'c\r\nd';\r\ncopy t from stdin;\r\n1\r\n\\.\r\n",
              "select $$a\nb$$, 'c\nd';\ncopy t from stdin;\n1\n\\.\n");
  expect_same("select 'a\r\n", "select 'a\n");
  expect_other("select 'a\rb'", "select 'a\nb'");
}

// Hashes of these stand in databases: they never change.
TEST(Meaning, GoldenForms) {
  EXPECT_EQ(canonical("\xEF\xBB\xBF-- people\r\nCREATE TABLE \"People\" (ID bigint PRIMARY KEY, Name text "
                      "DEFAULT E'it\\'s' /* x */);\r\n"
                      "INSERT INTO People VALUES (-1.5E3, U&'d\\0061' 'B'\n'C', $fn$ Body $fn$, "
                      "a<>B::Int[1:2], c->>'D', $1);;\n"
                      "COPY T FROM STDIN; -- rows\n1\tA\n\\.\n\\Set X  y\nSELECT 1 \\gset\n",
                      Dialect::postgres),
            "create table \"People\" ( id bigint primary key , name text default e'it\\'s' );\n"
            "insert into people values ( - 1.5e3 , u&'d\\0061' 'B'\n'C' , $fn$ Body $fn$ , a <> b :: int [ 1 "
            ": 2 ] , c ->> 'D' , $1 );\n"
            "copy t from stdin;\n1\tA\n\\.\n"
            "\\Set X  y\n"
            "select 1;\n"
            "\\gset\n");
  EXPECT_EQ(
      canonical("CREATE TRIGGER T AFTER INSERT ON [A b] BEGIN SELECT `C`, X'0A'; END;", Dialect::sqlite),
      "create trigger t after insert on [A b] begin select `C` , x'0A' ; end;\n");
}

TEST(Meaning, AnythingElseIs) {
  expect_other("select 1", "select 2");
  expect_other("select 'a'", "select 'A'");
  expect_other("select 'a b'", "select 'a  b'");
  expect_other("select \"A\"", "select \"a\"");
  expect_other("select \"a\"", "select a");
  expect_other("select $$A$$", "select $$a$$");
  expect_other("select $$a -- x$$", "select $$a$$");
  expect_other("select E'a\\'", "select E'a\\''");
  expect_other("select X'1f'", "select X'1F'");
  expect_other("select 1; select 2", "select 2; select 1");
  expect_other("select 1; select 2", "select 1 select 2");
  expect_other("select a @- 1", "select a @ - 1");
  expect_other("select a - -1", "select a --1\n");
  expect_other("select 'a' 'b'", "select 'a'\n'b'");
  expect_other("select 12", "select 1 2");
  expect_other("select [A]", "select [a]", Dialect::sqlite);
  expect_other("select 1", "select 1; \\echo 1");
  expect_other("\\set A 1", "\\set a 1");
  expect_other("copy t from stdin;\n1\n\\.\n", "copy t from stdin;\n2\n\\.\n");
  expect_other("copy t from stdin;\nA\n\\.\n", "copy t from stdin;\na\n\\.\n");
  expect_other("copy t from stdin;\n\\.\n", "copy t from stdin;\n\n\\.\n");
}

TEST(Meaning, WhatCannotBeSplitIsItsOwnForm) {
  EXPECT_EQ(canonical("SELECT 'a", Dialect::postgres), "SELECT 'a");
}

TEST(Meaning, TheFormIsItsOwnForm) {
  for (const std::string_view script :
       {"Select 1; SELECT 'A'\n -- x\n 'B', E'\\''", "COPY t FROM stdin; -- x\n1\tA\n\\.\nselect 1",
        "\\set A 1\nselect 2 \\gset\n", "create function F() returns int begin atomic SELECT 1; END",
        "select 1 +-2, 3 @- 4, a.\"B\", $x$ Y $x$"}) {
    const std::string form = canonical(script, Dialect::postgres);
    EXPECT_EQ(canonical(form, Dialect::postgres), form);
  }
  EXPECT_EQ(canonical("Select 'A' ; select 2", Dialect::postgres), "select 'A';\nselect 2;\n");
}

}  // namespace
}  // namespace godwit::sql
