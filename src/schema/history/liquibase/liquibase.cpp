#include "schema/history/liquibase/liquibase.h"

#include "base/text.h"
#include "schema/history/lines.h"
#include "schema/history/liquibase/formatted_sql.h"
#include "schema/history/sections.h"
#include "schema/history/table_history.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

namespace godwit::schema {

namespace {

// Whose algorithm and rows these are.
constexpr std::string_view liquibase_version = "4.28.0";
constexpr std::string_view run_prefix = "db-";

std::string revision_of(std::string_view path, std::string_view id, std::string_view author) {
  return fmt::format("{}::{}::{}", path, id, author);
}

// SQLite keeps its names in capitals, PostgreSQL folds them.
HistoryOptions named(HistoryOptions options) {
  const bool sqlite = options.dialect == sql::Dialect::sqlite;
  if (options.table.empty()) options.table = sqlite ? "DATABASECHANGELOG" : "databasechangelog";
  return options;
}

// The last ten digits of a run's moment in milliseconds, the same for all its rows; nothing where the run's
// name does not tell it.
std::string deployment_of(std::string_view run) {
  if (!run.starts_with(run_prefix)) return {};
  run.remove_prefix(run_prefix.size());
  if (run.size() < 19 || run[8] != '-' || run[15] != '-') return {};
  const auto number = [&](size_t at, size_t length) {
    return std::atoi(std::string(run.substr(at, length)).c_str());
  };
  const std::chrono::sys_days day = std::chrono::year(number(0, 4)) / number(4, 2) / number(6, 2);
  const int64_t seconds = day.time_since_epoch().count() * int64_t{86400} + number(9, 2) * 3600 +
                          number(11, 2) * 60 + number(13, 2);
  const std::string digits = std::to_string(seconds * 1000 + number(16, 3));
  return digits.substr(digits.size() - std::min<size_t>(digits.size(), 10));
}

class LiquibaseHistory final : public TableHistory {
 public:
  explicit LiquibaseHistory(const HistoryOptions& options)
      : TableHistory(named(options), "liquibase", "", ""),
        prefix_(options.path_prefix),
        properties_(options.placeholders) {}

  bool reads(std::string_view path) const override { return to_lower_ascii(path).ends_with(".sql"); }
  Result<MigrationFolder> read_folder(const std::vector<MigrationFile>& files) const override;
  std::string select_sql() const override {
    return fmt::format(
        "SELECT ID, AUTHOR, FILENAME, MD5SUM, CAST(DATEEXECUTED AS text), EXECTYPE FROM {} ORDER BY "
        "DATEEXECUTED, "
        "ORDEREXECUTED",
        name());
  }
  Result<RecordedHistory> from_rows(const std::vector<Row>& rows) const override;
  std::string create_sql() const override;
  std::string record_sql(const Migration& migration, const RecordContext& context,
                         const RecordedHistory& recorded) const override;
  std::string unrecord_sql(const Migration& migration, const RecordContext& /*context*/,
                           const RecordedHistory& /*recorded*/) const override {
    return fmt::format("DELETE FROM {} WHERE {};", name(), is(migration));
  }
  ForeignLock lock(std::string_view database) const override;
  bool records_checksums() const override { return true; }
  std::optional<bool> checksum_matches(const AppliedMigration& applied,
                                       const Migration& migration) const override;
  Result<std::vector<NewFile>> new_files(const MigrationFolder& folder, std::string_view timestamp,
                                         std::string_view title) const override;

 private:
  Migration migration_of(ChangeSet changeset, const std::string& path) const;
  // Why a changeset is not for this database; empty = it is.
  std::string left_out(const ChangeSet& changeset) const;
  std::string is(const Migration& migration) const {
    return fmt::format("ID = {} AND AUTHOR = {} AND FILENAME = {}", text(migration.name),
                       text(migration.author), text(migration.path));
  }
  std::string lock_name() const {
    return qualified(schema(), postgres() ? "databasechangeloglock" : "DATABASECHANGELOGLOCK");
  }

  std::string prefix_;
  std::map<std::string, std::string> properties_;
};

// Where the project ends its statements with something else, a semicolon stands in its place.
std::string with_semicolons(std::string_view sql, std::string_view delimiter) {
  std::string out;
  for (const std::string_view line : lines_of(sql)) {
    const std::string_view text = trim(line);
    const bool ends =
        text.size() >= delimiter.size() &&
        to_lower_ascii(text.substr(text.size() - delimiter.size())) == to_lower_ascii(delimiter);
    if (ends) {
      out.append(text.substr(0, text.size() - delimiter.size())).append("\n;\n");
    } else {
      out += line;
    }
  }
  return out;
}

// "postgresql,!h2" -> whether our own name is among them.
std::string LiquibaseHistory::left_out(const ChangeSet& changeset) const {
  const auto ignore = changeset.attributes.find("ignore");
  if (ignore != changeset.attributes.end() && ignore->second == "true") return "it says ignore:true";
  const auto dbms = changeset.attributes.find("dbms");
  if (dbms == changeset.attributes.end()) return {};
  const std::string own = postgres() ? "postgresql" : "sqlite";
  bool names_others = false;
  for (const std::string& piece : split(dbms->second, ',')) {
    const std::string dbms_name = to_lower_ascii(trim(piece));
    if (dbms_name == "!" + own || dbms_name == "none")
      return "it is for another database: dbms:" + dbms->second;
    if (dbms_name == own || dbms_name == "all") return {};
    if (!dbms_name.starts_with('!')) names_others = true;
  }
  return !names_others ? "" : "it is for another database: dbms:" + dbms->second;
}

Migration LiquibaseHistory::migration_of(ChangeSet changeset, const std::string& path) const {
  const auto attribute = [&](const char* key) {
    const auto found = changeset.attributes.find(key);
    return found == changeset.attributes.end() ? std::string() : found->second;
  };
  Migration migration;
  migration.path = normalised_path(path);
  migration.name = changeset.id;
  migration.author = changeset.author;
  migration.revision = revision_of(migration.path, changeset.id, changeset.author);
  migration.file = changeset.up.file;
  migration.checksum = liquibase_checksum(changeset.up.sql);
  migration.other_checksums = changeset.valid_checksums;
  migration.always = attribute("runAlways") == "true";
  migration.in_place = migration.always || attribute("runOnChange") == "true";
  if (migration.in_place) migration.kind = Migration::Kind::repeatable;
  migration.comment = changeset.comment;
  migration.contexts = attribute("contextFilter").empty() ? attribute("context") : attribute("contextFilter");
  migration.labels = split(attribute("labels"), ',');
  std::erase(migration.labels, "");
  // Only Liquibase knows whether its preconditions hold, and other programs to run a script with.
  if (changeset.preconditions || !attribute("runWith").empty()) {
    changeset.up.kind = Script::Kind::delegated;
    if (changeset.down.kind == Script::Kind::sql) changeset.down.kind = Script::Kind::delegated;
  }
  if (!attribute("endDelimiter").empty()) {
    changeset.up.sql = with_semicolons(changeset.up.sql, attribute("endDelimiter"));
    changeset.down.sql = with_semicolons(changeset.down.sql, attribute("endDelimiter"));
  }
  migration.up = std::move(changeset.up);
  migration.down = std::move(changeset.down);
  return migration;
}

Result<MigrationFolder> LiquibaseHistory::read_folder(const std::vector<MigrationFile>& files) const {
  MigrationFolder folder;
  for (const MigrationFile& file : files) {
    if (!reads(file.path)) {
      folder.ignored.push_back({file.path, "only Liquibase runs what is no formatted SQL"});
      continue;
    }
    ASSIGN_OR_RETURN(FormattedSql formatted, read_formatted_sql(file, properties_));
    if (!formatted.formatted) {
      folder.ignored.push_back({file.path, "its first line is not --liquibase formatted sql"});
      continue;
    }
    for (ChangeSet& changeset : formatted.changesets) {
      const std::string reason = left_out(changeset);
      if (!reason.empty()) {
        folder.ignored.push_back(
            {file.path, fmt::format("{}:{}: {}", changeset.author, changeset.id, reason)});
        continue;
      }
      std::string path = changeset.attributes["logicalFilePath"];
      if (path.empty()) path = formatted.attributes["logicalFilePath"];
      if (path.empty()) path = prefix_ + file.path;
      folder.migrations.push_back(migration_of(std::move(changeset), path));
    }
  }
  return folder;
}

Result<RecordedHistory> LiquibaseHistory::from_rows(const std::vector<Row>& rows) const {
  RecordedHistory recorded;
  recorded.exists = true;
  for (const Row& row : rows) {
    if (row[5] == "SKIPPED") continue;
    AppliedMigration applied;
    applied.name = row[0].value_or("");
    applied.applied_by = row[1].value_or("");
    applied.revision = revision_of(normalised_path(row[2].value_or("")), applied.name, applied.applied_by);
    applied.checksum = row[3];
    applied.applied_at = row[4].value_or("");
    applied.failed = row[5] == "FAILED";
    recorded.applied.push_back(std::move(applied));
  }
  return recorded;
}

std::string LiquibaseHistory::create_sql() const {
  const std::string_view moment = postgres() ? "TIMESTAMP WITHOUT TIME ZONE" : "TEXT";
  return fmt::format(
      "CREATE TABLE IF NOT EXISTS {0} (ID VARCHAR(255) NOT NULL, AUTHOR VARCHAR(255) NOT NULL, FILENAME "
      "VARCHAR(255) "
      "NOT NULL, DATEEXECUTED {2} NOT NULL, ORDEREXECUTED INTEGER NOT NULL, EXECTYPE VARCHAR(10) NOT NULL, "
      "MD5SUM "
      "VARCHAR(35), DESCRIPTION VARCHAR(255), COMMENTS VARCHAR(255), TAG VARCHAR(255), LIQUIBASE "
      "VARCHAR(20), "
      "CONTEXTS VARCHAR(255), LABELS VARCHAR(255), DEPLOYMENT_ID VARCHAR(10));"
      "CREATE TABLE IF NOT EXISTS {1} (ID INTEGER NOT NULL, LOCKED BOOLEAN NOT NULL, LOCKGRANTED {2}, "
      "LOCKEDBY "
      "VARCHAR(255), CONSTRAINT {3} PRIMARY KEY (ID));"
      "INSERT INTO {1} (ID, LOCKED) SELECT 1, {4} WHERE NOT EXISTS (SELECT 1 FROM {1});",
      name(), lock_name(), moment, postgres() ? "databasechangeloglock_pkey" : "PK_DATABASECHANGELOGLOCK",
      postgres() ? "false" : "0");
}

// A changeset that ran before gets its row again, as the newest.
std::string LiquibaseHistory::record_sql(const Migration& migration, const RecordContext& context,
                                         const RecordedHistory& recorded) const {
  const bool again =
      std::any_of(recorded.applied.begin(), recorded.applied.end(),
                  [&](const AppliedMigration& applied) { return applied.revision == migration.revision; });
  std::string deployment = deployment_of(context.run);
  if (!deployment.empty()) {
    deployment = text(deployment);
  } else if (postgres()) {
    deployment = "right(CAST(CAST(extract(epoch FROM now()) * 1000 AS bigint) AS text), 10)";
  } else {
    deployment = "substr(CAST(" + sqlite_epoch_ms("'now'") + " AS text), -10)";
  }
  const std::string next = fmt::format("(SELECT coalesce(max(ORDEREXECUTED), 0) + 1 FROM {})", name());
  const std::string now = postgres() ? context.now : "datetime('now')";
  if (again) {
    return fmt::format(
        "UPDATE {} SET DATEEXECUTED = {}, ORDEREXECUTED = {}, MD5SUM = {}, EXECTYPE = 'RERAN', DEPLOYMENT_ID "
        "= {}, "
        "COMMENTS = {}, LIQUIBASE = {} WHERE {};",
        name(), now, next, text(migration.checksum), deployment, text(migration.comment),
        text(liquibase_version), is(migration));
  }
  return fmt::format(
      "INSERT INTO {} (ID, AUTHOR, FILENAME, DATEEXECUTED, ORDEREXECUTED, MD5SUM, DESCRIPTION, COMMENTS, "
      "EXECTYPE, "
      "CONTEXTS, LABELS, LIQUIBASE, DEPLOYMENT_ID) VALUES ({}, {}, {}, {}, {}, {}, 'sql', {}, 'EXECUTED', "
      "{}, {}, "
      "{}, {});",
      name(), text(migration.name), text(migration.author), text(migration.path), now, next,
      text(migration.checksum), text(migration.comment), text_or_null(migration.contexts),
      text_or_null(join(migration.labels, ",")), text(liquibase_version), deployment);
}

// A transaction that stays open would lock the whole of an SQLite database, and its migration out.
ForeignLock LiquibaseHistory::lock(std::string_view /*database*/) const {
  ForeignLock lock;
  if (!postgres()) return lock;
  lock.row_sql = fmt::format(
      "UPDATE {} SET LOCKED = TRUE, LOCKEDBY = 'godwit', LOCKGRANTED = now() WHERE ID = 1 AND LOCKED = FALSE",
      lock_name());
  lock.row_table = lock_name();
  lock.row_holder_sql = fmt::format(
      "SELECT concat(LOCKEDBY, ' since ', LOCKGRANTED) FROM {} WHERE ID = 1 AND LOCKED = TRUE", lock_name());
  return lock;
}

// Checksums of older versions of the algorithm ("8:…") cannot be computed here; no checksum: Liquibase would
// fill it.
std::optional<bool> LiquibaseHistory::checksum_matches(const AppliedMigration& applied,
                                                       const Migration& migration) const {
  if (migration.always) return false;
  if (!applied.checksum || !applied.checksum->starts_with("9:")) return std::nullopt;
  if (*applied.checksum == migration.checksum) return true;
  return std::any_of(migration.other_checksums.begin(), migration.other_checksums.end(),
                     [&](const std::string& valid) {
                       return valid == *applied.checksum || to_lower_ascii(valid) == "any" ||
                              to_lower_ascii(valid) == "1:any";
                     });
}

Result<std::vector<History::NewFile>> LiquibaseHistory::new_files(const MigrationFolder& folder,
                                                                  std::string_view timestamp,
                                                                  std::string_view title) const {
  const std::string author = folder.migrations.empty() ? "godwit" : folder.migrations.back().author;
  const std::string quote = author.find(' ') == std::string::npos ? "" : "\"";
  return std::vector<NewFile>{
      {fmt::format("{}_{}.sql", timestamp, slug(title)),
       fmt::format("--liquibase formatted sql\n\n--changeset {0}{1}{0}:{2}\n\n--rollback\n", quote, author,
                   timestamp)}};
}

}  // namespace

std::unique_ptr<History> make_liquibase_history(const HistoryOptions& options) {
  return std::make_unique<LiquibaseHistory>(options);
}

std::string normalised_path(std::string_view path) {
  std::string out(path);
  std::replace(out.begin(), out.end(), '\\', '/');
  std::string_view rest = out;
  if (rest.starts_with("classpath:")) rest.remove_prefix(10);
  while (rest.starts_with("./") || rest.starts_with("/"))
    rest.remove_prefix(rest.starts_with("/") ? 1 : 2);
  return std::string(rest);
}

}  // namespace godwit::schema
