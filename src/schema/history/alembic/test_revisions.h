// Revisions for tests, in one line each, and the two real-life graphs whose traces were taken from Alembic.
#pragma once

#include "schema/history/alembic/graph/graph.h"
#include "schema/migration.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace godwit::schema::alembic {

struct TestRevision {
  std::string id;
  std::vector<std::string> parents, depends_on, labels;
};

inline std::string python_tuple(const std::vector<std::string>& texts) {
  if (texts.empty()) return "None";
  std::string out = "(";
  for (const std::string& text : texts)
    out += "'" + text + "', ";
  return out + ")";
}

// As files, named so that their order is the order given.
inline std::vector<MigrationFile> files_of(const std::vector<TestRevision>& revisions) {
  std::vector<MigrationFile> files;
  for (size_t i = 0; i < revisions.size(); ++i) {
    const TestRevision& revision = revisions[i];
    files.push_back(
        {std::to_string(1000 + i) + "_" + revision.id + ".py",
         "\"\"\"Step " + revision.id + "\n\nmore of it\n\"\"\"\nfrom alembic import op\n\nrevision = '" +
             revision.id + "'\ndown_revision = " + python_tuple(revision.parents) + "\nbranch_labels = " +
             python_tuple(revision.labels) + "\ndepends_on = " + python_tuple(revision.depends_on) +
             "\n\n\ndef upgrade():\n    pass\n\n\ndef downgrade():\n    pass\n"});
  }
  return files;
}

inline Result<std::shared_ptr<const Graph>> try_graph(const std::vector<TestRevision>& revisions) {
  std::vector<Revision> written;
  for (const TestRevision& revision : revisions) {
    Revision one;
    one.id = revision.id;
    one.parents = revision.parents;
    one.depends_on = revision.depends_on;
    one.labels = revision.labels;
    one.file = revision.id + ".py";
    one.id_at = one.parents_at = one.depends_on_at = one.labels_at = {one.file, 1, 1};
    written.push_back(std::move(one));
  }
  return Graph::build(std::move(written));
}

inline std::shared_ptr<const Graph> graph_with(const std::vector<TestRevision>& revisions) {
  auto graph = try_graph(revisions);
  EXPECT_TRUE(graph.ok()) << (graph.ok() ? "" : graph.error().text());
  return graph.value();
}

inline std::vector<std::string> ids_of(const Graph& graph, const std::vector<Graph::Node>& nodes) {
  std::vector<std::string> ids;
  for (const Graph::Node node : nodes)
    ids.push_back(graph.id(node));
  return ids;
}

// One branch that forks and joins again.
inline std::vector<TestRevision> fork_and_join() {
  return {{"001", {}, {}, {}},
          {"d62d8b44f851", {"001"}, {}, {}},
          {"8b2566889924", {"d62d8b44f851"}, {}, {}},
          {"b4591d8d37bd", {"8b2566889924"}, {}, {}},
          {"20251203_2148", {"8b2566889924"}, {}, {}},
          {"e578e33478e1", {"b4591d8d37bd", "20251203_2148"}, {}, {}},
          {"20251203_2220", {"e578e33478e1"}, {}, {}}};
}

// Two labelled lines, of which one needs the other.
inline std::vector<TestRevision> two_lines() {
  return {{"aaaa1", {}, {}, {"core"}},
          {"aaaa2", {"aaaa1"}, {}, {}},
          {"bbbb1", {}, {}, {"app"}},
          {"bbbb2", {"bbbb1"}, {"aaaa2"}, {}}};
}

}  // namespace godwit::schema::alembic
