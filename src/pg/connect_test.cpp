// What a connection says when it cannot be made. Port 1 on loopback: nobody listens there.
#include "pg/session.h"

#include <gtest/gtest.h>

namespace godwit::pg {
namespace {

TEST(Connect, UnreadableUrlDoesNotQuoteItself) {
  ConnectOptions options;
  options.url = Secret("postgresql://user:hunter2%zz@localhost/db");
  const auto session = Session::open(options);
  ASSERT_FALSE(session.ok());
  EXPECT_EQ(session.error().kind, ErrorKind::config);
  EXPECT_EQ(session.error().text().find("hunter2"), std::string::npos);
}

TEST(Connect, ClosedPortIsUnreachable) {
  ConnectOptions options;
  options.host = "127.0.0.1";
  options.port = 1;
  options.database = "x";
  options.user = "y";
  options.password = Secret("hunter2");
  const auto session = Session::open(options);
  ASSERT_FALSE(session.ok());
  EXPECT_EQ(session.error().kind, ErrorKind::unreachable);
  EXPECT_NE(session.error().message.find("127.0.0.1:1"), std::string::npos) << session.error().text();
  EXPECT_NE(session.error().message.find("refused"), std::string::npos) << session.error().text();
  EXPECT_EQ(session.error().text().find("hunter2"), std::string::npos);
}

}  // namespace
}  // namespace godwit::pg
