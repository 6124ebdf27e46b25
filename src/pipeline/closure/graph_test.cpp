#include "pipeline/closure/graph.h"

#include "pipeline/closure/test_catalog.h"

namespace godwit::pipeline {
namespace {

using test::World;

TEST(DependencyGraph, ShowsStoresEdgesAndCycles) {
  World world;
  world.store("ids");
  world.table("districts", "id!");
  world.table("a", "id! district_id! b_id");
  world.key("district_id -> districts.id");
  world.key("b_id -> \"b\"\"q\".id");
  world.table("\"b\"\"q\"", "id! district_id! a_id up_id");
  world.key("a_id -> a.id");
  world.table("seen", "id", TableKind::view);
  world.store("hcp");
  world.table("students", "id! a_ref boss_id");
  world.key("boss_id -> students.id");
  world.settings.scope.keys = {{"*", "district_id"}};
  world.settings.links = {{"hcp.students.a_ref", "ids.a.id", {"godwit.yml", 30, 5}}};
  world.root("ids.districts.id");
  const auto plan = world.planned();
  const DependencyGraph graph = dependency_graph(plan, {&world.catalogs[0], &world.catalogs[1]});

  ASSERT_EQ(graph.nodes.size(), 4U);  // no view
  ASSERT_EQ(graph.edges.size(), 5U);
  EXPECT_EQ(graph.cycles, (std::vector<std::vector<std::string>>{{"ids.public.a", "ids.public.b\"q"},
                                                                 {"hcp.public.students"}}));
  EXPECT_EQ(graph.nodes[0].component, graph.nodes[1].component);
  EXPECT_LT(graph.nodes[2].component, graph.nodes[0].component);  // districts come first
  const auto& link = graph.edges[3];
  EXPECT_EQ(link.child + " " + link.parent, "hcp.public.students hcp.public.students");
  const auto& across = graph.edges[4];
  EXPECT_EQ(across.parent, "ids.public.a");
  EXPECT_TRUE(across.configured && across.owner);

  const std::string dot = to_dot(graph);
  EXPECT_NE(dot.find("\"ids.public.b\\\"q\" -> \"ids.public.a\" [label=\"a_id\\nreference\"]"),
            std::string::npos)
      << dot;
  EXPECT_NE(dot.find("style=dashed"), std::string::npos);
  EXPECT_NE(dot.find("subgraph \"cluster_hcp\""), std::string::npos);
}

}  // namespace
}  // namespace godwit::pipeline
