// Sessions with the server of $GODWIT_TEST_NEO4J, and a label of its own for one test.
#pragma once

#include "bolt/session.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <memory>
#include <string>
#include <utility>

namespace godwit::test {

// Of the environment that scripts/with-neo4j gives; without it the test fails.
inline std::string neo4j_variable(const std::string& name) {
  const char* value = std::getenv(("GODWIT_TEST_" + name).c_str());
  if (value == nullptr) ADD_FAILURE() << "GODWIT_TEST_" << name << " is not set: run scripts/with-neo4j";
  return value == nullptr ? "" : value;
}

// `scheme`://`host` of the test server.
inline std::string neo4j_url(const std::string& scheme = "bolt", const std::string& host = "127.0.0.1") {
  return scheme + "://" + host + ":" + neo4j_variable("NEO4J_PORT");
}

inline bolt::ConnectOptions neo4j_options(const std::string& url = neo4j_url()) {
  bolt::ConnectOptions options;
  options.url = url;
  options.user = neo4j_variable("NEO4J_USER");
  options.password = Secret(neo4j_variable("NEO4J_PASSWORD"));
  options.connect_timeout_s = 60;
  return options;
}

inline std::unique_ptr<bolt::Session> neo4j_session(const bolt::ConnectOptions& options = neo4j_options()) {
  auto session = bolt::Session::open(options);
  EXPECT_TRUE(session.ok()) << (session.ok() ? "" : session.error().text());
  return session.ok() ? std::move(session).value() : nullptr;
}

// The first value of the first row; null when there is none.
inline bolt::Value neo4j_value(bolt::Session& session, const std::string& cypher,
                               const bolt::Parameters& parameters = {}) {
  auto rows = session.query(cypher, parameters);
  EXPECT_TRUE(rows.ok()) << (rows.ok() ? "" : rows.error().text()) << "\n" << cypher;
  if (!rows.ok() || rows->rows.empty() || rows->rows[0].empty()) return {};
  return rows->rows[0][0];
}

// A session, and a label that no other test uses; its nodes go with it.
class Neo4jTest : public testing::Test {
 protected:
  Neo4jTest() : label_("T" + std::to_string(getpid()) + "x" + std::to_string(++counter())) {}
  void SetUp() override {
    session_ = neo4j_session();
    ASSERT_NE(session_, nullptr);
  }
  void TearDown() override {
    session_ = neo4j_session();
    if (session_ == nullptr) return;
    const auto gone = session_->execute("MATCH (n:" + label_ + ") DETACH DELETE n");
    EXPECT_TRUE(gone.ok()) << gone.error().text();
  }
  [[nodiscard]] const std::string& label() const { return label_; }
  bolt::Session& session() { return *session_; }
  // How many nodes of the label another session sees.
  [[nodiscard]] int64_t nodes() const {
    const auto other = neo4j_session();
    const bolt::Value count = neo4j_value(*other, "MATCH (n:" + label_ + ") RETURN count(n)");
    return count.as<int64_t>() == nullptr ? -1 : *count.as<int64_t>();
  }

 private:
  static std::atomic<int>& counter() {
    static std::atomic<int> numbers{0};
    return numbers;
  }
  std::string label_;
  std::unique_ptr<bolt::Session> session_;
};

}  // namespace godwit::test
