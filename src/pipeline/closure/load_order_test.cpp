#include "pipeline/closure/test_catalog.h"

namespace godwit::pipeline {
namespace {

using test::order_of;
using test::World;

// root <- a; a -> b, b -> c, c -> a.
World ring(const std::string& kind) {
  World world;
  world.store("s", kind);
  world.table("root", "id!");
  world.table("a", "id! root_id! b_id");
  world.key("root_id -> root.id");
  world.key("b_id -> b.id");
  world.table("b", "id! root_id! c_id!");
  world.key("root_id -> root.id");
  world.key("c_id -> c.id");
  world.table("c", "id! root_id! a_id!");
  world.key("root_id -> root.id");
  world.key("a_id -> a.id");
  world.root("s.root.id");
  world.settings.scope.keys = {{"*", "root_id"}};
  if (kind == "sqlite") {
    for (auto& table : world.catalogs[0].tables) {
      table.name.schema = "main";
      for (auto& key : table.foreign_keys)
        key.parent.schema = "main";
    }
  }
  return world;
}

void make_deferrable(World& world, const std::string& table, size_t key) {
  for (auto& candidate : world.catalogs[0].tables) {
    if (candidate.name.name == table) candidate.foreign_keys[key].deferrable = true;
  }
}

TEST(LoadOrder, ACycleOfThreeIsOneStatementInPostgres) {
  World world = ring("postgres");
  const auto plan = world.planned();
  EXPECT_EQ(order_of(plan[0]), "root a+b+c");
  ASSERT_EQ(plan[0].cycle_breaks.size(), 1U);
  EXPECT_EQ(plan[0].cycle_breaks[0].how, CycleBreak::How::single_statement);
  EXPECT_EQ(plan[0].cycle_breaks[0].tables.size(), 3U);
}

TEST(LoadOrder, ADeferrableKeyThatClosesTheCycleBreaksIt) {
  World world = ring("postgres");
  make_deferrable(world, "b", 1);  // b -> c may wait: b, then a, then c
  const auto plan = world.planned();
  EXPECT_EQ(order_of(plan[0]), "root b+a+c");
  ASSERT_EQ(plan[0].cycle_breaks.size(), 1U);
  EXPECT_EQ(plan[0].cycle_breaks[0].how, CycleBreak::How::deferrable);
}

TEST(LoadOrder, ADeferrableKeyBesideTheCycleDoesNot) {
  World world = ring("postgres");
  make_deferrable(world, "a", 0);
  EXPECT_EQ(world.planned()[0].cycle_breaks[0].how, CycleBreak::How::single_statement);
}

TEST(LoadOrder, SqliteDefersEveryKey) {
  const auto plan = ring("sqlite").planned();
  ASSERT_EQ(plan[0].cycle_breaks.size(), 1U);
  EXPECT_EQ(plan[0].cycle_breaks[0].how, CycleBreak::How::deferrable);
}

TEST(LoadOrder, OtherStoresLoadANullFirst) {
  World world = ring("other");
  for (auto& table : world.catalogs[0].tables) {
    table.name.schema = "main";
    for (auto& key : table.foreign_keys)
      key.parent.schema = "main";
  }
  const auto plan = world.planned();
  ASSERT_EQ(plan[0].cycle_breaks.size(), 1U);
  const CycleBreak& cycle = plan[0].cycle_breaks[0];
  EXPECT_EQ(cycle.how, CycleBreak::How::null_then_update);
  EXPECT_EQ(cycle.child.name, "a");
  EXPECT_EQ(cycle.foreign_key.columns, std::vector<std::string>{"b_id"});
  EXPECT_EQ(order_of(plan[0]), "root a+c+b");

  for (auto& table : world.catalogs[0].tables) {
    for (auto& column : table.columns)
      column.nullable = false;
  }
  EXPECT_TRUE(test::has_text(world.refused(), "the cycle main.a, main.b, main.c cannot be loaded"));
}

TEST(LoadOrder, SelfReferencesAreOrdinary) {
  for (const char* kind : {"postgres", "sqlite"}) {
    World world;
    world.store("s", kind);
    world.table("root", "id! up_id");
    world.key("up_id -> root.id");
    world.root("s.root.id");
    const auto plan = world.planned();
    EXPECT_EQ(order_of(plan[0]), "root");
    // SQLite inserts row by row.
    EXPECT_EQ(plan[0].cycle_breaks.size(), std::string(kind) == "sqlite" ? 1U : 0U);
  }
}

TEST(LoadOrder, TablesThatAreNotCopiedTakeNoPart) {
  World world = ring("postgres");
  world.settings.skip = {"s.b"};
  const auto plan = world.planned();
  EXPECT_EQ(order_of(plan[0]), "root a c");
  EXPECT_TRUE(plan[0].cycle_breaks.empty());
}

TEST(LoadOrder, TwoCyclesThatShareATableAreOne) {
  World world = ring("postgres");
  world.table("d", "id! root_id! a_id!");
  world.key("a_id -> a.id");
  world.catalogs[0].tables[1].columns.push_back(world.catalogs[0].tables[1].columns.back());
  world.catalogs[0].tables[1].columns.back().name = "d_id";
  ForeignKey key;
  key.name = "a_d";
  key.columns = {"d_id"};
  key.parent = {"public", "d"};
  key.parent_columns = {"id"};
  world.catalogs[0].tables[1].foreign_keys.push_back(key);
  EXPECT_EQ(order_of(world.planned()[0]), "root a+b+c+d");
}

TEST(LoadOrder, LinksAreNoCycles) {
  World world = ring("postgres");
  for (auto& table : world.catalogs[0].tables) {
    if (table.name.name == "c") table.foreign_keys.pop_back();
  }
  world.settings.links = {{"s.c.a_id", "s.a.id", {"godwit.yml", 30, 5}}};
  const auto plan = world.planned();
  EXPECT_EQ(order_of(plan[0]), "root c b a");
  EXPECT_TRUE(plan[0].cycle_breaks.empty());
}

}  // namespace
}  // namespace godwit::pipeline
