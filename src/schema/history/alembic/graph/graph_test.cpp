#include "schema/history/alembic/graph/graph.h"

#include "schema/history/alembic/test_revisions.h"

namespace godwit::schema::alembic {
namespace {

using Names = std::vector<std::string>;

Graph::Node at(const Graph& graph, const std::string& id) {
  return graph.find(id).value();
}

std::string error_of(const std::vector<TestRevision>& revisions) {
  const auto graph = try_graph(revisions);
  return graph.ok() ? "no error" : graph.error().message;
}

TEST(AlembicGraph, HeadsBasesAndPoints) {
  const auto graph = graph_with(fork_and_join());
  EXPECT_EQ(ids_of(*graph, graph->heads()), Names{"20251203_2220"});
  EXPECT_EQ(ids_of(*graph, graph->bases()), Names{"001"});
  EXPECT_TRUE(graph->is_branch_point(at(*graph, "8b2566889924")));
  EXPECT_TRUE(graph->is_merge_point(at(*graph, "e578e33478e1")));
  EXPECT_FALSE(graph->is_branch_point(at(*graph, "001")));
  EXPECT_FALSE(graph->is_merge_point(at(*graph, "001")));
}

TEST(AlembicGraph, HeadThatOthersDependOnIsNoEffectiveHead) {
  const auto graph = graph_with(two_lines());
  EXPECT_EQ(ids_of(*graph, graph->heads()), (Names{"aaaa2", "bbbb2"}));
  EXPECT_EQ(ids_of(*graph, graph->effective_heads()), Names{"bbbb2"});
}

TEST(AlembicGraph, DependencyOfAnAncestorIsNotHeldAgain) {
  const auto graph = graph_with({{"aaaa1", {}, {}, {}},
                                 {"bbbb1", {}, {"aaaa1"}, {}},
                                 {"bbbb2", {"bbbb1"}, {"aaaa1"}, {}},
                                 {"cccc1", {}, {}, {}},
                                 {"bbbb3", {"bbbb2"}, {"cccc1", "aaaa1"}, {}}});
  EXPECT_TRUE((*graph)[at(*graph, "bbbb2")].own_needs.empty());
  EXPECT_EQ(ids_of(*graph, (*graph)[at(*graph, "bbbb3")].own_needs), Names{"cccc1"});
  EXPECT_EQ(ids_of(*graph, (*graph)[at(*graph, "bbbb3")].below), (Names{"bbbb2", "cccc1"}));
}

TEST(AlembicGraph, DependencyOnALabelIsOneOnItsRevision) {
  const auto graph = graph_with({{"aaaa1", {}, {}, {"core"}}, {"bbbb1", {}, {"core"}, {}}});
  EXPECT_EQ(ids_of(*graph, (*graph)[at(*graph, "bbbb1")].needs), Names{"aaaa1"});
}

TEST(AlembicGraph, LabelsSpreadUpAndDownToTheNextFork) {
  const auto graph = graph_with({{"base1", {}, {}, {}},
                                 {"left1", {"base1"}, {}, {}},
                                 {"left2", {"left1"}, {}, {"left"}},
                                 {"left3", {"left2"}, {}, {}},
                                 {"right1", {"base1"}, {}, {}}});
  EXPECT_EQ((*graph)[at(*graph, "left3")].labels, Names{"left"});
  EXPECT_EQ((*graph)[at(*graph, "left1")].labels, Names{"left"});
  EXPECT_TRUE((*graph)[at(*graph, "base1")].labels.empty());
  EXPECT_TRUE((*graph)[at(*graph, "right1")].labels.empty());
}

TEST(AlembicGraph, LabelBelowAForkDoesNotSpreadDown) {
  const auto graph = graph_with({{"base1", {}, {}, {}},
                                 {"mid1", {"base1"}, {}, {"mid"}},
                                 {"left1", {"mid1"}, {}, {}},
                                 {"right1", {"mid1"}, {}, {}}});
  EXPECT_EQ((*graph)[at(*graph, "left1")].labels, Names{"mid"});
  EXPECT_EQ((*graph)[at(*graph, "right1")].labels, Names{"mid"});
  EXPECT_TRUE((*graph)[at(*graph, "base1")].labels.empty());
}

TEST(AlembicGraph, WhatCannotBeAGraph) {
  EXPECT_EQ(error_of({{"aaaa2", {"aaaa1"}, {}, {}}}), "Revision aaaa1 referenced from aaaa2 is not present");
  EXPECT_EQ(error_of({{"aaaa2", {}, {"none"}, {}}}), "Revision none referenced from aaaa2 is not present");
  EXPECT_EQ(error_of({{"aaaa1", {"aaaa1"}, {}, {}}}), "Self-loop is detected in revisions (aaaa1)");
  EXPECT_EQ(error_of({{"aaaa1", {}, {"aaaa1"}, {}}}),
            "Dependency self-loop is detected in revisions (aaaa1)");
  EXPECT_EQ(error_of({{"aaaa1", {"bbbb1"}, {}, {}}, {"bbbb1", {"aaaa1"}, {}, {}}}),
            "Cycle is detected in revisions (aaaa1, bbbb1)");
  EXPECT_EQ(error_of({{"aaaa1", {}, {"bbbb1"}, {}}, {"bbbb1", {}, {"aaaa1"}, {}}}),
            "Dependency cycle is detected in revisions (aaaa1, bbbb1)");
  EXPECT_EQ(error_of({{"aaaa1", {}, {}, {"one"}}, {"bbbb1", {}, {}, {"one"}}}),
            "Branch name 'one' in revision bbbb1 already used by revision aaaa1");
  EXPECT_EQ(error_of({{"aaaa1", {}, {}, {"bbbb1"}}, {"bbbb1", {}, {}, {}}}),
            "Branch name 'bbbb1' in revision aaaa1 already used by revision bbbb1");
  EXPECT_EQ(error_of({{"a-b@c", {}, {}, {}}}),
            "Character(s) '-, @' not allowed in revision identifier 'a-b@c'");
}

// A walk from the base meets it, and so does one from the head: Alembic lets it pass.
TEST(AlembicGraph, CycleBetweenBaseAndHead) {
  EXPECT_EQ(error_of({{"base1", {}, {}, {}},
                      {"aaaa1", {"base1", "bbbb1"}, {}, {}},
                      {"bbbb1", {"aaaa1"}, {}, {}},
                      {"head1", {"bbbb1"}, {}, {}}}),
            "Cycle is detected in revisions (aaaa1, bbbb1)");
}

TEST(AlembicGraph, LastFileOfARevisionCounts) {
  const auto graph = graph_with({{"aaaa1", {}, {}, {}}, {"bbbb1", {}, {}, {}}, {"aaaa1", {"bbbb1"}, {}, {}}});
  EXPECT_EQ(graph->size(), 2U);
  EXPECT_EQ(graph->duplicates(), Names{"aaaa1"});
  EXPECT_EQ(ids_of(*graph, graph->heads()), Names{"aaaa1"});
}

TEST(AlembicGraph, SortFollowsOneBranchAsFarAsItMay) {
  const auto graph = graph_with(fork_and_join());
  EXPECT_EQ(ids_of(*graph, graph->newest_first(graph->everything(), graph->heads())),
            (Names{"20251203_2220", "e578e33478e1", "b4591d8d37bd", "20251203_2148", "8b2566889924",
                   "d62d8b44f851", "001"}));
}

TEST(AlembicGraph, LongLineIsNoTrouble) {
  std::vector<TestRevision> revisions{{"r0", {}, {}, {}}};
  for (int i = 1; i < 5000; ++i)
    revisions.push_back({"r" + std::to_string(i), {"r" + std::to_string(i - 1)}, {}, {}});
  const auto graph = graph_with(revisions);
  const auto sorted = graph->newest_first(graph->everything(), graph->heads());
  ASSERT_EQ(sorted.size(), 5000U);
  EXPECT_EQ(graph->id(sorted.front()), "r4999");
  EXPECT_EQ(graph->id(sorted.back()), "r0");
}

}  // namespace
}  // namespace godwit::schema::alembic
