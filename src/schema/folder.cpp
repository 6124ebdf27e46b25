#include "schema/folder.h"

#include "base/parallel.h"
#include "crypto/sha256.h"
#include "os/files.h"
#include "sql/meaning.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace godwit::schema {

namespace {

// Few files are read before another thread has begun.
size_t lanes_for(size_t count) {
  constexpr size_t worth_a_thread = 200;
  return count < worth_a_thread ? 1 : 2;
}

Result<std::vector<MigrationFile>> list_files(const History& history, const std::string& directory) {
  std::vector<MigrationFile> files;
  for (const std::string& below : history.folders()) {
    const std::string prefix = below.empty() ? "" : below + "/";
    ASSIGN_OR_RETURN(const std::vector<std::string> found, os::list_tree(directory + "/" + below));
    for (const std::string& path : found)
      files.push_back({prefix + path, {}});
  }
  const auto by_path = [](const MigrationFile& a, const MigrationFile& b) { return a.path < b.path; };
  const auto same = [](const MigrationFile& a, const MigrationFile& b) { return a.path == b.path; };
  if (!std::is_sorted(files.begin(), files.end(), by_path)) std::sort(files.begin(), files.end(), by_path);
  files.erase(std::unique(files.begin(), files.end(), same), files.end());
  return files;
}

const MigrationFile* find_file(const std::vector<MigrationFile>& sorted, const std::string& path) {
  const auto found = std::lower_bound(
      sorted.begin(), sorted.end(), path,
      [](const MigrationFile& file, const std::string& wanted) { return file.path < wanted; });
  return found != sorted.end() && found->path == path ? &*found : nullptr;
}

void note_hashes(const std::vector<MigrationFile>& files, sql::Dialect dialect, Migration& migration) {
  if (const MigrationFile* file = find_file(files, migration.file))
    migration.raw_sha256 = crypto::sha256_hex(file->text);
  if (migration.down.file != migration.file) {
    if (const MigrationFile* file = find_file(files, migration.down.file))
      migration.down_sha256 = crypto::sha256_hex(file->text);
  }
  migration.meaning = migration.up.kind == Script::Kind::sql
                          ? crypto::sha256_hex(sql::canonical(migration.up.sql, dialect))
                          : migration.raw_sha256;
}

}  // namespace

Result<MigrationFolder> read_migrations(const History& history, const std::string& directory,
                                        sql::Dialect dialect) {
  if (!os::exists(directory)) {
    return make_error(ErrorKind::config, fmt::format("there is no folder {}", directory),
                      "databases.NAME.migrations.directory says where the migrations are");
  }
  ASSIGN_OR_RETURN(std::vector<MigrationFile> files, list_files(history, directory));
  RETURN_IF_ERROR(in_parallel(files.size(), lanes_for(files.size()), [&](size_t i, size_t) -> Status {
    if (!history.reads(files[i].path)) return {};
    ASSIGN_OR_RETURN(files[i].text, os::read_file(directory + "/" + files[i].path));
    return {};
  }));
  auto folder = history.read_folder(files);
  if (!folder.ok()) {
    Error error = folder.error();
    if (error.where.known()) error.where.file = directory + "/" + error.where.file;
    return error;
  }
  std::vector<Migration>& migrations = folder->migrations;
  RETURN_IF_ERROR(
      in_parallel(migrations.size(), lanes_for(migrations.size()), [&](size_t i, size_t) -> Status {
        note_hashes(files, dialect, migrations[i]);
        return {};
      }));
  return folder;
}

std::future<Result<MigrationFolder>> read_migrations_beside(const History& history, std::string directory,
                                                            sql::Dialect dialect) {
  return std::async(std::launch::async, [&history, directory = std::move(directory), dialect] {
    return read_migrations(history, directory, dialect);
  });
}

}  // namespace godwit::schema
