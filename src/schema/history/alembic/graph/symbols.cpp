#include "schema/history/alembic/graph/symbols.h"

#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace godwit::schema::alembic {

namespace {

using Node = Graph::Node;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_word(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

// "symbol+3" or "+3" at the beginning of `text`.
std::optional<RelativeTarget> read_steps(std::string_view text) {
  const auto word_end = std::find_if_not(text.begin(), text.end(), is_word);
  const size_t sign = static_cast<size_t>(word_end - text.begin());
  if (sign >= text.size() || (text[sign] != '+' && text[sign] != '-')) return std::nullopt;
  size_t end = sign + 1;
  while (end < text.size() && is_digit(text[end]))
    ++end;
  if (end == sign + 1) return std::nullopt;
  RelativeTarget found;
  if (sign > 0) found.symbol = std::string(text.substr(0, sign));
  found.written = text.substr(sign, end - sign);
  // More steps than an int has are more than any graph has.
  const std::string_view digits = text.substr(sign + 1, end - sign - 1);
  if (std::from_chars(digits.data(), digits.data() + digits.size(), found.steps).ec != std::errc())
    found.steps = 1'000'000'000;
  if (text[sign] == '-') found.steps = -found.steps;
  return found;
}

}  // namespace

std::optional<RelativeTarget> read_relative(std::string_view target) {
  for (size_t at = target.find('@'); at != std::string_view::npos; at = target.find('@', at + 1)) {
    if (at == 0) continue;
    if (auto found = read_steps(target.substr(at + 1))) {
      found->label = std::string(target.substr(0, at));
      return found;
    }
  }
  return read_steps(target);
}

Error cannot_locate(std::string_view word, std::string hint) {
  return make_error(ErrorKind::usage, fmt::format("Can't locate revision identified by '{}'", word),
                    std::move(hint));
}

bool Symbols::share_branch(Node left, Node right) const {
  return graph_.descendants({left}, Graph::Edges::parents)[right] ||
         graph_.ancestors({left}, Graph::Edges::parents)[right];
}

Result<Node> Symbols::branch(std::string_view label) const {
  if (const auto node = graph_.find_name(label)) return *node;
  return beginning_with(label, {});
}

Result<std::vector<Node>> Symbols::of_branch(const std::vector<Node>& nodes, std::string_view label) const {
  ASSIGN_OR_RETURN(const Resolved resolved, resolve(label));
  std::vector<std::string> names = resolved.names;
  if (!resolved.label.empty()) names.push_back(resolved.label);
  if (names.empty()) return nodes;
  Graph::NodeSet related(graph_.size(), false);
  for (const std::string& name : names) {
    ASSIGN_OR_RETURN(const Node node, branch(name));
    const Graph::NodeSet above = graph_.descendants({node}, Graph::Edges::parents);
    const Graph::NodeSet below = graph_.ancestors({node}, Graph::Edges::parents);
    for (Node i = 0; i < related.size(); ++i)
      related[i] = related[i] || above[i] || below[i];
  }
  std::vector<Node> found;
  std::copy_if(nodes.begin(), nodes.end(), std::back_inserter(found),
               [&](Node node) { return related[node]; });
  return found;
}

Result<std::vector<Node>> Symbols::heads_of(std::string_view label) const {
  if (label.empty()) return graph_.heads();
  return of_branch(graph_.heads(), label);
}

Result<Symbols::Resolved> Symbols::resolve(std::string_view word) const {
  Resolved resolved;
  if (const size_t at = word.find('@'); at != std::string_view::npos) {
    resolved.label = word.substr(0, at);
    word = word.substr(at + 1);
  }
  const auto name_all = [&](const std::vector<Node>& nodes) {
    for (const Node node : nodes)
      resolved.names.push_back(graph_.id(node));
  };
  if (word == "heads") {
    if (resolved.label.empty()) {
      name_all(graph_.effective_heads());
    } else {
      ASSIGN_OR_RETURN(const std::vector<Node> heads, heads_of(resolved.label));
      name_all(heads);
    }
  } else if (word == "head") {
    ASSIGN_OR_RETURN(const std::vector<Node> heads, heads_of(resolved.label));
    if (heads.size() > 1) {
      std::vector<std::string> names;
      for (const Node head : heads)
        names.push_back(graph_.id(head));
      return make_error(ErrorKind::usage,
                        fmt::format("Multiple head revisions are present for given argument '{0}'; please "
                                    "specify a specific target revision, '<branchname>@{0}' to narrow to a "
                                    "specific head, or 'heads' for all heads",
                                    target_),
                        "the heads are: " + join(names, ", "));
    }
    name_all(heads);
  } else if (word != "base") {
    resolved.names.emplace_back(word);
  }
  return resolved;
}

Result<std::vector<Node>> Symbols::revisions(std::string_view word) const {
  ASSIGN_OR_RETURN(const Resolved resolved, resolve(word));
  std::vector<Node> nodes;
  for (const std::string& name : resolved.names) {
    ASSIGN_OR_RETURN(const Node node, named(name, resolved.label));
    nodes.push_back(node);
  }
  return nodes;
}

Result<std::optional<Node>> Symbols::revision(std::string_view word) const {
  ASSIGN_OR_RETURN(const std::vector<Node> nodes, revisions(word));
  if (nodes.size() > 1) {
    return make_error(ErrorKind::usage,
                      fmt::format("Multiple head revisions are present for given argument '{0}'; please "
                                  "specify a specific target revision, '<branchname>@{0}' to narrow to a "
                                  "specific head, or 'heads' for all heads",
                                  target_));
  }
  if (nodes.empty()) return std::optional<Node>();
  return std::optional<Node>(nodes.front());
}

Result<Node> Symbols::named(std::string_view name, std::string_view label) const {
  std::optional<Node> branch_node;
  if (!label.empty()) {
    ASSIGN_OR_RETURN(branch_node, branch(label));
  }
  auto node = graph_.find_name(name);
  if (!node) {
    ASSIGN_OR_RETURN(node, beginning_with(name, label));
  }
  if (branch_node && !share_branch(*node, *branch_node)) {
    return cannot_locate(name,
                         fmt::format("Revision {} is not a member of branch '{}'", graph_.id(*node), label));
  }
  return *node;
}

// Names of four letters and more can be shortened, as long as only one begins so.
Result<Node> Symbols::beginning_with(std::string_view start, std::string_view label) const {
  std::vector<std::string> found;
  std::vector<Node> nodes;
  for (const std::string& name : graph_.names()) {
    if (start.empty() || name.size() <= 3 || !name.starts_with(start)) continue;
    const Node node = *graph_.find_name(name);
    if (!label.empty()) {
      ASSIGN_OR_RETURN(const std::vector<Node> in_branch, of_branch({node}, label));
      if (in_branch.empty()) continue;
    }
    found.push_back("'" + name + "'");
    nodes.push_back(node);
  }
  if (nodes.empty()) {
    return cannot_locate(
        start, start.size() < 4 ? "at least four characters are needed to name a revision by its beginning"
                                : "the migrations' folder does not hold it");
  }
  if (nodes.size() > 1) {
    if (found.size() > 3) found.resize(3);
    return cannot_locate(start,
                         fmt::format("Multiple revisions start with '{}': {}...", start, join(found, ", ")));
  }
  return nodes.front();
}

Result<std::vector<Node>> Symbols::rows(const std::vector<std::string>& rows) const {
  std::vector<Node> nodes;
  for (const std::string& row : rows) {
    const auto node = graph_.find(row);
    if (!node) {
      Error error = cannot_locate(row, "the database holds it and the migrations' folder does not");
      error.kind = ErrorKind::plan_refused;
      return error;
    }
    if (std::find(nodes.begin(), nodes.end(), *node) == nodes.end()) nodes.push_back(*node);
  }
  return nodes;
}

}  // namespace godwit::schema::alembic
