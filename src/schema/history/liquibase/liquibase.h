// Liquibase, its formatted SQL: one migration per changeset, known by path, id and author; tables
// databasechangelog and databasechangeloglock. Changelogs in XML, YAML and JSON are for Liquibase alone.
#pragma once

#include "schema/history/history.h"

namespace godwit::schema {

[[nodiscard]] std::unique_ptr<History> make_liquibase_history(const HistoryOptions& options);

// "classpath:./db/a.sql" -> "db/a.sql", as the tool compares names.
[[nodiscard]] std::string normalised_path(std::string_view path);

}  // namespace godwit::schema
