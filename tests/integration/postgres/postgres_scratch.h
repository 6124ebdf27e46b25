// A database of its own for one test, on the server of $GODWIT_TEST_PG; dropped when it goes.
#pragma once

#include "base/text.h"
#include "config/store_settings.h"
#include "pg/session.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <memory>
#include <string>

namespace godwit::test {

inline std::string server_url() {
  const char* url = std::getenv("GODWIT_TEST_PG");
  if (url == nullptr) ADD_FAILURE() << "GODWIT_TEST_PG is not set: run scripts/with-postgres";
  return url == nullptr ? "" : url;
}

// The test server's URL with another database.
inline std::string database_url(const std::string& database) {
  const std::string url = server_url();
  return url.substr(0, url.rfind('/') + 1) + database;
}

inline std::unique_ptr<pg::Session> session_on(const std::string& database) {
  pg::ConnectOptions options;
  options.url = Secret(database_url(database));
  options.tls = pg::TlsMode::disable;
  auto session = pg::Session::open(options);
  EXPECT_TRUE(session.ok()) << (session.ok() ? "" : session.error().text());
  return session.ok() ? std::move(session).value() : nullptr;
}

class ScratchDatabase {
 public:
  explicit ScratchDatabase(const std::string& more = {}) {
    static std::atomic<int> counter{0};
    name_ = "godwit_test_" + std::to_string(getpid()) + "_" + std::to_string(++counter);
    run_on("postgres", "CREATE DATABASE " + name_ + " " + more);
    session_ = session_on(name_);
  }
  ScratchDatabase(const ScratchDatabase&) = delete;
  ScratchDatabase& operator=(const ScratchDatabase&) = delete;
  ~ScratchDatabase() {
    session_.reset();
    run_on("postgres", "DROP DATABASE IF EXISTS " + name_ + " WITH (FORCE)");
  }

  [[nodiscard]] const std::string& name() const { return name_; }
  pg::Session& session() { return *session_; }
  void run(const std::string& sql) {
    const Status status = session_->run("SET search_path = public; " + sql);
    ASSERT_TRUE(status.ok()) << status.error().text() << "\n" << sql;
  }
  // The first value of the first row.
  std::string value(const std::string& sql) {
    auto rows = session_->query(sql);
    EXPECT_TRUE(rows.ok()) << (rows.ok() ? "" : rows.error().text()) << "\n" << sql;
    return rows.ok() && !rows->empty() ? rows->string(0, 0) : "<nothing>";
  }

  [[nodiscard]] StoreEndpoint endpoint(const std::string& store = "ids") const {
    StoreEndpoint endpoint;
    endpoint.store = store;
    endpoint.environment = "test";
    endpoint.kind = "postgres";
    endpoint.url = Secret(database_url(name_));
    endpoint.tls = TlsMode::disable;
    return endpoint;
  }

 private:
  static void run_on(const std::string& database, const std::string& sql) {
    auto session = session_on(database);
    ASSERT_NE(session, nullptr);
    const Status status = session->run(sql);
    ASSERT_TRUE(status.ok()) << status.error().text();
  }
  std::string name_;
  std::unique_ptr<pg::Session> session_;
};

// A value, or a failed test.
#define ASSERT_OK_AND(target, expression)                                                                \
  auto GODWIT_CONCAT(result_, __LINE__) = (expression);                                                  \
  ASSERT_TRUE(GODWIT_CONCAT(result_, __LINE__).ok()) << GODWIT_CONCAT(result_, __LINE__).error().text(); \
  target = std::move(GODWIT_CONCAT(result_, __LINE__)).value()
#define ASSERT_OK(expression)                                                          \
  do {                                                                                 \
    const auto result = (expression);                                                  \
    ASSERT_TRUE(result.ok()) << (result.ok() ? std::string() : result.error().text()); \
  } while (false)

}  // namespace godwit::test
