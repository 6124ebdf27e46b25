#include "schema/catalog/postgres_queries.h"
#include "schema/catalog/snapshot.h"
#include "schema/history/sql_text.h"

#include <nlohmann/json.hpp>

namespace godwit::schema {

namespace {

std::string array_of(const std::vector<std::string>& names) {
  std::string array = "ARRAY[";
  for (const std::string& name : names)
    array += (array.back() == '[' ? "" : ", ") + literal(name, sql::Dialect::postgres);
  return array + "]::text[]";
}

std::vector<std::string> parts_of(const std::string& text) {
  std::vector<std::string> parts;
  const auto json = nlohmann::json::parse(text, nullptr, false);
  if (!json.is_array()) return parts;
  for (const auto& part : json)
    parts.push_back(part.is_string() ? part.get<std::string>() : "");
  return parts;
}

}  // namespace

Result<Snapshot> take_postgres_snapshot(Database& database, const std::vector<std::string>& hidden) {
  // Everything on which the text of an expression depends is set as pg_dump sets it.
  const Status opened = database.run({"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
                                      "SET LOCAL search_path = pg_catalog", "SET LOCAL DateStyle = ISO",
                                      "SET LOCAL IntervalStyle = postgres", "SET LOCAL TimeZone = 'UTC'",
                                      "SET LOCAL extra_float_digits = 3", "SET LOCAL bytea_output = hex",
                                      "SET LOCAL quote_all_identifiers = off", "SET LOCAL jit = off"});
  if (!opened.ok()) return wrap(opened.error(), "the catalog cannot be read");
  const auto rows = database.rows(postgres_catalog_query(array_of(hidden)));
  const Status closed = database.alive() ? database.run({"ROLLBACK"}) : Status();
  if (!rows.ok()) return wrap(rows.error(), "the catalog cannot be read");
  RETURN_IF_ERROR(closed);
  Snapshot snapshot;
  snapshot.objects.reserve(rows->size());
  for (const Row& row : *rows) {
    CatalogObject object;
    object.kind = row[2].value_or("");
    object.name = row[3].value_or("");
    object.parent = row[4].value_or("");
    object.create = row[6].value_or("");
    object.form = row[5] ? *row[5] : object.create;
    object.drop = row[7].value_or("");
    if (row[8]) object.parts = parts_of(*row[8]);
    snapshot.objects.push_back(std::move(object));
  }
  return snapshot;
}

}  // namespace godwit::schema
