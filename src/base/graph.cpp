#include "base/graph.h"

#include <algorithm>

namespace godwit {
namespace {

class Components {
 public:
  explicit Components(const Graph& successors) : successors_(successors), nodes_(successors.size()) {}

  std::vector<std::vector<size_t>> find() {
    for (size_t node = 0; node < nodes_.size(); ++node) {
      if (nodes_[node].index == 0) walk_from(node);
    }
    return std::move(components_);
  }

 private:
  struct Node {
    size_t index = 0;  // order of discovery, from 1; 0 = not seen
    size_t low = 0;    // the earliest node on the stack that it reaches
    size_t next = 0;   // the next successor to look at
    bool on_stack = false;
  };

  void discover(size_t node) {
    nodes_[node].index = nodes_[node].low = ++discovered_;
    nodes_[node].on_stack = true;
    stack_.push_back(node);
    path_.push_back(node);
  }

  void walk_from(size_t start) {
    discover(start);
    while (!path_.empty()) {
      const size_t node = path_.back();
      if (nodes_[node].next < successors_[node].size()) {
        const size_t target = successors_[node][nodes_[node].next++];
        if (nodes_[target].index == 0) {
          discover(target);
        } else if (nodes_[target].on_stack) {
          nodes_[node].low = std::min(nodes_[node].low, nodes_[target].index);
        }
        continue;
      }
      path_.pop_back();
      if (!path_.empty()) nodes_[path_.back()].low = std::min(nodes_[path_.back()].low, nodes_[node].low);
      if (nodes_[node].low == nodes_[node].index) close_component(node);
    }
  }

  void close_component(size_t root) {
    std::vector<size_t> component;
    for (;;) {
      const size_t node = stack_.back();
      stack_.pop_back();
      nodes_[node].on_stack = false;
      component.push_back(node);
      if (node == root) break;
    }
    std::sort(component.begin(), component.end());
    components_.push_back(std::move(component));
  }

  const Graph& successors_;
  std::vector<Node> nodes_;
  std::vector<size_t> stack_, path_;
  std::vector<std::vector<size_t>> components_;
  size_t discovered_ = 0;
};

}  // namespace

std::vector<std::vector<size_t>> strong_components(const Graph& successors) {
  return Components(successors).find();
}

bool is_cycle(const Graph& successors, const std::vector<size_t>& component) {
  if (component.size() > 1) return true;
  const auto& targets = successors[component.front()];
  return std::find(targets.begin(), targets.end(), component.front()) != targets.end();
}

}  // namespace godwit
