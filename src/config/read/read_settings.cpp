// Environments, stores, keys: the top of godwit.yml.
#include "base/text.h"
#include "config/read/fields.h"
#include "config/read/read.h"
#include "config/read/read_address.h"

#include <fmt/format.h>

namespace godwit::config {

namespace {

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
      check_address(address, store.kind, fmt::format("stores.{}.{}", entry.key, address.key), problems);
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
  if (const Node* keys = fields.child("keys")) {
    settings.masking_key = secret_text(Fields(*keys), "masking");
    if (keys->kind == Node::Kind::mapping && keys->find("masking") == nullptr &&
        keys->find("backup") == nullptr && keys->find("receipt") == nullptr)
      problems.add(fields.key_where("keys"), "keys: key 'masking' is missing");
  }
  for (const auto& entry : fields.entries("environments"))
    settings.environments[entry.key] = read_environment(entry);
  for (const auto& entry : fields.entries("stores")) {
    settings.stores[entry.key] = read_store(entry, settings, problems);
  }
  for (const auto& entry : fields.entries("pipelines")) {
    settings.pipelines[entry.key] = read_pipeline(entry, settings, problems);
  }
  for (const auto& entry : fields.entries("databases"))
    settings.databases[entry.key] = read_database(entry, problems);
  if (fields.has("notify")) settings.sections_not_used.emplace_back("notify");
  return settings;
}

}  // namespace godwit::config
