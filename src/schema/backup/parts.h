// The parts of a backup. Internal to this folder.
#pragma once

#include "os/child_process.h"
#include "pg/session.h"
#include "schema/backup/backup.h"
#include "schema/backup/packing.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace godwit::schema {

// Tells how far a copy has come, at most every second. `about_bytes`: of the whole, where it is known.
class ProgressTeller {
 public:
  ProgressTeller(const Services& services, std::string what, int64_t about_bytes);
  void at(int64_t bytes);

 private:
  const Services& services_;
  std::string what_;
  int64_t about_bytes_, begun_us_, told_us_;
};

// Tables of a PostgreSQL database that a dump holds the rows of, in the session's transaction.
[[nodiscard]] Result<std::vector<BackedUpTable>> count_tables(pg::Session& session, bool digests);
[[nodiscard]] Result<std::vector<BackedUpTable>> count_sqlite_tables(const std::string& path);

// The environment of PostgreSQL's programs: how to reach the server, and what every program needs. Holds the
// password.
[[nodiscard]] Result<std::vector<std::pair<std::string, std::string>>> program_environment(
    const StoreEndpoint& endpoint, const Services& services);
struct ProgramVersion {
  std::string text;  // "pg_dump (PostgreSQL) 15.14"
  int major = 0;
};
[[nodiscard]] Result<ProgramVersion> program_version(const std::string& program, const Services& services);
// What a program said when it failed: its first lines. Of the server's own words only what names things.
[[nodiscard]] std::string first_words(std::string_view errors);

// Fill the manifest and write the file.
[[nodiscard]] Status dump_postgres(const Target& target, const Services& services,
                                   const BackupRequest& request, const Secret& key, BackupManifest& manifest);
[[nodiscard]] Status copy_sqlite(const Target& target, const Services& services, const Secret& key,
                                 BackupManifest& manifest);

// Into a database that is there and empty (PostgreSQL), or a file that is not there (SQLite).
[[nodiscard]] Status fill_postgres(const BackupManifest& manifest, const StoreEndpoint& into,
                                   const Target& target, const Services& services, const Secret& key);
[[nodiscard]] Status fill_sqlite(const BackupManifest& manifest, const std::string& into, const Secret& key);
// Restores beside the database, compares, and removes what it restored.
[[nodiscard]] Status verify_postgres(const Target& target, const Services& services, const Secret& key,
                                     const BackupManifest& manifest);
[[nodiscard]] Status verify_sqlite(const Services& services, const Secret& key,
                                   const BackupManifest& manifest);

// Deletes what neither rule keeps; the newest one that is whole stays in any case. Their paths.
[[nodiscard]] Result<std::vector<std::string>> prune(const Target& target, const Services& services);

}  // namespace godwit::schema
