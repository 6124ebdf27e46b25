#include "schema/history/alembic/files/alembic_ini.h"

#include <gtest/gtest.h>

namespace godwit::schema::alembic {
namespace {

using Names = std::vector<std::string>;

Result<AlembicIni> read(const std::string& text) {
  return read_alembic_ini(text, "alembic.ini", "/srv/app");
}

std::string error_of(const std::string& text) {
  const auto ini = read(text);
  return ini.ok() ? "no error" : ini.error().text();
}

TEST(AlembicIni, WhatATeamHas) {
  const auto ini = read(
      "# A generic, single database configuration.\n\n[alembic]\n# path\nscript_location = "
      "%(here)s/migrations\n"
      "file_template = %%(year)d%%(month).2d%%(day).2d_%%(rev)s_%%(slug)s\n"
      "truncate_slug_length = 40\n\nprepend_sys_path = .\nversion_path_separator = os\n"
      "sqlalchemy.url = postgresql://user:p%%40ss@localhost/%(name)s\nname: roster\n\n"
      "[loggers]\nkeys = root,sqlalchemy\n[formatter_generic]\nformat = %(levelname)-5.5s %(message)s\n");
  ASSERT_TRUE(ini.ok()) << ini.error().text();
  EXPECT_EQ(ini->script_location, "/srv/app/migrations");
  EXPECT_EQ(ini->version_locations, Names{"/srv/app/migrations/versions"});
  EXPECT_EQ(ini->file_template, "%(year)d%(month).2d%(day).2d_%(rev)s_%(slug)s");
  EXPECT_EQ(ini->slug_length_max, 40);
  EXPECT_EQ(ini->url.reveal(), "postgresql://user:p%40ss@localhost/roster");
  EXPECT_EQ(ini->url_at.line, 11);
  EXPECT_EQ(ini->url_at.column, 18);
  EXPECT_FALSE(ini->recursive);
}

TEST(AlembicIni, SeveralLocations) {
  const std::string head = "[alembic]\nscript_location = m\nrecursive_version_locations = true\n";
  EXPECT_EQ(read(head + "version_locations = a b, c\n")->version_locations, (Names{"a", "b", "c"}));
  EXPECT_EQ(read(head + "path_separator = os\nversion_locations = a b:/c\n")->version_locations,
            (Names{"a b", "/c"}));
  EXPECT_EQ(read(head + "path_separator = newline\nversion_locations =\n    a b\n\n    %(here)s/c\n")
                ->version_locations,
            (Names{"a b", "/srv/app/c"}));
  EXPECT_EQ(read(head + "version_path_separator = ;\nversion_locations = a;b\n")->version_locations,
            (Names{"a", "b"}));
  EXPECT_TRUE(read(head)->recursive);
}

TEST(AlembicIni, DefaultsAndOtherNames) {
  const std::string text = "[DEFAULT]\nbase = m\n[one]\nscript_location = %(base)s/one\n[two]\nx = 1\n";
  EXPECT_EQ(read_alembic_ini(text, "a.ini", "/h", "one")->script_location, "m/one");
  EXPECT_EQ(read_alembic_ini(text, "a.ini", "/h", "two").error().text(),
            "a.ini:1:1: No 'script_location' key found in configuration section [two]");
}

TEST(AlembicIni, Wrong) {
  EXPECT_EQ(error_of(""), "alembic.ini:1:1: there is no section [alembic]");
  EXPECT_EQ(error_of("x = 1\n"), "alembic.ini:1:1: text before the first section");
  EXPECT_EQ(error_of("[alembic\n"), "alembic.ini:1:1: a section is [name]");
  EXPECT_EQ(error_of("[alembic]\nwords\n"), "alembic.ini:2:1: neither a section nor 'key = value'");
  EXPECT_EQ(error_of("[alembic]\nA = 1\na = 2\n"), "alembic.ini:3:1: a second 'a' in this section");
  EXPECT_EQ(error_of("[alembic]\n[alembic]\n"), "alembic.ini:2:1: a second section [alembic]");
  EXPECT_EQ(error_of("[alembic]\nscript_location = 100%\n"),
            "alembic.ini:2:19: a '%' that begins no %(name)s");
  EXPECT_EQ(error_of("[alembic]\nscript_location = %(nothing)s\n"),
            "alembic.ini:2:19: %(nothing)s is not known");
  EXPECT_EQ(error_of("[alembic]\nscript_location = %(script_location)s\n"),
            "alembic.ini:2:19: the value stands inside of itself");
  EXPECT_EQ(error_of("[alembic]\nscript_location = app:migrations\n"),
            "alembic.ini:2:19: 'app:migrations' is a place inside of a Python package");
  EXPECT_EQ(error_of("[alembic]\nscript_location = m\npath_separator = tab\n"),
            "alembic.ini:3:18: 'tab' is not a valid value for path_separator");
  EXPECT_EQ(error_of("[alembic]\nscript_location = m\ntruncate_slug_length = many\n"),
            "alembic.ini:3:24: truncate_slug_length is not a number");
}

}  // namespace
}  // namespace godwit::schema::alembic
