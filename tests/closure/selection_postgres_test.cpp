#include "pg/session.h"
#include "tests/closure/compare.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace godwit::test {
namespace {

std::vector<Row> rows_of(pg::Session& session, const std::string& sql, size_t columns) {
  std::vector<Row> result;
  auto rows = session.query(sql);
  EXPECT_TRUE(rows.ok()) << rows.error().text() << "\n" << sql;
  if (!rows.ok()) return result;
  for (size_t row = 0; row < rows.value().size(); ++row) {
    Row line;
    for (size_t column = 0; column < columns; ++column)
      line.push_back(rows.value().optional(row, column));
    result.push_back(line);
  }
  return result;
}

TEST(SelectionOnPostgres, IsExactOnRandomWorlds) {
  const char* url = std::getenv("GODWIT_TEST_PG");
  ASSERT_NE(url, nullptr) << "run by scripts/with-postgres";
  pg::ConnectOptions options;
  options.url = Secret(url);
  options.tls = pg::TlsMode::prefer;
  auto session = pg::Session::open(options);
  ASSERT_TRUE(session.ok()) << session.error().text();
  // Tables without statistics look big: compiling the plans would take longer than running them.
  ASSERT_TRUE(session.value()->run("SET jit = off").ok());
  size_t compared = 0;
  for (uint64_t seed = 1; seed <= 400; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const World world = random_world(seed, true);
    ASSERT_TRUE(session.value()->run("BEGIN").ok());
    const Status created = session.value()->run(create_sql(world, true));
    ASSERT_TRUE(created.ok()) << created.error().text() << "\n" << create_sql(world, true);
    ASSERT_TRUE(session.value()->query("SELECT set_config('godwit.scope', $1, true)", {world.scope}).ok());
    auto dialect = connect::postgres_dialect();
    dialect.link_keys = [&](const std::string& name) { return link_keys_sql(world, name); };
    compared += expect_exact(world, dialect, [&](const std::string& sql, size_t columns) {
      return rows_of(*session.value(), sql, columns);
    });
    ASSERT_TRUE(session.value()->run("ROLLBACK").ok());
    if (testing::Test::HasFailure()) break;
  }
  EXPECT_GT(compared, 2000U);  // worlds that hold something
}

}  // namespace
}  // namespace godwit::test
