// The ledger's suite on a real PostgreSQL server ($GODWIT_TEST_PG).

#include "pg/session.h"
#include "tests/suites/ledger_suite.h"

#include <cstdlib>

namespace godwit::ledger {
namespace {

class PostgresLedgerTest : public LedgerSuite {
 protected:
  void SetUp() override {
    const char* server = ::getenv("GODWIT_TEST_PG");
    ASSERT_NE(server, nullptr) << "run through scripts/with-postgres";
    url_ = std::string(server) + "?sslmode=disable";
    pg::ConnectOptions options;
    options.url = Secret(url_);
    auto opened = pg::Session::open(options);
    ASSERT_TRUE(opened.ok()) << opened.error().text();
    admin_ = std::move(opened).value();
    ASSERT_TRUE(admin_->run("DROP SCHEMA IF EXISTS godwit_ledger CASCADE").ok());
  }
  [[nodiscard]] Secret location() const override { return Secret(url_); }
  std::string url_;
  std::unique_ptr<pg::Session> admin_;
};

GODWIT_LEDGER_SUITE(PostgresLedgerTest)

TEST_F(PostgresLedgerTest, SurvivesALostConnectionBetweenCalls) {
  auto ledger = open_ledger();
  const auto run = ledger->begin_run(draft(), true, stale_ms);
  ASSERT_TRUE(run.ok());
  ASSERT_TRUE(admin_
                  ->run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = "
                        "'godwit ledger'")
                  .ok());
  // The first call may find the line cut; from then on it is a new one.
  [[maybe_unused]] const auto cut = ledger->heartbeat(run->run);
  EXPECT_TRUE(ledger->heartbeat(run->run).ok());
}

TEST_F(PostgresLedgerTest, UsesASchemaThatWasMadeForARoleWithoutRights) {
  ASSERT_NE(open_ledger(), nullptr);
  ASSERT_TRUE(
      admin_
          ->run("DROP ROLE IF EXISTS godwit_ledger_test; CREATE ROLE godwit_ledger_test LOGIN;"
                "GRANT USAGE ON SCHEMA godwit_ledger TO godwit_ledger_test;"
                "GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA godwit_ledger TO godwit_ledger_test")
          .ok());
  std::string url = url_;
  url.replace(url.find("postgres@"), 8, "godwit_ledger_test");
  {
    auto ledger = open(Secret(url), clock_);
    ASSERT_TRUE(ledger.ok()) << ledger.error().text();
    EXPECT_TRUE((*ledger)->begin_run(draft(), true, stale_ms).ok());
  }
  EXPECT_TRUE(admin_->run("DROP OWNED BY godwit_ledger_test; DROP ROLE godwit_ledger_test").ok());
}

}  // namespace
}  // namespace godwit::ledger
