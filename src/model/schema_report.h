// What became of a run that changed the structure of a database (`godwit db upgrade`, `downgrade`): plain
// values that the engine fills and the report writes. No values of rows.
#pragma once

#include "base/error.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace godwit {

struct SchemaFinding {
  std::string severity;  // "note", "warning", "refusal"
  std::string kind;      // "edited", "late", …
  std::string revision, file, message, repair;
};

// A session that held a lock which a migration waited for.
struct SchemaBlocker {
  int64_t pid = 0;
  std::string application, user, state;  // state: "active", "idle in transaction"
  std::string command;                   // the kind of its last statement: "UPDATE"; never its text
  std::string lock, relation;            // what it holds; empty = not said
  int64_t transaction_s = 0;             // how old its transaction was
  // "pid 4711 (psql, user app): idle in transaction for 12 s, last UPDATE, holds RowExclusiveLock on
  // accounts"
  [[nodiscard]] std::string text() const;
};

struct SchemaStep {
  std::string revision, name, file;
  std::string direction;  // "up", "down"
  std::string state;      // "planned", "applied", "reverted", "failed", "not begun"
  std::string mode;       // "one transaction", "statement by statement"
  std::string sha256;     // of the file
  int64_t duration_us = 0;
  int64_t statements = 0;
  int attempts = 0;
  int cancels = 0;                      // attempts that were ended because others had to wait for too long
  std::vector<SchemaBlocker> blockers;  // of the last attempt that waited for a lock in vain
  std::string sql;                      // of the planned direction; only with --dry-run
};

// Of the step that failed.
struct SchemaFailure {
  std::string revision;
  SourceLocation where;
  std::string excerpt, command, sqlstate, message;
  int64_t statement = 0, statements = 0, statements_committed = 0;
  bool transactional = true;
  std::vector<SchemaBlocker> blockers;  // who had the lock that could not be had
  std::vector<std::string> committed, not_begun, next_commands;
};

// One look at a database before it is changed. No values of rows.
struct SchemaHealthCheck {
  std::string name;      // stable: "connect", "disk_space"
  std::string check;     // for people: "Disk Space"
  std::string severity;  // "error", "warning"
  std::string state;     // "ok", "failed", "skipped": skipped is not ok
  std::string message;
  std::string measured, threshold;  // with their units; empty = there is no such thing
  int64_t duration_us = 0;
};

struct SchemaHealth {
  std::vector<SchemaHealthCheck> checks;
  [[nodiscard]] bool success() const {
    for (const SchemaHealthCheck& check : checks) {
      if (check.state == "failed" && check.severity == "error") return false;
    }
    return !checks.empty();
  }
};

// The receipt of a rehearsal that opened the way for an upgrade.
struct SchemaReceipt {
  std::string from;  // a file, or "the ledger"
  std::string public_key, made_at;
  std::string start, end;  // fingerprints of the structure: what the rehearsal began and ended with
  std::string found;       // after the upgrade; empty = it did not come to that
};

// One object of the structure that is there before, afterwards, or both.
struct SchemaChange {
  std::string what, kind, name;  // "added", "removed", "changed"; "table"; "public.people"
  std::string before, after;     // their texts; empty = not there
  std::string sql;               // turns one into the other; starts with "--" where only words can say it
  bool destructive = false;
};

// The structure before and after an upgrade, as a rehearsal on a copy showed it.
struct SchemaPreview {
  std::string why_not;        // empty = it was rehearsed
  std::string where, server;  // the copy
  std::string before, after;  // fingerprints
  std::vector<SchemaChange> changes;
};

struct SchemaRunReport {
  std::string run;        // empty: nothing was to be done, or a dry run
  std::string operation;  // "upgrade", "downgrade"
  std::string database, environment, tool, table, server;
  std::string target;  // as asked for
  std::string plan_hash;
  std::string actor, commit, ci_run_id, ci_url, ci_attempt, host, version;
  int64_t started_us = 0, finished_us = 0;
  bool dry_run = false;
  std::vector<std::string> before, after;  // applied revisions, oldest first
  std::vector<SchemaFinding> findings;
  std::vector<SchemaStep> steps;
  std::vector<std::string> skipped;       // what was not done on purpose: "health checks", "validation"
  std::vector<SchemaHealthCheck> health;  // empty = not looked at
  std::string backup_file;
  std::optional<SchemaReceipt> receipt;
  std::optional<SchemaPreview> preview;  // with a dry run
  std::string approved_by;               // empty = no approval was asked for
  std::string approval;                  // of what: "this plan", "environment production of workflow run 42"
  std::string validation;                // what was validated, in a sentence; empty = it was not
  std::vector<SchemaFailure> failures;   // at most one
  std::string
      outcome;  // "already current", "planned", "applied", "reverted", "failed", "interrupted", "in doubt"
  int exit_code = 0;
  std::string error;
};

}  // namespace godwit
