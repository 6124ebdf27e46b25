// Bringing a backup back: always into a new database first, which is compared with the manifest; it takes the
// place of the old one only when that was asked for, and the old one stays under another name.
#pragma once

#include "base/result.h"
#include "schema/backup/manifest.h"
#include "schema/engine.h"

#include <functional>
#include <string>
#include <vector>

namespace godwit::schema {

struct RestoreRequest {
  std::string file;
  std::string into;    // name of the new database (SQLite: a path); empty = one with the time in it
  bool swap = false;   // the new one takes the place of the target
  bool force = false;  // with swap: ends the sessions of others first
};

struct RestorePlan {
  BackupManifest manifest;
  std::string database;            // that the backup is for: the target's name or path
  std::string into;                // is made
  std::string kept_as;             // swap: the name that the old one has then; empty = nothing is swapped
  int64_t others = 0;              // sessions of others in it
  std::vector<std::string> steps;  // in words
};

// Looks only. ErrorKind::failed: the file is damaged; ErrorKind::gate: read-only environment;
// ErrorKind::locked: swap without force, and others are connected.
[[nodiscard]] Result<RestorePlan> plan_restore(const Target& target, const Services& services,
                                               const RestoreRequest& request);
// A failure before the swap leaves the old database as it was, and no new one.
[[nodiscard]] Status execute_restore(const Target& target, const Services& services,
                                     const RestoreRequest& request, const RestorePlan& plan);

}  // namespace godwit::schema
