// A rehearsal: the pending migrations, on a copy of the structure that goes away afterwards. Each statement
// is watched (locks, rewritten tables, WAL, time), the way down and up again is gone, and the process is
// killed between every two statements to see that the next upgrade ends at the same structure. The live
// database is only read.
#pragma once

#include "base/result.h"
#include "schema/catalog/difference.h"
#include "schema/database/database.h"
#include "schema/engine.h"
#include "schema/history/history.h"

#include <cstdint>
#include <string>
#include <vector>

namespace godwit::schema {

struct RehearsalOptions {
  std::string target;  // a revision or symbol; empty = everything
  std::string server;  // a URL; empty = a throwaway server
  std::string temporary_folder;
  bool only_up = false;  // no way down, no kills: what the plan changes, and nothing else
};

struct ObservedLock {
  std::string table, mode;  // "public.people", "ACCESS EXCLUSIVE"
};

struct StatementEvidence {
  std::string revision, file, command;
  int line = 0;
  int64_t statement = 0;  // from 1, of its migration
  // Tables that were there before the migration: the strongest mode held after the statement, where it is
  // stronger than before it. Observed in pg_locks; of statements that commit by themselves: what their text
  // says (observed = false).
  std::vector<ObservedLock> locks;
  bool observed = true;
  std::vector<std::string> rewritten;  // tables that got a new file
  int64_t wal_bytes = 0, duration_us = 0;
};

struct RehearsedMigration {
  std::string revision, file, sha256;  // of the file
  std::string down_sha256;             // of that of its way back, where it has one of its own
};

struct Rehearsal {
  std::string plan_hash, where, server;
  int64_t server_major = 0;                    // 15; SQLite: 3
  std::vector<RehearsedMigration> migrations;  // in order; empty = nothing is pending
  bool replayed = false;  // the start is the folder replayed; else the live structure, copied
  std::string why_not_replayed;
  std::vector<std::string> start_differs;  // objects in which the start is not the live structure
  std::string live, start, end;            // fingerprints
  std::vector<StatementEvidence> statements;
  std::vector<CatalogChange> changes;      // from start to end
  std::vector<std::string> irreversible;   // revisions without a way down; then the next two are empty
  std::string after_down, after_up_again;  // fingerprints
  int64_t crash_points = 0;
  std::vector<std::string> not_converged;  // which kill, and what came of it
  std::vector<std::string> findings;       // what is wrong, in sentences; empty = all is well
};

// 150004 -> 15; SQLite's 3040001 -> 3.
[[nodiscard]] int64_t server_major_of(const Database& database);

// Errors: a plan that is refused, a migration that fails (as its upgrade would), no server to be had.
[[nodiscard]] Result<Rehearsal> rehearse(const Target& target, const Services& services,
                                         const History& history, const RehearsalOptions& options);

}  // namespace godwit::schema
