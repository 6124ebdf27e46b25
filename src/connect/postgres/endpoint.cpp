#include "connect/postgres/endpoint.h"

namespace godwit::connect::postgres {
namespace {

pg::TlsMode tls_of(TlsMode mode) {
  switch (mode) {
    case TlsMode::verify_full:
      return pg::TlsMode::verify_full;
    case TlsMode::verify_ca:
      return pg::TlsMode::verify_ca;
    case TlsMode::require:
      return pg::TlsMode::require;
    case TlsMode::prefer:
      return pg::TlsMode::prefer;
    case TlsMode::disable:
      return pg::TlsMode::disable;
  }
  return pg::TlsMode::verify_full;
}

std::string name_of(const StoreEndpoint& endpoint) {
  return endpoint.environment.empty() ? endpoint.store : endpoint.store + " (" + endpoint.environment + ")";
}

}  // namespace

pg::ConnectOptions connect_options(const StoreEndpoint& endpoint, const std::atomic<bool>* cancel) {
  pg::ConnectOptions options;
  options.url = endpoint.url;
  options.host = endpoint.host;
  // With a URL the endpoint's default port must not overrule the URL's own.
  options.port = endpoint.url.empty() || !endpoint.host.empty() ? endpoint.port : 0;
  options.database = endpoint.database;
  options.user = endpoint.user;
  options.password = endpoint.password;
  options.tls = tls_of(endpoint.tls);
  options.tls_root_certificate = endpoint.tls_root_certificate;
  options.tls_certificate = endpoint.tls_certificate;
  options.tls_key = endpoint.tls_key;
  options.connect_timeout_s = endpoint.connect_timeout_s;
  options.read_only = endpoint.read_only;
  options.cancel = cancel;
  return options;
}

pg::ConnectOptions read_only_options(const StoreEndpoint& endpoint, const std::atomic<bool>* cancel) {
  pg::ConnectOptions options = connect_options(endpoint, cancel);
  options.read_only = true;
  return options;
}

Result<std::unique_ptr<pg::Session>> open_session(const StoreEndpoint& endpoint,
                                                  const pg::ConnectOptions& options) {
  auto session = pg::Session::open(options);
  if (session.ok()) return session;
  Error error = wrap(session.error(), "store " + name_of(endpoint));
  const std::string& reason = session.error().message;
  const bool tls = reason.find("SSL") != std::string::npos || reason.find("certificate") != std::string::npos;
  if (tls) error.hint = tls_hint(endpoint);
  return error;
}

std::vector<std::string> notes_on(const pg::ConnectionFacts& facts) {
  std::vector<std::string> notes;
  if (!facts.unix_socket && !facts.encrypted) {
    notes.push_back("the connection is not encrypted (tls: " + facts.sslmode + ")");
  } else if (!facts.unix_socket && facts.sslmode == "verify-ca") {
    notes.emplace_back("the server's certificate is verified, its name is not (tls: verify-ca)");
  } else if (!facts.unix_socket && facts.sslmode != "verify-full") {
    notes.push_back("encrypted, but the server's certificate is not verified (tls: " + facts.sslmode + ")");
  }
  if (facts.pooled) {
    notes.emplace_back(
        "a connection pooler stands before the server; it must pool by session, else locks and snapshots do "
        "not hold");
  }
  return notes;
}

}  // namespace godwit::connect::postgres
