#include "schema/adopt/liquibase_files.h"

#include <gtest/gtest.h>

namespace godwit::schema {
namespace {

LiquibaseFiles find(const std::vector<std::string>& recorded, const std::vector<std::string>& paths,
                    const std::string& changelog = "") {
  const auto found = find_liquibase_files(recorded, paths, changelog, "/nowhere");
  EXPECT_TRUE(found.ok());
  return found.ok() ? *found : LiquibaseFiles();
}

TEST(LiquibaseFiles, TheSearchPathMayLieAboveTheFolder) {
  const LiquibaseFiles found =
      find({"classpath:db/changelog/a.sql", "db/changelog/sub/b.sql", "gone.sql"},
           {"pom.xml", "src/main/resources/db/changelog/a.sql", "src/main/resources/db/changelog/sub/b.sql"});
  EXPECT_EQ(found.folder, "src/main/resources/db/changelog");
  EXPECT_EQ(found.prefix, "db/changelog/");
}

TEST(LiquibaseFiles, TheSearchPathMayBeTheFolder) {
  const LiquibaseFiles found = find({"a.sql"}, {"changes/a.sql", "changes/a.sql.bak"});
  EXPECT_EQ(found.folder, "changes");
  EXPECT_EQ(found.prefix, "");
}

TEST(LiquibaseFiles, WithoutRowsTheChangelogSaysIt) {
  const LiquibaseFiles found = find({}, {"app/db/root.sql", "other.sql"}, "db/root.sql");
  EXPECT_EQ(found.folder, "app/db");
  EXPECT_EQ(found.prefix, "db/");
}

TEST(LiquibaseFiles, ASharedBeginningOfNamesIsNoFolder) {
  const LiquibaseFiles found = find({"db/one/a.sql", "db/only/b.sql"}, {"db/one/a.sql", "db/only/b.sql"});
  EXPECT_EQ(found.folder, "db");
  EXPECT_EQ(found.prefix, "db/");
}

}  // namespace
}  // namespace godwit::schema
