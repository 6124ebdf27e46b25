// A store's address in one environment, secrets resolved.
#pragma once

#include "base/error.h"
#include "base/secret.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace godwit {

enum class TlsMode : uint8_t { verify_full, verify_ca, require, prefer, disable };
// "verify-full" and so on: the words of godwit.yml and of libpq's sslmode.
[[nodiscard]] std::string_view to_string(TlsMode mode);
[[nodiscard]] std::optional<TlsMode> tls_mode_from(std::string_view text);

struct StoreEndpoint {
  std::string store;        // "ids"
  std::string environment;  // "prod"
  std::string kind;         // "postgres", "sqlite"
  // sqlite: the file. Relative paths count from the configuration file's folder and are made absolute.
  std::string path;
  // postgres: either a URL (may hold a password, hence secret) or fields.
  Secret url;
  std::string host;
  int port = 5432;
  std::string database;
  std::string user;
  Secret password;
  TlsMode tls = TlsMode::verify_full;  // weaker is explicit in the configuration, and reported
  std::string tls_root_certificate;    // file; empty = the system's store
  std::string tls_certificate, tls_key;
  bool read_only = false;  // of the environment
  int connect_timeout_s = 10;
  std::string search_path_schema;  // default schema for unqualified names; empty = the store's own
  SourceLocation where;
};

// What to do when a server cannot be verified or speaks no TLS: for the hint of a failed connection. Says
// where in the configuration, and that localhost is no exception.
[[nodiscard]] std::string tls_hint(const StoreEndpoint& endpoint);

}  // namespace godwit
