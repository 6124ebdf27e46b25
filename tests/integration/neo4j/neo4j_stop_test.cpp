// A server that is killed under its clients. Runs beside a server of its own: scripts/with-neo4j
// neo4j_stop_test.
#include "tests/integration/neo4j/neo4j_scratch.h"

#include <csignal>

namespace godwit::test {
namespace {

using bolt::Value;

TEST(Neo4jStop, EachClientIsToldWhatItCanKnow) {
  const pid_t server = std::stoi(neo4j_variable("NEO4J_PID"));
  const auto streaming = neo4j_session();
  const auto writing = neo4j_session();
  const auto idle = neo4j_session();
  auto cursor = streaming->run("UNWIND range(1, 100000000) AS i RETURN i");
  ASSERT_TRUE(cursor.ok()) << cursor.error().text();
  std::vector<Value> row;
  ASSERT_TRUE(cursor->next(row).ok());
  auto transaction = writing->begin();
  ASSERT_TRUE(transaction.ok()) << transaction.error().text();
  ASSERT_TRUE(writing->execute("CREATE (:Killed)").ok());

  ASSERT_EQ(kill(server, SIGKILL), 0);

  // What was on its way may still be read; then it ends.
  for (;;) {
    const auto more = cursor->next(row);
    if (more.ok()) {
      ASSERT_TRUE(*more);
      continue;
    }
    EXPECT_EQ(more.error().kind, ErrorKind::unreachable) << more.error().text();
    break;
  }
  EXPECT_FALSE(streaming->alive());
  const auto committed = transaction->commit();
  ASSERT_FALSE(committed.ok());
  EXPECT_EQ(committed.error().kind, ErrorKind::in_doubt) << committed.error().text();
  const auto asked = idle->query("RETURN 1");
  ASSERT_FALSE(asked.ok());
  EXPECT_EQ(asked.error().kind, ErrorKind::unreachable) << asked.error().text();
  EXPECT_TRUE(asked.error().retryable());
  const auto again = bolt::Session::open(neo4j_options());
  ASSERT_FALSE(again.ok());
  EXPECT_EQ(again.error().kind, ErrorKind::unreachable) << again.error().text();
}

}  // namespace
}  // namespace godwit::test
