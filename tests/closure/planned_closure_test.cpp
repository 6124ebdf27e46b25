// Planner and selection together on random worlds: whatever the planner proves (inside, needed rows, owners)
// must not change what the definition of the closure gives.
#include "base/prng.h"
#include "base/text.h"
#include "pipeline/closure/plan_closure.h"
#include "sqlite/database.h"
#include "tests/closure/brute_force.h"
#include "tests/closure/compare.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace godwit::test {
namespace {

std::vector<Row> rows_of(sqlite::Database& database, const std::string& sql) {
  std::vector<Row> result;
  auto rows = database.rows(sql);
  EXPECT_TRUE(rows.ok()) << rows.error().text() << "\n" << sql;
  if (!rows.ok()) return result;
  for (const auto& row : rows.value()) {
    Row line;
    for (const auto& value : row) {
      if (value.type == sqlite::ValueType::null)
        line.push_back(std::nullopt);
      else if (value.type == sqlite::ValueType::integer)
        line.push_back(std::to_string(value.integer));
      else
        line.push_back(value.bytes);
    }
    result.push_back(line);
  }
  return result;
}

std::string reference(const TableName& table) {
  return "w." + quote_identifier(table.name);
}

// Settings as somebody could write them who owns every table somehow.
PipelineSettings random_settings(const World& world, Prng& random) {
  PipelineSettings settings;
  settings.name = "random";
  settings.stores = {"w"};
  settings.scope.name = "tenant";
  settings.scope.root = {"w.root.tenant", {}};
  const OutsidePolicy policies[] = {OutsidePolicy::include, OutsidePolicy::include, OutsidePolicy::reference,
                                    OutsidePolicy::null, OutsidePolicy::fail};
  settings.outside = policies[random.below(3)];
  settings.cross_scope = static_cast<CrossScope>(random.below(3));
  for (const auto& table : world.catalog.tables) {
    if (table.name.name == "root") continue;
    if (table.column("tenant") != nullptr && random.chance(1, 2))
      settings.scope.keys[reference(table.name)] = "tenant";
    if (random.chance(1, 12))
      settings.shared.push_back(reference(table.name));
    else if (random.chance(1, 12))
      settings.skip.push_back(reference(table.name));
    else if (!table.foreign_keys.empty() && random.chance(2, 3)) {
      auto& owner = settings.owner[reference(table.name)];
      for (const auto& key : table.foreign_keys) {
        if (owner.empty() || random.chance(1, 3)) owner.push_back(key.columns.front());
      }
    }
    for (const auto& key : table.foreign_keys) {
      if (random.chance(1, 2)) continue;
      settings.outside_edges.emplace_back(reference(table.name) + "." + quote_identifier(key.columns.front()),
                                          policies[random.below(5)]);
    }
  }
  return settings;
}

// Rows disagree where that refuses the run: nothing is proved about what would be read.
bool is_refused(const World& world) {
  const BruteForce truth(world);
  return std::any_of(world.closure.tables.begin(), world.closure.tables.end(),
                     [&](const TableClosure& closure) {
                       return closure.cross_scope == CrossScope::fail && truth.disagreeing(closure.table) > 0;
                     });
}

TEST(PlannedClosure, IsExactOnRandomWorlds) {
  size_t planned = 0, compared = 0, inside = 0;
  for (uint64_t seed = 1; seed <= 2000; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    World world = random_world(seed, false);
    Prng random(seed);
    const PipelineSettings settings = random_settings(world, random);
    auto closures = pipeline::plan_closure({&settings, {&world.catalog}});
    if (!closures.ok()) {
      EXPECT_FALSE(closures.error().message.empty());
      continue;
    }
    world.closure = std::move(closures->front());
    world.link_keys.clear();
    if (is_refused(world)) continue;
    ++planned;
    for (const auto& table : world.closure.tables) {
      for (const auto& edge : table.edges)
        inside += edge.inside ? 1 : 0;
    }
    auto database = sqlite::Database::open(":memory:", {sqlite::OpenMode::create, 0});
    ASSERT_TRUE(database.ok()) << database.error().text();
    ASSERT_TRUE(database.value()->run(create_sql(world, false)).ok());
    ASSERT_TRUE(database.value()->register_text_function("godwit_scope", [&] { return world.scope; }).ok());
    auto dialect = connect::sqlite_dialect();
    dialect.without_rowid = world.without_rowid;
    compared += expect_exact(world, dialect,
                             [&](const std::string& sql, size_t) { return rows_of(*database.value(), sql); });
    if (testing::Test::HasFailure()) break;
  }
  // Worlds that have a plan, and hold something.
  EXPECT_GT(planned, 200U);
  EXPECT_GT(compared, 2000U);
  EXPECT_GT(inside, 100U);
}

}  // namespace
}  // namespace godwit::test
