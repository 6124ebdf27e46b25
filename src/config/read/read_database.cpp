// `databases:`: histories, addresses, gates.
#include "config/read/fields.h"
#include "config/read/read.h"
#include "config/read/read_address.h"

#include <fmt/format.h>

namespace godwit::config {

namespace {

MigrationsSettings read_migrations(const Node& node) {
  const Fields fields(node);
  MigrationsSettings migrations;
  migrations.where = node.where;
  migrations.directory = fields.text("directory");
  const std::string format = fields.text("format", "sql");
  migrations.tool = format == "sql" ? "godwit" : format;
  migrations.table = fields.text("table");
  migrations.schema = fields.text("schema");
  migrations.apply_late = fields.text("late") == "apply";
  migrations.warn_edited = fields.text("edited") == "warn";
  migrations.warn_missing = fields.text("missing") == "warn";
  migrations.lock_timeout_ms = fields.integer("lock_timeout_ms", migrations.lock_timeout_ms);
  migrations.statement_timeout_ms = fields.integer("statement_timeout_ms", migrations.statement_timeout_ms);
  migrations.retry_for_ms = fields.integer("retry_for_ms", migrations.retry_for_ms);
  migrations.wait_ms = fields.integer("wait_ms", migrations.wait_ms);
  return migrations;
}

}  // namespace

DatabaseSettings read_database(const Entry& entry, Problems& problems) {
  DatabaseSettings database;
  database.where = entry.where;
  database.store.name = entry.key;
  database.store.where = entry.where;
  const Fields fields(*entry.value);
  if (const Node* migrations = fields.child("migrations")) {
    check_tool_keys(*migrations, entry.key, problems);
    database.migrations = read_migrations(*migrations);
  }
  for (const auto& environment : fields.entries("environments")) {
    if (environment.value->kind != Node::Kind::mapping) continue;
    const Fields own(*environment.value);
    // One kind for all environments: a history is not moved between databases of different kinds.
    const std::string kind = own.has("path") ? "sqlite" : "postgres";
    if (database.store.kind.empty()) database.store.kind = kind;
    if (database.store.kind != kind) {
      problems.add(
          environment.where,
          fmt::format("databases.{}: some environments are SQLite and others PostgreSQL", entry.key));
    }
    check_address(environment, kind, fmt::format("databases.{}.environments.{}", entry.key, environment.key),
                  problems);
    database.store.environments[environment.key] = read_address(environment);
    GateSettings& gates = database.gates[environment.key];
    gates.where = environment.where;
    gates.require_approval = own.boolean("require_approval", false);
    gates.backup = own.text("backup", "optional");
    gates.allowed_refs = own.plain_texts("allowed_refs");
    for (const PlacedText& written : own.texts("freeze")) {
      if (const auto window = parse_freeze_window(written.text)) {
        gates.freeze.emplace_back(*window, written.text);
      } else {
        problems.add(written.where, fmt::format("'{}' is no time: write Fri 16:00/Mon 06:00, or "
                                                "2026-12-20T00:00/2027-01-03T00:00 (UTC)",
                                                written.text));
      }
    }
  }
  return database;
}

}  // namespace godwit::config
