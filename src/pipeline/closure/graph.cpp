#include "pipeline/closure/graph.h"

#include "base/check.h"
#include "base/graph.h"
#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace godwit::pipeline {
namespace {

bool copied(Membership membership) {
  return membership != Membership::outside && membership != Membership::skipped;
}

bool is_owner(const TableClosure& closure, const ForeignKey& key) {
  return std::any_of(closure.owners.begin(), closure.owners.end(), [&](const OwnerStep& step) {
    const bool over = step.kind == OwnerStep::Kind::parent || step.kind == OwnerStep::Kind::link;
    return over && step.foreign_key.name == key.name;
  });
}

// Text inside a DOT string.
std::string dot_text(const std::string& text) {
  std::string escaped = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') escaped += '\\';
    escaped += c;
  }
  return escaped + "\"";
}

std::string_view fill_of(const std::string& membership) {
  if (membership == to_string(Membership::owned)) return "#cfe8d5";
  if (membership == to_string(Membership::needed)) return "#fdebc8";
  if (membership == to_string(Membership::shared)) return "#d6e4f5";
  return "#eeeeee";
}

}  // namespace

DependencyGraph dependency_graph(const std::vector<StoreClosure>& closures,
                                 const std::vector<const Catalog*>& sources) {
  CHECK(closures.size() == sources.size());
  DependencyGraph graph;
  std::map<std::string, size_t> nodes;
  for (size_t store = 0; store < closures.size(); ++store) {
    for (const auto& closure : closures[store].tables) {
      const Table* table = sources[store]->table(closure.table);
      CHECK(table != nullptr);
      const bool rows = table->kind == TableKind::table || table->kind == TableKind::partitioned;
      if (!rows || table->partition_of) continue;
      const std::string id = dataset_id(closures[store].store, closure.table);
      nodes[id] = graph.nodes.size();
      graph.nodes.push_back(
          {id, std::string(to_string(closure.membership)), closure.reason, table->estimated_rows, 0});
    }
  }
  Graph numbered(graph.nodes.size());
  for (const auto& store : closures) {
    for (const auto& closure : store.tables) {
      const std::string child = dataset_id(store.store, closure.table);
      for (const auto& necessity : closure.edges) {
        const ForeignKey& key = necessity.foreign_key;
        const std::string parent =
            dataset_id(key.parent_store.empty() ? store.store : key.parent_store, key.parent);
        if (nodes.count(child) == 0 || nodes.count(parent) == 0) continue;
        numbered[nodes[child]].push_back(nodes[parent]);
        const bool moves = copied(closure.membership);
        graph.edges.push_back({child, parent, key.name, key.columns, key.parent_columns, key.configured,
                               is_owner(closure, key),
                               moves ? std::string(to_string(necessity.policy)) : ""});
      }
    }
  }
  const auto components = strong_components(numbered);
  for (size_t number = 0; number < components.size(); ++number) {
    std::vector<std::string> ids;
    for (const size_t node : components[number]) {
      graph.nodes[node].component = static_cast<int>(number);
      ids.push_back(graph.nodes[node].id);
    }
    if (is_cycle(numbered, components[number])) graph.cycles.push_back(ids);
  }
  return graph;
}

std::string to_dot(const DependencyGraph& graph) {
  std::map<std::string, std::vector<const GraphNode*>> stores;
  std::map<int, int> sizes;
  for (const auto& node : graph.nodes) {
    stores[node.id.substr(0, node.id.find('.'))].push_back(&node);
    ++sizes[node.component];
  }
  std::string dot =
      "digraph dependencies {\n  rankdir=RL;\n  node [shape=box, style=filled, fontname=\"sans-serif\"];\n";
  for (const auto& [store, nodes] : stores) {
    dot += fmt::format("  subgraph {} {{\n    label={};\n", dot_text("cluster_" + store), dot_text(store));
    for (const auto* node : nodes) {
      dot += fmt::format("    {} [label={}, fillcolor=\"{}\"{}];\n", dot_text(node->id),
                         dot_text(node->id.substr(store.size() + 1)), fill_of(node->membership),
                         sizes[node->component] > 1 ? ", color=\"#b3261e\", penwidth=2" : "");
    }
    dot += "  }\n";
  }
  for (const auto& edge : graph.edges) {
    std::string text = dot_text(join(edge.columns, ","));
    if (!edge.policy.empty()) text.insert(text.size() - 1, "\\n" + edge.policy);
    dot += fmt::format("  {} -> {} [label={}{}{}];\n", dot_text(edge.child), dot_text(edge.parent), text,
                       edge.owner ? ", penwidth=2" : "", edge.configured ? ", style=dashed" : "");
  }
  return dot + "}\n";
}

}  // namespace godwit::pipeline
