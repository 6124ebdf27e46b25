#include "schema/history/goose/goose.h"

#include "base/text.h"
#include "schema/history/checksum.h"
#include "schema/history/goose/annotations.h"
#include "schema/history/lines.h"
#include "schema/history/table_history.h"
#include "schema/history/version_order.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace godwit::schema {

namespace {

// The number before the first '_'; at least 1. Empty: goose would not take it for a migration.
std::string version_of(std::string_view path) {
  const std::string_view digits = leading_digits(path);
  if (digits.empty() || digits.size() >= path.size() || path[digits.size()] != '_') return {};
  const std::string largest = std::to_string(std::numeric_limits<int64_t>::max());
  if (compare_digits(digits, largest) > 0 || without_zeros(digits) == "0") return {};
  return without_zeros(digits);
}

class GooseHistory final : public TableHistory {
 public:
  explicit GooseHistory(const HistoryOptions& options)
      : TableHistory(options, "goose", "", "goose_db_version"), variables_(options.placeholders) {}

  bool reads(std::string_view path) const override {
    return path.find('/') == std::string_view::npos && path.ends_with(".sql");
  }
  Result<MigrationFolder> read_folder(const std::vector<MigrationFile>& files) const override;
  std::string select_sql() const override {
    return fmt::format("SELECT version_id, is_applied, CAST(tstamp AS text) FROM {} ORDER BY id", name());
  }
  Result<RecordedHistory> from_rows(const std::vector<Row>& rows) const override;
  std::string create_sql() const override;
  std::string record_sql(const Migration& migration, const RecordContext& /*context*/,
                         const RecordedHistory& /*recorded*/) const override {
    return fmt::format("INSERT INTO {} (version_id, is_applied) VALUES ({}, {});", name(), migration.revision,
                       postgres() ? "true" : "1");
  }
  std::string unrecord_sql(const Migration& migration, const RecordContext& /*context*/,
                           const RecordedHistory& /*recorded*/) const override {
    return fmt::format("DELETE FROM {} WHERE version_id={};", name(), migration.revision);
  }
  // Its command line takes no lock; its library takes this one when it is asked to.
  ForeignLock lock(std::string_view /*database*/) const override {
    ForeignLock lock;
    if (postgres()) lock.advisory_keys = {crc32("goose")};
    return lock;
  }
  Result<std::vector<NewFile>> new_files(const MigrationFolder& folder, std::string_view timestamp,
                                         std::string_view title) const override {
    return std::vector<NewFile>{{fmt::format("{}_{}.sql", next_prefix(folder, timestamp), slug(title)),
                                 "-- +goose Up\n\n-- +goose Down\n"}};
  }

 private:
  std::map<std::string, std::string> variables_;
};

Result<MigrationFolder> GooseHistory::read_folder(const std::vector<MigrationFile>& files) const {
  MigrationFolder folder;
  for (const MigrationFile& file : files) {
    const bool program = file.path.ends_with(".go") && !file.path.ends_with("_test.go");
    if (!reads(file.path) && !program) {
      folder.ignored.push_back({file.path, "goose reads .sql and .go files of the folder itself"});
      continue;
    }
    Migration migration;
    migration.revision = version_of(file.path);
    migration.file = file.path;
    if (migration.revision.empty()) {
      if (!program) return error_at(file, 1, "its name has no version", "goose wants VERSION_name.sql");
      folder.ignored.push_back({file.path, "its name is not VERSION_name.go"});
      continue;
    }
    const size_t name_begin = file.path.find('_') + 1;
    migration.name = file.path.substr(name_begin, file.path.rfind('.') - name_begin);
    if (program) {
      migration.up.kind = migration.down.kind = Script::Kind::delegated;
      migration.up.file = migration.down.file = file.path;
    } else {
      ASSIGN_OR_RETURN(Sections sections, read_goose_file(file, variables_));
      migration.up = std::move(sections.up);
      migration.down = std::move(sections.down);
    }
    folder.migrations.push_back(std::move(migration));
  }
  sort_by_number(folder.migrations);
  return folder;
}

// Of several rows of a version the newest counts; older versions of goose wrote a row for the way down too.
Result<RecordedHistory> GooseHistory::from_rows(const std::vector<Row>& rows) const {
  RecordedHistory recorded;
  recorded.exists = true;
  for (const Row& row : rows) {
    AppliedMigration applied;
    applied.revision = row[0].value_or("");
    applied.applied_at = row[2].value_or("");
    std::erase_if(recorded.applied,
                  [&](const AppliedMigration& earlier) { return earlier.revision == applied.revision; });
    if (is_true(row[1]) && applied.revision != "0") recorded.applied.push_back(std::move(applied));
  }
  return recorded;
}

std::string GooseHistory::create_sql() const {
  const std::string_view columns =
      postgres()
          ? "id integer PRIMARY KEY GENERATED BY DEFAULT AS IDENTITY, version_id bigint NOT NULL, is_applied "
            "boolean NOT NULL, tstamp timestamp NOT NULL DEFAULT now()"
          : "id INTEGER PRIMARY KEY AUTOINCREMENT, version_id INTEGER NOT NULL, is_applied INTEGER NOT NULL, "
            "tstamp TIMESTAMP DEFAULT (datetime('now'))";
  return fmt::format(
      "CREATE TABLE IF NOT EXISTS {0} ({1});"
      "INSERT INTO {0} (version_id, is_applied) SELECT 0, {2} WHERE NOT EXISTS (SELECT 1 FROM {0});",
      name(), columns, postgres() ? "true" : "1");
}

}  // namespace

std::unique_ptr<History> make_goose_history(const HistoryOptions& options) {
  return std::make_unique<GooseHistory>(options);
}

}  // namespace godwit::schema
