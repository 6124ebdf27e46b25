// A SQLite database by its online backup: others may go on writing.
#include "base/text.h"
#include "os/files.h"
#include "schema/backup/parts.h"
#include "sqlite/backup.h"
#include "sqlite/database.h"

namespace godwit::schema {

namespace {

// A file that goes when this does.
struct Scratch {
  std::string path;
  explicit Scratch(std::string name) : path(std::move(name)) {}
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch() {
    for (const char* suffix : {"", "-journal", "-wal", "-shm"})
      static_cast<void>(os::remove_all(path + suffix));
  }
};

Status sound(const std::string& path) {
  ASSIGN_OR_RETURN(const auto database, sqlite::Database::open(path, {}));
  ASSIGN_OR_RETURN(const auto rows, database->rows("PRAGMA integrity_check(1)"));
  if (rows.size() == 1 && rows[0][0].bytes == "ok") return {};
  return make_error(ErrorKind::failed, "the copy is not sound: PRAGMA integrity_check complains");
}

}  // namespace

Result<std::vector<BackedUpTable>> count_sqlite_tables(const std::string& path) {
  ASSIGN_OR_RETURN(const auto database, sqlite::Database::open(path, {}));
  ASSIGN_OR_RETURN(const auto names,
                   database->rows("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name"));
  std::vector<BackedUpTable> tables;
  for (const auto& name : names) {
    ASSIGN_OR_RETURN(const int64_t rows,
                     database->number("SELECT count(*) FROM " + quote_identifier(name[0].bytes)));
    tables.push_back({"", name[0].bytes, rows, ""});
  }
  return tables;
}

Status copy_sqlite(const Target& target, const Services& services, const Secret& key,
                   BackupManifest& manifest) {
  const Scratch copy(manifest.path + ".copy");
  ASSIGN_OR_RETURN(manifest.database_bytes, os::file_size(target.endpoint.path));
  ProgressTeller progress(services, "backup", manifest.database_bytes);
  RETURN_IF_ERROR(sqlite::back_up(target.endpoint.path, copy.path, services.cancel,
                                  [&](int64_t bytes, int64_t /*all*/) { progress.at(bytes); }));
  manifest.server = manifest.tool = "SQLite " + sqlite::Database::library_version();
  manifest.database_name = target.endpoint.path;
  ASSIGN_OR_RETURN(manifest.tables, count_sqlite_tables(copy.path));
  ASSIGN_OR_RETURN(Packer packer, Packer::create(manifest.path, manifest.compression == "zstd", key));
  RETURN_IF_ERROR(os::for_each_block(copy.path, [&](std::string_view block) {
    if (services.checkpoint) services.checkpoint("backup");
    return packer.add(block);
  }));
  return packer.finish(manifest);
}

Status fill_sqlite(const BackupManifest& manifest, const std::string& into, const Secret& key) {
  ASSIGN_OR_RETURN(os::NewFile file, os::NewFile::create(into));
  RETURN_IF_ERROR(unpack(manifest, key, [&](std::string_view bytes) { return file.write(bytes); }));
  RETURN_IF_ERROR(file.finish());
  return sound(into);
}

Status verify_sqlite(const Services& /*services*/, const Secret& key, const BackupManifest& manifest) {
  RETURN_IF_ERROR(check_sha256(manifest));
  const Scratch restored(manifest.path + ".verify");
  RETURN_IF_ERROR(fill_sqlite(manifest, restored.path, key));
  ASSIGN_OR_RETURN(const auto tables, count_sqlite_tables(restored.path));
  const auto different = differences(tables, manifest.tables);
  if (different.empty()) return {};
  return make_error(ErrorKind::failed,
                    "the backup does not hold what the database held: " + join(different, "; "));
}

}  // namespace godwit::schema
