// The way in: what a database's history is, and how it is brought to a target.
#pragma once

#include "base/result.h"
#include "base/time.h"
#include "config/database_care.h"
#include "config/settings.h"
#include "config/store_settings.h"
#include "ledger/ledger.h"
#include "model/schema_report.h"
#include "schema/catalog/drift.h"
#include "schema/gate/gates.h"
#include "schema/history/history.h"
#include "schema/observer.h"
#include "schema/plan/plan.h"
#include "schema/state.h"

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace godwit::schema {

struct Rehearsal;
struct RehearsalOptions;

// One database in one environment, secrets resolved.
struct Target {
  std::string database, environment;
  StoreEndpoint endpoint;
  std::string project;    // the folder of godwit.yml, absolute
  std::string directory;  // of the migrations, absolute
  // Alembic, below it: which folders hold revisions; none = itself. Set by place_revisions.
  std::vector<std::string> revision_folders;
  bool revisions_below = false;  // and what lies below those
  MigrationsSettings migrations;
  std::map<std::string, std::string> placeholders;  // those of `migrations`, resolved
  std::string project_name;                         // devflow: a part of its lock
  MigrationPrograms programs;
  ScriptNames names;  // Flyway
  GateSettings gates;
  LintSettings lint;
  LintGate lint_gate;
  HealthSettings health;
  bool health_required = false;
  LockSettings locks;
  BackupSettings backup;
  std::string backup_directory;  // absolute
  ReceiptGate receipt_gate;
  SecretText receipt_key;      // resolved when a receipt is made; empty = not signed
  std::string ci_environment;  // what the CI system calls the environment
  SecretText backup_key;       // resolved when a backup is made or read; empty = not encrypted
};

// Whose history the target's is; of its endpoint only the kind is looked at. ErrorKind::config.
[[nodiscard]] Result<std::unique_ptr<History>> history_of(const Target& target);

// The world, passed in.
struct Services {
  const Clock* clock = nullptr;
  const std::atomic<bool>* cancel = nullptr;
  std::function<uint64_t()> random_number;
  std::string actor, host, version;
  int64_t pid = 0;
  std::string commit, ref, ci_run_id, ci_url, ci_attempt;
  Observer* observer = nullptr;
  // Opened only when something is to be recorded: a run that finds nothing to do leaves no trace.
  std::function<Result<ledger::Ledger*>()> ledger;
  // Who approved this very run in the CI system, in what it calls the environment; not set = no CI system
  // that could say.
  std::function<Result<CiApproval>(const std::string& ci_environment)> ci_approval;
  // A variable of the process environment, for the programs of PostgreSQL that are started: PATH, HOME.
  std::function<std::optional<std::string>(const std::string&)> variable;
  std::string runs_folder;                             // where a run keeps its files; empty = nowhere
  std::function<void(const std::string&)> checkpoint;  // for tests that kill the process
};

// Files and database side by side.
struct Overview {
  std::string tool, table, server;
  State state{MigrationFolder{}};
  Plan plan;  // to bring everything up
  // Applied migrations by what the tool's own checksum says of their files; `unchecked`: it keeps none.
  size_t checksums_match = 0, checksums_differ = 0, unchecked = 0;
};

struct MigrateOptions {
  Direction direction = Direction::up;
  std::string target;         // up: a revision or symbol; empty = everything
  DowngradeTarget downgrade;  // down
  bool dry_run = false;
  bool skip_validation = false;
  bool backup = false;           // take one before anything changes, also where it is not required
  bool skip_rehearsal = false;   // of a dry run
  std::string temporary_folder;  // where a dry run rehearses
  bool skip_health = false;      // refused where the environment requires the checks
  std::string plan_hash;         // apply exactly this plan, or refuse
  std::string receipt_file;      // of its rehearsal; empty = the newest in the ledger, where one is required
  // Asked once the plan is known and before anything changes; false = the person said no. Not set = nobody to
  // ask.
  std::function<bool(const Plan&, const State&)> confirm;
};

// Reads both on this connection; changes nothing.
[[nodiscard]] Result<Overview> overview_of(Database& database, const History& history, const Target& target);
// The same of files that were read already.
[[nodiscard]] Result<Overview> overview_of(Database& database, const History& history, const Target& target,
                                           Result<MigrationFolder> folder);

// Single use per command; one thread.
class Engine {
 public:
  Engine(Target target, Services services);
  ~Engine();

  [[nodiscard]] Result<Overview> overview();
  // The checks of health/health.h. The Error is that of the connection, or ErrorKind::findings when a check
  // of severity error failed; `health` holds all of them in both cases.
  [[nodiscard]] Status health(SchemaHealth& health);
  // Fills `report` as far as it came, whatever becomes of it.
  [[nodiscard]] Status migrate(const MigrateOptions& options, SchemaRunReport& report);
  // Makes the recorded history say what is true, under its lock; runs no migration. `kind`: "applied",
  // "reverted", "forget", "checksum", "restart". What was done, in a sentence.
  [[nodiscard]] Result<std::string> repair(const std::string& kind, const std::string& revision);
  // The live catalog against the one that the last run recorded.
  [[nodiscard]] Result<Drift> drift();
  // What is pending, on a copy of the structure (rehearse/rehearsal.h).
  [[nodiscard]] Result<Rehearsal> rehearse(const RehearsalOptions& options);
  // Files for a new migration, written into the folder; their paths. `merge`: one that joins all heads.
  [[nodiscard]] Result<std::vector<std::string>> write_new(const std::string& title, bool merge);

 private:
  [[nodiscard]] Status open_history();

  Target target_;
  Services services_;
  std::unique_ptr<History> history_;
};

}  // namespace godwit::schema
