#include "schema/history/alembic/files/revision_file.h"

#include <gtest/gtest.h>

namespace godwit::schema::alembic {
namespace {

using Names = std::vector<std::string>;

Revision read(const std::string& text, const std::string& path = "a.py") {
  auto revision = read_revision_file({path, text});
  EXPECT_TRUE(revision.ok()) << (revision.ok() ? "" : revision.error().text());
  return revision.ok() ? *revision : Revision();
}

std::string error_of(const std::string& text, const std::string& path = "a.py") {
  const auto revision = read_revision_file({path, text});
  return revision.ok() ? "no error" : revision.error().text();
}

TEST(AlembicRevisionFile, Names) {
  EXPECT_TRUE(is_revision_file("d62d8b44f851_add.py"));
  EXPECT_FALSE(is_revision_file("__init__.py"));
  EXPECT_FALSE(is_revision_file(".#d62d8b44f851_add.py"));
  EXPECT_FALSE(is_revision_file("d62d8b44f851_add.pyc"));
  EXPECT_FALSE(is_revision_file("README"));
}

TEST(AlembicRevisionFile, PlainHeader) {
  const Revision revision = read(
      "\"\"\"add users\n\nRevision ID: d62d8b44f851\nRevises: 001\n\"\"\"\n"
      "from alembic import op\nimport sqlalchemy as sa\n\n\n"
      "# revision identifiers\nrevision = 'd62d8b44f851'\ndown_revision = '001'\n"
      "branch_labels = None\ndepends_on = None\n\n"
      "def upgrade():\n    revision = 'not this'\n    op.execute(\"revision = 'nor this'\")\n\n"
      "def downgrade():\n    pass\n");
  EXPECT_EQ(revision.id, "d62d8b44f851");
  EXPECT_EQ(revision.parents, Names{"001"});
  EXPECT_TRUE(revision.labels.empty());
  EXPECT_TRUE(revision.depends_on.empty());
  EXPECT_EQ(short_doc(revision), "add users");
  EXPECT_TRUE(revision.has_upgrade);
  EXPECT_TRUE(revision.has_downgrade);
  EXPECT_EQ(revision.parents_at.line, 12);
  EXPECT_EQ(revision.parents_at.column, 17);
}

TEST(AlembicRevisionFile, AnnotatedHeaders) {
  const Revision unions = read(
      "from typing import Sequence, Union\n"
      "revision: str = \"b4591d8d37bd\"\n"
      "down_revision: Union[str, Sequence[str], None] = \"8b2566889924\"\n"
      "branch_labels: Union[str, Sequence[str], None] = (\"app\", \"web\")\n"
      "depends_on: Union[str, Sequence[str], None] = [\n    \"core\",  # the other one\n    'e578',\n]\n");
  EXPECT_EQ(unions.id, "b4591d8d37bd");
  EXPECT_EQ(unions.parents, Names{"8b2566889924"});
  EXPECT_EQ(unions.labels, (Names{"app", "web"}));
  EXPECT_EQ(unions.depends_on, (Names{"core", "e578"}));
  EXPECT_FALSE(unions.has_upgrade);

  const Revision bars = read(
      "revision: str = '20251203_2148'\n"
      "down_revision: str | tuple[str, ...] | None = (\n    'b4591d8d37bd',\n    '20251203_2147'\n)\n"
      "depends_on: \"str | None\" = None\n");
  EXPECT_EQ(bars.parents, (Names{"b4591d8d37bd", "20251203_2147"}));
}

TEST(AlembicRevisionFile, EveryWayToWriteAString) {
  const Revision revision = read(
      "'''one\ntwo\n\nthree'''\r\n"
      "revision = (\r\n  r'ab' \"cd\"\r\n)\r\n"
      "down_revision = \\\n  '''0\\x301'''\n"
      "branch_labels = 'one', 'two'; depends_on = u'\\u00e4'\n");
  EXPECT_EQ(revision.id, "abcd");
  EXPECT_EQ(revision.parents, Names{"001"});
  EXPECT_EQ(revision.labels, (Names{"one", "two"}));
  EXPECT_EQ(revision.depends_on, Names{"\xC3\xA4"});
  EXPECT_EQ(short_doc(revision), "one\ntwo");
}

TEST(AlembicRevisionFile, LastAssignmentCounts) {
  EXPECT_EQ(read("\xEF\xBB\xBFrevision = 'a1'\nrevision = 'b2'\ndown_revision = None\n").id, "b2");
}

TEST(AlembicRevisionFile, EmptyTupleIsNoParent) {
  EXPECT_TRUE(read("revision = 'a1'\ndown_revision = ()\n").parents.empty());
  EXPECT_EQ(read("revision = 'a1'\ndown_revision = ('b2',)\n").parents, Names{"b2"});
  EXPECT_EQ(read("revision = 'a1'\ndown_revision = ('b2')\n").parents, Names{"b2"});
}

TEST(AlembicRevisionFile, LegacyNamesItself) {
  EXPECT_EQ(read("down_revision = None\n", "1975ea83b712.py").id, "1975ea83b712");
  EXPECT_EQ(error_of("down_revision = None\n", "first_one.py").substr(0, 78),
            "first_one.py:1:1: Could not determine revision id from filename first_one.py");
}

TEST(AlembicRevisionFile, WhatOnlyPythonCouldWorkOut) {
  EXPECT_EQ(error_of("x = 1\nrevision = make_id()\ndown_revision = None\n"),
            "a.py:2:12: the value of revision is not constant");
  EXPECT_EQ(error_of("revision = 'a' + 'b'\ndown_revision = None\n"),
            "a.py:1:16: the value of revision is not constant");
  EXPECT_EQ(error_of("revision = f'a{1}'\ndown_revision = None\n"),
            "a.py:1:12: the value of revision is not constant");
  EXPECT_EQ(error_of("revision = 'a1\ndown_revision = None\n"),
            "a.py:1:12: the string of revision does not end");
  EXPECT_EQ(error_of("revision = 'a1'\ndown_revision = ('b2',\n"),
            "a.py:2:17: the bracket of down_revision is never closed");
  EXPECT_EQ(error_of("revision = None\ndown_revision = None\n"), "a.py:1:12: revision is not one string");
  EXPECT_EQ(error_of("revision = ('a1',)\ndown_revision = None\n"), "a.py:1:12: revision is not one string");
  EXPECT_EQ(error_of("revision = 'a1'\n"), "a.py:1:12: revision a1 does not assign down_revision");
}

// What stands in the bodies must not be mistaken for a header, and must not disturb reading it.
TEST(AlembicRevisionFile, BodiesDoNotDisturb) {
  const Revision revision = read(
      "'doc'\n"
      "SQL = \"\"\"\nrevision = 'inside a string'\n\"\"\"\n"
      "CALL = f(\nrevision='an argument')\n"
      "NESTED = f\"{a[\"b\"]}\"\n"
      "LONG = 'it''s' # down_revision = 'a comment'\n"
      "if True:\n    revision = 'indented'\n"
      "revision = 'a1'\ndown_revision = None\n");
  EXPECT_EQ(revision.id, "a1");
  EXPECT_TRUE(revision.parents.empty());
}

}  // namespace
}  // namespace godwit::schema::alembic
