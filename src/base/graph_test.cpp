#include "base/graph.h"

#include <gtest/gtest.h>

namespace godwit {
namespace {

using Components = std::vector<std::vector<size_t>>;

TEST(Graph, ComponentsComeAfterWhatTheyPointTo) {
  // 0 -> 1 -> 2 -> 1, 3 -> 3, 4 alone
  const Graph graph = {{1}, {2}, {1}, {3}, {}};
  const Components components = strong_components(graph);
  EXPECT_EQ(components, (Components{{1, 2}, {0}, {3}, {4}}));
  EXPECT_TRUE(is_cycle(graph, components[0]));
  EXPECT_FALSE(is_cycle(graph, components[1]));
  EXPECT_TRUE(is_cycle(graph, components[2]));
  EXPECT_FALSE(is_cycle(graph, components[3]));
}

TEST(Graph, JoinsCyclesThatShareANode) {
  const Graph graph = {{1, 3}, {2}, {0}, {4}, {3, 2}};
  EXPECT_EQ(strong_components(graph), (Components{{0, 1, 2, 3, 4}}));
}

TEST(Graph, DepthDoesNotMatter) {
  Graph graph(200000);
  for (size_t node = 0; node + 1 < graph.size(); ++node)
    graph[node].push_back(node + 1);
  const Components components = strong_components(graph);
  ASSERT_EQ(components.size(), graph.size());
  EXPECT_EQ(components.front(), std::vector<size_t>{graph.size() - 1});
}

}  // namespace
}  // namespace godwit
