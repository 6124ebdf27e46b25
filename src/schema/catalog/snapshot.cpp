#include "schema/catalog/snapshot.h"

#include "crypto/sha256.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace godwit::schema {

namespace {

using Json = nlohmann::ordered_json;
constexpr int format_version = 1;

Json json_of(const CatalogObject& object) {
  Json json = {{"kind", object.kind}, {"name", object.name}};
  if (!object.parent.empty()) json["parent"] = object.parent;
  json["form"] = object.form;
  if (object.create != object.form) json["create"] = object.create;
  if (!object.drop.empty()) json["drop"] = object.drop;
  if (!object.parts.empty()) json["parts"] = object.parts;
  return json;
}

CatalogObject object_of(const Json& json) {
  CatalogObject object;
  object.kind = json.at("kind").get<std::string>();
  object.name = json.at("name").get<std::string>();
  object.parent = json.value("parent", "");
  object.form = json.at("form").get<std::string>();
  object.create = json.value("create", object.form);
  object.drop = json.value("drop", "");
  object.parts = json.value("parts", std::vector<std::string>{});
  return object;
}

// Tables that tools keep beside their history, under the names that those tools give them.
std::vector<std::string> hidden_tables(const History& history) {
  const std::string table = history.table();
  std::vector<std::string> hidden = {table};
  if (history.tool() == "knex") hidden.push_back(table + "_lock");
  if (history.tool() == "liquibase") hidden.push_back(table + "lock");
  if (history.tool() == "supabase") hidden.emplace_back("supabase_migrations.seed_files");
  return hidden;
}

}  // namespace

std::string Snapshot::fingerprint() const {
  std::vector<const CatalogObject*> sorted;
  sorted.reserve(objects.size());
  for (const CatalogObject& object : objects)
    sorted.push_back(&object);
  std::sort(sorted.begin(), sorted.end(), [](const CatalogObject* left, const CatalogObject* right) {
    return std::tie(left->kind, left->name) < std::tie(right->kind, right->name);
  });
  crypto::Sha256 sha;
  sha.update("godwit catalog 1\n");
  for (const CatalogObject* object : sorted) {
    for (const std::string* text : {&object->kind, &object->name, &object->form})
      sha.update(fmt::format("{}:", text->size())).update(*text);
  }
  const crypto::Digest digest = sha.finish();
  std::string hex;
  for (const uint8_t byte : digest)
    hex += fmt::format("{:02x}", byte);
  return hex;
}

std::string Snapshot::text() const {
  Json json = {{"version", format_version}};
  json["objects"] = Json::array();
  for (const CatalogObject& object : objects)
    json["objects"].push_back(json_of(object));
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<Snapshot> Snapshot::parse(std::string_view text) {
  const Json json = Json::parse(text, nullptr, false);
  Snapshot snapshot;
  try {
    if (json.at("version") != format_version)
      return make_error(ErrorKind::failed, "the recorded catalog has a format of another version of godwit",
                        "use the godwit that recorded it, or a newer one");
    for (const Json& object : json.at("objects"))
      snapshot.objects.push_back(object_of(object));
  } catch (const Json::exception&) {
    return make_error(ErrorKind::failed, "the recorded catalog cannot be read");
  }
  return snapshot;
}

Result<Snapshot> take_snapshot(Database& database, const History& history) {
  const auto hidden = hidden_tables(history);
  return database.dialect() == sql::Dialect::postgres ? take_postgres_snapshot(database, hidden)
                                                      : take_sqlite_snapshot(database, hidden);
}

}  // namespace godwit::schema
