#include "schema/history/atlas/atlas.h"

#include "base/text.h"
#include "schema/history/atlas/sum_file.h"
#include "schema/history/checksum.h"
#include "schema/history/lines.h"
#include "schema/history/sections.h"
#include "schema/history/table_history.h"
#include "sql/script.h"

#include <fmt/format.h>

#include <algorithm>

namespace godwit::schema {

namespace {

constexpr std::string_view sum_file = "atlas.sum";
// A row that is no migration: the service's own identity.
constexpr std::string_view cloud_row = ".atlas_cloud_identifier";
constexpr int64_t type_baseline = 1;
constexpr int64_t nanoseconds_per_ms = 1'000'000;

class AtlasHistory final : public TableHistory {
 public:
  explicit AtlasHistory(const HistoryOptions& options)
      : TableHistory(options, "atlas", "atlas_schema_revisions", "atlas_schema_revisions") {}

  bool reads(std::string_view path) const override {
    return path.find('/') == std::string_view::npos && (path == sum_file || path.ends_with(".sql"));
  }
  Result<MigrationFolder> read_folder(const std::vector<MigrationFile>& files) const override;
  std::string select_sql() const override {
    return fmt::format(
        "SELECT version, description, type, applied, total, CAST(executed_at AS text), operator_version, "
        "hash FROM "
        "{} ORDER BY version",
        name());
  }
  Result<RecordedHistory> from_rows(const std::vector<Row>& rows) const override;
  std::string create_sql() const override;
  std::string begin_sql(const Migration& migration, Direction direction,
                        const RecordContext& context) const override {
    return direction == Direction::up ? insert(migration, context, false) : std::string();
  }
  std::string record_sql(const Migration& migration, const RecordContext& context,
                         const RecordedHistory& /*recorded*/) const override {
    return insert(migration, context, true);
  }
  std::string unrecord_sql(const Migration& migration, const RecordContext& /*context*/,
                           const RecordedHistory& /*recorded*/) const override {
    return fmt::format("DELETE FROM {} WHERE version = {};", name(), text(migration.revision));
  }
  ForeignLock lock(std::string_view /*database*/) const override {
    ForeignLock lock;
    if (postgres()) lock.advisory_keys = {fnv1_32("atlas_migrate_execute")};
    return lock;
  }
  // A sum that differs may come from an edit of any earlier file: it says nothing of this one.
  bool records_checksums() const override { return true; }
  std::optional<bool> checksum_matches(const AppliedMigration& applied,
                                       const Migration& migration) const override {
    if (applied.checksum == migration.checksum) return true;
    return std::nullopt;
  }
  Result<std::vector<std::string>> applied_revisions(const MigrationFolder& folder,
                                                     const RecordedHistory& recorded) const override;
  Result<std::vector<NewFile>> new_files(const MigrationFolder& /*folder*/, std::string_view timestamp,
                                         std::string_view title) const override {
    return std::vector<NewFile>{{fmt::format("{}_{}.sql", timestamp, slug(title)), ""}};
  }

 private:
  std::string insert(const Migration& migration, const RecordContext& context, bool done) const;
};

// "\n" and "\t" as the directive writes them.
std::string unescaped(std::string_view delimiter) {
  std::string out;
  for (size_t i = 0; i < delimiter.size(); ++i) {
    const std::string_view two = delimiter.substr(i, 2);
    const char control = two == "\\n" ? '\n' : two == "\\r" ? '\r' : two == "\\t" ? '\t' : '\0';
    out += control != '\0' ? control : delimiter[i];
    if (control != '\0') ++i;
  }
  return out;
}

// A semicolon in place of each delimiter, on a line of its own: it may stand behind a comment.
std::string with_semicolons(std::string_view sql, std::string_view delimiter) {
  std::string out;
  size_t at = 0;
  for (size_t found = sql.find(delimiter); found != std::string_view::npos; found = sql.find(delimiter, at)) {
    out.append(sql.substr(at, found - at)).append("\n;\n");
    at = found + delimiter.size();
  }
  return out.append(sql.substr(at));
}

Script script_of(const MigrationFile& file) {
  Script script;
  script.kind = Script::Kind::sql;
  script.file = file.path;
  script.sql = file.text;
  const auto delimiter = first_directive(file.text, "delimiter");
  if (delimiter && !delimiter->empty() && *delimiter != ";") {
    const size_t head = std::min(file.text.find('\n'), file.text.size() - 1) + 1;  // names it, and is not cut
    script.sql = file.text.substr(0, head) +
                 with_semicolons(std::string_view(file.text).substr(head), unescaped(*delimiter));
  }
  const auto mode = head_directive(file.text, "txmode");
  if (mode == "none") script.transaction = TransactionMode::never;
  if (mode == "file") script.transaction = TransactionMode::always;
  return script;
}

Result<MigrationFolder> AtlasHistory::read_folder(const std::vector<MigrationFile>& files) const {
  MigrationFolder folder;
  std::vector<const MigrationFile*> migrations;
  const MigrationFile* recorded = nullptr;
  for (const MigrationFile& file : files) {
    if (file.path == sum_file) {
      recorded = &file;
    } else if (reads(file.path)) {
      migrations.push_back(&file);
    } else {
      folder.ignored.push_back({file.path, "Atlas reads the .sql files of the folder itself"});
    }
  }
  if (migrations.empty()) return folder;
  if (recorded == nullptr)
    return error_at({std::string(sum_file), ""}, 1, "atlas.sum is missing",
                    "Atlas would refuse too: atlas migrate hash");
  const std::vector<AtlasSum> sums = atlas_sums(migrations);
  RETURN_IF_ERROR(verify_sums(*recorded, sums));
  for (const MigrationFile* file : migrations) {
    Migration migration;
    const std::string stem = file->path.substr(0, file->path.size() - 4);
    const size_t separator = stem.find('_');
    migration.revision = stem.substr(0, separator);
    if (separator != std::string::npos) migration.name = stem.substr(separator + 1);
    migration.file = file->path;
    if (head_directive(file->text, "checkpoint")) migration.kind = Migration::Kind::baseline;
    for (const AtlasSum& sum : sums) {
      if (sum.file == file->path) migration.checksum = sum.sum;
    }
    migration.up = script_of(*file);
    folder.migrations.push_back(std::move(migration));
  }
  return folder;
}

Result<RecordedHistory> AtlasHistory::from_rows(const std::vector<Row>& rows) const {
  const auto number = [](const std::optional<std::string>& value) { return value ? std::stoll(*value) : 0; };
  RecordedHistory recorded;
  recorded.exists = true;
  for (const Row& row : rows) {
    AppliedMigration applied;
    applied.revision = row[0].value_or("");
    if (applied.revision == cloud_row) continue;
    applied.name = row[1].value_or("");
    applied.baseline = (number(row[2]) & type_baseline) != 0;
    applied.failed = number(row[3]) < number(row[4]);
    applied.applied_at = row[5].value_or("");
    applied.applied_by = row[6].value_or("");
    applied.checksum = row[7];
    recorded.applied.push_back(std::move(applied));
  }
  return recorded;
}

std::string AtlasHistory::create_sql() const {
  if (postgres()) {
    return fmt::format(
        "CREATE SCHEMA IF NOT EXISTS {};CREATE TABLE IF NOT EXISTS {} (version character varying NOT NULL, "
        "description character varying NOT NULL, type bigint NOT NULL DEFAULT 2, applied bigint NOT NULL "
        "DEFAULT 0, "
        "total bigint NOT NULL DEFAULT 0, executed_at timestamptz NOT NULL, execution_time bigint NOT NULL, "
        "error "
        "text, error_stmt text, hash character varying NOT NULL, partial_hashes jsonb, operator_version "
        "character "
        "varying NOT NULL, PRIMARY KEY (version));",
        quote_identifier(schema()), name());
  }
  return fmt::format(
      "CREATE TABLE IF NOT EXISTS {} (`version` text NOT NULL, `description` text NOT NULL, `type` integer "
      "NOT NULL "
      "DEFAULT (2), `applied` integer NOT NULL DEFAULT (0), `total` integer NOT NULL DEFAULT (0), "
      "`executed_at` "
      "datetime NOT NULL, `execution_time` integer NOT NULL, `error` text NULL, `error_stmt` text NULL, "
      "`hash` text "
      "NOT NULL, `partial_hashes` json NULL, `operator_version` text NOT NULL, PRIMARY KEY (`version`));",
      name());
}

// Begun and not done, it has fewer statements applied than there are: so does Atlas know what to go on with.
std::string AtlasHistory::insert(const Migration& migration, const RecordContext& context, bool done) const {
  const auto statements = sql::split(migration.up.sql, dialect());
  const size_t total = statements.ok() ? statements->size() : 1;
  return fmt::format(
      "INSERT INTO {} (version, description, type, applied, total, executed_at, execution_time, error, "
      "error_stmt, "
      "hash, partial_hashes, operator_version) VALUES ({}, {}, 2, {}, {}, {}, {}, {}, {}, {}, {}, {}) ON "
      "CONFLICT "
      "(version) DO UPDATE SET applied = excluded.applied, total = excluded.total, execution_time = "
      "excluded.execution_time, error = NULL, error_stmt = NULL, hash = excluded.hash, partial_hashes = "
      "NULL;",
      name(), text(migration.revision), text(migration.name), done ? total : 0, total,
      postgres() ? context.now : fmt::format("strftime('%Y-%m-%d %H:%M:%f+00:00', {})", context.now),
      done ? fmt::format("({}) * {}", context.elapsed_ms, nanoseconds_per_ms) : "0", "NULL", "NULL",
      text(migration.checksum), "NULL", text("godwit " + context.version));
}

Result<std::vector<std::string>> AtlasHistory::applied_revisions(const MigrationFolder& folder,
                                                                 const RecordedHistory& recorded) const {
  std::vector<std::string> revisions;
  for (const AppliedMigration& applied : recorded.applied) {
    if (applied.baseline) {
      for (const Migration& migration : folder.migrations) {
        if (migration.revision < applied.revision) revisions.push_back(migration.revision);
      }
    }
    revisions.push_back(applied.revision);
  }
  return revisions;
}

}  // namespace

std::unique_ptr<History> make_atlas_history(const HistoryOptions& options) {
  return std::make_unique<AtlasHistory>(options);
}

}  // namespace godwit::schema
