// The dependency graph of a pipeline's tables, for `godwit analyze`: as a plain value and as DOT.
#pragma once

#include "model/catalog.h"
#include "model/closure.h"

#include <string>
#include <vector>

namespace godwit::pipeline {

struct GraphNode {
  std::string id;  // "store.schema.table"
  std::string membership;
  std::string reason;
  int64_t estimated_rows = 0;
  int component = 0;  // nodes of one cycle share a number; counts from 0, parents first
};

// A foreign key or a configured link; it points from the child to the parent.
struct GraphEdge {
  std::string child, parent;  // ids of nodes
  std::string name;           // of the constraint or link
  std::vector<std::string> columns, parent_columns;
  bool configured = false;
  bool owner = false;  // ownership comes down over it
  std::string policy;  // "reference", "include", "null", "fail" for copied children, else empty
};

struct DependencyGraph {
  std::vector<GraphNode> nodes;                  // by store, then name; views and partitions are left out
  std::vector<GraphEdge> edges;                  // by child, then name
  std::vector<std::vector<std::string>> cycles;  // ids; self-references are cycles of one
};

// `closures` and `sources` are parallel, as plan_closure takes and gives them.
[[nodiscard]] DependencyGraph dependency_graph(const std::vector<StoreClosure>& closures,
                                               const std::vector<const Catalog*>& sources);
// Graphviz: one cluster per store, one per cycle inside it; deterministic.
[[nodiscard]] std::string to_dot(const DependencyGraph& graph);

}  // namespace godwit::pipeline
