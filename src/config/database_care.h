// How a database is looked after: what its health is held to, where its backups go, what lint says of its
// SQL, how runs keep apart. Read when it is asked for: most commands need none of it.
#pragma once

#include "base/result.h"
#include "config/migration_programs.h"
#include "config/settings.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace godwit {

// How one check of a database's health is made; what is not given is the check's own.
struct HealthCheckSettings {
  std::string severity;  // "error", "warning", "off"; empty = the check's own
  std::optional<int64_t> timeout_ms;
  std::optional<double> limit;
};

struct HealthSettings {
  int64_t timeout_ms = 10'000;                        // of each check
  std::map<std::string, HealthCheckSettings> checks;  // by name
};

// Where backups go, how they are made, and how long they stay.
struct BackupSettings {
  std::string directory = ".godwit/backups";  // as written; counts from the folder of godwit.yml
  std::string format = "custom";              // custom | plain; PostgreSQL
  std::string compress = "zstd";              // zstd | none; of plain dumps and SQLite
  bool verify = false;                        // restore each beside the database and compare
  int64_t keep = 0, keep_days = 0;            // 0 = this rule does not count
  std::string pg_dump = "pg_dump", pg_restore = "pg_restore", psql = "psql";
};

// What is said of SQL before it is run. Which rules there are, src/schema/lint knows.
struct LintSettings {
  std::map<std::string, std::string> rules;  // to off, note, warning or error
  SourceLocation where;
};

// What an upgrade of one environment does with that.
struct LintGate {
  std::string lint = "warn";           // off | warn | refuse
  std::optional<int64_t> destructive;  // statements that lose data, at most; nullopt = any number
};

// Whether an upgrade of one environment needs a signed receipt of a rehearsal, and whose signature counts.
struct ReceiptGate {
  bool required = false;
  std::vector<std::string> trusted_keys;  // Ed25519 public keys as written
  int64_t hours_max = 72;                 // since the rehearsal
};

// How runs keep out of each other's way, and of everybody else's. Keys of `migrations:`.
struct LockSettings {
  std::string kind = "auto";    // auto | session | lease
  int64_t lease_ms = 30'000;    // of a lease that is not renewed
  int64_t block_budget_ms = 0;  // how long others may wait for a migration; 0 = nobody watches
};

// How Flyway's scripts are named, where the project says other than Flyway itself. Keys of `migrations:`.
struct ScriptNames {
  std::string versioned = "V", undo = "U", repeatable = "R";
  std::string separator = "__";
  std::vector<std::string> suffixes = {".sql"};

  friend bool operator==(const ScriptNames& left, const ScriptNames& right) = default;
};

struct DatabaseCare {
  ScriptNames names;
  MigrationPrograms programs;
  LockSettings locks;
  LintSettings lint;
  std::map<std::string, LintGate> lint_gates;  // by environment
  HealthSettings health;
  std::map<std::string, bool> health_required;  // by environment
  BackupSettings backup;
  SecretText backup_key;                               // empty = backups are not encrypted
  std::map<std::string, ReceiptGate> receipt_gates;    // by environment
  SecretText receipt_key;                              // empty = receipts are not signed
  std::map<std::string, std::string> ci_environments;  // by environment: what the CI system calls it
};

// Of a database of settings that were loaded from that file. ErrorKind::config when it changed since, so that
// it is no longer valid or has no such database.
[[nodiscard]] Result<DatabaseCare> load_database_care(const Settings& settings, const std::string& database);

}  // namespace godwit
