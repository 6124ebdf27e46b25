#include "schema/history/own.h"

#include "base/text.h"
#include "crypto/sha256.h"
#include "schema/history/sections.h"
#include "schema/history/table_history.h"
#include "schema/history/version_order.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace godwit::schema {

namespace {

constexpr std::string_view down_suffix = ".down.sql";
constexpr std::string_view up_suffix = ".up.sql";

struct FileName {
  std::string version, name;
  bool is_down = false;
};

std::optional<FileName> read_name(std::string_view path) {
  if (path.find('/') != std::string_view::npos || !path.ends_with(".sql")) return std::nullopt;
  FileName found;
  std::string_view stem = path.substr(0, path.size() - 4);
  if (path.ends_with(down_suffix)) {
    found.is_down = true;
    stem = path.substr(0, path.size() - down_suffix.size());
  } else if (path.ends_with(up_suffix)) {
    stem = path.substr(0, path.size() - up_suffix.size());
  }
  const size_t digits = std::min(stem.find_first_not_of("0123456789"), stem.size());
  if (digits == 0 || (digits < stem.size() && stem[digits] != '_')) return std::nullopt;
  found.version = stem.substr(0, digits);
  found.name = digits < stem.size() ? stem.substr(digits + 1) : std::string_view();
  return found;
}

class OwnHistory final : public TableHistory {
 public:
  explicit OwnHistory(const HistoryOptions& options)
      : TableHistory(options, "godwit", "godwit",
                     options.dialect == sql::Dialect::postgres ? "migration" : "godwit_migration") {}

  bool reads(std::string_view path) const override { return read_name(path).has_value(); }

  Result<MigrationFolder> read_folder(const std::vector<MigrationFile>& files) const override;
  std::string select_sql() const override {
    return fmt::format(
        "SELECT version, name, checksum, CAST(applied_at AS text), actor, rank FROM {} ORDER BY rank",
        name());
  }
  Result<RecordedHistory> from_rows(const std::vector<Row>& rows) const override;
  std::string create_sql() const override;
  std::string record_sql(const Migration& migration, const RecordContext& context,
                         const RecordedHistory& recorded) const override;
  std::string unrecord_sql(const Migration& migration, const RecordContext& /*context*/,
                           const RecordedHistory& /*recorded*/) const override {
    return fmt::format("DELETE FROM {} WHERE version = {};", name(), text(migration.revision));
  }
  std::optional<bool> checksum_matches(const AppliedMigration& applied,
                                       const Migration& migration) const override {
    if (!applied.checksum) return std::nullopt;
    return *applied.checksum == migration.checksum;
  }
  Result<std::vector<NewFile>> new_files(const MigrationFolder& /*folder*/, std::string_view timestamp,
                                         std::string_view title) const override {
    const std::string stem = fmt::format("{}_{}", timestamp, slug(title));
    return std::vector<NewFile>{{stem + ".sql", fmt::format("-- {}\n", title)},
                                {stem + ".down.sql", fmt::format("-- undoes {}.sql\n", stem)}};
  }
};

// The sections of one file, or the whole file as its up direction.
Status read_up(const MigrationFile& file, Migration& migration) {
  ASSIGN_OR_RETURN(const Sections sections, read_sections(file, "godwit"));
  migration.up = sections.up;
  migration.down = sections.down;
  return {};
}

Result<MigrationFolder> OwnHistory::read_folder(const std::vector<MigrationFile>& files) const {
  MigrationFolder folder;
  std::vector<const MigrationFile*> downs;
  for (const MigrationFile& file : files) {
    const auto parts = read_name(file.path);
    if (!parts) {
      folder.ignored.push_back({file.path, "its name is not VERSION_name.sql"});
      continue;
    }
    if (parts->is_down) {
      downs.push_back(&file);
      continue;
    }
    Migration migration;
    migration.revision = parts->version;
    migration.name = parts->name;
    migration.file = file.path;
    migration.checksum = crypto::sha256_hex(file.text);
    RETURN_IF_ERROR(read_up(file, migration));
    folder.migrations.push_back(std::move(migration));
  }
  std::map<std::string, Migration*> by_stem;
  for (Migration& migration : folder.migrations)
    by_stem[migration.revision + "_" + migration.name] = &migration;
  for (const MigrationFile* file : downs) {
    const auto parts = read_name(file->path);
    const auto found = by_stem.find(parts->version + "_" + parts->name);
    if (found == by_stem.end()) {
      folder.ignored.push_back({file->path, "there is no migration that it would undo"});
      continue;
    }
    if (found->second->down.kind != Script::Kind::none) {
      Error error =
          make_error(ErrorKind::config,
                     file->path + ": " + found->second->file + " has a section -- godwit:down already",
                     "keep one of the two");
      error.where = {file->path, 1, 0};
      return error;
    }
    MigrationFile down = *file;
    ASSIGN_OR_RETURN(const Sections sections, read_sections(down, "godwit"));
    found->second->down = sections.up;
  }
  sort_by_number(folder.migrations);
  return folder;
}

Result<RecordedHistory> OwnHistory::from_rows(const std::vector<Row>& rows) const {
  RecordedHistory recorded;
  recorded.exists = true;
  for (const Row& row : rows) {
    recorded.applied.push_back({row[0].value_or(""), row[1].value_or(""), row[2], row[3].value_or(""),
                                row[4].value_or(""), 0, row[5] ? std::stoll(*row[5]) : 0});
  }
  return recorded;
}

std::string OwnHistory::create_sql() const {
  return fmt::format(
      "{}CREATE TABLE IF NOT EXISTS {} (rank bigint NOT NULL, version text NOT NULL PRIMARY KEY, name text "
      "NOT NULL, "
      "checksum text NOT NULL, meaning text NOT NULL, run text NOT NULL, actor text NOT NULL, commit_id text "
      "NOT "
      "NULL, ci_run_id text NOT NULL, applied_at {} NOT NULL, duration_ms bigint NOT NULL);",
      postgres() ? fmt::format("CREATE SCHEMA IF NOT EXISTS {};", quote_identifier(schema())) : "", name(),
      postgres() ? "timestamptz" : "text");
}

std::string OwnHistory::record_sql(const Migration& migration, const RecordContext& context,
                                   const RecordedHistory& recorded) const {
  return fmt::format(
      "INSERT INTO {} (rank, version, name, checksum, meaning, run, actor, commit_id, ci_run_id, "
      "applied_at, "
      "duration_ms) VALUES ({}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {});",
      name(), next_rank(recorded), text(migration.revision), text(migration.name), text(migration.checksum),
      text(migration.meaning), text(context.run), text(context.actor), text(context.commit),
      text(context.ci_run_id), context.now, context.elapsed_ms);
}

}  // namespace

std::unique_ptr<History> make_own_history(const HistoryOptions& options) {
  return std::make_unique<OwnHistory>(options);
}

}  // namespace godwit::schema
