#include "bolt/link/transport.h"

#include "bolt/errors.h"

#include <arpa/inet.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <array>
#include <utility>

namespace godwit::bolt {
namespace {

// OpenSSL's own socket BIO writes without MSG_NOSIGNAL, and a lost connection would end the program.
int bio_write(BIO* bio, const char* data, int size) {
  BIO_clear_retry_flags(bio);
  auto* socket = static_cast<Socket*>(BIO_get_data(bio));
  const auto sent = socket->write_now(std::string_view(data, static_cast<size_t>(size)));
  if (!sent.ok()) return -1;
  if (!sent->has_value()) {
    BIO_set_retry_write(bio);
    return -1;
  }
  return static_cast<int>(**sent);
}

int bio_read(BIO* bio, char* out, int size) {
  BIO_clear_retry_flags(bio);
  auto* socket = static_cast<Socket*>(BIO_get_data(bio));
  const auto got = socket->read_now(out, static_cast<size_t>(size));
  if (!got.ok()) return -1;
  if (!got->has_value()) {
    BIO_set_retry_read(bio);
    return -1;
  }
  return static_cast<int>(**got);
}

long bio_control(BIO* /*bio*/, int command, long /*number*/, void* /*pointer*/) {
  return command == BIO_CTRL_FLUSH ? 1 : 0;
}

const BIO_METHOD* bio_method() {
  static const BIO_METHOD* const method = [] {
    BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "godwit socket");
    if (made != nullptr) {
      BIO_meth_set_write(made, bio_write);
      BIO_meth_set_read(made, bio_read);
      BIO_meth_set_ctrl(made, bio_control);
      BIO_meth_set_create(made, [](BIO* bio) {
        BIO_set_init(bio, 1);
        return 1;
      });
    }
    return made;
  }();
  return method;
}

struct FreeTls {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  void operator()(SSL* session) const { SSL_free(session); }
};

bool is_number(const std::string& host) {
  std::array<unsigned char, 16> address{};
  return inet_pton(AF_INET, host.c_str(), address.data()) == 1 ||
         inet_pton(AF_INET6, host.c_str(), address.data()) == 1;
}

Error out_of_memory() {
  return make_error(ErrorKind::failed, "TLS cannot be set up: out of memory");
}

}  // namespace

struct TlsState {
  std::unique_ptr<SSL_CTX, FreeTls> context;
  std::unique_ptr<SSL, FreeTls> session;
};

namespace {

Status trust(SSL_CTX* context, const std::string& root_certificate) {
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  if (root_certificate.empty()) {
    if (SSL_CTX_set_default_verify_paths(context) != 1)
      return make_error(ErrorKind::config, "the system's certificate authorities cannot be read",
                        "install ca-certificates, or give tls_root_certificate");
    return {};
  }
  if (SSL_CTX_load_verify_locations(context, root_certificate.c_str(), nullptr) != 1) {
    ERR_clear_error();
    return make_error(ErrorKind::config,
                      "the file of certificate authorities cannot be read: " + root_certificate,
                      "tls_root_certificate names a PEM file");
  }
  return {};
}

// The name that the certificate must bear; nothing is sent for a bare address (RFC 6066, section 3).
bool expect_host(SSL* session, const std::string& host, bool verified) {
  if (is_number(host)) {
    return !verified || X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(session), host.c_str()) == 1;
  }
  if (SSL_set_tlsext_host_name(session, host.c_str()) != 1) return false;
  return !verified || SSL_set1_host(session, host.c_str()) == 1;
}

Error handshake_refused(SSL* session, const Address& address) {
  const long verdict = SSL_get_verify_result(session);
  ERR_clear_error();
  if (verdict != X509_V_OK) {
    return make_error(ErrorKind::unreachable,
                      "the certificate of " + address.shown() +
                          " is not trusted: " + X509_verify_cert_error_string(verdict),
                      "give tls_root_certificate, or accept any certificate with the scheme bolt+ssc");
  }
  return make_error(ErrorKind::unreachable, "no TLS connection to " + address.shown(),
                    "does the server offer TLS for Bolt? the scheme bolt:// does without");
}

}  // namespace

Transport::Transport(Socket socket) : socket_(std::move(socket)) {}
Transport::~Transport() {
  // No farewell is waited for; GOODBYE was the protocol's own.
  if (tls_ != nullptr) SSL_set_quiet_shutdown(tls_->session.get(), 1);
}

Result<std::unique_ptr<Transport>> Transport::connect(const Address& address,
                                                      const std::string& root_certificate,
                                                      const Patience& patience) {
  ASSIGN_OR_RETURN(Socket socket, Socket::connect(address, patience));
  std::unique_ptr<Transport> transport(new Transport(std::move(socket)));
  if (address.encryption != Encryption::none)
    RETURN_IF_ERROR(transport->start_tls(address, root_certificate, patience));
  return transport;
}

Status Transport::start_tls(const Address& address, const std::string& root_certificate,
                            const Patience& patience) {
  auto state = std::make_unique<TlsState>();
  state->context.reset(SSL_CTX_new(TLS_client_method()));
  if (state->context == nullptr || bio_method() == nullptr) return out_of_memory();
  SSL_CTX_set_min_proto_version(state->context.get(), TLS1_2_VERSION);
  SSL_CTX_set_mode(state->context.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  const bool verified = address.encryption == Encryption::verified;
  if (verified) RETURN_IF_ERROR(trust(state->context.get(), root_certificate));
  state->session.reset(SSL_new(state->context.get()));
  BIO* bio = state->session == nullptr ? nullptr : BIO_new(bio_method());
  if (bio == nullptr) return out_of_memory();
  BIO_set_data(bio, &socket_);
  SSL_set_bio(state->session.get(), bio, bio);  // owns it from here on
  if (!expect_host(state->session.get(), address.host, verified)) return out_of_memory();
  tls_ = std::move(state);
  SSL* session = tls_->session.get();
  for (;;) {
    ERR_clear_error();
    const int result = SSL_connect(session);
    if (result == 1) return {};
    const int error = SSL_get_error(session, result);
    if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE)
      return handshake_refused(session, address);
    RETURN_IF_ERROR(socket_.wait(error == SSL_ERROR_WANT_WRITE, patience));
  }
}

Status Transport::wait_for_tls(int result, const Patience& patience) {
  const int error = SSL_get_error(tls_->session.get(), result);
  if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE)
    return socket_.wait(error == SSL_ERROR_WANT_WRITE, patience);
  ERR_clear_error();
  return connection_lost();
}

Status Transport::write(std::string_view data, const Patience& patience) {
  while (!data.empty()) {
    if (tls_ != nullptr) {
      ERR_clear_error();
      size_t sent = 0;
      const int result = SSL_write_ex(tls_->session.get(), data.data(), data.size(), &sent);
      if (result == 1) {
        data.remove_prefix(sent);
      } else {
        RETURN_IF_ERROR(wait_for_tls(result, patience));
      }
      continue;
    }
    ASSIGN_OR_RETURN(const std::optional<size_t> sent, socket_.write_now(data));
    if (sent.has_value()) {
      data.remove_prefix(*sent);
    } else {
      RETURN_IF_ERROR(socket_.wait(true, patience));
    }
  }
  return {};
}

Result<size_t> Transport::read(char* out, size_t size, const Patience& patience) {
  for (;;) {
    if (tls_ != nullptr) {
      ERR_clear_error();
      size_t got = 0;
      const int result = SSL_read_ex(tls_->session.get(), out, size, &got);
      if (result == 1) return got;
      RETURN_IF_ERROR(wait_for_tls(result, patience));
      continue;
    }
    ASSIGN_OR_RETURN(const std::optional<size_t> got, socket_.read_now(out, size));
    if (got == std::optional<size_t>(0)) return connection_lost();
    if (got.has_value()) return *got;
    RETURN_IF_ERROR(socket_.wait(false, patience));
  }
}

}  // namespace godwit::bolt
