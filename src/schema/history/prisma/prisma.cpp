#include "schema/history/prisma/prisma.h"

#include "crypto/sha256.h"
#include "schema/history/sections.h"
#include "schema/history/table_history.h"
#include "schema/history/version_order.h"

#include <fmt/format.h>

#include <algorithm>

namespace godwit::schema {

namespace {

constexpr std::string_view script_name = "/migration.sql";
constexpr int64_t lock_key = 72707369;
constexpr size_t checksum_length = 64;

class PrismaHistory final : public TableHistory {
 public:
  explicit PrismaHistory(const HistoryOptions& options)
      : TableHistory(options, "prisma", "", "_prisma_migrations") {}

  bool reads(std::string_view path) const override {
    return path.ends_with(script_name) && path.find('/') + script_name.size() == path.size();
  }
  Result<MigrationFolder> read_folder(const std::vector<MigrationFile>& files) const override;
  std::string select_sql() const override {
    return fmt::format(
        "SELECT migration_name, checksum, CAST(finished_at AS text), CAST(rolled_back_at AS text) FROM {} "
        "ORDER BY "
        "started_at",
        name());
  }
  Result<RecordedHistory> from_rows(const std::vector<Row>& rows) const override;
  std::string create_sql() const override;
  std::string begin_sql(const Migration& migration, Direction direction,
                        const RecordContext& context) const override;
  std::string record_sql(const Migration& migration, const RecordContext& context,
                         const RecordedHistory& recorded) const override;
  std::string unrecord_sql(const Migration& migration, const RecordContext& context,
                           const RecordedHistory& /*recorded*/) const override {
    return fmt::format(
        "UPDATE {} SET rolled_back_at = {} WHERE migration_name = {} AND rolled_back_at IS NULL;", name(),
        moment(context), text(migration.revision));
  }
  ForeignLock lock(std::string_view /*database*/) const override {
    ForeignLock lock;
    if (postgres()) lock.advisory_keys = {lock_key};
    return lock;
  }
  bool records_checksums() const override { return true; }
  std::optional<bool> checksum_matches(const AppliedMigration& applied,
                                       const Migration& migration) const override {
    if (!applied.checksum) return std::nullopt;
    return prisma_checksum_matches(*applied.checksum, migration.up.sql);
  }
  Result<std::vector<NewFile>> new_files(const MigrationFolder& /*folder*/, std::string_view timestamp,
                                         std::string_view title) const override {
    return std::vector<NewFile>{{fmt::format("{}_{}{}", timestamp, slug(title), script_name), ""}};
  }

 private:
  std::string moment(const RecordContext& context) const {
    return postgres() ? context.now : sqlite_epoch_ms(context.now);
  }
};

Result<MigrationFolder> PrismaHistory::read_folder(const std::vector<MigrationFile>& files) const {
  MigrationFolder folder;
  for (const MigrationFile& file : files) {
    if (!reads(file.path)) {
      if (file.path != "migration_lock.toml")
        folder.ignored.push_back({file.path, "it is not NAME/migration.sql"});
      continue;
    }
    Migration migration;
    migration.revision = file.path.substr(0, file.path.size() - script_name.size());
    const size_t digits = leading_digits(migration.revision).size();
    const bool numbered =
        digits > 0 && digits < migration.revision.size() && migration.revision[digits] == '_';
    migration.name = migration.revision.substr(numbered ? digits + 1 : 0);
    migration.file = file.path;
    migration.checksum = crypto::sha256_hex(file.text);
    migration.up.kind = Script::Kind::sql;
    migration.up.file = file.path;
    migration.up.sql = file.text;
    folder.migrations.push_back(std::move(migration));
  }
  // "a/migration.sql" sorts behind "a-b/migration.sql", but "a" before "a-b".
  std::stable_sort(
      folder.migrations.begin(), folder.migrations.end(),
      [](const Migration& left, const Migration& right) { return left.revision < right.revision; });
  return folder;
}

Result<RecordedHistory> PrismaHistory::from_rows(const std::vector<Row>& rows) const {
  RecordedHistory recorded;
  recorded.exists = true;
  for (const Row& row : rows) {
    if (row[3]) continue;
    AppliedMigration applied;
    applied.revision = applied.name = row[0].value_or("");
    applied.checksum = row[1];
    applied.applied_at = row[2].value_or("");
    applied.failed = !row[2];
    recorded.applied.push_back(std::move(applied));
  }
  return recorded;
}

std::string PrismaHistory::create_sql() const {
  if (postgres()) {
    return fmt::format(
        "CREATE TABLE IF NOT EXISTS {} (id VARCHAR(36) PRIMARY KEY NOT NULL, checksum VARCHAR(64) NOT NULL, "
        "finished_at TIMESTAMPTZ, migration_name VARCHAR(255) NOT NULL, logs TEXT, rolled_back_at "
        "TIMESTAMPTZ, "
        "started_at TIMESTAMPTZ NOT NULL DEFAULT now(), applied_steps_count INTEGER NOT NULL DEFAULT 0);",
        name());
  }
  return fmt::format(
      "CREATE TABLE IF NOT EXISTS {} (\"id\" TEXT PRIMARY KEY NOT NULL, \"checksum\" TEXT NOT NULL, "
      "\"finished_at\" DATETIME, \"migration_name\" TEXT NOT NULL, \"logs\" TEXT, \"rolled_back_at\" "
      "DATETIME, "
      "\"started_at\" DATETIME NOT NULL DEFAULT current_timestamp, \"applied_steps_count\" INTEGER UNSIGNED "
      "NOT "
      "NULL DEFAULT 0);",
      name());
}

std::string PrismaHistory::begin_sql(const Migration& migration, Direction direction,
                                     const RecordContext& context) const {
  if (direction == Direction::down) return {};
  return fmt::format("INSERT INTO {} (id, checksum, migration_name, started_at) VALUES ({}, {}, {}, {});",
                     name(), text(context.uuid), text(migration.checksum), text(migration.revision),
                     moment(context));
}

// The row that begin_sql wrote, where it did, is completed.
std::string PrismaHistory::record_sql(const Migration& migration, const RecordContext& context,
                                      const RecordedHistory& /*recorded*/) const {
  const std::string elapsed = postgres() ? fmt::format("({}) * interval '1 millisecond'", context.elapsed_ms)
                                         : fmt::format("({})", context.elapsed_ms);
  return fmt::format(
      "INSERT INTO {} (id, checksum, finished_at, migration_name, started_at, applied_steps_count) VALUES "
      "({}, "
      "{}, {}, {}, {} - {}, 1) ON CONFLICT (id) DO UPDATE SET finished_at = excluded.finished_at, "
      "applied_steps_count = excluded.applied_steps_count;",
      name(), text(context.uuid), text(migration.checksum), moment(context), text(migration.revision),
      moment(context), elapsed);
}

std::string without_leading_zeros(std::string_view hex) {
  std::string out;
  for (size_t i = 0; i + 1 < hex.size(); i += 2)
    out += hex.substr(hex[i] == '0' ? i + 1 : i, hex[i] == '0' ? 1 : 2);
  return out;
}

std::string with_line_ends(std::string_view text, std::string_view line_end) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text.substr(i, 2) == "\r\n") continue;
    if (text[i] == '\n') {
      out += line_end;
    } else {
      out += text[i];
    }
  }
  return out;
}

}  // namespace

std::unique_ptr<History> make_prisma_history(const HistoryOptions& options) {
  return std::make_unique<PrismaHistory>(options);
}

bool prisma_checksum_matches(std::string_view recorded, std::string_view script) {
  for (const std::string& text :
       {std::string(script), with_line_ends(script, "\n"), with_line_ends(script, "\r\n")}) {
    const std::string checksum = crypto::sha256_hex(text);
    if (recorded == checksum) return true;
    if (recorded.size() < checksum_length && recorded == without_leading_zeros(checksum)) return true;
  }
  return false;
}

}  // namespace godwit::schema
