// What a connection says when it cannot be made, and what a server that breaks the protocol can do: nothing.
// The server here is a script of bytes on loopback.
#include "bolt/session.h"

#include "bolt/wire/chunking.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

namespace godwit::bolt {
namespace {

using namespace std::string_literals;

// Takes one connection and sends each piece after the client has said something, or after `wait_ms`; then
// closes.
class ScriptedServer {
 public:
  explicit ScriptedServer(std::vector<std::string> pieces, bool keep_open = false)
      : pieces_(std::move(pieces)), keep_open_(keep_open) {
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(listen(listener_, 1), 0);
    socklen_t size = sizeof address;
    getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  ~ScriptedServer() {
    done_ = true;
    thread_.join();
    close(listener_);
  }
  [[nodiscard]] std::string url() const { return "bolt://127.0.0.1:" + std::to_string(port_); }

 private:
  void serve() {
    const int client = accept(listener_, nullptr, nullptr);
    for (const std::string& piece : pieces_) {
      std::string heard(65536, '\0');
      if (!readable(client) || recv(client, heard.data(), heard.size(), 0) <= 0) break;
      if (send(client, piece.data(), piece.size(), MSG_NOSIGNAL) < 0) break;
    }
    while (keep_open_ && !done_)
      poll(nullptr, 0, 10);
    close(client);
  }
  static bool readable(int client) {
    pollfd waiting = {client, POLLIN, 0};
    return poll(&waiting, 1, 10'000) > 0;
  }

  std::vector<std::string> pieces_;
  bool keep_open_;
  int listener_ = -1;
  int port_ = 0;
  std::atomic<bool> done_ = false;
  std::thread thread_;
};

const std::string bolt_5_0 = "\0\0\0\5"s;

std::string framed(const std::string& message) {
  FramedBytes out;
  out.append(message);
  out.end_message();
  return std::string(out.bytes());
}

ConnectOptions options_for(const std::string& url) {
  ConnectOptions options;
  options.url = url;
  options.user = "neo4j";
  options.password = Secret("hunter2");
  options.connect_timeout_s = 5;
  return options;
}

Error refusal(const ConnectOptions& options) {
  const auto session = Session::open(options);
  EXPECT_FALSE(session.ok());
  if (session.ok()) return make_error(ErrorKind::failed, "it was not refused");
  EXPECT_EQ(session.error().text().find("hunter2"), std::string::npos);
  return session.error();
}

TEST(BoltConnect, ClosedPortIsUnreachable) {
  const Error error = refusal(options_for("bolt://127.0.0.1:1"));
  EXPECT_EQ(error.kind, ErrorKind::unreachable);
  EXPECT_NE(error.text().find("127.0.0.1:1: connection refused"), std::string::npos) << error.text();
}

TEST(BoltConnect, UnknownHostIsUnreachable) {
  EXPECT_EQ(refusal(options_for("bolt://host.invalid:7687")).kind, ErrorKind::unreachable);
}

TEST(BoltConnect, AnHttpServerIsNamed) {
  const ScriptedServer server({"HTTP/1.1 400 Bad Request\r\n\r\n"});
  const Error error = refusal(options_for(server.url()));
  EXPECT_EQ(error.kind, ErrorKind::unreachable);
  EXPECT_NE(error.text().find("HTTP"), std::string::npos);
}

TEST(BoltConnect, NoCommonVersion) {
  for (const std::string& chosen :
       {"\0\0\0\0"s, "\0\0\3\4"s, "\0\0\0\6"s, "\0\0\x09\5"s, "\0\1\4\4"s, "\xFF\xFF\xFF\xFF"s}) {
    const ScriptedServer server({chosen});
    EXPECT_EQ(refusal(options_for(server.url())).kind, ErrorKind::failed) << testing::PrintToString(chosen);
  }
}

TEST(BoltConnect, ClosingEarlyIsUnreachable) {
  for (const std::vector<std::string>& pieces : {std::vector<std::string>{},
                                                 {"\0\0"s},
                                                 {bolt_5_0},
                                                 {bolt_5_0, "\x00"s},
                                                 {bolt_5_0, "\x00\x05\xB1\x70"s}}) {
    const ScriptedServer server(pieces);
    EXPECT_EQ(refusal(options_for(server.url())).kind, ErrorKind::unreachable);
  }
}

TEST(BoltConnect, SilenceEndsAtTheTimeout) {
  const ScriptedServer server({bolt_5_0}, true);
  ConnectOptions options = options_for(server.url());
  options.connect_timeout_s = 1;
  const Error error = refusal(options);
  EXPECT_EQ(error.kind, ErrorKind::unreachable);
  EXPECT_NE(error.text().find("within 1 s"), std::string::npos) << error.text();
}

TEST(BoltConnect, ACancelFlagEndsTheSilence) {
  const ScriptedServer server({bolt_5_0}, true);
  std::atomic<bool> cancel = false;
  ConnectOptions options = options_for(server.url());
  options.connect_timeout_s = 60;
  options.cancel = &cancel;
  std::thread later([&cancel] {
    poll(nullptr, 0, 200);
    cancel = true;
  });
  EXPECT_EQ(refusal(options).kind, ErrorKind::interrupted);
  later.join();
}

TEST(BoltConnect, TlsAgainstAServerWithoutIt) {
  const ScriptedServer server({"no TLS here at all"});
  ConnectOptions options = options_for(server.url());
  options.url.replace(0, 4, "bolt+ssc");
  EXPECT_EQ(refusal(options).kind, ErrorKind::unreachable);
}

TEST(BoltConnect, AnswersThatAreNone) {
  for (const std::string& answer :
       {framed("\xB1\x71\x90"s), framed("\xB1\x70\x01"s), framed("\xB1\x55\xA0"s), framed("\x01"s),
        framed("\xB1\x70\xA0\x01"s), framed("\xB1\x70\xDA\xFF\xFF\xFF\xFF"s),
        framed(std::string(5000, '\x91'))}) {
    const ScriptedServer server({bolt_5_0, answer});
    EXPECT_EQ(refusal(options_for(server.url())).kind, ErrorKind::failed) << testing::PrintToString(answer);
  }
}

// A message without an end is refused when it passes the limit, not held.
TEST(BoltConnect, AnEndlessMessageIsRefused) {
  const std::string chunk = "\xFF\xFF"s + std::string(65535, '\x01');
  std::string flood;
  for (int i = 0; i < 20; ++i)
    flood += chunk;
  const ScriptedServer server({bolt_5_0, flood}, true);
  ConnectOptions options = options_for(server.url());
  options.message_bytes_max = size_t{1} << 20;
  const Error error = refusal(options);
  EXPECT_EQ(error.kind, ErrorKind::failed);
  EXPECT_NE(error.text().find("larger"), std::string::npos) << error.text();
}

const std::string greeted = framed("\xB1\x70\xA1\x86server\x8BNeo4j/5.0.0"s);

TEST(BoltSession, ALostAnswerToCommitIsInDoubt) {
  const ScriptedServer server({bolt_5_0, greeted, framed("\xB1\x70\xA0"s)});
  auto session = Session::open(options_for(server.url()));
  ASSERT_TRUE(session.ok()) << session.error().text();
  auto transaction = (*session)->begin();
  ASSERT_TRUE(transaction.ok()) << transaction.error().text();
  const auto committed = transaction->commit();
  ASSERT_FALSE(committed.ok());
  EXPECT_EQ(committed.error().kind, ErrorKind::in_doubt);
  EXPECT_FALSE((*session)->in_transaction());
}

TEST(BoltSession, AServersOwnFaultDuringCommitIsInDoubtAndARefusalIsNot) {
  for (const bool refused : {false, true}) {
    const std::string code = refused ? "Neo.ClientError.Schema.ConstraintValidationFailed"
                                     : "Neo.DatabaseError.Transaction.TransactionCommitFailed";
    const std::string failure = framed(
        "\xB1\x7F\xA2\x84"
        "code\xD0" +
        std::string(1, static_cast<char>(code.size())) + code + "\x87message\x80");
    const ScriptedServer server({bolt_5_0, greeted, framed("\xB1\x70\xA0"s), failure});
    auto session = Session::open(options_for(server.url()));
    ASSERT_TRUE(session.ok()) << session.error().text();
    auto transaction = (*session)->begin();
    ASSERT_TRUE(transaction.ok());
    const auto committed = transaction->commit();
    ASSERT_FALSE(committed.ok());
    EXPECT_EQ(committed.error().kind, refused ? ErrorKind::failed : ErrorKind::in_doubt);
  }
}

TEST(BoltSession, AStreamThatBreaksOffIsUnreachableEveryTime) {
  const std::string fields = framed(
      "\xB1\x70\xA1\x86"
      "fields\x91\x81x"s);
  const ScriptedServer server({bolt_5_0, greeted, fields + framed("\xB1\x71\x91\x01"s)});
  auto session = Session::open(options_for(server.url()));
  ASSERT_TRUE(session.ok()) << session.error().text();
  auto cursor = (*session)->run("RETURN 1 AS x");
  ASSERT_TRUE(cursor.ok()) << cursor.error().text();
  std::vector<Value> row;
  const auto first = cursor->next(row);
  ASSERT_TRUE(first.ok() && *first);
  EXPECT_EQ(row, std::vector<Value>{Value(int64_t{1})});
  for (int i = 0; i < 2; ++i) {
    const auto broken = cursor->next(row);
    ASSERT_FALSE(broken.ok());
    EXPECT_EQ(broken.error().kind, ErrorKind::unreachable);
  }
  EXPECT_FALSE((*session)->alive());
  EXPECT_EQ((*session)->query("RETURN 1").error().kind, ErrorKind::unreachable);
}

TEST(BoltSession, AServerThatPromisedToSpeakIsTakenForLostWhenItDoesNot) {
  const std::string hint =
      "\xD0\x1F"
      "connection.recv_timeout_seconds";
  const std::string greeting =
      framed("\xB1\x70\xA1\x85hints\xA1"s + hint.substr(0, 2) + hint.substr(2) + "\x01"s);
  const ScriptedServer server({bolt_5_0, greeting}, true);
  auto session = Session::open(options_for(server.url()));
  ASSERT_TRUE(session.ok()) << session.error().text();
  const auto rows = (*session)->query("RETURN 1");
  ASSERT_FALSE(rows.ok());
  EXPECT_EQ(rows.error().kind, ErrorKind::unreachable);
  EXPECT_NE(rows.error().text().find("within 1 s"), std::string::npos) << rows.error().text();
}

}  // namespace
}  // namespace godwit::bolt
