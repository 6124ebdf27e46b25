// Directed graphs over numbered nodes: strongly connected components. Pure functions.
#pragma once

#include <cstddef>
#include <vector>

namespace godwit {

// successors[n] lists the nodes that n points to.
using Graph = std::vector<std::vector<size_t>>;

// The strongly connected components, each sorted, in an order in which every component comes after the ones
// it points to. Nothing is dropped: a node without a cycle is a component of one. The same graph gives the
// same order. Tarjan, "Depth-first search and linear graph algorithms", 1972; without recursion, so depth
// does not matter.
[[nodiscard]] std::vector<std::vector<size_t>> strong_components(const Graph& successors);

// A component of several nodes, or one node that points to itself.
[[nodiscard]] bool is_cycle(const Graph& successors, const std::vector<size_t>& component);

}  // namespace godwit
