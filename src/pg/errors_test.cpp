#include "pg/errors.h"

#include <gtest/gtest.h>

namespace godwit::pg {
namespace {

TEST(Errors, MapSqlstatesToKinds) {
  EXPECT_EQ(kind_of("08006"), ErrorKind::unreachable);
  EXPECT_EQ(kind_of("57P03"), ErrorKind::unreachable);
  EXPECT_EQ(kind_of("28P01"), ErrorKind::credentials);
  EXPECT_EQ(kind_of("25006"), ErrorKind::gate);
  EXPECT_EQ(kind_of("55P03"), ErrorKind::locked);
  EXPECT_EQ(kind_of("23505"), ErrorKind::failed);
  EXPECT_EQ(kind_of("57014"), ErrorKind::failed);
  EXPECT_EQ(kind_of(""), ErrorKind::failed);
}

TEST(Errors, NameWhatFailed) {
  ErrorFields fields;
  fields.sqlstate = "23505";
  fields.schema = "public";
  fields.table = "students";
  fields.constraint = "students_pkey";
  const Error error = error_from(fields);
  EXPECT_EQ(error.message, "unique_violation on public.students, constraint students_pkey");
  EXPECT_EQ(error.sqlstate, "23505");
}

TEST(Errors, FallBackToTheClass) {
  EXPECT_EQ(condition_name("22012"), "data_exception");
  EXPECT_EQ(condition_name("QQ000"), "");
}

TEST(Errors, WithoutSqlstateTheConnectionIsLost) {
  EXPECT_EQ(error_from({}).kind, ErrorKind::unreachable);
}

}  // namespace
}  // namespace godwit::pg
