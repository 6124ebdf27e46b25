#include "schema/history/golang_migrate/golang_migrate.h"

#include "schema/history/checksum.h"
#include "schema/history/lines.h"
#include "schema/history/sections.h"
#include "schema/history/table_history.h"
#include "schema/history/version_order.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <map>

namespace godwit::schema {

namespace {

struct FileName {
  std::string version, name;
  Direction direction = Direction::up;
};

// ^([0-9]+)_(.*)\.(down|up)\.(.*)$ with a greedy name; the version fits 64 bits.
std::optional<FileName> read_name(std::string_view path) {
  if (path.find('/') != std::string_view::npos) return std::nullopt;
  const std::string_view digits = leading_digits(path);
  if (digits.empty() || digits.size() >= path.size() || path[digits.size()] != '_') return std::nullopt;
  const std::string largest = std::to_string(std::numeric_limits<uint64_t>::max());
  if (compare_digits(digits, largest) > 0) return std::nullopt;
  const std::string_view rest = path.substr(digits.size() + 1);
  const size_t up = rest.rfind(".up.");
  const size_t down = rest.rfind(".down.");
  if (up == std::string_view::npos && down == std::string_view::npos) return std::nullopt;
  const bool is_up = down == std::string_view::npos || (up != std::string_view::npos && up > down);
  return FileName{without_zeros(digits), std::string(rest.substr(0, is_up ? up : down)),
                  is_up ? Direction::up : Direction::down};
}

Script whole_file(const MigrationFile& file) {
  Script script;
  script.kind = Script::Kind::sql;
  script.file = file.path;
  script.sql = file.text;
  return script;
}

class GolangMigrateHistory final : public TableHistory {
 public:
  explicit GolangMigrateHistory(const HistoryOptions& options)
      : TableHistory(options, "golang-migrate", "", "schema_migrations") {}

  bool reads(std::string_view path) const override { return read_name(path).has_value(); }
  Result<MigrationFolder> read_folder(const std::vector<MigrationFile>& files) const override;
  std::string select_sql() const override { return fmt::format("SELECT version, dirty FROM {}", name()); }
  Result<RecordedHistory> from_rows(const std::vector<Row>& rows) const override;
  std::string create_sql() const override;
  std::string record_sql(const Migration& migration, const RecordContext& /*context*/,
                         const RecordedHistory& /*recorded*/) const override {
    return set_version(migration.revision, false);
  }
  std::string unrecord_sql(const Migration& migration, const RecordContext& /*context*/,
                           const RecordedHistory& /*recorded*/) const override {
    return set_version(below(migration), false);
  }
  std::string begin_sql(const Migration& migration, Direction direction,
                        const RecordContext& /*context*/) const override {
    return set_version(direction == Direction::up ? migration.revision : below(migration), true);
  }
  RecordedHistory after(RecordedHistory recorded, const Migration& migration, Direction direction,
                        const RecordContext& context) const override;
  ForeignLock lock(std::string_view database) const override;
  Result<std::vector<std::string>> applied_revisions(const MigrationFolder& folder,
                                                     const RecordedHistory& recorded) const override;
  Result<std::vector<NewFile>> new_files(const MigrationFolder& folder, std::string_view timestamp,
                                         std::string_view title) const override {
    const std::string stem = fmt::format("{}_{}", next_prefix(folder, timestamp), slug(title));
    return std::vector<NewFile>{{stem + ".up.sql", ""}, {stem + ".down.sql", ""}};
  }

 private:
  static std::string below(const Migration& migration) {
    return migration.parents.empty() ? std::string("-1") : migration.parents.front();
  }
  // No row says that nothing is applied, unless what failed was the undoing of the first migration.
  std::string set_version(const std::string& version, bool dirty) const {
    std::string sql = fmt::format("{} {};", postgres() ? "TRUNCATE" : "DELETE FROM", name());
    if (version == "-1" && !dirty) return sql;
    const std::string truth = postgres() ? (dirty ? "true" : "false") : (dirty ? "1" : "0");
    return sql + fmt::format("INSERT INTO {} (version, dirty) VALUES ({}, {});", name(), version, truth);
  }
};

Result<MigrationFolder> GolangMigrateHistory::read_folder(const std::vector<MigrationFile>& files) const {
  MigrationFolder folder;
  std::vector<const MigrationFile*> downs;
  for (const MigrationFile& file : files) {
    const auto parts = read_name(file.path);
    if (!parts) {
      folder.ignored.push_back({file.path, "its name is not VERSION_name.up.sql or VERSION_name.down.sql"});
      continue;
    }
    if (parts->direction == Direction::down) {
      downs.push_back(&file);
      continue;
    }
    Migration migration;
    migration.revision = parts->version;
    migration.name = parts->name;
    migration.file = file.path;
    migration.up = whole_file(file);
    folder.migrations.push_back(std::move(migration));
  }
  sort_by_number(folder.migrations);
  // The tool pairs by the version alone.
  for (const MigrationFile* file : downs) {
    const std::string version = read_name(file->path)->version;
    const auto found =
        std::find_if(folder.migrations.begin(), folder.migrations.end(),
                     [&](const Migration& migration) { return migration.revision == version; });
    if (found == folder.migrations.end()) {
      folder.ignored.push_back({file->path, "there is no migration that it would undo"});
    } else if (found->down.kind != Script::Kind::none) {
      return error_at(*file, 1, fmt::format("{} undoes version {} already", found->down.file, version),
                      "keep one of the two");
    } else {
      found->down = whole_file(*file);
    }
  }
  for (size_t i = 1; i < folder.migrations.size(); ++i)
    folder.migrations[i].parents = {folder.migrations[i - 1].revision};
  return folder;
}

Result<RecordedHistory> GolangMigrateHistory::from_rows(const std::vector<Row>& rows) const {
  RecordedHistory recorded;
  recorded.exists = true;
  for (const Row& row : rows) {
    AppliedMigration applied;
    applied.revision = row[0].value_or("");
    applied.failed = is_true(row[1]);
    recorded.applied.push_back(std::move(applied));
  }
  return recorded;
}

std::string GolangMigrateHistory::create_sql() const {
  if (postgres()) {
    return fmt::format(
        "CREATE TABLE IF NOT EXISTS {} (version bigint not null primary key, dirty boolean not null);",
        name());
  }
  return fmt::format(
      "CREATE TABLE IF NOT EXISTS {0} (version uint64,dirty bool);"
      "CREATE UNIQUE INDEX IF NOT EXISTS version_unique ON {0} (version);",
      name());
}

RecordedHistory GolangMigrateHistory::after(RecordedHistory recorded, const Migration& migration,
                                            Direction direction, const RecordContext& /*context*/) const {
  recorded.exists = true;
  recorded.applied.clear();
  AppliedMigration row;
  row.revision = direction == Direction::up ? migration.revision : below(migration);
  if (row.revision != "-1") recorded.applied.push_back(std::move(row));
  return recorded;
}

// Who opened the tool by a URL has the database's name with a slash before it.
ForeignLock GolangMigrateHistory::lock(std::string_view database) const {
  ForeignLock lock;
  if (!postgres()) return lock;
  const std::string schema_name = schema().empty() ? "public" : schema();
  lock.advisory_keys = {golang_migrate_lock_key(schema_name, table_name(), "/" + std::string(database)),
                        golang_migrate_lock_key(schema_name, table_name(), database)};
  return lock;
}

Result<std::vector<std::string>> GolangMigrateHistory::applied_revisions(
    const MigrationFolder& folder, const RecordedHistory& recorded) const {
  std::vector<std::string> revisions;
  if (recorded.applied.empty()) return revisions;
  const std::string& newest = recorded.applied.back().revision;
  if (newest == "-1") return revisions;
  for (const Migration& migration : folder.migrations) {
    if (compare_digits(migration.revision, newest) <= 0) revisions.push_back(migration.revision);
  }
  // A version without a file is for the planner to tell.
  if (revisions.empty() || revisions.back() != newest) revisions.push_back(newest);
  return revisions;
}

}  // namespace

std::unique_ptr<History> make_golang_migrate_history(const HistoryOptions& options) {
  return std::make_unique<GolangMigrateHistory>(options);
}

int64_t golang_migrate_lock_key(std::string_view schema, std::string_view table, std::string_view database) {
  std::string names(schema);
  names.append(1, '\0').append(table).append(1, '\0').append(database);
  return crc32(names) * 1486364155U;
}

}  // namespace godwit::schema
