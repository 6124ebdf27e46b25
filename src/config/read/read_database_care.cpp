#include "config/database_care.h"
#include "config/devflow.h"
#include "config/read/fields.h"
#include "config/read/read_address.h"
#include "config/schema/validate.h"
#include "os/files.h"

#include <fmt/format.h>

namespace godwit {

namespace {

using config::Fields;
using config::Node;

HealthSettings read_health(const Node& node) {
  const Fields fields(node);
  HealthSettings health;
  health.timeout_ms = fields.integer("timeout_ms", health.timeout_ms);
  for (const config::Entry& entry : node.entries) {
    if (entry.value->kind != Node::Kind::mapping) continue;
    const Fields own(*entry.value);
    HealthCheckSettings& check = health.checks[entry.key];
    check.severity = own.text("severity");
    if (own.has("timeout_ms")) check.timeout_ms = own.integer("timeout_ms", 0);
    if (own.has("limit")) check.limit = own.number("limit", 0);
  }
  return health;
}

MigrationPrograms read_programs(const Node& node) {
  const Fields fields(node);
  MigrationPrograms programs;
  programs.command = fields.plain_texts("command");
  programs.variables = fields.plain_texts("variables");
  programs.url_variable = fields.text("url_variable");
  programs.ini = fields.text("ini");
  programs.ini_section = fields.text("ini_section");
  programs.bodies = fields.text("bodies", programs.bodies);
  programs.knexfile = fields.text("knexfile");
  programs.knex_environment = fields.text("knex_environment");
  programs.load_extensions = fields.plain_texts("load_extensions");
  return programs;
}

ScriptNames read_names(const Node& migrations) {
  const Fields fields(migrations);
  ScriptNames names;
  names.versioned = fields.text("sql_migration_prefix", names.versioned);
  names.undo = fields.text("undo_sql_migration_prefix", names.undo);
  names.repeatable = fields.text("repeatable_sql_migration_prefix", names.repeatable);
  names.separator = fields.text("sql_migration_separator", names.separator);
  if (fields.has("sql_migration_suffixes")) names.suffixes = fields.plain_texts("sql_migration_suffixes");
  return names;
}

BackupSettings read_backup(const Node& node) {
  const Fields fields(node);
  BackupSettings backup;
  backup.directory = fields.text("directory", backup.directory);
  backup.format = fields.text("format", backup.format);
  backup.compress = fields.text("compress", backup.compress);
  backup.verify = fields.boolean("verify", false);
  backup.keep = fields.integer("keep", 0);
  backup.keep_days = fields.integer("keep_days", 0);
  backup.pg_dump = fields.text("pg_dump", backup.pg_dump);
  backup.pg_restore = fields.text("pg_restore", backup.pg_restore);
  backup.psql = fields.text("psql", backup.psql);
  return backup;
}

LockSettings read_locks(const Node& migrations) {
  const Fields fields(migrations);
  LockSettings locks;
  locks.kind = fields.text("lock", locks.kind);
  locks.lease_ms = fields.integer("lease_ms", locks.lease_ms);
  locks.block_budget_ms = fields.integer("block_budget_ms", locks.block_budget_ms);
  return locks;
}

LintSettings read_lint(const Node& node) {
  LintSettings lint;
  lint.where = node.where;
  for (const config::Entry& rule : Fields(node).entries("rules"))
    lint.rules[rule.key] = config::choice_text(*rule.value);
  return lint;
}

LintGate read_lint_gate(const Node& environment) {
  const Fields fields(environment);
  LintGate gate;
  if (const Node* lint = fields.child("lint")) gate.lint = config::choice_text(*lint);
  if (fields.has("destructive")) gate.destructive = fields.integer("destructive", 0);
  return gate;
}

ReceiptGate read_receipt_gate(const Fields& environment) {
  ReceiptGate gate;
  gate.required = environment.text("rehearsal", "optional") == "required";
  gate.trusted_keys = environment.plain_texts("receipt_keys");
  gate.hours_max = environment.integer("receipt_hours", gate.hours_max);
  return gate;
}

// devflow.yml says nothing of it.
DatabaseCare usual_care(const DatabaseSettings& database) {
  DatabaseCare care;
  for (const auto& [environment, unused] : database.store.environments) {
    care.health_required[environment] = false;
    care.lint_gates[environment] = {};
    care.receipt_gates[environment] = {};
    care.ci_environments[environment] = environment;
  }
  return care;
}

}  // namespace

Result<DatabaseCare> load_database_care(const Settings& settings, const std::string& database) {
  if (is_devflow_file(settings.file)) return usual_care(settings.databases.at(database));
  ASSIGN_OR_RETURN(const std::string text, os::read_file(settings.file));
  config::Problems problems;
  const config::NodePointer root = config::parse_yaml(text, settings.file, problems);
  if (root == nullptr) return problems.error();
  config::validate(*root, config::settings_schema(), settings.folder, problems);
  if (!problems.empty()) return problems.error();
  const Node* databases = Fields(*root).child("databases");
  const config::Entry* entry = databases == nullptr ? nullptr : databases->find(database);
  if (entry == nullptr)
    return make_error(ErrorKind::config, fmt::format("{} has no database {}", settings.file, database));
  DatabaseCare care;
  const Fields fields(*entry->value);
  if (const Node* migrations = fields.child("migrations")) {
    care.programs = read_programs(*migrations);
    care.locks = read_locks(*migrations);
    care.names = read_names(*migrations);
  }
  if (const Node* health = fields.child("health")) care.health = read_health(*health);
  if (const Node* backup = fields.child("backup")) care.backup = read_backup(*backup);
  if (const Node* lint = fields.child("lint")) care.lint = read_lint(*lint);
  for (const config::Entry& environment : fields.entries("environments")) {
    const Fields own(*environment.value);
    care.health_required[environment.key] = own.text("health", "optional") == "required";
    care.receipt_gates[environment.key] = read_receipt_gate(own);
    care.ci_environments[environment.key] = own.text("ci_environment", environment.key);
    care.lint_gates[environment.key] = read_lint_gate(*environment.value);
  }
  if (const Node* keys = Fields(*root).child("keys")) {
    care.backup_key = config::secret_text(Fields(*keys), "backup");
    care.receipt_key = config::secret_text(Fields(*keys), "receipt");
  }
  return care;
}

}  // namespace godwit
