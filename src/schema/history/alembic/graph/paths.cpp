#include "schema/history/alembic/graph/paths.h"

#include "base/text.h"
#include "schema/history/alembic/graph/symbols.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

namespace godwit::schema::alembic {

namespace {

using Node = Graph::Node;
using Edges = Graph::Edges;
using Names = std::vector<std::string>;

Error refused(std::string message, std::string hint = {}) {
  return make_error(ErrorKind::plan_refused, std::move(message), std::move(hint));
}

Error too_few(const RelativeTarget& target) {
  return refused(fmt::format("Relative revision {} didn't produce {} migrations", target.written,
                             std::abs(target.steps)));
}

// Nobody may be above another: the table holds heads, and a target is a head.
Status check_apart(const Graph& graph, const std::vector<Node>& nodes) {
  if (nodes.size() < 2) return {};
  for (const Node node : nodes) {
    const Graph::NodeSet below = graph.ancestors({node}, Edges::all);
    Names overlaps;
    for (const Node other : nodes) {
      if (other != node && below[other]) overlaps.push_back(graph.id(other));
    }
    if (!overlaps.empty()) {
      return refused(fmt::format("Requested revision {} overlaps with other requested revisions {}",
                                 graph.id(node), join(overlaps, ", ")));
    }
  }
  return {};
}

// One revision, or what lies below the first.
using Place = std::optional<Node>;

class Paths {
 public:
  Paths(const Graph& graph, std::string_view target)
      : graph_(graph), target_(target), symbols_(graph, target) {}

  Result<std::vector<Node>> upgrade_targets(const std::vector<Node>& rows) const {
    const auto relative = read_relative(target_);
    if (!relative) return symbols_.revisions(target_);
    Result<std::optional<Place>> walked =
        relative->symbol ? from_symbol(*relative) : up_from_rows(*relative, rows);
    if (!walked.ok()) return walked.error();
    if (!*walked || !**walked) return too_few(*relative);
    return std::vector<Node>{***walked};
  }

  struct Destination {
    std::string label;  // empty = none
    Place place;
  };

  Result<Destination> downgrade_target(const std::vector<Node>& rows) const {
    Destination destination;
    const auto relative = read_relative(target_);
    if (!relative) {
      const size_t at = target_.rfind('@');
      if (at != std::string_view::npos) destination.label = target_.substr(0, at);
      ASSIGN_OR_RETURN(destination.place, symbols_.revision(target_.substr(at + 1)));  // npos + 1 = 0
      return destination;
    }
    destination.label = relative->label.value_or("");
    Result<std::optional<Place>> walked = std::optional<Place>();
    if (relative->symbol) {
      walked = from_symbol(*relative);
    } else {
      if (relative->steps >= 0) return too_few(*relative);
      ASSIGN_OR_RETURN(const Node start, single_row(*relative, rows));
      if (destination.label.empty()) destination.label = graph_.id(start);
      walked = walk(start, *relative);
    }
    if (!walked.ok()) return walked.error();
    if (!*walked) return relative->symbol ? refused("Walked too far") : too_few(*relative);
    destination.place = **walked;
    return destination;
  }

  [[nodiscard]] Result<std::vector<Node>> without_strangers(std::vector<Node> roots,
                                                            const std::string& label) const {
    if (label.empty() || roots.size() < 2) return roots;
    ASSIGN_OR_RETURN(const Node branch, symbols_.branch(label));
    const Graph::NodeSet below = graph_.ancestors({branch}, Edges::parents);
    std::erase_if(roots, [&](Node root) { return !below[root]; });
    if (roots.empty()) return refused("Not a valid downgrade target from current heads");
    return roots;
  }

  [[nodiscard]] const Symbols& symbols() const { return symbols_; }

 private:
  // Where so many steps lead; an inner nullopt is the base, an outer one means that there are not so many.
  Result<std::optional<Place>> walk(Place start, const RelativeTarget& target) const {
    Place place = start;
    bool at_base = false;  // walked down to it: there is no way on
    for (int step = 0; step < std::abs(target.steps); ++step) {
      std::vector<Node> next;
      if (target.steps > 0) {
        next = place ? graph_[*place].children : graph_.bases();
        if (target.label) {
          ASSIGN_OR_RETURN(next, symbols_.of_branch(next, *target.label));
        }
      } else if (!at_base) {
        next = place ? graph_[*place].parents : graph_.heads();
        if (next.empty()) {
          at_base = true;
          place = std::nullopt;
          continue;
        }
      }
      if (next.empty()) return std::optional<Place>();
      if (next.size() > 1)
        return refused("Ambiguous walk", "name the revision, or its branch: label@" + target.written);
      place = next.front();
    }
    return std::optional<Place>(place);
  }

  // Down, a label says which branch the symbol must be of; up, which one to follow.
  Result<std::optional<Place>> from_symbol(const RelativeTarget& target) const {
    std::string word = *target.symbol;
    if (target.label && target.steps <= 0) word = *target.label + "@" + word;
    ASSIGN_OR_RETURN(const Place start, symbols_.revision(word));
    return walk(start, target);
  }

  Result<std::optional<Place>> up_from_rows(const RelativeTarget& target,
                                            const std::vector<Node>& rows) const {
    if (target.steps <= 0) {
      RelativeTarget number = target;
      number.written = std::to_string(target.steps);  // "0", where a person wrote "+0"
      return too_few(number);
    }
    std::vector<Node> starts = rows;
    if (target.label && !rows.empty()) {
      ASSIGN_OR_RETURN(starts, symbols_.of_branch(rows, *target.label));
      if (starts.empty()) {
        ASSIGN_OR_RETURN(starts, tips_of_branch(rows, *target.label));
      }
    }
    if (starts.size() > 1) {
      return refused("Ambiguous upgrade from multiple current revisions",
                     "name the revision, or its branch: label@" + target.written);
    }
    return walk(starts.empty() ? Place() : Place(starts.front()), target);
  }

  // The newest of the branch among what the rows stand for, when none of them is of it.
  Result<std::vector<Node>> tips_of_branch(const std::vector<Node>& rows, const std::string& label) const {
    const Graph::NodeSet applied = graph_.ancestors(rows, Edges::all);
    std::vector<Node> nodes;
    for (Node node = 0; node < graph_.size(); ++node) {
      if (applied[node]) nodes.push_back(node);
    }
    ASSIGN_OR_RETURN(const std::vector<Node> on_branch, symbols_.of_branch(nodes, label));
    std::vector<Node> tips = on_branch;
    for (const Node node : on_branch) {
      for (const Node lower : graph_[node].below)
        std::erase(tips, lower);
    }
    return tips;
  }

  // The row that a walk down begins at.
  Result<Node> single_row(const RelativeTarget& target, const std::vector<Node>& rows) const {
    if (rows.empty()) return too_few(target);
    std::vector<Node> starts = rows;
    if (target.label) {
      ASSIGN_OR_RETURN(starts, symbols_.of_branch(rows, *target.label));
      if (starts.empty()) {
        ASSIGN_OR_RETURN(starts, newest_of_branch(rows, *target.label));
      }
    }
    if (starts.size() == 1) return starts.front();
    return refused(fmt::format("downgrade {} from {} is ambiguous", target_,
                               starts.empty() ? "no applied revision" : "multiple heads"),
                   "name the revision, or its branch: label@" + target.written);
  }

  // Of what is applied, the newest revisions of each line by down_revision, as far as they are of the branch.
  Result<std::vector<Node>> newest_of_branch(const std::vector<Node>& rows, const std::string& label) const {
    const Graph::NodeSet applied = graph_.ancestors(rows, Edges::all);
    std::vector<Node> newest;
    for (Node node = 0; node < graph_.size(); ++node) {
      if (!applied[node]) continue;
      const std::vector<Node>& children = graph_[node].children;
      if (std::none_of(children.begin(), children.end(), [&](Node child) { return applied[child]; }))
        newest.push_back(node);
    }
    return symbols_.of_branch(newest, label);
  }

  const Graph& graph_;
  std::string_view target_;
  Symbols symbols_;
};

Error no_way_down(std::string_view target) {
  return refused(fmt::format("Destination {} is not a valid downgrade target from current head(s)", target));
}

Status check_no_duplicates(const Graph& graph) {
  if (graph.duplicates().empty()) return {};
  return make_error(ErrorKind::config,
                    fmt::format("Revision {} is present more than once", graph.duplicates().front()),
                    "give one of the files a revision of its own");
}

}  // namespace

Result<std::vector<Node>> upgrade_path(const Graph& graph, const Names& rows, std::string_view target) {
  RETURN_IF_ERROR(check_no_duplicates(graph));
  const Paths paths(graph, target);
  ASSIGN_OR_RETURN(const std::vector<Node> current, paths.symbols().rows(rows));
  ASSIGN_OR_RETURN(const std::vector<Node> targets, paths.upgrade_targets(current));
  RETURN_IF_ERROR(check_apart(graph, targets));
  RETURN_IF_ERROR(check_apart(graph, current));
  Graph::NodeSet needed = graph.ancestors(targets, Edges::all);
  const Graph::NodeSet applied = graph.ancestors(current, Edges::all);
  for (Node node = 0; node < needed.size(); ++node)
    needed[node] = needed[node] && !applied[node];
  std::vector<Node> path = graph.newest_first(std::move(needed), targets);
  std::reverse(path.begin(), path.end());
  return path;
}

Result<std::vector<Node>> downgrade_path(const Graph& graph, const Names& rows, std::string_view target) {
  RETURN_IF_ERROR(check_no_duplicates(graph));
  const Paths paths(graph, target);
  ASSIGN_OR_RETURN(const std::vector<Node> current, paths.symbols().rows(rows));
  ASSIGN_OR_RETURN(const Paths::Destination destination, paths.downgrade_target(current));
  const Place place = destination.place;
  ASSIGN_OR_RETURN(
      const std::vector<Node> roots,
      paths.without_strangers(place ? graph[*place].children : graph.bases(), destination.label));
  Graph::NodeSet undone = graph.descendants(roots, Edges::all);
  const Graph::NodeSet applied = graph.ancestors(current, Edges::all);
  bool any = false;
  for (Node node = 0; node < undone.size(); ++node) {
    undone[node] = undone[node] && applied[node];
    any = any || undone[node];
  }
  const bool is_row = place && std::find(current.begin(), current.end(), *place) != current.end();
  if (place && !any && !is_row) return no_way_down(target);
  return graph.newest_first(std::move(undone), current);
}

Result<std::vector<Node>> active(const Graph& graph, const Names& rows) {
  ASSIGN_OR_RETURN(const std::vector<Node> current, Symbols(graph, {}).rows(rows));
  return graph.newest_first(graph.ancestors(current, Edges::all), current);
}

}  // namespace godwit::schema::alembic
