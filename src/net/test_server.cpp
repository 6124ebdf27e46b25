#include "net/test_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>

namespace godwit::net {

namespace {

void demand(bool well, const char* what) {
  if (!well) throw std::runtime_error(what);
}

std::shared_ptr<X509> signed_certificate(const char* name, EVP_PKEY* key, X509* issuer,
                                         EVP_PKEY* issuer_key) {
  std::shared_ptr<X509> made(X509_new(), X509_free);
  X509_set_version(made.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(made.get()), issuer == nullptr ? 1 : 2);
  X509_gmtime_adj(X509_getm_notBefore(made.get()), -3600);
  X509_gmtime_adj(X509_getm_notAfter(made.get()), 3600);
  X509_set_pubkey(made.get(), key);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(made.get()), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(name), -1, -1, 0);
  X509_set_issuer_name(made.get(), X509_get_subject_name(issuer == nullptr ? made.get() : issuer));
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer == nullptr ? made.get() : issuer, made.get(), nullptr, nullptr, 0);
  const auto extend = [&](int which, const char* value) {
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, which, value);
    demand(extension != nullptr && X509_add_ext(made.get(), extension, -1) == 1, "no extension");
    X509_EXTENSION_free(extension);
  };
  if (issuer == nullptr) extend(NID_basic_constraints, "critical,CA:TRUE");
  if (issuer != nullptr) extend(NID_subject_alt_name, "IP:127.0.0.1");
  demand(X509_sign(made.get(), issuer_key, EVP_sha256()) > 0, "not signed");
  return made;
}

// The head, and as much body as its Content-Length says.
bool is_whole(const std::string& request) {
  const size_t end = request.find("\r\n\r\n");
  if (end == std::string::npos) return false;
  const size_t length = request.find("Content-Length: ");
  const size_t body = length < end ? std::strtoul(request.c_str() + length + 16, nullptr, 10) : 0;
  return request.size() >= end + 4 + body;
}

}  // namespace

TestCertificate TestCertificate::make() {
  TestCertificate made;
  const std::shared_ptr<EVP_PKEY> authority_key(EVP_EC_gen("P-256"), EVP_PKEY_free);
  made.key = {EVP_EC_gen("P-256"), EVP_PKEY_free};
  made.authority = signed_certificate("test authority", authority_key.get(), nullptr, authority_key.get());
  made.certificate =
      signed_certificate("test server", made.key.get(), made.authority.get(), authority_key.get());
  return made;
}

void TestCertificate::write_authority(const std::string& path) const {
  std::FILE* file = std::fopen(path.c_str(), "w");
  demand(file != nullptr && PEM_write_X509(file, authority.get()) == 1, "no certificate file");
  std::fclose(file);
}

TestServer::TestServer(Answer answer, const TestCertificate* certificate) : answer_(std::move(answer)) {
  // OpenSSL writes to clients that are gone.
  std::signal(SIGPIPE, SIG_IGN);
  if (certificate != nullptr) {
    tls_ = {SSL_CTX_new(TLS_server_method()), SSL_CTX_free};
    demand(SSL_CTX_use_certificate(tls_.get(), certificate->certificate.get()) == 1 &&
               SSL_CTX_use_PrivateKey(tls_.get(), certificate->key.get()) == 1,
           "no TLS");
  }
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = ::htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  demand(::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) == 0 && ::listen(listener_, 8) == 0 &&
             ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) == 0,
         "no port");
  port_ = ::ntohs(address.sin_port);
  thread_ = std::thread([this] { serve(); });
}

TestServer::~TestServer() {
  stop_ = true;
  thread_.join();
  ::close(listener_);
}

std::string TestServer::url(const std::string& path) const {
  return std::string(tls_ == nullptr ? "http" : "https") + "://127.0.0.1:" + std::to_string(port_) + path;
}

std::vector<std::string> TestServer::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

void TestServer::serve() {
  while (!stop_) {
    pollfd waiting{listener_, POLLIN, 0};
    if (::poll(&waiting, 1, 20) <= 0) continue;
    const int connection = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (connection < 0) continue;
    answer_one(connection);
    ::close(connection);
  }
}

void TestServer::answer_one(int connection) {
  const std::shared_ptr<SSL> tls(tls_ == nullptr ? nullptr : SSL_new(tls_.get()), SSL_free);
  if (tls != nullptr) {
    SSL_set_fd(tls.get(), connection);
    if (SSL_accept(tls.get()) != 1) return;
  }
  std::string request;
  char buffer[4096];
  while (!is_whole(request)) {
    const auto got = tls == nullptr ? ::recv(connection, buffer, sizeof buffer, 0)
                                    : ssize_t{SSL_read(tls.get(), buffer, sizeof buffer)};
    if (got <= 0) return;
    request.append(buffer, static_cast<size_t>(got));
  }
  {
    const std::lock_guard lock(mutex_);
    requests_.push_back(request);
  }
  const std::string answer = answer_(request);
  // Silent until the client gives up.
  pollfd waiting{connection, POLLIN, 0};
  while (answer.empty() && !stop_ && ::poll(&waiting, 1, 20) == 0)
    continue;
  size_t sent = 0;
  while (sent < answer.size()) {
    const auto more =
        tls == nullptr
            ? ::send(connection, answer.data() + sent, answer.size() - sent, MSG_NOSIGNAL)
            : ssize_t{SSL_write(tls.get(), answer.data() + sent, static_cast<int>(answer.size() - sent))};
    if (more <= 0) return;
    sent += static_cast<size_t>(more);
  }
  if (tls != nullptr) SSL_shutdown(tls.get());
}

std::string test_answer(int status, const std::string& body, const std::string& more_headers) {
  return "HTTP/1.1 " + std::to_string(status) + " Said\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\nConnection: close\r\n" + more_headers + "\r\n" + body;
}

}  // namespace godwit::net
