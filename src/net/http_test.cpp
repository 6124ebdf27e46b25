// Requests against a server of the test's own: what is sent, what is taken, and what is never trusted or
// told.
#include "net/http.h"

#include "base/test_folder.h"
#include "net/test_server.h"

#include <gtest/gtest.h>

#include <chrono>

namespace godwit::net {
namespace {

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

HttpRequest request_to(const std::string& url) {
  HttpRequest request;
  request.url = url;
  return request;
}

// What a transfer to nowhere, to a stranger or without an end says.
Error error_of(const HttpRequest& request, const std::atomic<bool>* cancel = nullptr) {
  const auto answer = send(request, cancel);
  EXPECT_FALSE(answer.ok());
  return answer.ok() ? make_error(ErrorKind::failed, "") : answer.error();
}

TEST(Http, SendsWhatItIsGivenAndTakesTheAnswer) {
  const TestServer server([](const std::string&) { return test_answer(202, "taken", "X-Seen:  yes \r\n"); });
  HttpRequest request = request_to(server.url("/metrics/job/a%2Fb?x=1"));
  request.method = "PUT";
  request.headers = {{"Content-Type", "text/plain"}, {"X-Empty", ""}};
  request.body = std::string("one\0two\n", 8);
  const auto answer = send(request);
  ASSERT_TRUE(answer.ok()) << answer.error().text();
  EXPECT_EQ(answer->status, 202);
  EXPECT_EQ(answer->body, "taken");
  ASSERT_NE(answer->header("x-seen"), nullptr);
  EXPECT_EQ(*answer->header("x-seen"), "yes");
  EXPECT_EQ(answer->header("x-not-there"), nullptr);
  const std::string sent = server.requests().at(0);
  EXPECT_TRUE(sent.starts_with("PUT /metrics/job/a%2Fb?x=1 HTTP/1.1\r\n")) << sent;
  EXPECT_TRUE(has(sent, "\r\nContent-Type: text/plain\r\n"));
  EXPECT_TRUE(has(sent, "\r\nX-Empty:\r\n"));
  EXPECT_FALSE(has(sent, "Expect:"));
  EXPECT_TRUE(sent.ends_with("\r\n\r\n" + request.body));
}

TEST(Http, EveryStatusIsAnAnswerAndRedirectsAreNotFollowed) {
  const TestServer elsewhere([](const std::string&) { return test_answer(200, ""); });
  for (const int status : {200, 204, 301, 307, 400, 401, 404, 429, 500, 503}) {
    const TestServer server(
        [&](const std::string&) { return test_answer(status, "", "Location: " + elsewhere.url() + "\r\n"); });
    const auto answer = send(request_to(server.url()));
    ASSERT_TRUE(answer.ok()) << status;
    EXPECT_EQ(answer->status, status);
  }
  EXPECT_TRUE(elsewhere.requests().empty());
}

TEST(Http, InterimAnswersAreNotTheAnswer) {
  const TestServer server([](const std::string&) {
    return "HTTP/1.1 103 Early Hints\r\nX-Hint: 1\r\n\r\n" + test_answer(200, "last");
  });
  const auto answer = send(request_to(server.url()));
  ASSERT_TRUE(answer.ok());
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->header("x-hint"), nullptr);
}

TEST(Http, MethodsWithoutABody) {
  const TestServer server([](const std::string& request) {
    return request.starts_with("HEAD") ? "HTTP/1.1 200 OK\r\nContent-Length: 99\r\nConnection: close\r\n\r\n"
                                       : test_answer(200, "");
  });
  for (const std::string method : {"GET", "HEAD", "DELETE", "POST"}) {
    HttpRequest request = request_to(server.url());
    request.method = method;
    const auto answer = send(request);
    ASSERT_TRUE(answer.ok()) << method << ": " << answer.error().text();
    EXPECT_TRUE(server.requests().back().starts_with(method + " / ")) << method;
    EXPECT_EQ(has(server.requests().back(), "Content-Length: 0"), method == "POST") << method;
  }
}

TEST(Http, AnswersAreLimited) {
  const TestServer server([](const std::string& request) {
    if (has(request, "/headers")) return test_answer(200, "", "X-Long: " + std::string(70'000, 'x') + "\r\n");
    return test_answer(200, std::string(1000, 'x'));
  });
  HttpRequest request = request_to(server.url());
  request.answer_bytes_max = 1000;
  EXPECT_EQ(send(request).value().body.size(), 1000U);
  request.answer_bytes_max = 999;
  EXPECT_EQ(error_of(request).kind, ErrorKind::failed);
  EXPECT_TRUE(has(error_of(request).text(), "more than is taken"));
  EXPECT_TRUE(has(error_of(request_to(server.url("/headers"))).text(), "more than is taken"));
}

TEST(Http, ASilentServerIsGivenUp) {
  const TestServer server([](const std::string&) { return ""; });
  HttpRequest request = request_to(server.url());
  request.timeout_ms = 200;
  const auto began = std::chrono::steady_clock::now();
  const Error error = error_of(request);
  EXPECT_EQ(error.kind, ErrorKind::unreachable);
  EXPECT_TRUE(has(error.text(), "in time")) << error.text();
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(30));
}

TEST(Http, CanBeCancelled) {
  const TestServer server([](const std::string&) { return ""; });
  HttpRequest request = request_to(server.url());
  request.timeout_ms = 600'000;
  std::atomic<bool> cancel{false};
  std::thread other([&] {
    while (server.requests().empty())
      std::this_thread::yield();
    cancel = true;
  });
  EXPECT_EQ(error_of(request, &cancel).kind, ErrorKind::interrupted);
  other.join();
}

TEST(Http, WhatIsNoHttpIsNoAnswer) {
  const TestServer server([](const std::string&) { return "SSH-2.0-OpenSSH\r\n"; });
  EXPECT_EQ(error_of(request_to(server.url())).kind, ErrorKind::failed);
  std::string closed;
  {
    const TestServer gone([](const std::string&) { return ""; });
    closed = gone.url();
  }
  EXPECT_EQ(error_of(request_to(closed)).kind, ErrorKind::unreachable);
}

TEST(Http, TlsIsVerifiedAgainstTheGivenAuthority) {
  const TestFolder folder;
  const TestCertificate own = TestCertificate::make(), foreign = TestCertificate::make();
  own.write_authority(folder.path() + "/own.pem");
  foreign.write_authority(folder.path() + "/foreign.pem");
  const TestServer server([](const std::string&) { return test_answer(200, "over tls"); }, &own);
  HttpRequest request = request_to(server.url());
  request.ca_file = folder.path() + "/own.pem";
  const auto answer = send(request);
  ASSERT_TRUE(answer.ok()) << answer.error().text();
  EXPECT_EQ(answer->body, "over tls");

  for (const std::string ca : {"/foreign.pem", "/not-there.pem"}) {
    request.ca_file = folder.path() + ca;
    const Error error = error_of(request);
    EXPECT_EQ(error.kind, ErrorKind::unreachable) << ca;
    EXPECT_TRUE(has(error.text(), "no trusted connection")) << error.text();
  }
  request.ca_file.clear();
  EXPECT_TRUE(has(error_of(request).text(), "no trusted connection")) << "the system does not know it either";
  // Another name for the same machine, which the certificate does not have.
  request.ca_file = folder.path() + "/own.pem";
  request.url = "https://localhost" + server.url().substr(server.url().rfind(':'));
  EXPECT_TRUE(has(error_of(request).text(), "no trusted connection"));
  EXPECT_EQ(server.requests().size(), 1U);
}

TEST(Http, CredentialsAreSentAndNeverTold) {
  const TestServer server([](const std::string&) { return test_answer(401, ""); });
  std::string url = server.url("/hook/t0ken");
  HttpRequest request = request_to(url.insert(url.find("127"), "push:s3cret@"));
  ASSERT_TRUE(send(request).ok());
  EXPECT_TRUE(has(server.requests().at(0), "\r\nAuthorization: Basic cHVzaDpzM2NyZXQ=\r\n"));

  HttpRequest other = request_to(server.url());
  other.headers = {{"Authorization", "Bearer s3cret"}};
  ASSERT_TRUE(send(other).ok());
  EXPECT_TRUE(has(server.requests().at(1), "\r\nAuthorization: Bearer s3cret\r\n"));

  std::vector<Error> errors;
  request.url = "http://push:s3cret@127.0.0.1:1/hook/t0ken";
  errors.push_back(error_of(request));
  request.url = "https://push:s3cret@127.0.0.1" + url.substr(url.rfind(':'));
  errors.push_back(error_of(request));
  request.url = "http://push:s3cret@no-such-host.invalid/hook/t0ken";
  request.timeout_ms = 500;  // however long the look-up of a name takes here
  errors.push_back(error_of(request));
  request.url = "ftp://push:s3cret@127.0.0.1/t0ken";
  errors.push_back(error_of(request));
  other.headers = {{"Authorization", "Bearer s3cret\r\nX-Another: 1"}};
  errors.push_back(error_of(other));
  for (const Error& error : errors) {
    for (const std::string secret : {"s3cret", "t0ken", "push"})
      EXPECT_FALSE(has(error.text() + error.hint, secret)) << error.text();
  }
  EXPECT_TRUE(has(errors[0].text(), "http://127.0.0.1:1")) << errors[0].text();
}

TEST(Http, AHeaderCannotBecomeTwo) {
  HttpRequest request = request_to("http://127.0.0.1:1/");
  request.headers = {{"X-A\r\nX-B", "1"}};
  EXPECT_EQ(error_of(request).kind, ErrorKind::usage);
  request.headers = {{"X-A", "1\nX-B: 2"}};
  EXPECT_EQ(error_of(request).kind, ErrorKind::usage);
  request.headers.clear();
  request.method = "GET / HTTP/1.1\r\nX-A: 1\r\n\r\nGET";
  EXPECT_EQ(error_of(request).kind, ErrorKind::usage);
}

}  // namespace
}  // namespace godwit::net
