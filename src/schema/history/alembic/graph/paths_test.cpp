#include "schema/history/alembic/graph/paths.h"

#include "base/text.h"
#include "schema/history/alembic/graph/symbols.h"
#include "schema/history/alembic/test_revisions.h"

namespace godwit::schema::alembic {
namespace {

using Names = std::vector<std::string>;

std::string text(const Graph& graph, const Result<std::vector<Graph::Node>>& path) {
  return path.ok() ? join(ids_of(graph, *path), " ") : "error: " + path.error().message;
}

std::string up(const std::vector<TestRevision>& revisions, const Names& rows, std::string_view target) {
  const auto graph = graph_with(revisions);
  return text(*graph, upgrade_path(*graph, rows, target));
}

std::string down(const std::vector<TestRevision>& revisions, const Names& rows, std::string_view target) {
  const auto graph = graph_with(revisions);
  return text(*graph, downgrade_path(*graph, rows, target));
}

const std::string multiple =
    "error: Multiple head revisions are present for given argument 'head'; please specify a specific target "
    "revision, '<branchname>@head' to narrow to a specific head, or 'heads' for all heads";

TEST(AlembicSymbols, RelativeWords) {
  const auto plain = read_relative("+3");
  ASSERT_TRUE(plain);
  EXPECT_FALSE(plain->label);
  EXPECT_FALSE(plain->symbol);
  EXPECT_EQ(plain->steps, 3);
  const auto full = read_relative("app@ae10-2");
  ASSERT_TRUE(full);
  EXPECT_EQ(full->label, "app");
  EXPECT_EQ(full->symbol, "ae10");
  EXPECT_EQ(full->steps, -2);
  EXPECT_EQ(full->written, "-2");
  const auto label = read_relative("app@-1");
  ASSERT_TRUE(label);
  EXPECT_EQ(label->label, "app");
  EXPECT_FALSE(label->symbol);
  EXPECT_FALSE(read_relative("head"));
  EXPECT_FALSE(read_relative("app@head"));
  EXPECT_FALSE(read_relative("+"));
  EXPECT_FALSE(read_relative(""));
  EXPECT_EQ(read_relative("+99999999999999")->steps, 1'000'000'000);
}

TEST(AlembicPaths, UpOnTheFork) {
  const auto fork = fork_and_join();
  EXPECT_EQ(up(fork, {}, "8b2566889924"), "001 d62d8b44f851 8b2566889924");
  EXPECT_EQ(up(fork, {"8b2566889924"}, "head"), "20251203_2148 b4591d8d37bd e578e33478e1 20251203_2220");
  EXPECT_EQ(up(fork, {"8b2566889924"}, "b459"), "b4591d8d37bd");
  EXPECT_EQ(up(fork, {"8b2566889924"}, "+1"), "error: Ambiguous walk");
  EXPECT_EQ(up(fork, {}, "+2"), "001 d62d8b44f851");
  EXPECT_EQ(up(fork, {"d62d8b44f851"}, "001"), "");
  EXPECT_EQ(up(fork, {}, "base"), "");
  EXPECT_EQ(up(fork, {}, "head-2"), "error: Ambiguous walk");
  EXPECT_EQ(up(fork, {}, "001+1"), "001 d62d8b44f851");
}

TEST(AlembicPaths, UpRefused) {
  const auto fork = fork_and_join();
  EXPECT_EQ(up(fork, {}, "ffff"), "error: Can't locate revision identified by 'ffff'");
  EXPECT_EQ(up(fork, {}, "2025"), "error: Can't locate revision identified by '2025'");
  EXPECT_EQ(up(fork, {}, ""), "error: Can't locate revision identified by ''");
  EXPECT_EQ(up(fork, {"ffff"}, "head"), "error: Can't locate revision identified by 'ffff'");
  EXPECT_EQ(up(fork, {"20251203_2220"}, "+1"), "error: Relative revision +1 didn't produce 1 migrations");
  EXPECT_EQ(up(fork, {"20251203_2220"}, "-1"), "error: Relative revision -1 didn't produce 1 migrations");
  EXPECT_EQ(up(fork, {"b4591d8d37bd", "20251203_2148"}, "+1"),
            "error: Ambiguous upgrade from multiple current revisions");
  EXPECT_EQ(up(fork, {"b4591d8d37bd", "001"}, "head"),
            "error: Requested revision b4591d8d37bd overlaps with other requested revisions 001");
  EXPECT_EQ(up(two_lines(), {}, "head"), multiple);
  EXPECT_EQ(up(two_lines(), {}, "none@head"), "error: Can't locate revision identified by 'none'");
}

TEST(AlembicPaths, UpOnTwoLines) {
  const auto lines = two_lines();
  EXPECT_EQ(up(lines, {}, "app@head"), "aaaa1 aaaa2 bbbb1 bbbb2");
  EXPECT_EQ(up(lines, {}, "core@head"), "aaaa1 aaaa2");
  EXPECT_EQ(up(lines, {"aaaa2"}, "bbbb1"), "bbbb1");
  EXPECT_EQ(up(lines, {"aaaa2", "bbbb1"}, "heads"), "bbbb2");
  EXPECT_EQ(up(lines, {"aaaa1"}, "app@+1"), "bbbb1");
  EXPECT_EQ(up(lines, {}, "app@bbbb1"), "bbbb1");
  EXPECT_EQ(up(lines, {}, "app@aaaa1"), "error: Can't locate revision identified by 'aaaa1'");
}

TEST(AlembicPaths, Down) {
  const auto fork = fork_and_join();
  EXPECT_EQ(down(fork, {"e578e33478e1"}, "-1"), "error: Ambiguous walk");
  EXPECT_EQ(down(fork, {"e578e33478e1"}, "8b2566889924"), "e578e33478e1 b4591d8d37bd 20251203_2148");
  EXPECT_EQ(down(fork, {"20251203_2220"}, "-1"), "20251203_2220");
  EXPECT_EQ(down(fork, {"d62d8b44f851"}, "base"), "d62d8b44f851 001");
  EXPECT_EQ(down(fork, {"d62d8b44f851"}, "-2"), "d62d8b44f851 001");
  EXPECT_EQ(down(fork, {"d62d8b44f851"}, "-3"), "error: Relative revision -3 didn't produce 3 migrations");
  EXPECT_EQ(down(fork, {}, "-1"), "error: Relative revision -1 didn't produce 1 migrations");
  EXPECT_EQ(down(fork, {}, "base"), "");
  EXPECT_EQ(down(fork, {"d62d8b44f851"}, "d62d8b44f851"), "");
  EXPECT_EQ(down(fork, {"d62d8b44f851"}, "8b2566889924"),
            "error: Destination 8b2566889924 is not a valid downgrade target from current head(s)");
  EXPECT_EQ(down(fork, {"d62d8b44f851"}, "+1"), "error: Relative revision +1 didn't produce 1 migrations");
  EXPECT_EQ(down(fork, {"d62d8b44f851"}, "001-2"), "error: Walked too far");
  EXPECT_EQ(down(fork, {"b4591d8d37bd", "20251203_2148"}, "-1"),
            "error: downgrade -1 from multiple heads is ambiguous");
  EXPECT_EQ(down(fork, {"b4591d8d37bd", "20251203_2148"}, "b4591d8d37bd@-1"), "b4591d8d37bd");
}

TEST(AlembicPaths, DownOnTwoLines) {
  const auto lines = two_lines();
  EXPECT_EQ(down(lines, {"bbbb2"}, "app@base"), "bbbb2 bbbb1");
  EXPECT_EQ(down(lines, {"bbbb2"}, "core@base"), "bbbb2 aaaa2 aaaa1");
  EXPECT_EQ(down(lines, {"bbbb2"}, "bbbb1"), "bbbb2");
  EXPECT_EQ(down(lines, {"bbbb2"}, "core@-1"), "bbbb2 aaaa2");
}

TEST(AlembicPaths, WhatTheRowsStandFor) {
  const auto graph = graph_with(two_lines());
  EXPECT_EQ(text(*graph, active(*graph, {"bbbb2"})), "bbbb2 bbbb1 aaaa2 aaaa1");
  EXPECT_EQ(text(*graph, active(*graph, {})), "");
  EXPECT_EQ(text(*graph, active(*graph, {"gone"})), "error: Can't locate revision identified by 'gone'");
}

TEST(AlembicPaths, SameRevisionTwiceIsRefused) {
  EXPECT_EQ(up({{"aaaa1", {}, {}, {}}, {"aaaa1", {}, {}, {}}}, {}, "head"),
            "error: Revision aaaa1 is present more than once");
}

}  // namespace
}  // namespace godwit::schema::alembic
