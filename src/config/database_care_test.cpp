#include "config/database_care.h"

#include "base/test_folder.h"
#include "config/load.h"
#include "os/files.h"

#include <gtest/gtest.h>

#include <string>

namespace godwit {
namespace {

Result<DatabaseCare> care_of(const TestFolder& folder, const std::string& more) {
  const std::string file = folder.path() + "/godwit.yml";
  EXPECT_TRUE(os::write_file(file, "version: 1\nproject: test\n" + more).ok());
  ASSIGN_OR_RETURN(const Settings settings, load_settings(file));
  return load_database_care(settings, "app");
}

TEST(DatabaseCare, ReceiptsAndTheNameInTheCiSystem) {
  const TestFolder folder;
  const auto care = care_of(folder,
                            "keys: {receipt: \"${file:receipt.pem}\"}\n"
                            "databases:\n  app:\n    migrations: {directory: m}\n    environments:\n"
                            "      local: {path: a.db}\n"
                            "      live: {path: b.db, rehearsal: required, receipt_keys: [one, two], "
                            "receipt_hours: 5, ci_environment: production}\n");
  ASSERT_TRUE(care.ok()) << care.error().text();
  EXPECT_EQ(care->receipt_key.written, "${file:receipt.pem}");
  EXPECT_TRUE(care->backup_key.empty());
  const ReceiptGate& local = care->receipt_gates.at("local");
  EXPECT_FALSE(local.required);
  EXPECT_TRUE(local.trusted_keys.empty());
  EXPECT_EQ(local.hours_max, 72);
  EXPECT_EQ(care->ci_environments.at("local"), "local");
  const ReceiptGate& live = care->receipt_gates.at("live");
  EXPECT_TRUE(live.required);
  EXPECT_EQ(live.trusted_keys, (std::vector<std::string>{"one", "two"}));
  EXPECT_EQ(live.hours_max, 5);
  EXPECT_EQ(care->ci_environments.at("live"), "production");
}

TEST(DatabaseCare, NamesOfFlywaysScripts) {
  const TestFolder folder;
  const std::string end = "}, environments: {local: {path: a.db}}}}\n";
  const auto usual = care_of(folder, "databases: {app: {migrations: {directory: m, format: flyway" + end);
  ASSERT_TRUE(usual.ok()) << usual.error().text();
  EXPECT_EQ(usual->names, ScriptNames());
  const auto own =
      care_of(folder,
              "databases: {app: {migrations: {directory: m, format: flyway, sql_migration_prefix: a, "
              "undo_sql_migration_prefix: b, repeatable_sql_migration_prefix: c, "
              "sql_migration_separator: '-', sql_migration_suffixes: [.x, .y]" +
                  end);
  ASSERT_TRUE(own.ok()) << own.error().text();
  EXPECT_EQ(own->names, (ScriptNames{"a", "b", "c", "-", {".x", ".y"}}));
  EXPECT_FALSE(
      care_of(folder,
              "databases: {app: {migrations: {directory: m, format: goose, sql_migration_prefix: a" + end)
          .ok());
}

TEST(DatabaseCare, AKeyInTheClearAndAWrongWordAreRefused) {
  const TestFolder folder;
  const std::string database =
      "databases: {app: {migrations: {directory: m}, environments: {local: {path: a.db";
  for (const std::string& wrong :
       {"keys: {receipt: MC4CAQAwBQYDK2VwBCIEIA}\n" + database + "}}}}\n",
        database + ", rehearsal: always}}}}\n", database + ", receipt_hours: 0}}}}\n",
        database + ", receipt_key: x}}}}\n"}) {
    const auto care = care_of(folder, wrong);
    ASSERT_FALSE(care.ok()) << wrong;
    EXPECT_EQ(care.error().kind, ErrorKind::config) << wrong;
    EXPECT_EQ(care.error().text().find("MC4CAQ"), std::string::npos);
  }
}

}  // namespace
}  // namespace godwit
