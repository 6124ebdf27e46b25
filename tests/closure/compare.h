// Runs the selections of a world's tables and compares every row with the brute force.
#pragma once

#include "connect/selection_sql.h"
#include "tests/closure/random_world.h"

#include <functional>
#include <string>
#include <vector>

namespace godwit::test {

// Runs one statement that gives so many columns; every value as text, NULL as nullopt.
using RunSql = std::function<std::vector<Row>(const std::string& sql, size_t columns)>;

// Adds gtest failures, each with the SQL. The number of member rows that were compared.
size_t expect_exact(const World& world, const connect::SqlDialect& dialect, const RunSql& run);

}  // namespace godwit::test
