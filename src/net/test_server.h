// A server for one test, on 127.0.0.1: answers every connection with bytes that the test chose. Tests only.
#pragma once

#include <openssl/ssl.h>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace godwit::net {

// An authority and a certificate of it for 127.0.0.1, made anew: what the server presents, and what a client
// trusts.
struct TestCertificate {
  std::shared_ptr<X509> authority, certificate;
  std::shared_ptr<EVP_PKEY> key;

  static TestCertificate make();
  // The authority as a PEM file.
  void write_authority(const std::string& path) const;
};

// Accepts on its own thread, one connection at a time, until it is destroyed. `answer` gets the request as it
// came (head and body) and returns the bytes to send; an empty answer keeps the connection open and silent.
class TestServer {
 public:
  using Answer = std::function<std::string(const std::string& request)>;
  explicit TestServer(Answer answer, const TestCertificate* certificate = nullptr);
  TestServer(const TestServer&) = delete;
  TestServer& operator=(const TestServer&) = delete;
  ~TestServer();

  [[nodiscard]] std::string url(const std::string& path = "/") const;
  [[nodiscard]] std::vector<std::string> requests() const;

 private:
  void serve();
  void answer_one(int connection);

  const Answer answer_;
  std::shared_ptr<SSL_CTX> tls_;
  int listener_ = -1;
  int port_ = 0;
  std::atomic<bool> stop_{false};
  mutable std::mutex mutex_;
  std::vector<std::string> requests_;
  std::thread thread_;
};

// "HTTP/1.1 <status> …" with the body's length.
[[nodiscard]] std::string test_answer(int status, const std::string& body,
                                      const std::string& more_headers = "");

}  // namespace godwit::net
