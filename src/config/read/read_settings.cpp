// Environments, stores, keys: the top of godwit.yml.
#include "base/text.h"
#include "config/read/fields.h"
#include "config/read/read.h"

#include <fmt/format.h>

#include <array>

namespace godwit::config {

namespace {

SecretText secret_text(const Fields& fields, std::string_view key) {
  if (!fields.has(key)) return {};
  return {fields.text(key), fields.where(key)};
}

EnvironmentSettings read_environment(const Entry& entry) {
  const Fields fields(*entry.value);
  EnvironmentSettings environment;
  environment.name = entry.key;
  environment.where = entry.where;
  environment.read_only = fields.boolean("read_only", false);
  environment.is_protected = fields.boolean("protected", false);
  environment.approvals = static_cast<int>(fields.integer("approvals", 0));
  return environment;
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
  if (fields.has("port")) address.port = static_cast<int>(fields.integer("port", 5432));
  address.tls_given = fields.has("tls");
  address.tls = tls_mode_from(fields.text("tls")).value_or(TlsMode::verify_full);
  address.tls_root_certificate = fields.text("tls_root_certificate");
  address.tls_certificate = fields.text("tls_certificate");
  address.tls_key = fields.text("tls_key");
  address.connect_timeout_s = static_cast<int>(fields.integer("connect_timeout_s", 10));
  address.schema = fields.text("schema");
  return address;
}

// Keys that say nothing for this kind of store, or contradict each other.
void check_address(const Entry& entry, std::string_view kind, std::string_view store, Problems& problems) {
  const Fields fields(*entry.value);
  const std::string name = fmt::format("stores.{}.{}", store, entry.key);
  const auto refuse = [&](std::string_view key, std::string_view why) {
    if (fields.has(key)) problems.add(fields.key_where(key), fmt::format("{}: key '{}' {}", name, key, why));
  };
  if (kind == "sqlite") {
    for (const std::string_view key :
         {"url", "host", "port", "database", "user", "password", "schema", "tls", "tls_root_certificate",
          "tls_certificate", "tls_key", "connect_timeout_s"}) {
      refuse(key, "says nothing for a sqlite store");
    }
    if (!fields.has("path")) problems.add(entry.where, name + ": key 'path' is missing");
    return;
  }
  refuse("path", fmt::format("says nothing for a {} store", kind));
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

StoreSettings read_store(const Entry& entry, const Settings& settings, Problems& problems) {
  StoreSettings store;
  store.name = entry.key;
  store.where = entry.where;
  store.kind = Fields(*entry.value).text("kind");
  std::vector<std::string> known;
  for (const auto& [name, environment] : settings.environments)
    known.push_back(name);
  for (const auto& address : entry.value->entries) {
    if (address.key == "kind") continue;
    if (settings.environments.find(address.key) == settings.environments.end()) {
      problems.add_unknown(
          address.where,
          fmt::format("stores.{}: '{}' is no environment of this file", entry.key, address.key), address.key,
          known);
      continue;
    }
    if (address.value->kind != Node::Kind::mapping) continue;
    if (store.kind == "postgres" || store.kind == "sqlite" || store.kind == "neo4j") {
      check_address(address, store.kind, entry.key, problems);
    }
    store.environments[address.key] = read_address(address);
  }
  return store;
}

}  // namespace

Settings read_settings(const Node& root, Problems& problems) {
  Settings settings;
  const Fields fields(root);
  settings.project = fields.text("project");
  settings.ledger = secret_text(fields, "ledger");
  if (settings.ledger.empty()) settings.ledger = {".godwit/ledger.db", root.where};
  if (const Node* keys = fields.child("keys")) settings.masking_key = secret_text(Fields(*keys), "masking");
  for (const auto& entry : fields.entries("environments"))
    settings.environments[entry.key] = read_environment(entry);
  for (const auto& entry : fields.entries("stores")) {
    settings.stores[entry.key] = read_store(entry, settings, problems);
  }
  for (const auto& entry : fields.entries("pipelines")) {
    settings.pipelines[entry.key] = read_pipeline(entry, settings, problems);
  }
  for (const std::string_view section : {"databases", "notify"}) {
    if (fields.has(section)) settings.sections_not_used.emplace_back(section);
  }
  return settings;
}

}  // namespace godwit::config
