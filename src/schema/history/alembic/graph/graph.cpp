#include "schema/history/alembic/graph/graph.h"

#include "base/graph.h"
#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>

namespace godwit::schema::alembic {

namespace {

using Node = Graph::Node;

Error at(const SourceLocation& where, std::string message, std::string hint) {
  Error error = make_error(ErrorKind::config, std::move(message), std::move(hint));
  error.where = where;
  return error;
}

void add_once(std::vector<Node>& nodes, Node node) {
  if (std::find(nodes.begin(), nodes.end(), node) == nodes.end()) nodes.push_back(node);
}

void add_once(std::vector<std::string>& texts, const std::vector<std::string>& more) {
  for (const std::string& text : more) {
    if (std::find(texts.begin(), texts.end(), text) == texts.end()) texts.push_back(text);
  }
}

Error not_present(const SourceLocation& where, const std::string& id, const std::string& from) {
  return at(where, fmt::format("Revision {} referenced from {} is not present", id, from),
            "add the file of that revision, or name one that is there");
}

template <typename Edge>
Graph::NodeSet reach(size_t size, std::vector<Node> todo, const Edge& edge) {
  Graph::NodeSet seen(size, false);
  while (!todo.empty()) {
    const Node node = todo.back();
    todo.pop_back();
    if (seen[node]) continue;
    seen[node] = true;
    const std::vector<Node>& next = edge(node);
    todo.insert(todo.end(), next.begin(), next.end());
  }
  return seen;
}

}  // namespace

Result<std::shared_ptr<const Graph>> Graph::build(std::vector<Revision> revisions) {
  auto graph = std::make_shared<Graph>();
  for (Revision& revision : revisions) {
    const auto [found, fresh] = graph->ids_.emplace(revision.id, graph->vertices_.size());
    if (fresh) {
      graph->names_.push_back(revision.id);
      graph->vertices_.emplace_back();
    } else {
      add_once(graph->duplicates_, {revision.id});
    }
    graph->vertices_[found->second].written = std::move(revision);
  }
  RETURN_IF_ERROR(graph->check_ids());
  RETURN_IF_ERROR(graph->name_labels());
  RETURN_IF_ERROR(graph->connect());
  RETURN_IF_ERROR(graph->check_cycles());
  graph->find_own_needs();
  graph->spread_labels();
  return std::shared_ptr<const Graph>(std::move(graph));
}

Status Graph::check_ids() const {
  for (const Vertex& vertex : vertices_) {
    const Revision& written = vertex.written;
    std::vector<std::string> illegal;
    for (const char c : {'+', '-', ':', '@'}) {
      if (written.id.find(c) != std::string::npos) illegal.emplace_back(1, c);
    }
    if (!illegal.empty()) {
      return at(written.id_at,
                fmt::format("Character(s) '{}' not allowed in revision identifier '{}'", join(illegal, ", "),
                            written.id),
                "name the revision otherwise");
    }
    const auto names_itself = [&](const std::vector<std::string>& names) {
      return std::find(names.begin(), names.end(), written.id) != names.end();
    };
    if (names_itself(written.parents)) {
      return at(written.parents_at, fmt::format("Self-loop is detected in revisions ({})", written.id),
                "a revision cannot come after itself");
    }
    if (names_itself(written.depends_on)) {
      return at(written.depends_on_at,
                fmt::format("Dependency self-loop is detected in revisions ({})", written.id),
                "a revision cannot depend on itself");
    }
  }
  return {};
}

Status Graph::name_labels() {
  for (Node node = 0; node < size(); ++node) {
    const Revision& written = vertices_[node].written;
    for (const std::string& label : written.labels) {
      const auto used = find_name(label);
      if (used) {
        return at(written.labels_at,
                  fmt::format("Branch name '{}' in revision {} already used by revision {}", label,
                              written.id, id(*used)),
                  "a label is declared once, at the revision where its branch begins");
      }
      labels_.emplace(label, node);
      names_.push_back(label);
    }
    vertices_[node].labels = written.labels;
  }
  return {};
}

Status Graph::connect() {
  NodeSet has_child(size(), false), has_dependent(size(), false);
  for (Node node = 0; node < size(); ++node) {
    Vertex& vertex = vertices_[node];
    for (const std::string& name : vertex.written.parents) {
      const auto parent = find(name);
      if (!parent) return not_present(vertex.written.parents_at, name, vertex.written.id);
      add_once(vertex.parents, *parent);
      add_once(vertices_[*parent].children, node);
      add_once(vertices_[*parent].dependents, node);
    }
    for (const std::string& name : vertex.written.depends_on) {
      const auto need = find_name(name);
      if (!need) return not_present(vertex.written.depends_on_at, name, vertex.written.id);
      add_once(vertex.needs, *need);
      add_once(vertices_[*need].dependents, node);
    }
    if (vertex.parents.empty()) bases_.push_back(node);
  }
  for (Node node = 0; node < size(); ++node) {
    if (vertices_[node].children.empty()) heads_.push_back(node);
    if (vertices_[node].dependents.empty()) effective_heads_.push_back(node);
  }
  return {};
}

// Alembic looks for revisions that no walk from the heads and from the bases meets both, which lets a cycle
// between a base and a head pass; here no cycle passes.
Status Graph::check_cycles() const {
  for (const Edges edges : {Edges::parents, Edges::all}) {
    godwit::Graph successors(size());
    for (Node node = 0; node < size(); ++node) {
      successors[node] = vertices_[node].parents;
      if (edges == Edges::parents) continue;
      for (const Node need : vertices_[node].needs)
        add_once(successors[node], need);
    }
    for (const std::vector<size_t>& component : strong_components(successors)) {
      if (!is_cycle(successors, component)) continue;
      std::vector<std::string> members;
      for (const Node node : component)
        members.push_back(id(node));
      std::sort(members.begin(), members.end());
      const Revision& first = vertices_[component.front()].written;
      const bool by_parents = edges == Edges::parents;
      return at(by_parents ? first.parents_at : first.depends_on_at,
                fmt::format("{} is detected in revisions ({})", by_parents ? "Cycle" : "Dependency cycle",
                            join(members, ", ")),
                "one of them must not come after the others");
    }
  }
  return {};
}

// What an ancestor by down_revision depends on already, the revision itself need not hold as a row.
void Graph::find_own_needs() {
  for (Node node = 0; node < size(); ++node) {
    Vertex& vertex = vertices_[node];
    vertex.own_needs = vertex.needs;
    if (!vertex.needs.empty()) {
      const NodeSet older = ancestors({node}, Edges::parents);
      for (Node ancestor = 0; ancestor < size(); ++ancestor) {
        if (!older[ancestor] || ancestor == node) continue;
        std::erase_if(vertex.own_needs, [&](Node need) {
          const std::vector<Node>& theirs = vertices_[ancestor].needs;
          return std::find(theirs.begin(), theirs.end(), need) != theirs.end();
        });
      }
    }
    vertex.below = vertex.parents;
    for (const Node need : vertex.own_needs)
      add_once(vertex.below, need);
  }
}

// A label is everybody's who comes after; before its revision, it is theirs up to where the branch leaves
// another or joins several, when nothing branches off after it either.
void Graph::spread_labels() {
  for (Node node = 0; node < size(); ++node) {
    if (vertices_[node].written.labels.empty()) continue;
    const std::vector<std::string> labels = vertices_[node].labels;
    const NodeSet newer = descendants({node}, Edges::parents);
    for (Node descendant = 0; descendant < size(); ++descendant) {
      if (newer[descendant]) add_once(vertices_[descendant].labels, labels);
    }
    Node tip = node;
    while (vertices_[tip].children.size() == 1)
      tip = vertices_[tip].children.front();
    if (!vertices_[tip].children.empty()) continue;
    while (vertices_[tip].dependents.size() < 2 && !is_merge_point(tip)) {
      add_once(vertices_[tip].labels, labels);
      if (vertices_[tip].parents.empty()) break;
      tip = vertices_[tip].parents.front();
    }
  }
}

std::optional<Node> Graph::find(std::string_view id) const {
  const auto found = ids_.find(id);
  if (found == ids_.end()) return std::nullopt;
  return found->second;
}

std::optional<Node> Graph::find_name(std::string_view id_or_label) const {
  if (const auto node = find(id_or_label)) return node;
  const auto found = labels_.find(id_or_label);
  if (found == labels_.end()) return std::nullopt;
  return found->second;
}

Graph::NodeSet Graph::ancestors(const std::vector<Node>& nodes, Edges edges) const {
  return reach(size(), nodes, [&](Node node) -> const std::vector<Node>& {
    return edges == Edges::all ? vertices_[node].below : vertices_[node].parents;
  });
}

Graph::NodeSet Graph::descendants(const std::vector<Node>& nodes, Edges edges) const {
  return reach(size(), nodes, [&](Node node) -> const std::vector<Node>& {
    return edges == Edges::all ? vertices_[node].dependents : vertices_[node].children;
  });
}

namespace {

// The sort at one moment: the tips that are being followed, and what lies below each.
struct Tips {
  std::vector<Node> nodes;
  std::vector<Graph::NodeSet> below;
  size_t current = 0;

  // Another tip that must be emitted before the current one.
  [[nodiscard]] std::optional<size_t> waiting_for() const {
    for (size_t i = 0; i < nodes.size(); ++i) {
      if (i != current && below[i][nodes[current]]) return i;
    }
    return std::nullopt;
  }

  void drop_current() {
    nodes.erase(nodes.begin() + static_cast<std::ptrdiff_t>(current));
    below.erase(below.begin() + static_cast<std::ptrdiff_t>(current));
    current = current == 0 ? 0 : current - 1;
  }
};

}  // namespace

std::vector<Node> Graph::newest_first(NodeSet set, const std::vector<Node>& heads) const {
  Tips tips;
  for (Node node = 0; node < size(); ++node) {
    if (!set[node] || std::find(heads.begin(), heads.end(), node) == heads.end()) continue;
    tips.nodes.push_back(node);
    tips.below.push_back(ancestors({node}, Edges::all));
  }
  std::vector<Node> sorted;
  while (!tips.nodes.empty()) {
    if (const auto other = tips.waiting_for()) {
      tips.current = *other;
      continue;
    }
    const Node node = tips.nodes[tips.current];
    if (set[node]) sorted.push_back(node);
    set[node] = false;

    std::vector<Node> next;
    for (const Node lower : vertices_[node].below) {
      if (set[lower] && std::find(tips.nodes.begin(), tips.nodes.end(), lower) == tips.nodes.end())
        next.push_back(lower);
    }
    if (next.empty()) {
      tips.drop_current();
      continue;
    }
    tips.nodes[tips.current] = next.front();
    if (vertices_[node].below.size() == 1) {
      // On a plain line only the node itself leaves what is below: no new walk.
      tips.below[tips.current][node] = false;
    } else {
      tips.below[tips.current] = ancestors({next.front()}, Edges::all);
    }
    for (size_t i = 1; i < next.size(); ++i) {
      tips.nodes.push_back(next[i]);
      tips.below.push_back(ancestors({next[i]}, Edges::all));
    }
  }
  return sorted;
}

}  // namespace godwit::schema::alembic
