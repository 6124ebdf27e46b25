#include "schema/history/knex/knex.h"

#include "base/text.h"
#include "schema/history/sections.h"
#include "schema/history/table_history.h"
#include "schema/history/version_order.h"

#include <fmt/format.h>

#include <algorithm>

namespace godwit::schema {

namespace {

std::vector<std::string> extensions_of(const HistoryOptions& options) {
  if (!options.extensions.empty()) return options.extensions;
  return {".co", ".coffee", ".eg", ".iced", ".js", ".cjs", ".litcoffee", ".ls", ".ts"};
}

std::string_view extension_of(std::string_view path) {
  const size_t dot = path.rfind('.');
  return dot == std::string_view::npos || dot == 0 ? std::string_view() : path.substr(dot);
}

class KnexHistory final : public TableHistory {
 public:
  explicit KnexHistory(const HistoryOptions& options)
      : TableHistory(options, "knex", "", "knex_migrations"), extensions_(extensions_of(options)) {}

  bool reads(std::string_view path) const override { return is_migration(path); }
  Result<MigrationFolder> read_folder(const std::vector<MigrationFile>& files) const override;
  std::string select_sql() const override {
    return fmt::format("SELECT name, batch, CAST(migration_time AS text) FROM {} ORDER BY id", name());
  }
  Result<RecordedHistory> from_rows(const std::vector<Row>& rows) const override;
  std::string create_sql() const override;
  std::string record_sql(const Migration& migration, const RecordContext& context,
                         const RecordedHistory& recorded) const override;
  std::string unrecord_sql(const Migration& migration, const RecordContext& /*context*/,
                           const RecordedHistory& /*recorded*/) const override {
    return fmt::format("DELETE FROM {} WHERE name = {};", name(), text(migration.revision));
  }
  ForeignLock lock(std::string_view database) const override;
  Result<std::vector<NewFile>> new_files(const MigrationFolder& folder, std::string_view timestamp,
                                         std::string_view title) const override;

 private:
  bool is_migration(std::string_view path) const {
    return path.find('/') == std::string_view::npos &&
           std::find(extensions_.begin(), extensions_.end(), extension_of(path)) != extensions_.end();
  }
  std::string lock_name() const { return qualified(schema(), table_name() + "_lock"); }

  std::vector<std::string> extensions_;
};

Result<MigrationFolder> KnexHistory::read_folder(const std::vector<MigrationFile>& files) const {
  MigrationFolder folder;
  for (const MigrationFile& file : files) {
    if (!is_migration(file.path)) {
      folder.ignored.push_back({file.path, "Knex does not see it: it loads " + join(extensions_, " ") +
                                               " of the folder itself (loadExtensions)"});
      continue;
    }
    Migration migration;
    migration.revision = migration.file = file.path;
    const std::string_view digits = leading_digits(file.path);
    const bool numbered = !digits.empty() && file.path[digits.size()] == '_';
    const size_t begin = numbered ? digits.size() + 1 : 0;
    migration.name = file.path.substr(begin, file.path.size() - extension_of(file.path).size() - begin);
    if (file.path.ends_with(".sql")) {
      ASSIGN_OR_RETURN(Sections sections, read_sections(file, "knex"));
      migration.up = std::move(sections.up);
      migration.down = std::move(sections.down);
    } else {
      migration.up.kind = migration.down.kind = Script::Kind::delegated;
      migration.up.file = migration.down.file = file.path;
    }
    folder.migrations.push_back(std::move(migration));
  }
  return folder;
}

Result<RecordedHistory> KnexHistory::from_rows(const std::vector<Row>& rows) const {
  RecordedHistory recorded;
  recorded.exists = true;
  for (const Row& row : rows) {
    AppliedMigration applied;
    applied.revision = applied.name = row[0].value_or("");
    applied.batch = row[1] ? std::stoll(*row[1]) : 0;
    applied.applied_at = row[2].value_or("");
    recorded.applied.push_back(std::move(applied));
  }
  return recorded;
}

std::string KnexHistory::create_sql() const {
  const std::string_view key =
      postgres() ? "serial primary key" : "integer not null primary key autoincrement";
  return fmt::format(
      "create table if not exists {0} (\"id\" {2}, \"name\" varchar(255), \"batch\" integer, "
      "\"migration_time\" {3});"
      "create table if not exists {1} (\"index\" {2}, \"is_locked\" integer);"
      "insert into {1} (\"is_locked\") select 0 where not exists (select 1 from {1});",
      name(), lock_name(), key, postgres() ? "timestamptz" : "datetime");
}

// In SQLite Knex stores a moment as milliseconds since 1970.
std::string KnexHistory::record_sql(const Migration& migration, const RecordContext& context,
                                    const RecordedHistory& /*recorded*/) const {
  return fmt::format("INSERT INTO {} (name, batch, migration_time) VALUES ({}, {}, {});", name(),
                     text(migration.revision), context.batch,
                     postgres() ? context.now : sqlite_epoch_ms(context.now));
}

// A transaction that stays open would lock the whole of an SQLite database, and its migration out.
ForeignLock KnexHistory::lock(std::string_view /*database*/) const {
  ForeignLock lock;
  if (!postgres()) return lock;
  lock.row_sql = fmt::format("UPDATE {} SET is_locked = 1 WHERE is_locked = 0", lock_name());
  lock.row_table = lock_name();
  lock.row_holder_sql = fmt::format(
      "SELECT 'a run of knex, or one that was killed (knex migrate:unlock)' FROM {} WHERE is_locked <> 0",
      lock_name());
  return lock;
}

Result<std::vector<History::NewFile>> KnexHistory::new_files(const MigrationFolder& /*folder*/,
                                                             std::string_view timestamp,
                                                             std::string_view title) const {
  const std::string stem = fmt::format("{}_{}", timestamp, slug(title));
  if (is_migration("a.sql")) return std::vector<NewFile>{{stem + ".sql", "-- knex:up\n\n-- knex:down\n"}};
  return std::vector<NewFile>{{stem + ".js",
                               "exports.up = async function (knex) {\n};\n\n"
                               "exports.down = async function (knex) {\n};\n"}};
}

}  // namespace

std::unique_ptr<History> make_knex_history(const HistoryOptions& options) {
  return std::make_unique<KnexHistory>(options);
}

}  // namespace godwit::schema
