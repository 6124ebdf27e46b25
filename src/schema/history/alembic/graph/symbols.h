// The words by which a person names revisions to Alembic: "head", "heads", "base", "label@head", "label@rev",
// a revision, the beginning of one, a label; and the relative ones "+2", "rev-1", "label@+1".
//
// Errors are Alembic's own texts: usage where a word names nothing or too much.
#pragma once

#include "base/result.h"
#include "schema/history/alembic/graph/graph.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace godwit::schema::alembic {

// "label@symbol+3": each part may be missing but the steps. Whatever stands behind them is not looked at, as
// in Alembic.
struct RelativeTarget {
  std::optional<std::string> label, symbol;
  int steps = 0;
  std::string written;  // "+3", for messages
};
[[nodiscard]] std::optional<RelativeTarget> read_relative(std::string_view target);

// Looks words up in one graph. `target`: what the person wrote, which errors repeat. Outlived by both.
class Symbols {
 public:
  using Node = Graph::Node;

  Symbols(const Graph& graph, std::string_view target) : graph_(graph), target_(target) {}

  // Anything but a relative word. "base" names no revision, "heads" any number.
  [[nodiscard]] Result<std::vector<Node>> revisions(std::string_view word) const;
  // The same, where several are an error. nullopt = base.
  [[nodiscard]] Result<std::optional<Node>> revision(std::string_view word) const;
  // Exactly a label, or a revision by its id or the beginning of it.
  [[nodiscard]] Result<Node> branch(std::string_view label) const;
  // Of `nodes`, those that lie above or below what the label names, by down_revision.
  [[nodiscard]] Result<std::vector<Node>> of_branch(const std::vector<Node>& nodes,
                                                    std::string_view label) const;
  // Rows of the table: exact ids.
  [[nodiscard]] Result<std::vector<Node>> rows(const std::vector<std::string>& rows) const;

 private:
  struct Resolved {
    std::vector<std::string> names;
    std::string label;
  };
  [[nodiscard]] Result<Resolved> resolve(std::string_view word) const;
  [[nodiscard]] Result<std::vector<Node>> heads_of(std::string_view label) const;
  [[nodiscard]] Result<Node> named(std::string_view name, std::string_view label) const;
  [[nodiscard]] Result<Node> beginning_with(std::string_view start, std::string_view label) const;
  [[nodiscard]] bool share_branch(Node left, Node right) const;

  const Graph& graph_;
  std::string_view target_;
};

// "Can't locate revision identified by 'X'".
[[nodiscard]] Error cannot_locate(std::string_view word, std::string hint);

}  // namespace godwit::schema::alembic
