#include "sqlite/database.h"
#include "tests/closure/compare.h"

#include <gtest/gtest.h>

#include <filesystem>

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

TEST(SelectionOnSqlite, IsExactOnRandomWorlds) {
  size_t compared = 0;
  for (uint64_t seed = 1; seed <= 1000; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const World world = random_world(seed, false);
    auto database = sqlite::Database::open(":memory:", {sqlite::OpenMode::create, 0});
    ASSERT_TRUE(database.ok()) << database.error().text();
    const Status created = database.value()->run(create_sql(world, false));
    ASSERT_TRUE(created.ok()) << created.error().text() << "\n" << create_sql(world, false);
    ASSERT_TRUE(database.value()->register_text_function("godwit_scope", [&] { return world.scope; }).ok());
    auto dialect = connect::sqlite_dialect();
    dialect.without_rowid = world.without_rowid;
    dialect.link_keys = [&](const std::string& name) { return link_keys_sql(world, name); };
    compared += expect_exact(world, dialect,
                             [&](const std::string& sql, size_t) { return rows_of(*database.value(), sql); });
    if (testing::Test::HasFailure()) break;
  }
  EXPECT_GT(compared, 5000U);  // worlds that hold something
}

}  // namespace
}  // namespace godwit::test
