// What stands beside a backup: NAME.manifest.json (docs/FORMATS.md). A backup without one is not whole.
#pragma once

#include "base/result.h"

#include <cstdint>
#include <string>
#include <vector>

namespace godwit::schema {

struct BackedUpTable {
  std::string schema, name;
  int64_t rows = 0;
  std::string digest;  // order-independent, of the rows as text; empty = not taken
  friend bool operator==(const BackedUpTable&, const BackedUpTable&) = default;
};

struct BackupManifest {
  std::string path;         // of the backup; not in the document, which names the file only
  std::string kind;         // "postgres", "sqlite"
  std::string format;       // "custom", "plain", "sqlite"
  std::string compression;  // "zstd", "none": what godwit itself did
  bool encrypted = false;
  int64_t bytes = 0;
  std::string sha256;  // of the file as it lies there
  std::string created_at;
  int64_t duration_ms = 0;
  std::string database, environment;
  std::string database_name;  // on the server; SQLite: the file's path
  std::string server, tool;   // "PostgreSQL 15.14", "pg_dump (PostgreSQL) 15.14"
  int64_t database_bytes = 0;
  std::string history, history_table;
  std::vector<std::string> applied;  // revisions, oldest first
  std::string run, actor;
  bool verified = false;  // restored and compared
  std::vector<BackedUpTable> tables;
};

[[nodiscard]] std::string to_json(const BackupManifest& manifest);
[[nodiscard]] std::string manifest_path(const std::string& backup);
// Of the backup at this path. ErrorKind::io when there is none, ErrorKind::config when it cannot be read.
[[nodiscard]] Result<BackupManifest> read_manifest(const std::string& backup);
[[nodiscard]] Status write_manifest(const BackupManifest& manifest);
// What differs, in words: "public.people has 3 rows, the backup 4". Digests only where both have one.
[[nodiscard]] std::vector<std::string> differences(const std::vector<BackedUpTable>& there,
                                                   const std::vector<BackedUpTable>& in_backup);

}  // namespace godwit::schema
