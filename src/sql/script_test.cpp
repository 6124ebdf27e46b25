#include "sql/script.h"

#include "gtest/gtest.h"

#include <chrono>
#include <string>

namespace godwit::sql {
namespace {

using Texts = std::vector<std::string>;

std::vector<Statement> statements_of(std::string_view script, Dialect dialect = Dialect::postgres) {
  auto statements = split(script, dialect);
  EXPECT_TRUE(statements.ok()) << statements.error().message << " at " << statements.error().where.line << ":"
                               << statements.error().where.column;
  return statements.ok() ? std::move(statements).value() : std::vector<Statement>{};
}

Texts texts_of(std::string_view script, Dialect dialect = Dialect::postgres) {
  Texts texts;
  for (const Statement& statement : statements_of(script, dialect))
    texts.emplace_back(statement.text);
  return texts;
}

// The whole text is one statement, although semicolons stand in it.
void expect_one(std::string_view text, Dialect dialect = Dialect::postgres) {
  EXPECT_EQ(texts_of(std::string(text) + ";select 2", dialect), (Texts{std::string(text), "select 2"}));
}

// "3:7 what never ends", or "no error".
std::string problem_of(std::string_view script, Dialect dialect = Dialect::postgres) {
  const auto statements = split(script, dialect);
  if (statements.ok()) return "no error";
  const Error& error = statements.error();
  EXPECT_EQ(error.kind, ErrorKind::config);
  return std::to_string(error.where.line) + ":" + std::to_string(error.where.column) + " " + error.message;
}

TEST(Script, NothingIsNoStatement) {
  EXPECT_TRUE(statements_of("").empty());
  EXPECT_TRUE(statements_of(" \r\n;;\t; -- nothing; here\n/* nor; here */;").empty());
  EXPECT_TRUE(statements_of("\xEF\xBB\xBF").empty());
}

TEST(Script, SplitsAtSemicolons) {
  EXPECT_EQ(texts_of("select 1; select 2 ;\n\n;select 3"), (Texts{"select 1", "select 2", "select 3"}));
}

TEST(Script, CommentsInsideStayThoseAroundDoNot) {
  EXPECT_EQ(
      texts_of("-- before; this\nselect /* in; side */ 1 -- on; it\n + 1 /* after; it */; -- and; this"),
      (Texts{"select /* in; side */ 1 -- on; it\n + 1"}));
}

TEST(Script, SaysWhereEachStatementStarts) {
  const std::string script = "\xEF\xBB\xBFselect 1;\r\n  -- caf\xC3\xA9;\r\n/* \xC3\xA9 */ select 2;select 3";
  const auto statements = statements_of(script);
  ASSERT_EQ(statements.size(), 3U);
  EXPECT_EQ(statements[0].offset, 3U);
  EXPECT_EQ(statements[0].line, 1);
  EXPECT_EQ(statements[0].column, 1);
  EXPECT_EQ(statements[1].line, 3);
  EXPECT_EQ(statements[1].column, 9);
  EXPECT_EQ(statements[2].line, 3);
  EXPECT_EQ(statements[2].column, 18);
  for (const Statement& statement : statements)
    EXPECT_EQ(statement.text.data(), script.data() + statement.offset);
}

TEST(Script, StringsOfEveryKind) {
  expect_one("select 'a;''b;'");
  expect_one(R"(select 'ends with a backslash \')");
  expect_one(R"(select E'a\';b', e'\\')");
  expect_one(R"(select E'a''\';b')");
  expect_one(R"(select U&'d\0061t;\+000061' uescape '!', u&"n\0061me;")");
  expect_one("select B'1;', x'1F;', N'n;', n'it\\'");
  expect_one(R"(select "a;""b;" from "t;")");
  expect_one("select date '2026-01-01', name'x;', fine'y;'");
}

TEST(Script, AContinuedStringKeepsItsBackslashes) {
  expect_one("select E'a'\n'b\\';c'");
  expect_one("select E'a' -- no comment can stand here, so it is another string\n'b\\'");
  expect_one("select E'a'\n -- but here it can\n'b\\';c'");
  expect_one("select 'a'\n'b\\'");
  expect_one("select E'a' 'b\\'");
}

TEST(Script, DollarQuotes) {
  expect_one("select $$a;b$$, $tag$a;$$;$other$;$tag$, $\xC3\xA9$;$\xC3\xA9$");
  expect_one("select $a$;$A$;$a$");
  EXPECT_EQ(texts_of("select a$b$ from t; select 1 as c$b$"),
            (Texts{"select a$b$ from t", "select 1 as c$b$"}));
  EXPECT_EQ(texts_of("select $1; select $2"), (Texts{"select $1", "select $2"}));
  EXPECT_EQ(texts_of("select 1 $; select $x; select 2"), (Texts{"select 1 $", "select $x", "select 2"}));
}

TEST(Script, CommentsNest) {
  expect_one("select /* a; /* b; */ c; */ 1");
  expect_one("select 1 /*/ ; */ + 2");
  EXPECT_EQ(texts_of("select 1 --x\r; select 2"), (Texts{"select 1", "select 2"}));
  EXPECT_EQ(texts_of("select 1 +--x;\n2; select 3"), (Texts{"select 1 +--x;\n2", "select 3"}));
  EXPECT_EQ(texts_of("select 4 @/* ; */ 2"), (Texts{"select 4 @/* ; */ 2"}));
}

TEST(Script, ParenthesesHoldSemicolons) {
  expect_one("create rule r as on insert to t do also (insert into a values ((1)); delete from b; )");
  EXPECT_EQ(texts_of("select 1); select 2"), (Texts{"select 1)", "select 2"}));
}

TEST(Script, BeginAtomic) {
  expect_one(
      "create function f(a int) returns int begin atomic select 1; select case when a > 0 then 1 end; END");
  expect_one(
      "CREATE OR REPLACE PROCEDURE p() LANGUAGE SQL BEGIN ATOMIC insert into t values (case 1 when 1 then 2 "
      "end);"
      " select case case 1 when 1 then 2 end when 2 then 3 end; select backend, the_end, bend from t; end");
  expect_one(
      "create function f() returns int begin /* really */ atomic select t.end, t.case as end from t; end");
  expect_one("create function f() returns int begin atomic select \"end\", 'end', $$end$$; end");
  expect_one("create function f() returns int return (select 1)");
  EXPECT_EQ(texts_of("begin; select 1; end; select 2"), (Texts{"begin", "select 1", "end", "select 2"}));
  EXPECT_EQ(
      texts_of(
          "create table begin_atomic (a int); create view v as select case 1 when 1 then 2 end; select 3"),
      (Texts{"create table begin_atomic (a int)", "create view v as select case 1 when 1 then 2 end",
             "select 3"}));
}

TEST(Script, CopyDataStandApart) {
  const auto statements = statements_of(
      "COPY t (a, \"from\") FROM stdin WITH (format csv); -- rows; follow\n1;\t'\n\\.x\n\\.\nselect 1;\n"
      "copy u from STDIN;\r\n2\r\n\\.\r\n\\restrict abc\ncopy v from stdin;\n\\.");
  ASSERT_EQ(statements.size(), 5U);
  EXPECT_EQ(statements[0].kind, Statement::Kind::copy_data);
  EXPECT_EQ(statements[0].text, "COPY t (a, \"from\") FROM stdin WITH (format csv)");
  EXPECT_EQ(statements[0].copy_data, "1;\t'\n\\.x\n");
  EXPECT_EQ(statements[1].kind, Statement::Kind::sql);
  EXPECT_EQ(statements[1].line, 5);
  EXPECT_EQ(statements[2].copy_data, "2\r\n");
  EXPECT_EQ(statements[3].text, "\\restrict abc");
  EXPECT_EQ(statements[3].line, 9);
  EXPECT_EQ(statements[4].kind, Statement::Kind::copy_data);
  EXPECT_EQ(statements[4].copy_data, "");
}

TEST(Script, OtherCopiesHaveNoData) {
  for (const Statement& statement :
       statements_of("copy t to stdout; copy (select 1 from stdin) to stdout;"
                     "copy t from '/f'; copy t from program 'stdin'; select 1 from stdin"))
    EXPECT_EQ(statement.kind, Statement::Kind::sql);
}

TEST(Script, PsqlCommands) {
  const auto statements = statements_of(
      "\\restrict Abc1\r\n\\connect - a;b\n  \\set x 'a;\\'b' \\\\ select 1;\nselect 2 \\gset p_\nselect "
      "3\\;select 4;\n"
      "\\copy t from stdin\n5;\n\\.\n\\copy u from 'f;' \\\\ x\nselect 6 \\g");
  Texts texts;
  for (const Statement& statement : statements) {
    EXPECT_EQ(statement.kind, statement.text.front() == '\\' ? Statement::Kind::meta : Statement::Kind::sql);
    texts.emplace_back(statement.text);
  }
  EXPECT_EQ(texts, (Texts{"\\restrict Abc1", "\\connect - a;b", "\\set x 'a;\\'b' \\\\", "select 1",
                          "select 2", "\\gset p_", "select 3", "\\;", "select 4", "\\copy t from stdin",
                          "\\copy u from 'f;' \\\\ x", "select 6", "\\g"}));
  EXPECT_EQ(statements[9].copy_data, "5;\n");
  EXPECT_EQ(statements[10].copy_data, "");
}

TEST(Script, SqliteQuotes) {
  expect_one("select [a;b], `c;``d`, \"e;\"\"f\", 'g;''h', x'00', 'i\\'", Dialect::sqlite);
  expect_one("select 1 /* a; /* b; */ + 1", Dialect::sqlite);
  EXPECT_EQ(texts_of("select $a$ ; select e'\\'; select \\", Dialect::sqlite),
            (Texts{"select $a$", "select e'\\'", "select \\"}));
}

TEST(Script, SqliteTriggers) {
  expect_one(
      "CREATE TEMP TRIGGER t AFTER UPDATE ON u BEGIN UPDATE u SET a = CASE WHEN b THEN 1 END; DELETE FROM u; "
      "END",
      Dialect::sqlite);
  expect_one(
      "create trigger if not exists begin after insert on t when new.a = 1 begin select end from t; end",
      Dialect::sqlite);
  EXPECT_EQ(texts_of("begin; create table t (a); end; select 1", Dialect::sqlite),
            (Texts{"begin", "create table t (a)", "end", "select 1"}));
}

TEST(Script, WhatNeverEndsIsAnErrorWithItsPlace) {
  EXPECT_EQ(problem_of("select 1;\n select 'a;\nb"), "2:9 a string starts here and never ends");
  EXPECT_EQ(problem_of("select\n\n E'a\\'"), "3:2 a string starts here and never ends");
  EXPECT_EQ(problem_of("select \"a"), "1:8 a quoted name starts here and never ends");
  EXPECT_EQ(problem_of("select \xC3\xA9 $x$ $y$"), "1:10 a dollar-quoted string starts here and never ends");
  EXPECT_EQ(problem_of("/* a /* b */"), "1:1 a comment starts here and never ends");
  EXPECT_EQ(problem_of("select 1;\n/*/"), "2:1 a comment starts here and never ends");
  EXPECT_EQ(problem_of("select (1;\nselect (2);"), "1:8 a parenthesis opens here and is never closed");
  EXPECT_EQ(problem_of("create function f() returns int begin atomic select 1;"), "1:33 BEGIN without END");
  EXPECT_EQ(problem_of("\ncopy t from stdin;\n1\n"),
            "2:1 the data of COPY never end: a line of \\. is missing");
  EXPECT_EQ(problem_of("copy t from stdin;"), "1:1 the data of COPY never end: a line of \\. is missing");
  EXPECT_EQ(problem_of("select [a", Dialect::sqlite), "1:8 a quoted name starts here and never ends");
  EXPECT_EQ(problem_of("create trigger t after insert on u begin select 1;", Dialect::sqlite),
            "1:36 BEGIN without END");
}

TEST(Script, WhatCannotBeAViewIsRefused) {
  EXPECT_EQ(problem_of("select 1\n\\echo hi\n+ 2;"), "2:1 the psql command \\echo stands inside a statement");
  EXPECT_EQ(problem_of("select (1 \\; 2)"), "1:11 the psql command \\; stands inside a statement");
  EXPECT_EQ(problem_of("copy t from stdin; select 1;\n1\n\\.\n"),
            "1:20 nothing but a comment can stand behind COPY from stdin on its line");
  EXPECT_EQ(problem_of("copy t from stdin \\g\n1\n\\.\n"),
            "1:19 COPY from stdin ends with a semicolon, not with \\g");
}

TEST(Script, StandardStringsAreNotSwitchedOff) {
  EXPECT_EQ(
      texts_of(
          "set standard_conforming_strings = on; SET LOCAL standard_conforming_strings TO 'on'; select 1")
          .size(),
      3U);
  EXPECT_EQ(problem_of("select 1; SET session standard_conforming_strings to off; select '\\'"),
            "1:11 standard_conforming_strings is set off: where strings end is then no longer known");
}

// 10 MB: what 10,000 migrations hold. Bounds are generous: this is about being linear, and in one pass.
TEST(Script, IsFast) {
  std::string script;
  while (script.size() < 1000)
    script +=
        "insert into t (a, b) values ('it''s', $$x$$, 1.5e3); -- why\n/* and */ select \"A\" from t where b "
        "<> 2;\n";
  const auto started = std::chrono::steady_clock::now();
  size_t statements = 0;
  for (int i = 0; i < 10000; ++i)
    statements += statements_of(script).size();
  const auto took = std::chrono::steady_clock::now() - started;
  EXPECT_EQ(statements % 10000, 0U);
  RecordProperty("milliseconds",
                 static_cast<int>(std::chrono::duration_cast<std::chrono::milliseconds>(took).count()));
  EXPECT_LT(took, std::chrono::seconds(2));

  std::string deep;
  for (int i = 0; i < 200000; ++i)
    deep += "'a'\n\n";
  EXPECT_EQ(texts_of(deep).size(), 1U);
}

}  // namespace
}  // namespace godwit::sql
