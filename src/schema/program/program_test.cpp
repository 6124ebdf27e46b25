#include "schema/program/program.h"

#include "schema/program/python_failure.h"

#include <gtest/gtest.h>

namespace godwit::schema {
namespace {

TEST(PythonFailure, LastTracebackAndThePlaceInTheRevision) {
  const PythonFailure failure = python_failure(
      "INFO  [alembic] running\n"
      "Traceback (most recent call last):\n"
      "  File \"/v/sqlalchemy/engine/base.py\", line 1, in _execute\n"
      "psycopg2.errors.UndefinedTable: relation \"x\" does not exist\n"
      "LINE 1: INSERT INTO x VALUES ('ada@example.org')\n"
      "\n"
      "The above exception was the direct cause of the following exception:\n"
      "\n"
      "Traceback (most recent call last):\n"
      "  File \"/srv/app/versions/0001_x.py\", line 14, in upgrade\n"
      "    op.execute(\"INSERT\")\n"
      "  File \"/v/sqlalchemy/engine/base.py\", line 2, in _execute\n"
      "sqlalchemy.exc.ProgrammingError: (psycopg2.errors.UndefinedTable) relation \"x\" does not exist\n"
      "[SQL: INSERT INTO x VALUES ('ada@example.org')]\n",
      "0001_x.py");
  EXPECT_EQ(
      failure.message,
      "sqlalchemy.exc.ProgrammingError: (psycopg2.errors.UndefinedTable) relation \"x\" does not exist");
  EXPECT_EQ(failure.sqlstate, "42P01");
  EXPECT_EQ(failure.where.file, "/srv/app/versions/0001_x.py");
  EXPECT_EQ(failure.where.line, 14);
}

TEST(PythonFailure, AlembicsOwnLineAndNothingAtAll) {
  const PythonFailure own =
      python_failure("INFO x\nFAILED: Can't locate revision identified by 'x'\n", "a.py");
  EXPECT_EQ(own.message, "Can't locate revision identified by 'x'");
  EXPECT_TRUE(own.where.file.empty());
  EXPECT_EQ(python_failure("", "a.py").message, "it said nothing");
  EXPECT_EQ(python_failure("one\ntwo\n", "a.py").message, "two");
}

// What is no word of the language's own must stand in the migration itself.
TEST(ToldMessage, SaysNothingButTheFile) {
  constexpr std::string_view source = "knex('person').insert({id: 17, name: 'x'})";
  EXPECT_EQ(told_message("no such table: person", "Error", source, true), "no such table: person");
  EXPECT_EQ(told_message("knex.nowhere is not a function", "TypeError", "knex.nowhere()", true),
            "knex.nowhere is not a function");
  EXPECT_EQ(told_message("Ada", "Error", source, true), "Error (what it says may quote data)");
  EXPECT_EQ(told_message("name 'Ada'", "TypeError", source, true), "TypeError (what it says may quote data)");
  EXPECT_EQ(told_message("no ada@example.org", "Error", source, true), "Error (what it says may quote data)");
  EXPECT_EQ(told_message("key 4711 is there", "Error", source, true), "Error (what it says may quote data)");
  EXPECT_EQ(told_message("column \"b\" does not exist\nDETAIL: x", "Error", source, false),
            "column \"b\" does not exist");
}

}  // namespace
}  // namespace godwit::schema
