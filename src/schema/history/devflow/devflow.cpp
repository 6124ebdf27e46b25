#include "schema/history/devflow/devflow.h"

#include "base/text.h"
#include "crypto/md5.h"
#include "crypto/sha256.h"
#include "schema/history/lines.h"
#include "schema/history/sections.h"
#include "schema/history/table_history.h"

#include <fmt/format.h>

#include <map>

namespace godwit::schema {

namespace {

constexpr size_t version_length_max = 32;
constexpr std::string_view down_suffix = ".down.sql";
constexpr std::string_view other_down_suffix = "_down.sql";

// It writes the names of schema and table without quotes, so PostgreSQL folds them.
HistoryOptions folded(HistoryOptions options) {
  options.schema = to_lower_ascii(options.schema);
  options.table = to_lower_ascii(options.table);
  return options;
}

class DevflowHistory final : public TableHistory {
 public:
  explicit DevflowHistory(const HistoryOptions& options)
      : TableHistory(folded(options), "devflow", "public", "schema_migrations"), project_(options.project) {}

  bool reads(std::string_view path) const override {
    return path.find('/') == std::string_view::npos && path.ends_with(".sql");
  }
  Result<MigrationFolder> read_folder(const std::vector<MigrationFile>& files) const override;
  // What was rolled back and not applied since is not applied; nor is what failed, for its transaction was
  // undone.
  std::string select_sql() const override {
    return fmt::format(
        "SELECT name, checksum, CAST(applied_at AS text), applied_by FROM {} WHERE success AND "
        "(rolled_back_at "
        "IS NULL OR rolled_back_at < applied_at) ORDER BY applied_at, id",
        name());
  }
  Result<RecordedHistory> from_rows(const std::vector<Row>& rows) const override;
  std::string create_sql() const override;
  std::string record_sql(const Migration& migration, const RecordContext& context,
                         const RecordedHistory& recorded) const override;
  std::string unrecord_sql(const Migration& migration, const RecordContext& context,
                           const RecordedHistory& /*recorded*/) const override {
    return fmt::format("UPDATE {} SET rolled_back_at = {} WHERE name = {};", name(), context.now,
                       text(migration.revision));
  }
  ForeignLock lock(std::string_view /*database*/) const override {
    ForeignLock lock;
    lock.advisory_keys = {devflow_lock_key(project_)};
    return lock;
  }
  bool records_checksums() const override { return true; }
  std::optional<bool> checksum_matches(const AppliedMigration& applied,
                                       const Migration& migration) const override {
    if (!applied.checksum) return std::nullopt;
    return *applied.checksum == migration.checksum;
  }
  Result<std::vector<NewFile>> new_files(const MigrationFolder& /*folder*/, std::string_view timestamp,
                                         std::string_view title) const override {
    const std::string stem = fmt::format("{}_{}", timestamp, slug(title));
    return std::vector<NewFile>{{stem + ".sql", fmt::format("-- Migration: {}\n", title)},
                                {stem + ".down.sql", fmt::format("-- undoes {}.sql\n", stem)}};
  }

 private:
  std::string project_;
};

Script whole_file(const MigrationFile& file) {
  Script script;
  script.kind = Script::Kind::sql;
  script.file = file.path;
  script.sql = file.text;
  return script;
}

// X of X.down.sql and X_down.sql; empty for other names.
std::string undone_by(const std::string& path) {
  for (const std::string_view suffix : {down_suffix, other_down_suffix}) {
    if (path.ends_with(suffix)) return path.substr(0, path.size() - suffix.size()) + ".sql";
  }
  return {};
}

Result<MigrationFolder> DevflowHistory::read_folder(const std::vector<MigrationFile>& files) const {
  MigrationFolder folder;
  std::map<std::string, size_t> by_name;
  std::vector<const MigrationFile*> downs;
  std::map<std::string_view, bool> names;
  for (const MigrationFile& file : files)
    names[file.path] = true;
  for (const MigrationFile& file : files) {
    if (!reads(file.path)) {
      folder.ignored.push_back({file.path, "devflow reads the .sql files of the folder itself"});
      continue;
    }
    const std::string undone = undone_by(file.path);
    if (names.contains(undone)) {
      downs.push_back(&file);
      continue;
    }
    if (file.path.ends_with(down_suffix)) {
      folder.ignored.push_back({file.path, "there is no migration that it would undo"});
      continue;
    }
    Migration migration;
    migration.revision = migration.file = file.path;
    migration.name = file.path.substr(0, file.path.size() - 4);
    migration.checksum = crypto::sha256_hex(file.text);
    migration.up = whole_file(file);
    by_name[file.path] = folder.migrations.size();
    folder.migrations.push_back(std::move(migration));
  }
  for (const MigrationFile* file : downs) {
    const auto found = by_name.find(undone_by(file->path));
    if (found == by_name.end()) {
      folder.ignored.push_back({file->path, "it would undo a file that undoes another one"});
      continue;
    }
    Script& down = folder.migrations[found->second].down;
    if (down.kind != Script::Kind::none)
      return error_at(*file, 1, fmt::format("{} undoes {} already", down.file, found->first),
                      "keep one of the two");
    down = whole_file(*file);
    if (file->path.ends_with(other_down_suffix))
      folder.remarks.push_back({file->path, "devflow db rollback looks for the name with .down.sql"});
  }
  return folder;
}

Result<RecordedHistory> DevflowHistory::from_rows(const std::vector<Row>& rows) const {
  RecordedHistory recorded;
  recorded.exists = true;
  for (const Row& row : rows) {
    recorded.applied.push_back({row[0].value_or(""), row[0].value_or(""), row[1], row[2].value_or(""),
                                row[3].value_or(""), 0, false});
  }
  return recorded;
}

std::string DevflowHistory::create_sql() const {
  return fmt::format(
      "CREATE TABLE IF NOT EXISTS {0} (id SERIAL PRIMARY KEY, name VARCHAR(255) NOT NULL UNIQUE, checksum "
      "VARCHAR(64) NOT NULL, applied_at TIMESTAMPTZ DEFAULT CURRENT_TIMESTAMP, applied_by VARCHAR(255) "
      "DEFAULT "
      "CURRENT_USER, execution_time_ms INTEGER, success BOOLEAN DEFAULT TRUE, rolled_back_at TIMESTAMPTZ, "
      "notes "
      "TEXT, devflow_version VARCHAR(32), applied_from VARCHAR(64), ci_run_id VARCHAR(128));"
      "CREATE INDEX IF NOT EXISTS {1} ON {0}(applied_at);",
      name(), quote_identifier("ix_" + table_name() + "_applied_at"));
}

std::string DevflowHistory::record_sql(const Migration& migration, const RecordContext& context,
                                       const RecordedHistory& /*recorded*/) const {
  const std::string version = ("godwit " + context.version).substr(0, version_length_max);
  return fmt::format(
      "INSERT INTO {} (name, checksum, execution_time_ms, success, devflow_version, applied_from, ci_run_id) "
      "VALUES ({}, {}, {}, TRUE, {}, {}, {}) ON CONFLICT (name) DO UPDATE SET checksum = EXCLUDED.checksum, "
      "applied_at = {}, execution_time_ms = EXCLUDED.execution_time_ms, success = EXCLUDED.success, "
      "devflow_version = EXCLUDED.devflow_version, applied_from = EXCLUDED.applied_from, ci_run_id = "
      "EXCLUDED.ci_run_id;",
      name(), text(migration.revision), text(migration.checksum), context.elapsed_ms, text(version),
      context.ci_run_id.empty() ? "'cli'" : "'ci'", text_or_null(context.ci_run_id), context.now);
}

}  // namespace

std::unique_ptr<History> make_devflow_history(const HistoryOptions& options) {
  return std::make_unique<DevflowHistory>(options);
}

int64_t devflow_lock_key(std::string_view project) {
  const crypto::Md5Digest digest = crypto::md5("devflow_migrations_" + std::string(project));
  uint64_t key = 0;
  for (size_t i = 0; i < 8; ++i)
    key = key << 8U | digest[i];
  return static_cast<int64_t>(key);
}

}  // namespace godwit::schema
