#include "schema/history/flyway/flyway.h"

#include "base/text.h"
#include "schema/history/checksum.h"
#include "schema/history/flyway/names.h"
#include "schema/history/flyway/script_text.h"
#include "schema/history/lines.h"
#include "schema/history/sections.h"
#include "schema/history/table_history.h"
#include "schema/history/version_order.h"

#include <fmt/format.h>

#include <algorithm>

namespace godwit::schema {

namespace {

constexpr int64_t lock_base = 0x466C79776179;  // "Flyway"
constexpr std::string_view conf_suffix = ".conf";
// A repeatable script has no version: its description is what it is known by.
constexpr std::string_view repeatable_prefix = "R__";

std::string_view base_name(std::string_view path) {
  return path.substr(path.rfind('/') + 1);
}

class FlywayHistory final : public TableHistory {
 public:
  explicit FlywayHistory(const HistoryOptions& options)
      : TableHistory(options, "flyway", "public", "flyway_schema_history"),
        encoding_(options.encoding),
        names_(options.names),
        placeholders_(options.placeholders) {}

  bool reads(std::string_view path) const override {
    if (path.ends_with(conf_suffix)) path.remove_suffix(conf_suffix.size());
    return read_flyway_name(path, names_).has_value();
  }
  Result<MigrationFolder> read_folder(const std::vector<MigrationFile>& files) const override;
  std::string select_sql() const override {
    return fmt::format(
        "SELECT version, description, type, checksum, CAST(installed_on AS text), installed_by, success FROM "
        "{} "
        "ORDER BY installed_rank",
        name());
  }
  Result<RecordedHistory> from_rows(const std::vector<Row>& rows) const override;
  std::string create_sql() const override;
  std::string record_sql(const Migration& migration, const RecordContext& context,
                         const RecordedHistory& recorded) const override;
  std::string unrecord_sql(const Migration& migration, const RecordContext& context,
                           const RecordedHistory& recorded) const override;
  ForeignLock lock(std::string_view /*database*/) const override {
    ForeignLock lock;
    if (postgres()) lock.advisory_keys = {flyway_lock_key(schema(), table_name())};
    return lock;
  }
  bool records_checksums() const override { return true; }
  std::optional<bool> checksum_matches(const AppliedMigration& applied,
                                       const Migration& migration) const override;
  Result<std::vector<std::string>> applied_revisions(const MigrationFolder& folder,
                                                     const RecordedHistory& recorded) const override;
  Result<std::vector<NewFile>> new_files(const MigrationFolder& folder, std::string_view timestamp,
                                         std::string_view title) const override;

 private:
  Result<Migration> read(const MigrationFile& file, const FlywayName& parts,
                         const std::vector<MigrationFile>& files) const;
  std::string named(std::string_view prefix, std::string_view version, std::string_view title) const {
    return fmt::format("{}{}{}{}{}", prefix, version, names_.separator, title, names_.suffixes.front());
  }
  Result<std::string> replaced(const MigrationFile& file, const std::string& text) const;
  std::string insert(const Migration& migration, std::string_view type, std::string_view script,
                     std::string_view checksum, std::string_view elapsed_ms) const;

  std::string encoding_;
  ScriptNames names_;
  std::map<std::string, std::string> placeholders_;
};

Result<std::string> FlywayHistory::replaced(const MigrationFile& file, const std::string& text) const {
  std::map<std::string, std::string> values = placeholders_;
  values.emplace("flyway:filename", base_name(file.path));
  values.emplace("flyway:table", table_name());
  values.emplace("flyway:defaultSchema", schema().empty() ? "main" : schema());
  return replace_placeholders(file, text, values);
}

Result<Migration> FlywayHistory::read(const MigrationFile& file, const FlywayName& parts,
                                      const std::vector<MigrationFile>& files) const {
  ScriptSettings settings;
  for (const MigrationFile& beside : files) {
    if (beside.path != file.path + std::string(conf_suffix)) continue;
    ASSIGN_OR_RETURN(settings, read_script_settings(beside));
  }
  ASSIGN_OR_RETURN(const std::string text,
                   decode(file, settings.encoding.empty() ? encoding_ : settings.encoding));
  Migration migration;
  migration.file = migration.up.file = file.path;
  migration.name = parts.description;
  migration.revision =
      parts.prefix == 'R' ? std::string(repeatable_prefix) + parts.description : parts.version;
  migration.up.kind = Script::Kind::sql;
  migration.up.transaction = settings.transaction;
  migration.up.sql = text;
  if (settings.placeholders) {
    ASSIGN_OR_RETURN(migration.up.sql, replaced(file, text));
  }
  migration.checksum = std::to_string(flyway_checksum(text));
  if (parts.prefix == 'B') migration.kind = Migration::Kind::baseline;
  if (parts.prefix == 'R') {
    migration.kind = Migration::Kind::repeatable;
    migration.other_checksums = {migration.checksum};
    migration.checksum = std::to_string(flyway_checksum(migration.up.sql));
  }
  return migration;
}

bool in_order(const Migration& left, const Migration& right) {
  const bool left_last = left.kind == Migration::Kind::repeatable;
  const bool right_last = right.kind == Migration::Kind::repeatable;
  if (left_last != right_last) return right_last;
  if (left_last) return left.name < right.name;
  return compare_dotted(left.revision, right.revision) < 0;
}

Result<MigrationFolder> FlywayHistory::read_folder(const std::vector<MigrationFile>& files) const {
  MigrationFolder folder;
  std::vector<Migration> undoes;
  for (const MigrationFile& file : files) {
    const auto parts = read_flyway_name(file.path, names_);
    if (!parts) {
      if (file.path.ends_with(conf_suffix) && reads(file.path)) continue;
      folder.ignored.push_back({file.path, fmt::format("its name is not {}; callbacks are not run",
                                                       named(names_.versioned, "1", "description"))});
      continue;
    }
    ASSIGN_OR_RETURN(Migration migration, read(file, *parts, files));
    (parts->prefix == 'U' ? undoes : folder.migrations).push_back(std::move(migration));
  }
  std::stable_sort(folder.migrations.begin(), folder.migrations.end(), in_order);
  for (Migration& undo : undoes) {
    const auto found =
        std::find_if(folder.migrations.begin(), folder.migrations.end(), [&](const Migration& migration) {
          return migration.kind == Migration::Kind::versioned &&
                 compare_dotted(migration.revision, undo.revision) == 0;
        });
    if (found == folder.migrations.end()) {
      folder.ignored.push_back({undo.file, "there is no migration that it would undo"});
    } else if (found->down.kind != Script::Kind::none) {
      return error_at({undo.file, ""}, 1,
                      fmt::format("{} undoes version {} already", found->down.file, undo.revision),
                      "keep one of the two");
    } else {
      found->down = std::move(undo.up);
    }
  }
  return folder;
}

Result<RecordedHistory> FlywayHistory::from_rows(const std::vector<Row>& rows) const {
  RecordedHistory recorded;
  recorded.exists = true;
  for (const Row& row : rows) {
    const std::string type = row[2].value_or("");
    if (type == "SCHEMA") continue;  // Flyway made the schema: no migration
    AppliedMigration applied;
    applied.name = row[1].value_or("");
    applied.revision = row[0] ? *row[0] : std::string(repeatable_prefix) + applied.name;
    applied.checksum = row[3];
    applied.applied_at = row[4].value_or("");
    applied.applied_by = row[5].value_or("");
    applied.baseline = type.ends_with("BASELINE");
    applied.failed = !is_true(row[6]);
    std::erase_if(recorded.applied,
                  [&](const AppliedMigration& earlier) { return earlier.revision == applied.revision; });
    const bool takes_back = type == "DELETE" || type.starts_with("UNDO_");
    if (!takes_back || applied.failed) recorded.applied.push_back(std::move(applied));
  }
  return recorded;
}

std::string FlywayHistory::create_sql() const {
  const std::string index = quote_identifier(table_name() + "_s_idx");
  if (postgres()) {
    return fmt::format(
        "CREATE TABLE IF NOT EXISTS {0} (\"installed_rank\" INT NOT NULL, \"version\" VARCHAR(50), "
        "\"description\" "
        "VARCHAR(200) NOT NULL, \"type\" VARCHAR(20) NOT NULL, \"script\" VARCHAR(1000) NOT NULL, "
        "\"checksum\" "
        "INTEGER, \"installed_by\" VARCHAR(100) NOT NULL, \"installed_on\" TIMESTAMP NOT NULL DEFAULT now(), "
        "\"execution_time\" INTEGER NOT NULL, \"success\" BOOLEAN NOT NULL, CONSTRAINT {1} PRIMARY KEY "
        "(\"installed_rank\"));"
        "CREATE INDEX IF NOT EXISTS {2} ON {0} (\"success\");",
        name(), quote_identifier(table_name() + "_pk"), index);
  }
  return fmt::format(
      "CREATE TABLE IF NOT EXISTS {0} (\"installed_rank\" INT NOT NULL PRIMARY KEY, \"version\" VARCHAR(50), "
      "\"description\" VARCHAR(200) NOT NULL, \"type\" VARCHAR(20) NOT NULL, \"script\" VARCHAR(1000) NOT "
      "NULL, "
      "\"checksum\" INT, \"installed_by\" VARCHAR(100) NOT NULL, \"installed_on\" TEXT NOT NULL DEFAULT "
      "(strftime('%Y-%m-%d %H:%M:%f','now')), \"execution_time\" INT NOT NULL, \"success\" BOOLEAN NOT NULL);"
      "CREATE INDEX IF NOT EXISTS {1} ON {0} (\"success\");",
      name(), index);
}

std::string FlywayHistory::insert(const Migration& migration, std::string_view type, std::string_view script,
                                  std::string_view checksum, std::string_view elapsed_ms) const {
  return fmt::format(
      "INSERT INTO {0} (\"installed_rank\", \"version\", \"description\", \"type\", \"script\", "
      "\"checksum\", "
      "\"installed_by\", \"execution_time\", \"success\") SELECT coalesce(max(\"installed_rank\"), 0) + 1, "
      "{1}, {2}, "
      "{3}, {4}, {5}, {6}, {7}, {8} FROM {0};",
      name(), migration.kind == Migration::Kind::repeatable ? "NULL" : text(migration.revision),
      text(migration.name), text(type), text(script), checksum, postgres() ? "current_user" : "''",
      elapsed_ms, postgres() ? "true" : "1");
}

std::string FlywayHistory::record_sql(const Migration& migration, const RecordContext& context,
                                      const RecordedHistory& /*recorded*/) const {
  const bool baseline = migration.kind == Migration::Kind::baseline;
  return insert(migration, baseline ? "SQL_BASELINE" : "SQL", migration.file, migration.checksum,
                context.elapsed_ms);
}

// As its repair takes a row back. Its paid undo would write UNDO_SQL, which the free Flyway cannot read: it
// would stop at once.
std::string FlywayHistory::unrecord_sql(const Migration& migration, const RecordContext& /*context*/,
                                        const RecordedHistory& /*recorded*/) const {
  return insert(migration, "DELETE", migration.file, migration.checksum, "0");
}

std::optional<bool> FlywayHistory::checksum_matches(const AppliedMigration& applied,
                                                    const Migration& migration) const {
  if (!applied.checksum) return std::nullopt;
  if (*applied.checksum == migration.checksum) return true;
  const auto& others = migration.other_checksums;
  return std::find(others.begin(), others.end(), *applied.checksum) != others.end();
}

Result<std::vector<std::string>> FlywayHistory::applied_revisions(const MigrationFolder& folder,
                                                                  const RecordedHistory& recorded) const {
  std::vector<std::string> revisions;
  for (const AppliedMigration& applied : recorded.applied) {
    if (applied.baseline) {
      for (const Migration& migration : folder.migrations) {
        if (migration.kind == Migration::Kind::versioned &&
            compare_dotted(migration.revision, applied.revision) <= 0)
          revisions.push_back(migration.revision);
      }
      continue;
    }
    // "1.0" of the table is "1" of the folder.
    const auto found =
        std::find_if(folder.migrations.begin(), folder.migrations.end(), [&](const Migration& migration) {
          return migration.kind == Migration::Kind::versioned &&
                 compare_dotted(migration.revision, applied.revision) == 0;
        });
    const bool versioned = !applied.revision.starts_with(repeatable_prefix);
    revisions.push_back(versioned && found != folder.migrations.end() ? found->revision : applied.revision);
  }
  return revisions;
}

// V1__a, V2__b: the next number; V1_3: the next last part would be a guess, so a timestamp.
Result<std::vector<History::NewFile>> FlywayHistory::new_files(const MigrationFolder& folder,
                                                               std::string_view timestamp,
                                                               std::string_view title) const {
  std::string version(timestamp);
  const Migration* last = nullptr;
  for (const Migration& migration : folder.migrations) {
    if (migration.kind != Migration::Kind::repeatable) last = &migration;
  }
  if (last != nullptr && last->revision.size() < 10 && leading_digits(last->revision) == last->revision)
    version = fmt::format("{:0>{}}", std::stoll(last->revision) + 1, last->revision.size());
  return std::vector<NewFile>{{named(names_.versioned, version, slug(title)), ""},
                              {named(names_.undo, version, slug(title)), ""}};
}

}  // namespace

std::unique_ptr<History> make_flyway_history(const HistoryOptions& options) {
  return std::make_unique<FlywayHistory>(options);
}

int64_t flyway_lock_key(std::string_view schema, std::string_view table) {
  return lock_base + java_string_hash(qualified(schema, table));
}

}  // namespace godwit::schema
