#include "schema/history/alembic/listing.h"

#include "base/text.h"
#include "schema/history/alembic/files/revision_file.h"
#include "schema/history/alembic/graph/paths.h"

#include <fmt/format.h>

#include <algorithm>

namespace godwit::schema::alembic {

namespace {

using Node = Graph::Node;
using Lines = std::vector<std::string>;

std::string parents_of(const Graph::Vertex& vertex) {
  return vertex.written.parents.empty() ? "<base>" : join(vertex.written.parents, ", ");
}

std::string ids_of(const Graph& graph, const std::vector<Node>& nodes) {
  Lines ids;
  for (const Node node : nodes)
    ids.push_back(graph.id(node));
  return join(ids, ", ");
}

std::string points(const Graph& graph, Node node) {
  return std::string(graph.is_branch_point(node) ? " (branchpoint)" : "") +
         (graph.is_merge_point(node) ? " (mergepoint)" : "");
}

std::string head_mark(const Graph& graph, Node node) {
  const Graph::Vertex& vertex = graph[node];
  if (vertex.dependents.empty()) return " (head)";
  return vertex.children.empty() ? " (effective head)" : "";
}

std::string label_mark(const Graph::Vertex& vertex) {
  return vertex.labels.empty() ? "" : " (" + join(vertex.labels, ", ") + ")";
}

std::string history_line(const Graph& graph, Node node) {
  const Graph::Vertex& vertex = graph[node];
  const std::string needs =
      vertex.written.depends_on.empty() ? "" : " (" + join(vertex.written.depends_on, ", ") + ")";
  return fmt::format("{}{} -> {}{}{}{}, {}", parents_of(vertex), needs, vertex.written.id, label_mark(vertex),
                     head_mark(graph, node), points(graph, node), short_doc(vertex.written));
}

// The block of -v, with the empty line behind it.
void add_entry(const Graph& graph, Node node, Lines& lines) {
  const Graph::Vertex& vertex = graph[node];
  lines.push_back(fmt::format("Rev: {}{}{}", vertex.written.id, vertex.children.empty() ? " (head)" : "",
                              points(graph, node)));
  lines.push_back((graph.is_merge_point(node) ? "Merges: " : "Parent: ") + parents_of(vertex));
  if (!vertex.written.depends_on.empty())
    lines.push_back("Also depends on: " + join(vertex.written.depends_on, ", "));
  if (graph.is_branch_point(node)) lines.push_back("Branches into: " + ids_of(graph, vertex.children));
  if (!vertex.labels.empty()) lines.push_back("Branch names: " + join(vertex.labels, ", "));
  lines.push_back("Path: " + vertex.written.file);
  lines.emplace_back();
  if (vertex.written.doc.empty()) {
    lines.emplace_back();
  } else {
    for (const std::string& line : split(vertex.written.doc, '\n'))
      lines.push_back("    " + line);
  }
  lines.emplace_back();
}

// Of what is applied, the newest of each line by down_revision.
Result<std::vector<Node>> current(const Graph& graph, const Lines& rows) {
  ASSIGN_OR_RETURN(const std::vector<Node> applied, active(graph, rows));
  Graph::NodeSet is_applied(graph.size(), false);
  for (const Node node : applied)
    is_applied[node] = true;
  std::vector<Node> newest;
  for (Node node = 0; node < graph.size(); ++node) {
    const std::vector<Node>& children = graph[node].children;
    if (is_applied[node] &&
        std::none_of(children.begin(), children.end(), [&](Node child) { return is_applied[child]; }))
      newest.push_back(node);
  }
  return newest;
}

}  // namespace

Result<Lines> listing(const Graph& graph, const Lines& rows, Listing what, bool verbose) {
  std::vector<Node> nodes;
  switch (what) {
    case Listing::heads:
      nodes = graph.heads();
      break;
    case Listing::effective_heads:
      nodes = graph.effective_heads();
      break;
    case Listing::history:
      nodes = graph.newest_first(graph.everything(), graph.effective_heads());
      break;
    case Listing::current: {
      ASSIGN_OR_RETURN(nodes, current(graph, rows));
      break;
    }
  }
  Lines lines;
  for (const Node node : nodes) {
    if (verbose) {
      add_entry(graph, node, lines);
    } else if (what == Listing::history) {
      lines.push_back(history_line(graph, node));
    } else if (what == Listing::current) {
      lines.push_back(graph.id(node) + head_mark(graph, node) + points(graph, node));
    } else {
      lines.push_back(graph.id(node) + label_mark(graph[node]) + head_mark(graph, node));
    }
  }
  return lines;
}

}  // namespace godwit::schema::alembic
