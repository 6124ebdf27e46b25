// TLS against a real server: right and wrong authorities, right and wrong names.
#include "tests/integration/neo4j/neo4j_scratch.h"

namespace godwit::test {
namespace {

using bolt::Value;

bolt::ConnectOptions trusting(const std::string& scheme, const std::string& host) {
  bolt::ConnectOptions options = neo4j_options(neo4j_url(scheme, host));
  options.tls_root_certificate = neo4j_variable("NEO4J_CA");
  return options;
}

Error refusal(const bolt::ConnectOptions& options) {
  const auto session = bolt::Session::open(options);
  EXPECT_FALSE(session.ok()) << options.url;
  return session.ok() ? make_error(ErrorKind::failed, "it was not refused") : session.error();
}

TEST(Neo4jTls, ACertificateOfTheGivenAuthorityIsTrusted) {
  for (const char* scheme : {"bolt+s", "neo4j+s"}) {
    for (const char* host : {"127.0.0.1", "localhost"}) {
      const auto session = neo4j_session(trusting(scheme, host));
      ASSERT_NE(session, nullptr) << scheme << host;
      EXPECT_TRUE(session->facts().encrypted && session->facts().verified);
      EXPECT_TRUE(neo4j_value(*session, "RETURN 1") == Value(int64_t{1}));
    }
  }
}

TEST(Neo4jTls, SelfSignedTrustsAnybodyAndSaysSo) {
  const auto session = neo4j_session(neo4j_options(neo4j_url("bolt+ssc")));
  ASSERT_NE(session, nullptr);
  EXPECT_TRUE(session->facts().encrypted);
  EXPECT_FALSE(session->facts().verified);
}

TEST(Neo4jTls, TheSystemsAuthoritiesDoNotKnowIt) {
  const Error error = refusal(neo4j_options(neo4j_url("bolt+s")));
  EXPECT_EQ(error.kind, ErrorKind::unreachable);
  EXPECT_NE(error.text().find("is not trusted"), std::string::npos) << error.text();
}

// "127.1" is the same server under a name that its certificate does not bear.
TEST(Neo4jTls, AnotherNameIsNotTrusted) {
  const Error error = refusal(trusting("bolt+s", "127.1"));
  EXPECT_EQ(error.kind, ErrorKind::unreachable);
  EXPECT_NE(error.text().find("is not trusted"), std::string::npos) << error.text();
  EXPECT_NE(neo4j_session(trusting("bolt+ssc", "127.1")), nullptr);
}

TEST(Neo4jTls, AFileThatIsNoAuthorityIsAMistakeInTheConfiguration) {
  bolt::ConnectOptions options = trusting("bolt+s", "127.0.0.1");
  options.tls_root_certificate = "/nonexistent/ca.pem";
  EXPECT_EQ(refusal(options).kind, ErrorKind::config);
}

// More than one record and more than the socket takes at once, both ways.
TEST(Neo4jTls, LargeMessagesAndManyRows) {
  const auto session = neo4j_session(trusting("bolt+s", "localhost"));
  ASSERT_NE(session, nullptr);
  const std::string large(5'000'000, 'x');
  EXPECT_TRUE(neo4j_value(*session, "RETURN $large", bolt::Map{{"large", large}}) == Value(large));
  const auto rows = session->query("UNWIND range(1, 20000) AS i RETURN i");
  ASSERT_TRUE(rows.ok()) << rows.error().text();
  EXPECT_EQ(rows->rows.size(), 20'000U);
}

}  // namespace
}  // namespace godwit::test
