#include "config/read/read_address.h"

#include <fmt/format.h>

namespace godwit::config {

SecretText secret_text(const Fields& fields, std::string_view key) {
  if (!fields.has(key)) return {};
  return {fields.text(key), fields.where(key)};
}

StoreEnvironmentSettings read_address(const Entry& entry) {
  const Fields fields(*entry.value);
  StoreEnvironmentSettings address;
  address.where = entry.where;
  address.url = secret_text(fields, "url");
  address.host = secret_text(fields, "host");
  address.database = secret_text(fields, "database");
  address.user = secret_text(fields, "user");
  address.password = secret_text(fields, "password");
  address.path = secret_text(fields, "path");
  if (fields.has("port") && is_yaml_integer(*fields.child("port"))) {
    address.port = static_cast<int>(fields.integer("port", 5432));
  } else {
    address.port_reference = secret_text(fields, "port");
  }
  address.tls_given = fields.has("tls");
  address.tls = tls_mode_from(fields.text("tls")).value_or(TlsMode::verify_full);
  address.tls_root_certificate = fields.text("tls_root_certificate");
  address.tls_certificate = fields.text("tls_certificate");
  address.tls_key = fields.text("tls_key");
  address.connect_timeout_s = static_cast<int>(fields.integer("connect_timeout_s", 10));
  address.schema = fields.text("schema");
  return address;
}

void check_address(const Entry& entry, std::string_view kind, const std::string& name, Problems& problems) {
  const Fields fields(*entry.value);
  const auto refuse = [&](std::string_view key, std::string_view why) {
    if (fields.has(key)) problems.add(fields.key_where(key), fmt::format("{}: key '{}' {}", name, key, why));
  };
  if (kind == "sqlite") {
    for (const std::string_view key :
         {"url", "host", "port", "database", "user", "password", "schema", "tls", "tls_root_certificate",
          "tls_certificate", "tls_key", "connect_timeout_s"}) {
      refuse(key, "says nothing for SQLite");
    }
    if (!fields.has("path")) problems.add(entry.where, name + ": key 'path' is missing");
    return;
  }
  refuse("path", fmt::format("says nothing for {}", kind));
  if (kind == "neo4j") {
    if (!fields.has("url")) problems.add(entry.where, name + ": key 'url' is missing");
    return;
  }
  if (fields.has("url")) {
    for (const std::string_view key : {"host", "port", "database"})
      refuse(key, "stands beside 'url': give one of the two");
    const std::string url = fields.text("url");
    if (!url.starts_with("${") && !url.starts_with("postgres://") && !url.starts_with("postgresql://")) {
      problems.add(fields.where("url"), name + ": the url of a postgres store begins with postgres://");
    }
  } else {
    for (const std::string_view key : {"host", "database"}) {
      if (!fields.has(key))
        problems.add(entry.where, fmt::format("{}: key '{}' is missing (or 'url')", name, key));
    }
  }
  if (fields.has("tls_key") != fields.has("tls_certificate")) {
    problems.add(entry.where, name + ": 'tls_certificate' and 'tls_key' go together");
  }
  if (fields.text("tls") == "disable") {
    for (const std::string_view key : {"tls_root_certificate", "tls_certificate", "tls_key"}) {
      refuse(key, "says nothing with tls: disable");
    }
  }
}

}  // namespace godwit::config
