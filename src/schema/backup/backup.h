// Taking a backup: the database at one moment, in one file with a manifest beside it, and the old ones that
// are not to be kept any more.
#pragma once

#include "base/result.h"
#include "base/secret.h"
#include "schema/backup/manifest.h"
#include "schema/engine.h"

#include <string>
#include <vector>

namespace godwit::schema {

struct BackupRequest {
  std::string format;   // custom | plain; empty = the configuration's
  bool verify = false;  // restore it beside the database, compare tables, rows and their digests
  std::string run;      // that it is made for; empty = none
  std::string history, history_table;
  std::vector<std::string> applied;
};

// The file, mode 0600 in a folder of mode 0700, has its name only when it is whole. Failures leave no file.
// ErrorKind::config: pg_dump is older than the server. A damaged or different backup under verify is
// ErrorKind::failed; its file stays, without a word of being verified.
[[nodiscard]] Result<BackupManifest> take_backup(const Target& target, const Services& services,
                                                 const BackupRequest& request);

// Empty where none is configured. ErrorKind::missing_secret, ErrorKind::config when it is too short.
[[nodiscard]] Result<Secret> backup_key(const Target& target, const Services& services);

}  // namespace godwit::schema
