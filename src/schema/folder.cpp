#include "schema/folder.h"

#include "crypto/sha256.h"
#include "os/files.h"
#include "sql/meaning.h"

#include <fmt/format.h>

#include <map>
#include <set>

namespace godwit::schema {

Result<MigrationFolder> read_migrations(const History& history, const std::string& directory,
                                        sql::Dialect dialect) {
  if (!os::exists(directory)) {
    return make_error(ErrorKind::config, fmt::format("there is no folder {}", directory),
                      "databases.NAME.migrations.directory says where the migrations are");
  }
  std::set<std::string> paths;
  for (const std::string& below : history.folders()) {
    const std::string prefix = below.empty() ? "" : below + "/";
    ASSIGN_OR_RETURN(const std::vector<std::string> found, os::list_tree(directory + "/" + below));
    for (const std::string& path : found)
      paths.insert(prefix + path);
  }
  std::vector<MigrationFile> files;
  std::map<std::string_view, const MigrationFile*> by_path;
  for (const std::string& path : paths) {
    MigrationFile file{path, {}};
    if (history.reads(path)) {
      ASSIGN_OR_RETURN(file.text, os::read_file(directory + "/" + path));
    }
    files.push_back(std::move(file));
  }
  for (const MigrationFile& file : files)
    by_path[file.path] = &file;
  auto folder = history.read_folder(files);
  if (!folder.ok()) {
    Error error = folder.error();
    if (error.where.known()) error.where.file = directory + "/" + error.where.file;
    return error;
  }
  for (Migration& migration : folder->migrations) {
    if (const auto file = by_path.find(migration.file); file != by_path.end())
      migration.raw_sha256 = crypto::sha256_hex(file->second->text);
    if (const auto file = by_path.find(migration.down.file);
        file != by_path.end() && migration.down.file != migration.file)
      migration.down_sha256 = crypto::sha256_hex(file->second->text);
    migration.meaning = migration.up.kind == Script::Kind::sql
                            ? crypto::sha256_hex(sql::canonical(migration.up.sql, dialect))
                            : migration.raw_sha256;
  }
  return folder;
}

std::future<Result<MigrationFolder>> read_migrations_beside(const History& history, std::string directory,
                                                            sql::Dialect dialect) {
  return std::async(std::launch::async, [&history, directory = std::move(directory), dialect] {
    return read_migrations(history, directory, dialect);
  });
}

}  // namespace godwit::schema
