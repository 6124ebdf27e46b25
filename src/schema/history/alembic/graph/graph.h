// Alembic's graph of revisions: what comes before what, by down_revision and by depends_on.
//
// The words of Alembic's documentation and of its RevisionMap are kept where they mean the same: a head has
// no child by down_revision, an effective head has one that depends on it. Where Alembic leaves an order to
// the hash of a Python set, the order of the files decides here. Immutable after build(), so threads may
// share it.
#pragma once

#include "base/result.h"
#include "schema/migration.h"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace godwit::schema::alembic {

// The header of one revision file, as it is written.
struct Revision {
  std::string id;
  std::vector<std::string> parents;     // down_revision; empty = None
  std::vector<std::string> depends_on;  // revisions or labels
  std::vector<std::string> labels;      // branch_labels
  std::string doc;                      // the docstring, trimmed
  std::string file;
  bool has_upgrade = false, has_downgrade = false;
  SourceLocation id_at, parents_at, depends_on_at,
      labels_at;  // the values; the file alone where they are not
};

class Graph final : public FolderIndex {
 public:
  using Node = size_t;  // in the order of the files
  using NodeSet = std::vector<bool>;

  struct Vertex {
    Revision written;
    std::vector<Node> parents;        // by down_revision
    std::vector<Node> needs;          // by depends_on, labels resolved
    std::vector<Node> own_needs;      // of these, what no ancestor by down_revision depends on already
    std::vector<Node> below;          // parents, then own_needs: what a row in the table moves from and to
    std::vector<Node> children;       // by down_revision
    std::vector<Node> dependents;     // children, and what depends on it
    std::vector<std::string> labels;  // its own, and those it has from its branch
  };

  // Which edges a walk follows.
  enum class Edges : uint8_t { parents, all };

  // ErrorKind::config with file, line and column: a parent or a dependency that is not there, a cycle, a
  // label used twice. A revision that stands in several files is the last of them, as for Alembic, which only
  // warns: see duplicates().
  [[nodiscard]] static Result<std::shared_ptr<const Graph>> build(std::vector<Revision> revisions);

  [[nodiscard]] size_t size() const { return vertices_.size(); }
  [[nodiscard]] const Vertex& operator[](Node node) const { return vertices_[node]; }
  [[nodiscard]] const std::string& id(Node node) const { return vertices_[node].written.id; }
  // The revision of exactly that id.
  [[nodiscard]] std::optional<Node> find(std::string_view id) const;
  // The revision of exactly that id, or the one that declares the label.
  [[nodiscard]] std::optional<Node> find_name(std::string_view id_or_label) const;
  // Ids in the order of the files, then labels.
  [[nodiscard]] const std::vector<std::string>& names() const { return names_; }
  // Ids that more than one file claims.
  [[nodiscard]] const std::vector<std::string>& duplicates() const { return duplicates_; }

  [[nodiscard]] const std::vector<Node>& heads() const { return heads_; }
  // Heads that nothing depends on either: what the table holds when everything is applied.
  [[nodiscard]] const std::vector<Node>& effective_heads() const { return effective_heads_; }
  [[nodiscard]] const std::vector<Node>& bases() const { return bases_; }
  [[nodiscard]] bool is_branch_point(Node node) const { return vertices_[node].children.size() > 1; }
  [[nodiscard]] bool is_merge_point(Node node) const { return vertices_[node].parents.size() > 1; }

  // The given nodes and everything below (above) them.
  [[nodiscard]] NodeSet ancestors(const std::vector<Node>& nodes, Edges edges) const;
  [[nodiscard]] NodeSet descendants(const std::vector<Node>& nodes, Edges edges) const;
  [[nodiscard]] NodeSet everything() const { return NodeSet(size(), true); }

  // The members of `set`, each before what is below it: one branch is followed down as far as no other head
  // waits for it. Starts at those of `heads` that are in the set, in the order of the files. Ties as in
  // Alembic's own sort.
  [[nodiscard]] std::vector<Node> newest_first(NodeSet set, const std::vector<Node>& heads) const;

 private:
  Status connect();
  Status check_ids() const;
  Status check_cycles() const;
  Status name_labels();
  void find_own_needs();
  void spread_labels();

  std::vector<Vertex> vertices_;
  std::map<std::string, Node, std::less<>> ids_, labels_;
  std::vector<std::string> names_, duplicates_;
  std::vector<Node> heads_, effective_heads_, bases_;
};

}  // namespace godwit::schema::alembic
