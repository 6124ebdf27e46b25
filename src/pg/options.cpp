#include "pg/options.h"

#include "pg/handles.h"

#include <unistd.h>

#include <array>

namespace godwit::pg {
namespace {

const char* sslmode_of(TlsMode mode) {
  switch (mode) {
    case TlsMode::verify_full:
      return "verify-full";
    case TlsMode::verify_ca:
      return "verify-ca";
    case TlsMode::require:
      return "require";
    case TlsMode::prefer:
      return "prefer";
    case TlsMode::disable:
      return "disable";
  }
  return "verify-full";
}

// libpq 15 does not know sslrootcert=system, so the distribution's own bundle is named.
std::string system_authorities() {
  constexpr std::array bundles = {"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt",
                                  "/etc/ssl/ca-bundle.pem", "/etc/ssl/cert.pem"};
  for (const char* bundle : bundles) {
    if (access(bundle, R_OK) == 0) return bundle;
  }
  return bundles.front();
}

Result<Options> read_url(const Secret& url) {
  Options options;
  if (url.empty()) return options;
  RETURN_IF_ERROR(load_once<Libpq>());
  const std::string text(url.reveal());
  char* message = nullptr;
  const OptionsHandle parsed(libpq().PQconninfoParse(text.c_str(), &message));
  if (!parsed) {
    // The parser's message quotes the URL, and the URL may hold the password.
    libpq().PQfreemem(message);
    return make_error(
        ErrorKind::config, "the PostgreSQL URL cannot be read",
        "write postgresql://user:password@host:port/database, special characters percent-encoded");
  }
  for (const PQconninfoOption* option = parsed.get(); option->keyword != nullptr; ++option) {
    if (option->val != nullptr) options[option->keyword] = option->val;
  }
  return options;
}

}  // namespace

Result<Options> connection_options(const ConnectOptions& given) {
  ASSIGN_OR_RETURN(Options options, read_url(given.url));
  const auto set = [&options](const char* name, std::string value) {
    if (!value.empty()) options[name] = std::move(value);
  };
  const auto set_if_absent = [&options](const char* name, std::string value) {
    if (!value.empty()) options.try_emplace(name, std::move(value));
  };
  set("host", given.host);
  set("port", given.port > 0 ? std::to_string(given.port) : "");
  set("dbname", given.database);
  set("user", given.user);
  set("password", std::string(given.password.reveal()));
  set_if_absent("sslmode", sslmode_of(given.tls));
  if (options["sslmode"].starts_with("verify-")) {
    set("sslrootcert", given.tls_root_certificate);
    set_if_absent("sslrootcert", system_authorities());
    if (options["sslrootcert"] == "system") options["sslrootcert"] = system_authorities();
  }
  set("sslcert", given.tls_certificate);
  set("sslkey", given.tls_key);
  set("application_name", given.application_name);
  options["client_encoding"] = "UTF8";
  options["connect_timeout"] = std::to_string(given.connect_timeout_s);
  // Encrypted by Kerberos or not at all, libpq would look for tickets first and pass over what `tls` demands.
  set_if_absent("gssencmode", "disable");
  set_if_absent("keepalives", "1");
  set_if_absent("keepalives_idle", "30");
  set_if_absent("keepalives_interval", "10");
  set_if_absent("keepalives_count", "6");
  return options;
}

Result<std::vector<std::pair<std::string, std::string>>> connection_variables(const ConnectOptions& given) {
  ASSIGN_OR_RETURN(const Options options, connection_options(given));
  RETURN_IF_ERROR(load_once<Libpq>());
  const OptionsHandle known(libpq().PQconndefaults());
  if (!known) return make_error(ErrorKind::failed, "out of memory");
  std::vector<std::pair<std::string, std::string>> variables;
  for (const PQconninfoOption* option = known.get(); option->keyword != nullptr; ++option) {
    const auto value = options.find(option->keyword);
    if (option->envvar != nullptr && value != options.end())
      variables.emplace_back(option->envvar, value->second);
  }
  return variables;
}

}  // namespace godwit::pg
