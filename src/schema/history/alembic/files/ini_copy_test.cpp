#include "schema/history/alembic/files/ini_copy.h"

#include "schema/history/alembic/files/alembic_ini.h"

#include <gtest/gtest.h>

namespace godwit::schema::alembic {
namespace {

constexpr std::string_view original = R"([DEFAULT]
base = %(here)s/db
[alembic]
script_location = %(here)s/migrations
sqlalchemy.url = postgresql://old
  :secret@host/db
file_template = %%(rev)s_%%(slug)s
[other]
script_location = o
sqlalchemy.url = sqlite:///other.db
)";

TEST(IniCopy, AnotherUrlTheSamePlaces) {
  const std::string copy = ini_copy(original, "alembic", "/srv/100%/app", "postgresql://u:p%40ss@h/db");
  EXPECT_EQ(copy.find("secret"), std::string::npos);
  const auto read = read_alembic_ini(copy, "/tmp/copy.ini", "/tmp");
  ASSERT_TRUE(read.ok()) << read.error().text();
  EXPECT_EQ(read->url.reveal(), "postgresql://u:p%40ss@h/db");
  EXPECT_EQ(read->script_location, "/srv/100%/app/migrations");
  EXPECT_EQ(read->file_template, "%(rev)s_%(slug)s");
  const auto other = read_alembic_ini(copy, "/tmp/copy.ini", "/tmp", "other");
  ASSERT_TRUE(other.ok()) << other.error().text();
  EXPECT_EQ(other->url.reveal(), "sqlite:///other.db");
}

TEST(IniCopy, ASectionThatNamesNoUrlGetsOne) {
  const auto read =
      read_alembic_ini(ini_copy("[alembic]\nscript_location = m\n", "alembic", "/x", "sqlite:////a.db"),
                       "/tmp/copy.ini", "/tmp");
  ASSERT_TRUE(read.ok()) << read.error().text();
  EXPECT_EQ(read->url.reveal(), "sqlite:////a.db");
}

}  // namespace
}  // namespace godwit::schema::alembic
