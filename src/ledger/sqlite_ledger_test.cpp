#include "base/test_folder.h"
#include "sqlite/database.h"
#include "tests/suites/ledger_suite.h"

namespace godwit::ledger {
namespace {

class SqliteLedgerTest : public LedgerSuite {
 protected:
  [[nodiscard]] Secret location() const override { return Secret(path()); }
  [[nodiscard]] std::string path() const { return folder_.path() + "/new/ledger.db"; }
  const TestFolder folder_;
};

GODWIT_LEDGER_SUITE(SqliteLedgerTest)

TEST_F(SqliteLedgerTest, RefusesTheFormatOfALaterVersion) {
  ASSERT_NE(open_ledger(), nullptr);
  {
    auto file = sqlite::Database::open(path(), {sqlite::OpenMode::read_write, 1000});
    ASSERT_TRUE((*file)->run("INSERT INTO meta VALUES (99); DROP TABLE receipt").ok());
  }
  const auto refused = open(location(), clock_);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().kind, ErrorKind::config);
  // Nothing was completed in it.
  auto file = sqlite::Database::open(path(), {sqlite::OpenMode::read_only, 1000});
  EXPECT_EQ(*(*file)->number("SELECT count(*) FROM sqlite_schema WHERE name = 'receipt'"), 0);
}

TEST_F(SqliteLedgerTest, TwoThatKnowNothingOfEachOtherNameTheirRunsDifferently) {
  const auto ours = open_ledger();
  const auto theirs = open(Secret(folder_.path() + "/another/ledger.db"), clock_);
  ASSERT_TRUE(theirs.ok());
  EXPECT_NE(ours->begin_run(draft(), true, stale_ms)->run,
            (*theirs)->begin_run(draft(), true, stale_ms)->run);
}

TEST_F(SqliteLedgerTest, IsWrittenThroughToTheDisk) {
  ASSERT_NE(open_ledger(), nullptr);
  auto file = sqlite::Database::open(path(), {sqlite::OpenMode::read_write, 1000});
  EXPECT_EQ((*file)->rows("PRAGMA journal_mode").value()[0][0].bytes, "wal");
}

}  // namespace
}  // namespace godwit::ledger
